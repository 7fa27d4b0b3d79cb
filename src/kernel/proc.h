// Names in /proc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "io/system.h"

namespace firebreak {

// "/proc/PID/NAME"
[[nodiscard]] std::string proc_path(int pid, std::string_view name);
// All processes, in order of their numbers.
[[nodiscard]] Result<std::vector<int>> all_processes(Files& files);

}  // namespace firebreak
