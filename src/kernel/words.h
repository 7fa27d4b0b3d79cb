// Lines and words of what iptables-save and ipset print. A word in double quotes may hold anything,
// line ends too; a backslash keeps a quote in it from ending it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace firebreak {

// Takes the next line off the front of `text`, as words with their quotes. nullopt, and `text` as
// it was, if a quote is not closed or the line end is missing.
[[nodiscard]] std::optional<std::vector<std::string_view>> take_line(std::string_view& text);

}  // namespace firebreak
