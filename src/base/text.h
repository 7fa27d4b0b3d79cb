// Small functions over text that the standard library lacks.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace firebreak {

[[nodiscard]] std::string_view trim(std::string_view text);  // ASCII white space at both ends
[[nodiscard]] std::string lower(std::string_view text);      // ASCII only
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);
[[nodiscard]] bool contains_ignoring_case(std::string_view text, std::string_view part);
// `*` matches any run of characters, `?` one; everything else itself.
[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text);
// Offset of the first byte that is not part of valid UTF-8 (RFC 3629); the size if all is valid.
[[nodiscard]] std::size_t first_invalid_utf8(std::string_view text);
// Replaces by U+FFFD what is not valid UTF-8, control characters, and characters that turn the
// direction of text or break lines: for names that foreign programs chose and that we print.
[[nodiscard]] std::string printable(std::string_view text);
// Quotes for a POSIX shell where needed: names are pasted into commands.
[[nodiscard]] std::string shell_quoted(std::string_view text);

// The candidate that `word` was most likely meant to be, in capitals or not: the nearest by edit
// distance (with transpositions), up to a third of the longer length; else the only one it begins.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word,
                                                      std::span<const std::string_view> candidates);

}  // namespace firebreak
