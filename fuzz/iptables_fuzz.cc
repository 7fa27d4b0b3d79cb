// Any bytes as iptables-save output of either family: no crash; a program that was read can be run,
// its texts read again as the same rules, and what was broken has a line.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/diagnostic.h"
#include "rules/evaluate.h"
#include "rules/iptables.h"
#include "rules/loops.h"

namespace {

using namespace firebreak;

void run_all_hooks(const Program& program) {
  Packet packet;
  packet.in_interface = "eth0";
  packet.out_interface = "eth1";
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

void check(std::string_view text, Family family) {
  Program program;
  program.family = family;
  const std::vector<Diagnostic> diagnostics = parse_iptables_save(text, "rules", program);
  for (const Diagnostic& diagnostic : diagnostics) {
    CHECK(diagnostic.line >= 1 && diagnostic.column >= 1 && diagnostic.length >= 1);
    CHECK(!diagnostic.message.empty());
  }
  if (!diagnostics.empty()) {
    CHECK(program.chains.empty());
    return;
  }
  CHECK(!find_loop(program));
  run_all_hooks(program);
  Program again;
  again.family = family;
  CHECK(parse_iptables_save(iptables_without_comments(text), "again", again).empty());
  CHECK(again.base_chains == program.base_chains && again.sets == program.sets);
  for (std::size_t i = 0; i < program.chains.size(); ++i) {
    const std::vector<Rule>& rules = program.chains[i].rules;
    CHECK(again.chains[i].rules.size() == rules.size());
    for (std::size_t j = 0; j < rules.size(); ++j) {
      CHECK(again.chains[i].rules[j].conditions == rules[j].conditions);
      CHECK(again.chains[i].rules[j].action == rules[j].action);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, Family::kV4);
  check(text, Family::kV6);
  return 0;
}
