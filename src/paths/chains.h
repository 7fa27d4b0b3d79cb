// Ways over things that are on neither side. Private to paths/.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checks/flow_ends.h"
#include "estate/estate.h"
#include "paths/influences.h"
#include "paths/paths.h"

namespace firebreak {

// From each workload the ways on: open flows on which something may listen, and influences. Built
// once, asked for each pair.
class WayGraph {
 public:
  // All arguments must outlive it.
  WayGraph(const Estate& estate, const FlowEnds& ends, const Flows& flows,
           std::span<const Influence> influences);

  // The ways from `from` to `to` (both sorted, disjoint) over at least one workload that is in
  // neither, at most four steps long: for each last step into `to` the shortest way to where it
  // starts. Shortest first. Breadth first: linear in flows and influences.
  [[nodiscard]] std::vector<PathChain> chains(std::span<const WorkloadId> from,
                                              std::span<const WorkloadId> to) const;

 private:
  struct Way {
    std::vector<WorkloadId> to;  // one for a flow
    const Flow* flow = nullptr;  // or
    const Influence* influence = nullptr;
  };
  class Search;

  void add_flows(const FlowEnds& ends, const Flows& flows);
  [[nodiscard]] std::string words(const Way& way) const;

  const Estate& estate_;
  std::vector<Way> ways_;
  std::vector<std::vector<std::size_t>> from_;  // by workload: indexes into ways_
};

}  // namespace firebreak
