// What a container may do to the host it runs on, read from its configuration. Private to checks/.
#pragma once

#include <string>
#include <vector>

#include "checks/mounts.h"
#include "estate/estate.h"
#include "findings/code.h"

namespace firebreak {

// One right that leads out of the container.
struct Right {
  std::string at;   // "mount /run/docker.sock", "capability SYS_ADMIN"
  std::string why;  // what it allows
  Severity severity = Severity::kCritical;
  bool engine_socket = false;
  // How to take it away, in the words of a compose file, of docker run, of docker service update.
  std::string compose;
  std::string option;
  std::vector<std::string> service_update;
};

// Worst first, then by name. Empty for an ordinary container.
[[nodiscard]] std::vector<Right> rights_of(const MountRules& rules, const Container& container);
// What lowers the weight of the rights on this host ("the engine remaps users"), one line each.
[[nodiscard]] std::vector<std::string> mitigations(const Host& host, const Container& container);
[[nodiscard]] bool remaps_users(const Host& host);
[[nodiscard]] bool is_rootless(const Host& host);
// "gVisor" or "Kata Containers"; empty for a runtime that shares the host's kernel.
[[nodiscard]] std::string sandbox_of(const Host& host, const Container& container);

}  // namespace firebreak
