// Compose files before anything runs, read through the compose tool's own output.
#pragma once

#include <string>
#include <vector>

#include "collect/engine.h"
#include "io/system.h"

namespace firebreak {

// One project: its files as `docker compose -f A -f B` would merge them.
struct ComposeProject {
  std::vector<std::string> files;
};

// All projects on one planned host named "compose". Uses `docker compose config --format json`
// where it is there, else `docker-compose config` (v1, YAML). A file that the tool refuses is a
// gap.
[[nodiscard]] CollectedHost collect_compose(const std::vector<ComposeProject>& projects,
                                            Processes& processes, Files& files, const GetEnv& env,
                                            const FingerprintKeys& keys);

}  // namespace firebreak
