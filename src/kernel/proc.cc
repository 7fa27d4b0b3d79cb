#include "kernel/proc.h"

#include <algorithm>
#include <charconv>

namespace firebreak {

std::string proc_path(int pid, std::string_view name) {
  return "/proc/" + std::to_string(pid) + "/" + std::string(name);
}

Result<std::vector<int>> all_processes(Files& files) {
  std::vector<int> out;
  for (const std::string& name : TRY(files.list("/proc"))) {
    int pid = 0;
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, pid);
    if (error == std::errc{} && stop == end && pid > 0) out.push_back(pid);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace firebreak
