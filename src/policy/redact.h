// Keeps passwords that somebody wrote into a policy out of what we say about it. A policy has no
// place for a password, but people paste URLs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firebreak {

// Byte ranges [first, second) of `text` that are, or may be, passwords: what stands between a
// name and the @ of a URL (`://user:…@`), and after words like `password=` or `api_key:`. Errs on
// the side of hiding. Sorted, without overlaps. Total over all byte strings; linear.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> secret_ranges(std::string_view text);

// Whether a key of this name is likely to hold a password ("db_password", "apiKey").
[[nodiscard]] bool names_secret(std::string_view name);

// `text` with those ranges overwritten by as many '*' (line ends stay, so positions do too).
[[nodiscard]] std::string without_secrets(std::string_view text);

// `text` in quotes for a message: short, and without secrets.
[[nodiscard]] std::string quoted(std::string_view text);

// Overwrites one range of `text`, line ends excepted.
void overwrite(std::string& text, std::size_t first, std::size_t last);

}  // namespace firebreak
