#include "filter/filter.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "filter/outcome.h"
#include "filter/parcel.h"
#include "filter/prepare.h"
#include "rules/loops.h"

namespace firebreak {
namespace {

constexpr int kConnectionTracking = -200;  // NF_IP_PRI_CONNTRACK
constexpr std::size_t kMostResults = 16'384;

FilterPlace place_of(const BaseChain& base, const HookPlace& place) {
  return {.hook = base.hook,
          .at = place,
          .before_tracking = base.priority < kConnectionTracking &&
                             (base.hook == Hook::kPrerouting || base.hook == Hook::kOutput)};
}

// The packets that the base chain sees; those that it does not are added to `past`.
Parcel seen_by(const BaseChain& base, const HookPlace& place, const Written& written,
               const Parcel& parcel, Passage& past) {
  if (base.kind != BaseChain::Kind::kNat) return parcel;
  if (written.by_nat || !place.nat || (place.state & OnState::kNew) == 0) {
    past.accepted.add(written, parcel);
    return {};
  }
  const PacketSet untracked = parcel.now & PacketSet::flag(PacketField::kUntracked, true);
  if (untracked.empty()) return parcel;
  const PullBack pull_back(written, parcel);
  past.accepted.add(written, {.before = pull_back(untracked), .now = untracked});
  const PacketSet seen = parcel.now - untracked;
  return {.before = pull_back(seen), .now = seen};
}

// Whether the chain and those that it calls do nothing but return or accept.
bool is_idle(const Program& program, ChainId chain, std::vector<char>& seen) {
  if (std::exchange(seen[chain.index()], 1) != 0) return true;
  return std::ranges::all_of(program.chains[chain.index()].rules, [&](const Rule& rule) {
    if (const auto* const jump = std::get_if<Jump>(&rule.action)) {
      return is_idle(program, jump->chain, seen);
    }
    const auto* const verdict = std::get_if<Verdict>(&rule.action);
    return verdict != nullptr && *verdict != Verdict::kDrop && *verdict != Verdict::kReject;
  });
}

}  // namespace

struct Filter::State {
  State(Program with, FilterSurroundings around)
      : program(std::move(with)), surroundings(std::move(around)), preparer(program, surroundings) {
    CHECK(!find_loop(program));
  }

  Program program;
  FilterSurroundings surroundings;
  ChainPreparer preparer;
  // By the set's node, which the set beside it keeps alive.
  std::map<std::tuple<Hook, HookPlace, BddView>, std::pair<PacketSet, HookResult>> remembered;
};

Filter::Filter(Program program, FilterSurroundings surroundings)
    : state_(std::make_unique<State>(std::move(program), std::move(surroundings))) {}
Filter::~Filter() = default;
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;

const Program& Filter::program() const { return state_->program; }

bool Filter::idle(Hook hook) const {
  const Program& program = state_->program;
  std::vector<char> seen(program.chains.size(), 0);
  return std::ranges::all_of(program.base_chains, [&](const BaseChain& base) {
    return base.hook != hook || (base.policy_accepts && is_idle(program, base.chain, seen));
  });
}

HookResult Filter::run(Hook hook, const HookPlace& place, const PacketSet& packets) {
  CHECK(packets.is_subset_of(PacketSet::of(state_->program.family)));
  const std::tuple key(hook, place, packets.node().view());
  const auto known = state_->remembered.find(key);
  if (known != state_->remembered.end()) return known->second.second;
  Passage here;
  here.accepted.add({}, {.before = packets, .now = packets});
  for (const BaseChain& base : state_->program.base_chains) {
    if (base.hook != hook) continue;
    const ReadyChain& chain = state_->preparer.ready(base.chain, place_of(base, place));
    if (chain.parts.empty() && base.policy_accepts) continue;
    const Parcels parcels = std::exchange(here.accepted, {});
    for (const auto& [written, parcel] : parcels.all()) {
      const Parcel seen = seen_by(base, place, written, parcel, here);
      if (seen.before.empty()) continue;
      here.add(written, seen, pass(chain, seen.now));
      // The policy.
      const Parcels returned = std::exchange(here.returned, {});
      for (const auto& [more, back] : returned.all()) {
        if (base.policy_accepts) here.accepted.add(more, back);
        if (!base.policy_accepts) here.dropped |= back.before;
      }
    }
  }
  HookResult result = result_of(here);
  if (state_->remembered.size() >= kMostResults) state_->remembered.clear();
  state_->remembered.emplace(key, std::pair(packets, result));
  return result;
}

}  // namespace firebreak
