// How bad a finding is between these two environments, under this policy.
#pragma once

#include "findings/demand.h"
#include "findings/finding.h"

namespace firebreak {

// Starts from the severity that the check gave (the code's default, lowered once if all that is
// involved is stopped) and applies, in this order:
//   - one step less if the finding's direction does not climb into a higher tier;
//   - the requirement: required leaves it, unstated caps it at CodeInfo::unstated, accepted makes
//   it
//     residual risk (kInfo, `accepted`).
// Findings about one environment take the strongest requirement of all its pairs; findings without
// environments and AUD codes keep what the check gave. A finding that comes in as `accepted` stays
// so.
void settle_severity(const Estate& estate, const Demands& demands, Finding& finding);

}  // namespace firebreak
