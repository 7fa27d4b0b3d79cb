// What a program said on stderr, fit to be shown in one of our errors.
#pragma once

#include <string>
#include <string_view>

namespace firebreak {

// The last lines of `bytes`, at most about 600 bytes on one line: printable, without empty lines,
// and without what looks like a secret (passwords in URLs, values after "password=", "token:").
[[nodiscard]] std::string child_words(std::string_view bytes);

}  // namespace firebreak
