// How much room a text takes on a terminal.
#pragma once

#include <cstddef>
#include <string_view>

namespace firebreak {

// Columns of valid UTF-8 without control characters (as printable() gives it): two for a wide
// character (East Asian, emoji), none for one that combines with what stands before it, else one.
[[nodiscard]] std::size_t columns_of(std::string_view utf8);

// The longest start of `utf8` that takes at most `columns`; at least one character.
[[nodiscard]] std::string_view head_of(std::string_view utf8, std::size_t columns);

}  // namespace firebreak
