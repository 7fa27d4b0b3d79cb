// Unions of the matches of many rules, kept: at other places most of the rules are the same.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "packet/set.h"

namespace firebreak {

struct NumberedSet {
  std::size_t number = 0;  // of the rule
  PacketSet set;
};

// The packets that are in more than one of the sets.
[[nodiscard]] PacketSet in_several(std::span<const PacketSet> sets);

class KeptUnions {
 public:
  // Sorted by number, each once. Halves are cut where a bit of the number changes, so that a rule
  // more or less leaves most of the parts what they were.
  [[nodiscard]] PacketSet of(std::span<const NumberedSet> sets);
  // Where to cut at least two of them.
  [[nodiscard]] static std::size_t middle(std::span<const NumberedSet> sets);

 private:
  struct ByNode {
    bool operator()(const std::vector<PacketSet>& left, const std::vector<PacketSet>& right) const;
  };
  std::map<std::vector<PacketSet>, PacketSet, ByNode> kept_;
};

}  // namespace firebreak
