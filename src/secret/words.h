// The dictionary of words that people put into passwords, longest match first.
#pragma once

#include <cstddef>
#include <string_view>

namespace firebreak {

// Length of the longest dictionary word (lower case, at least three letters) that `text` starts
// with; 0 if none.
[[nodiscard]] std::size_t common_word_at(std::string_view text);

}  // namespace firebreak
