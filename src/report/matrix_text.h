// The matrix on a page of text.
#pragma once

#include "report/page.h"

namespace firebreak {

// A table if it fits the page, a list if not. Unless `all`, rows of a large matrix that meet what
// is required are only counted.
void write_matrix(Page& page, const Report& report, bool all);

}  // namespace firebreak
