// Findings read as edges: who acts on whom without a packet. Private to paths/.
#pragma once

#include <vector>

#include "checks/checks.h"
#include "estate/estate.h"

namespace firebreak {

struct Influence {
  const Finding* finding = nullptr;
  std::vector<WorkloadId> from;  // sorted
  std::vector<WorkloadId> to;    // sorted
};

// One for each direction of each finding that tells of such a way. `findings` must outlive them.
[[nodiscard]] std::vector<Influence> influences_of(const Estate& estate, const Findings& findings);

}  // namespace firebreak
