// errno as an Error whose words a user can act on.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace firebreak {

// What the operating system calls `code`: "No such file or directory" in lower case. Thread-safe.
[[nodiscard]] std::string os_words(int code);
// `code` (an errno) about the file `path`: kDenied for permissions, else kIo; with a remedy where
// there is one. `doing`: "read", "write".
[[nodiscard]] Error file_error(int code, std::string_view doing, const std::string& path);

}  // namespace firebreak
