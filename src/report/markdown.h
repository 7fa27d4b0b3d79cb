// Parts of the Markdown formats.
#pragma once

#include <string>

#include "findings/report.h"

namespace firebreak {

// A table; unless `all`, rows of a large matrix that meet what is required are only counted.
[[nodiscard]] std::string matrix_markdown(const Report& report, bool all);

}  // namespace firebreak
