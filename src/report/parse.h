// Reads back what to_json(const Report&) writes.
#pragma once

#include <string_view>

#include "base/error.h"
#include "findings/report.h"

namespace firebreak {

inline constexpr std::string_view kReportSchema = "firebreak/report/1";

// Reads one whole document of at most 4 GiB. `where` names it in errors ("monday.json"). Fails with
// kBadData, and the path to the place, on anything that is not a well-formed report: a missing
// required field, a wrong type, an unknown code, severity or dimension, trailing bytes. Unknown
// fields are allowed (a newer minor version wrote them); fields that the first published contract
// did not have may be missing. Never crashes, whatever the bytes.
[[nodiscard]] Result<Report> parse_report(std::string_view json, std::string_view where);

// Whether the document says that it is a report (of any version): for commands that take both
// reports and snapshots. False for what is not JSON.
[[nodiscard]] bool is_report(std::string_view json);

}  // namespace firebreak
