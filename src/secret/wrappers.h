// Programs that run another program: sudo, env, timeout, docker exec, ssh, sh -c, …
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace firebreak {

// A command with one layer of wrapping taken off.
struct Unwrapped {
  std::vector<std::string> words;  // what is run; empty if `shell` says it
  std::string shell;               // text for a shell
  std::vector<std::pair<std::string, std::string>> assignments;
  std::string host;      // where it runs, if elsewhere: a container's, pod's or machine's name
  bool wrapped = false;  // false: `words` are as given
};

[[nodiscard]] Unwrapped unwrap(std::vector<std::string> words);

// "/usr/bin/pg_dump" is "pg_dump".
[[nodiscard]] std::string program_name(const std::string& word);

}  // namespace firebreak
