// Environment × environment × dimension: what was found, and whether it is enough.
#pragma once

#include <vector>

#include "findings/demand.h"
#include "findings/report.h"

namespace firebreak {

// A cell for each ordered pair and dimension, in the order of the estate's environments; pairs with
// an environment that has no members are left out unless a finding is about them. Waived findings
// count, for what they report is still so.
[[nodiscard]] std::vector<Cell> build_matrix(const Estate& estate, const Demands& demands,
                                             const std::vector<Finding>& findings,
                                             const std::vector<Gap>& gaps);

}  // namespace firebreak
