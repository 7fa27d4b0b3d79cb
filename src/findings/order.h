// The order in which reports print findings.
#pragma once

#include <vector>

#include "findings/finding.h"

namespace firebreak {

// By pair of environments (whichever the direction), the pair with the worst open finding first;
// within a pair open before accepted and waived ones, worst first, then by code and title. A total
// order: the order of the input leaves no trace.
void sort_by_pair(std::vector<Finding>& findings);

}  // namespace firebreak
