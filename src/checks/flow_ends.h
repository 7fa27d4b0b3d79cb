// Who stands at the ends of flows: the workloads whose containers use a network namespace.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "estate/estate.h"
#include "findings/finding.h"
#include "reach/flow.h"

namespace firebreak {

class FlowEnds {
 public:
  // `estate` must outlive it.
  explicit FlowEnds(const Estate& estate);

  // The network namespace that a container uses.
  [[nodiscard]] FlowEnd end_of(ContainerId id) const;
  // Sorted, each once. Of the host's own namespace: those in network mode "host". A container that
  // only joined a namespace counts while it runs.
  [[nodiscard]] std::span<const WorkloadId> workloads_at(const FlowEnd& end) const;

  // "development/api"; "development/api and production/db" where they share one namespace;
  // "@laptop" for a host's own.
  [[nodiscard]] std::string name_of(const FlowEnd& end) const;

 private:
  const Estate& estate_;
  std::map<FlowEnd, std::vector<WorkloadId>> workloads_;
};

// The hops of a trace, as reports name places.
[[nodiscard]] std::vector<Hop> hops_of(const Estate& estate, const FlowEnds& ends,
                                       const PacketTrace& trace);

// Whether the container has no network namespace of its own but the host's.
[[nodiscard]] bool in_host_namespace(const Container& container);

}  // namespace firebreak
