// Chains of a program, made ready for the places they are called at.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "filter/chain.h"
#include "filter/filter.h"
#include "filter/match.h"
#include "filter/unions.h"

namespace firebreak {

// Keeps what it makes: sets of a rule for all places that the rule cannot tell apart, and chains
// for all places where the same rules apply.
class ChainPreparer {
 public:
  // Both outlive it.
  ChainPreparer(const Program& program, const FilterSurroundings& surroundings);
  [[nodiscard]] const ReadyChain& ready(ChainId chain, const FilterPlace& place);

 private:
  struct ReadyRule {
    RuleMatch match;
    NatParts nat;  // of what perhaps meets the rule
  };
  struct PlacedRule {
    std::vector<const Condition*> by_place;
    std::vector<const Condition*> by_header;
    PlaceNeeds match_needs;
    PlaceNeeds needs;  // of the action too
    bool goes_on = false;
    // By what of the place is needed.
    std::map<FilterPlace, RuleMatch> matches;
    std::map<FilterPlace, ReadyRule> by_needs;
    std::optional<ReadyRule> everywhere;  // if nothing is
  };
  struct Applying {
    std::size_t rule = 0;
    const ReadyRule* ready = nullptr;
    const ReadyChain* callee = nullptr;  // of a jump
    friend auto operator<=>(const Applying&, const Applying&) = default;
  };
  using ChainsHere = std::vector<const ReadyChain*>;  // by ChainId; nullptr: not made yet

  PlacedRule placed(const Rule& rule) const;
  const ReadyChain& ready(ChainId chain, const FilterPlace& place, ChainsHere& here);
  const ReadyRule& ready_rule(const Rule& rule, PlacedRule& placed, const FilterPlace& place);
  ReadyRule make(const Rule& rule, PlacedRule& placed, const FilterPlace& place) const;
  RuleMatch match_of(const Rule& rule, const PlacedRule& placed, const FilterPlace& place) const;
  const ReadyChain& made(ChainId chain, const std::vector<Applying>& rules);
  bool nat_apart(ChainId chain);

  const Program& program_;
  const FilterSurroundings& surroundings_;
  ConditionSets conditions_;
  PacketSet family_;
  std::vector<std::vector<PlacedRule>> rules_;  // by ChainId
  std::map<ChainId, bool> nat_apart_;
  KeptUnions unions_;
  std::map<FilterPlace, ChainsHere> places_;
  std::map<std::pair<ChainId, std::vector<Applying>>, std::unique_ptr<ReadyChain>> chains_;
};

}  // namespace firebreak
