// Values that tell nothing and may be kept as they are.
#pragma once

#include <string_view>

namespace firebreak {

// Booleans, log levels, small numbers with units, versions, locales, time zones, words for
// environments; under names of environments any plain name; under names of files plain paths.
// Hosts and URLs are not judged here. The name must not be a secret's.
[[nodiscard]] bool is_harmless(std::string_view name, std::string_view value);

}  // namespace firebreak
