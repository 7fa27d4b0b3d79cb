// Which engines, compose projects and snapshot files a command line and a policy speak of.
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "collect/collect.h"
#include "policy/policy.h"

namespace firebreak {

struct SnapshotSource {
  std::string file;
  std::string host;  // the policy's name for its host; empty: as the snapshot says
};

struct Sources {
  CollectPlan plan;
  std::vector<SnapshotSource> snapshots;
};

// What the command line names is all there is; if it names nothing, the policy's hosts; if there
// are none, the engine that the docker command line would talk to.
[[nodiscard]] Result<Sources> choose_sources(const Arguments& arguments, const Policy& policy);

// Gives the only host of a snapshot the name that the policy uses (its gaps too).
void name_host(Snapshot& snapshot, const std::string& name);

}  // namespace firebreak
