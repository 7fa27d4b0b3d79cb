// Compose v1's output, YAML, as JSON: so that one reader serves both tools.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace firebreak {

// One YAML document as JSON text: plain scalars by the core schema, quoted ones as strings, aliases
// written out. kBadData, without content, for what is not one YAML document or too large.
[[nodiscard]] Result<std::string> yaml_to_json(std::string_view yaml);

}  // namespace firebreak
