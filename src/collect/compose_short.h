// The short forms of the compose file, which v1's output keeps: commands as one string, ports as
// "127.0.0.1:8000-8001:80-81/tcp".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/snapshot.h"

namespace firebreak {

// Splits as a POSIX shell does quotes and backslashes, and nothing else. What stays open at the end
// ends there.
[[nodiscard]] std::vector<std::string> shell_words(std::string_view text);

// One entry for each port of a range. nullopt for what is no port mapping.
[[nodiscard]] std::optional<std::vector<PublishedPort>> parse_short_ports(std::string_view text);

// The tools write "$" as "$$".
[[nodiscard]] std::string without_escapes(std::string text);

// A folder's name as compose makes a project name of it: lower case, letters, digits, - and _.
[[nodiscard]] std::string normalised_project(std::string_view name);

}  // namespace firebreak
