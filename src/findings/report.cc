#include "findings/report.h"

#include <algorithm>

namespace firebreak {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kSeparated: return "separated";
    case Outcome::kFindings: return "findings";
    case Outcome::kIncomplete: return "incomplete";
    case Outcome::kNothingToCompare: return "nothing-to-compare";
  }
  return {};
}

std::size_t Report::open(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count_if(findings, [&](const Finding& finding) {
    return finding.status == Finding::Status::kOpen && finding.code != Code::kAud006 &&
           finding.severity == severity;
  }));
}

std::size_t Report::waived() const {
  return static_cast<std::size_t>(
      std::ranges::count(findings, Finding::Status::kWaived, &Finding::status));
}

}  // namespace firebreak
