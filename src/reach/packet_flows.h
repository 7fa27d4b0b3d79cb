// Flows, and the means to explain one of their packets: what pure code that reads flows is given.
#pragma once

#include <functional>

#include "reach/flow.h"

namespace firebreak {

struct PacketFlows {
  const Flows& flows;
  // One packet followed rule by rule, as trace_packet (reach/reach.h) does.
  std::function<PacketTrace(const FlowEnd& from, const PacketHeader& packet)> trace;
};

}  // namespace firebreak
