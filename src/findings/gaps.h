// What was not seen, and whether that makes the audit incomplete.
#pragma once

#include <vector>

#include "findings/demand.h"
#include "findings/finding.h"

namespace firebreak {

// Whether a check that the policy (or the default) requires cannot be made because of it: it hides
// a whole host, or a code that this version checks and whose dimension some pair must be separate
// in.
[[nodiscard]] bool is_required(const Demands& demands, const Gap& gap);

// The gaps of the snapshot, sorted, without repetition, and with those that the estate itself
// shows: hosts that compose files do not tell where they must be separate.
[[nodiscard]] std::vector<Gap> gaps_of(const Estate& estate, const Demands& demands);

// The AUD006 of one.
[[nodiscard]] Finding incomplete(const Gap& gap);

// AUD006 for each required one.
void report_gaps(const Demands& demands, const std::vector<Gap>& gaps,
                 std::vector<Finding>& findings);

// Whether a gap may hide something in a dimension.
[[nodiscard]] bool hides(const Gap& gap, Dimension dimension);

}  // namespace firebreak
