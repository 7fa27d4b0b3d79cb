// Requirements that a policy states and that configuration alone cannot show.
#pragma once

#include <vector>

#include "findings/report.h"

namespace firebreak {

// For each such level (`credentials: separate-systems`, `data: masked`, …) that some pair of
// environments in sight must reach and that nothing found decides: a gap, and its AUD006. Without
// them the run would be green about what nobody looked at.
void report_unproven(const std::vector<ReportEnvironment>& environments,
                     const std::vector<Cell>& matrix, std::vector<Gap>& gaps,
                     std::vector<Finding>& findings);

}  // namespace firebreak
