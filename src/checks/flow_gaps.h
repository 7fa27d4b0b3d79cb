// What flows do not tell, as gaps.
#pragma once

#include <vector>

#include "checks/flow_ends.h"
#include "estate/estate.h"
#include "reach/flow.h"
#include "snapshot/snapshot.h"

namespace firebreak {

struct FlowKnowledge {
  // Rules and state of hosts that were looked into and not understood or not read.
  std::vector<Gap> gaps;
  // A host each, whose kernel was not looked into at all: nothing was promised there.
  std::vector<Gap> without_kernel;
};

// All of them say what needs them: NET002 and NET003. Sorted.
[[nodiscard]] FlowKnowledge flow_knowledge(const Estate& estate, const FlowEnds& ends,
                                           const Flows& flows);

// Whether any host's kernel was looked into.
[[nodiscard]] bool has_kernel_state(const Estate& estate);

}  // namespace firebreak
