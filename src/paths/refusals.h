// Why nothing gets there: packets followed although no flow leads to where they are sent. Private
// to paths/.
#pragma once

#include <vector>

#include "checks/flow_ends.h"
#include "paths/paths.h"

namespace firebreak {

// A few packets for each pair of namespaces of the question that no flow of `told` joins: to the
// other's addresses at the ports on which it listens, or that it publishes, or that were asked for;
// and to its host's addresses at the ports that it publishes there.
[[nodiscard]] std::vector<PathRefusal> refusals_of(const Estate& estate, const FlowEnds& ends,
                                                   const PacketFlows& flows,
                                                   const PathQuestion& question,
                                                   const std::vector<PathFlow>& told);

}  // namespace firebreak
