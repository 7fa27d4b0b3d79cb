// Host names to addresses, under a deadline. Included by .cc files of this folder only.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "io/asio.h"

namespace firebreak {

// The addresses of `host` in the system's order of preference, at least one; `port` is a number.
// kUnreachable if the name is unknown or the deadline passes, kUsage for a bad port.
[[nodiscard]] Result<std::vector<asio::ip::tcp::endpoint>> resolve(const std::string& host,
                                                                   const std::string& port,
                                                                   Deadline deadline,
                                                                   const std::string& where);

}  // namespace firebreak
