// Parts of the HTML format.
#pragma once

#include <string>

#include "findings/report.h"

namespace firebreak {

// The page of `firebreak matrix`: the head and the matrix alone.
[[nodiscard]] std::string matrix_html(const Report& report);

}  // namespace firebreak
