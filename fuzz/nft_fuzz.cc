// Any bytes as what `nft -j list ruleset` prints, for either family: no crash; a program that was
// read can be run, has no loops, its base chains in order and a text for each rule; what was broken
// is said, and leaves the program as it was. The same bytes give the same program.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "base/check.h"
#include "base/diagnostic.h"
#include "rules/evaluate.h"
#include "rules/loops.h"
#include "rules/nft.h"

namespace {

using namespace firebreak;

void run_all_hooks(const Program& program) {
  Packet packet;
  packet.in_interface = "eth0";
  packet.out_interface = "br-a";
  if (program.family == Family::kV6) {
    packet.source = IpAddress::parse("fd00::1");
    packet.destination = *IpAddress::parse("fd00::2");
  }
  for (const Hook hook :
       {Hook::kPrerouting, Hook::kInput, Hook::kForward, Hook::kOutput, Hook::kPostrouting}) {
    const PacketOutcome outcome = evaluate(program, hook, packet);
    CHECK(outcome.packets.empty() == (outcome.kind != PacketOutcome::Kind::kAccepted));
    for (const Step& step : outcome.steps) CHECK(!text_of(program, step).empty());
  }
}

bool is_whole(const Program& program, const Rule& rule) {
  if (rule.text.empty() || rule.line != 0) return false;
  const auto* const jump = std::get_if<Jump>(&rule.action);
  if (jump != nullptr && jump->chain.index() >= program.chains.size()) return false;
  return std::ranges::all_of(rule.conditions, [&](const Condition& condition) {
    const auto* const in = std::get_if<InSet>(&condition.what);
    return in == nullptr || in->set.index() < program.sets.size();
  });
}

void check_program(const Program& program) {
  CHECK(!find_loop(program));
  CHECK(std::ranges::is_sorted(program.base_chains, {}, [](const BaseChain& base) {
    return std::tuple(base.hook, base.priority, base.chain);
  }));
  for (const BaseChain& base : program.base_chains) {
    CHECK(base.chain.index() < program.chains.size());
  }
  for (const Chain& chain : program.chains) {
    for (const Rule& rule : chain.rules) CHECK(is_whole(program, rule));
  }
}

void check(std::string_view text, Family family) {
  Program program;
  program.family = family;
  const NftReading reading = parse_nft_ruleset(text, "nft", program);
  for (const Diagnostic& diagnostic : reading.diagnostics) {
    CHECK(!diagnostic.message.empty() && diagnostic.file == "nft");
  }
  if (!reading.diagnostics.empty()) {
    CHECK(program.chains.empty() && program.sets.empty() && reading.not_followed.empty());
    return;
  }
  check_program(program);
  run_all_hooks(program);
  Program again;
  again.family = family;
  CHECK(parse_nft_ruleset(text, "nft", again).not_followed == reading.not_followed);
  CHECK(again.chains == program.chains && again.sets == program.sets);
  CHECK(again.base_chains == program.base_chains);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, Family::kV4);
  check(text, Family::kV6);
  return 0;
}
