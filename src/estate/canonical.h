// What is done to a snapshot before it is indexed. Private to estate/.
#pragma once

#include <string>
#include <vector>

#include "snapshot/snapshot.h"

namespace firebreak {

// A host that was dropped because it is the same engine as another one, and that other one.
struct HostAlias {
  std::string dropped;
  std::string kept;
};

// Two hosts with a container id in common are one engine under two names, unless their machines
// name themselves differently (a cloned disk). Keeps the one that tells more, or the first by name;
// a gap stands for it if the two disagree. O(containers).
[[nodiscard]] std::vector<HostAlias> keep_each_engine_once(Snapshot& snapshot);

// Sorts what ids are given to, so that the order of collection leaves no trace.
void put_in_order(Snapshot& snapshot);

}  // namespace firebreak
