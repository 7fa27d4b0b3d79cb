// What a hook did, told packet by packet of what went in.
#pragma once

#include "filter/filter.h"
#include "filter/parcel.h"

namespace firebreak {

// `end` is of all base chains together: nothing in it is returned or goes on.
[[nodiscard]] HookResult result_of(const Passage& end);

}  // namespace firebreak
