#include "filter/unions.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace firebreak {
namespace {

constexpr std::size_t kLeastKept = 8;  // smaller unions are made faster than found

BddView node_of(const PacketSet& set) { return set.node().view(); }

// The packets that are in at least one, or in at least two sets.
struct Counted {
  PacketSet once;
  PacketSet twice;
};

Counted count(std::span<const PacketSet> sets) {
  if (sets.empty()) return {};
  if (sets.size() == 1) return {.once = sets[0], .twice = {}};
  const Counted left = count(sets.first(sets.size() / 2));
  const Counted right = count(sets.subspan(sets.size() / 2));
  return {.once = left.once | right.once,
          .twice = left.twice | right.twice | (left.once & right.once)};
}

}  // namespace

PacketSet in_several(std::span<const PacketSet> sets) { return count(sets).twice; }

bool KeptUnions::ByNode::operator()(const std::vector<PacketSet>& left,
                                    const std::vector<PacketSet>& right) const {
  return std::ranges::lexicographical_compare(left, right, {}, node_of, node_of);
}

std::size_t KeptUnions::middle(std::span<const NumberedSet> sets) {
  CHECK(sets.front().number < sets.back().number);
  const std::size_t last = sets.back().number;
  const std::size_t cut = last & ~(std::bit_floor(sets.front().number ^ last) - 1);
  const auto at = std::ranges::lower_bound(sets, cut, {}, &NumberedSet::number);
  return static_cast<std::size_t>(at - sets.begin());
}

PacketSet KeptUnions::of(std::span<const NumberedSet> sets) {
  if (sets.empty()) return {};
  if (sets.size() == 1) return sets[0].set;
  const std::size_t cut = middle(sets);
  if (sets.size() < kLeastKept) return of(sets.first(cut)) | of(sets.subspan(cut));
  std::vector<PacketSet> key;
  key.reserve(sets.size());
  for (const NumberedSet& one : sets) key.push_back(one.set);
  const auto known = kept_.find(key);
  if (known != kept_.end()) return known->second;
  PacketSet all = of(sets.first(cut)) | of(sets.subspan(cut));
  kept_.emplace(std::move(key), all);
  return all;
}

}  // namespace firebreak
