// Any bytes as `ipset save` output, then rules that ask all of its sets: no crash, no element
// without parts, and what was broken has a line.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "rules/evaluate.h"
#include "rules/ipset.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firebreak;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Program program;
  for (const Diagnostic& diagnostic : parse_ipset_save(text, "ipset", program)) {
    CHECK(diagnostic.line >= 1);
    CHECK(program.sets.empty());
  }
  Chain chain{.table = "filter", .name = "FORWARD", .rules = {}};
  for (std::size_t i = 0; i < program.sets.size(); ++i) {
    for (const auto& element : program.sets[i].elements) CHECK(!element.empty());
    Rule rule;
    rule.conditions.push_back({InSet{AddressSetId(i), {End::kSource, End::kDestination}}});
    rule.action = Verdict::kDrop;
    chain.rules.push_back(std::move(rule));
  }
  program.chains.push_back(std::move(chain));
  program.base_chains.emplace_back();
  const PacketOutcome outcome = evaluate(program, Hook::kForward, Packet{});
  CHECK(outcome.kind != PacketOutcome::Kind::kRejected);
  return 0;
}
