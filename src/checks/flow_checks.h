// The parts of check_flows. Private to checks/.
#pragma once

#include <vector>

#include "checks/checks.h"
#include "checks/flow_ends.h"
#include "checks/support.h"
#include "reach/packet_flows.h"

namespace firebreak {

// What one finding is about: between whom, and which way the packets take.
struct FlowCrossing {
  WorkloadId from;
  WorkloadId to;
  FlowVia via = FlowVia::kRouted;
  EnvironmentPair pair;
  friend auto operator<=>(const FlowCrossing&, const FlowCrossing&) = default;
};

// Of the flows of a crossing those that it is told by, and what makes it less bad.
struct FlowUse {
  std::vector<const Flow*> told;  // never empty; the best known to be answered first
  std::vector<FindingPorts> ports;
  bool idle = false;  // nothing listens
  bool echo = false;  // echo requests alone
};

// How to close the flows, with commands that do it.
[[nodiscard]] Remedy close_flows(const Estate& estate, const FlowCrossing& crossing,
                                 const std::vector<const Flow*>& flows);

}  // namespace firebreak
