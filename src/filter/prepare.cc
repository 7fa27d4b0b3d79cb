#include "filter/prepare.h"

#include <algorithm>

#include "filter/block.h"

namespace firebreak {
namespace {

// What the rule's action asks of the place.
PlaceNeeds needs_of_action(const Action& action) {
  PlaceNeeds needs;
  const auto* const dnat = std::get_if<Dnat>(&action);
  const auto* const snat = std::get_if<Snat>(&action);
  const auto* const mark = std::get_if<SetMark>(&action);
  needs.in = dnat != nullptr && dnat->redirect;
  needs.out = snat != nullptr && snat->masquerade;
  needs.state = (mark != nullptr && mark->connection) || std::holds_alternative<CopyMark>(action) ||
                std::holds_alternative<NoTrack>(action);
  return needs;
}

// The place without what is not needed.
FilterPlace needed_of(const FilterPlace& place, const PlaceNeeds& needs) {
  FilterPlace out;
  if (needs.in) {
    out.hook = place.hook;
    out.at.in = place.at.in;
  }
  if (needs.out) out.at.out = place.at.out;
  if (needs.state) {
    out.at.state = place.at.state;
    out.before_tracking = place.before_tracking;
  }
  if (needs.tcp_flags) out.at.tcp_flags = place.at.tcp_flags;
  return out;
}

bool needs_nothing(const PlaceNeeds& needs) {
  return !needs.in && !needs.out && !needs.state && !needs.tcp_flags;
}

// Packets to which the action does nothing where it stands do not meet the rule.
void leave_out_idle(const Action& action, const FilterPlace& place, RuleMatch& match) {
  if (std::holds_alternative<NoTrack>(action)) {
    if (!place.before_tracking) match = {};
    return;
  }
  const auto* const mark = std::get_if<SetMark>(&action);
  if (!std::holds_alternative<CopyMark>(action) && (mark == nullptr || !mark->connection)) return;
  const PacketSet tracked =
      place.has_connection() ? PacketSet::flag(PacketField::kUntracked, false) : PacketSet::none();
  match.surely &= tracked;
  match.perhaps &= tracked;
}

}  // namespace

ChainPreparer::ChainPreparer(const Program& program, const FilterSurroundings& surroundings)
    : program_(program),
      surroundings_(surroundings),
      conditions_(program, surroundings),
      family_(PacketSet::of(program.family)) {
  for (const Chain& chain : program.chains) {
    std::vector<PlacedRule>& rules = rules_.emplace_back();
    for (const Rule& rule : chain.rules) rules.push_back(placed(rule));
  }
}

ChainPreparer::PlacedRule ChainPreparer::placed(const Rule& rule) const {
  PlacedRule out;
  const auto* const verdict = std::get_if<Verdict>(&rule.action);
  out.goes_on = verdict != nullptr && *verdict == Verdict::kGoOn;
  const PlaceNeeds of_action = needs_of_action(rule.action);
  out.match_needs.state = of_action.state;
  for (const Condition& condition : rule.conditions) {
    const PlaceNeeds needs = needs_of(program_, condition);
    (needs.decides ? out.by_place : out.by_header).push_back(&condition);
    out.match_needs.add(needs);
  }
  out.needs = out.match_needs;
  out.needs.add(of_action);
  return out;
}

const ReadyChain& ChainPreparer::ready(ChainId chain, const FilterPlace& place) {
  ChainsHere& here = places_[place];
  here.resize(program_.chains.size());
  return ready(chain, place, here);
}

const ReadyChain& ChainPreparer::ready(ChainId chain, const FilterPlace& place, ChainsHere& here) {
  if (here[chain.index()] != nullptr) return *here[chain.index()];
  const std::vector<Rule>& rules = program_.chains[chain.index()].rules;
  std::vector<Applying> applying;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    PlacedRule& placed = rules_[chain.index()][i];
    const bool applies = std::ranges::all_of(placed.by_place, [&](const Condition* condition) {
      return decided_by_place(*condition, place.at);
    });
    if (placed.goes_on || !applies) continue;
    const ReadyRule& rule = ready_rule(rules[i], placed, place);
    if (rule.match.perhaps.empty()) continue;
    const auto* const jump = std::get_if<Jump>(&rules[i].action);
    const ReadyChain* const callee = jump ? &ready(jump->chain, place, here) : nullptr;
    if (callee != nullptr && callee->parts.empty() && !jump->no_return) continue;
    applying.push_back({.rule = i, .ready = &rule, .callee = callee});
    // No rule behind one that takes all is asked.
    const auto* const verdict = std::get_if<Verdict>(&rules[i].action);
    if (verdict != nullptr && rule.match.surely == family_) break;
  }
  here[chain.index()] = &made(chain, applying);
  return *here[chain.index()];
}

