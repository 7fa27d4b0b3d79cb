// Checks, waivers, severities and the matrix, put together: estate → report. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "estate/estate.h"
#include "findings/report.h"

namespace firebreak {

// What flows were worked out from. Without it NET002 and NET003 were not looked for.
struct PacketBasis {
  std::vector<Gap> gaps;                 // what was not understood or not read
  std::vector<std::string> blind_hosts;  // whose kernels were not looked into; sorted
};

struct AssessOptions {
  Timestamp now{};
  Severity fail_on = Severity::kMedium;
  std::string version;
  std::optional<PacketBasis> packets = std::nullopt;
};

// Applies waivers (an expired one waives nothing and is AUD003, an unused one AUD004), turns gaps
// that a required check needs into AUD006, sets severities by direction, run state and requirement,
// builds the matrix, sorts, and decides outcome and exit.
[[nodiscard]] Report assess(const Estate& estate, std::vector<Finding> found,
                            const AssessOptions& options);

}  // namespace firebreak
