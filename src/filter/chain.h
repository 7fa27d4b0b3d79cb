// Chains made ready for sets at one place: rules that cannot apply there are left out, and runs of
// rules that do not change packets before they decide are joined into one table of what becomes of
// whom.
#pragma once

#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "filter/match.h"
#include "filter/nat.h"
#include "filter/parcel.h"

namespace firebreak {

// A run of rules after which packets are accepted, dropped, returned or lost, rewritten by NAT and
// accepted, or go on, as they came. Sets overlap where it is not known which.
struct RuleBlock {
  PacketSet accepted;
  PacketSet dropped;
  PacketSet returned;
  PacketSet lost;
  PacketSet going_on;
  std::vector<NatPart> rewritten;
  Doubts doubts;
};

struct ReadyChain;

// A rule that writes and goes on.
struct WriteRule {
  RuleMatch match;
  Step step;
  const Action* action;
};

// A jump into a chain that is more than one block.
struct CallRule {
  RuleMatch match;
  Step step;
  const ReadyChain* chain;
  bool no_return = false;
};

struct ReadyChain {
  std::vector<std::variant<RuleBlock, WriteRule, CallRule>> parts;
  // By the set's node, which the set beside it keeps alive.
  mutable std::map<BddView, std::pair<PacketSet, Passage>> remembered;
};

// What becomes of the packets; those that reach the end return.
[[nodiscard]] const Passage& pass(const ReadyChain& chain, const PacketSet& packets);

}  // namespace firebreak