const ChainPreparer::ReadyRule& ChainPreparer::ready_rule(const Rule& rule, PlacedRule& placed,
                                                          const FilterPlace& place) {
  if (needs_nothing(placed.needs)) {
    if (!placed.everywhere) placed.everywhere = make(rule, placed, place);
    return *placed.everywhere;
  }
  const FilterPlace needed = needed_of(place, placed.needs);
  const auto known = placed.by_needs.find(needed);
  if (known != placed.by_needs.end()) return known->second;
  return placed.by_needs.emplace(needed, make(rule, placed, place)).first->second;
}

RuleMatch ChainPreparer::match_of(const Rule& rule, const PlacedRule& placed,
                                  const FilterPlace& place) const {
  RuleMatch match{.surely = family_, .perhaps = family_};
  for (const Condition* const condition : placed.by_header) {
    const RuleMatch one = conditions_.match(*condition, place);
    match.surely &= one.surely;
    match.perhaps &= one.perhaps;
    if (match.perhaps.empty()) return match;
  }
  leave_out_idle(rule.action, place, match);
  return match;
}

ChainPreparer::ReadyRule ChainPreparer::make(const Rule& rule, PlacedRule& placed,
                                             const FilterPlace& place) const {
  const FilterPlace needed = needed_of(place, placed.match_needs);
  auto known = placed.matches.find(needed);
  if (known == placed.matches.end()) {
    known = placed.matches.emplace(needed, match_of(rule, placed, place)).first;
  }
  ReadyRule out{.match = known->second, .nat = {}};
  const PacketSet& ports = conditions_.with_ports();
  if (const auto* const dnat = std::get_if<Dnat>(&rule.action)) {
    out.nat = nat_parts(*dnat, place, surroundings_, out.match.perhaps, ports);
  } else if (const auto* const snat = std::get_if<Snat>(&rule.action)) {
    out.nat = nat_parts(*snat, place, surroundings_, out.match.perhaps, ports);
  }
  return out;
}

// Whether no packet meets two NAT rules of the chain, wherever it is: then no rule needs to know
// what those before it took.
bool ChainPreparer::nat_apart(ChainId chain) {
  const auto known = nat_apart_.find(chain);
  if (known != nat_apart_.end()) return known->second;
  std::vector<PacketSet> sets;
  bool apart = true;
  for (std::size_t i = 0; i < rules_[chain.index()].size() && apart; ++i) {
    const Rule& rule = program_.chains[chain.index()].rules[i];
    const bool nat =
        std::holds_alternative<Dnat>(rule.action) || std::holds_alternative<Snat>(rule.action);
    PlacedRule& placed = rules_[chain.index()][i];
    if (!nat) continue;
    apart = needs_nothing(placed.needs);
    if (apart) sets.push_back(ready_rule(rule, placed, {}).match.perhaps);
  }
  apart = apart && in_several(sets).empty();
  nat_apart_.emplace(chain, apart);
  return apart;
}

const ReadyChain& ChainPreparer::made(ChainId chain, const std::vector<Applying>& rules) {
  std::unique_ptr<ReadyChain>& slot = chains_[{chain, rules}];
  if (slot != nullptr) return *slot;
  ChainBuilder builder(family_, nat_apart(chain), unions_);
  for (const Applying& one : rules) {
    const Step step{chain, one.rule};
    const Action& action = program_.chains[chain.index()].rules[one.rule].action;
    if (const auto* const verdict = std::get_if<Verdict>(&action)) {
      builder.add(*verdict, step, one.ready->match);
    } else if (const auto* const jump = std::get_if<Jump>(&action)) {
      builder.add(*jump, step, one.ready->match, *one.callee);
    } else if (std::holds_alternative<Dnat>(action) || std::holds_alternative<Snat>(action)) {
      builder.add(one.ready->nat, step, one.ready->match);
    } else if (std::holds_alternative<NotUnderstood>(action)) {
      builder.add_lost(step, one.ready->match);
    } else {
      builder.add(action, step, one.ready->match);
    }
    if (builder.done()) break;
  }
  slot = std::make_unique<ReadyChain>(std::move(builder).finish());
  return *slot;
}

}  // namespace firebreak
