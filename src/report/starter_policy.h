// A first firebreak.yaml, for `firebreak init`.
#pragma once

#include <string>

#include "estate/estate.h"

namespace firebreak {

// A commented policy that says what was inferred: hosts, environments with the reason for each
// match, networks that one environment has for itself, what every pair must reach, and as comments
// whatever could not be decided. `estate` was built without a policy.
//
// Promises: load_policy reads the text without a diagnostic, and build_estate of the same snapshot
// with it assigns every workload as `estate` does, except workloads that no selector can tell apart
// (the text names them). Same estate, same bytes.
[[nodiscard]] std::string starter_policy(const Estate& estate);

}  // namespace firebreak
