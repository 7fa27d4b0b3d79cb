// JSON of parts of a report.
#pragma once

#include <string>

#include "findings/report.h"

namespace firebreak {

[[nodiscard]] std::string matrix_json(const Report& report);  // schema "firebreak/matrix/1"
[[nodiscard]] std::string code_json(const CodeInfo& code);    // schema "firebreak/code/1"

}  // namespace firebreak
