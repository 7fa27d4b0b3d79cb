// Which packets cross: from every network namespace of the estate to every other.
#pragma once

#include "base/error.h"
#include "reach/flow.h"

namespace firebreak {

struct ReachOptions {
  // false: only flows between namespaces whose workloads are of different environments (a namespace
  // without an environment counts as one of its own). true: every flow.
  bool all = false;
};

// All flows, from the kernel state of the estate's hosts. Hosts without kernel state give a gap.
// Owns the process's PacketSpace while it runs: one call at a time. Error: the sets outgrew the
// space.
[[nodiscard]] Result<Flows> reach(const Estate& estate, const ReachOptions& options = {});

// One packet sent by `from`, followed rule by rule by the simple evaluator. Needs no packet sets.
[[nodiscard]] PacketTrace trace_packet(const Estate& estate, const FlowEnd& from,
                                       const PacketHeader& packet);

}  // namespace firebreak
