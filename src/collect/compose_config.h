// One compose project as the tools print it (`config`), as planned containers, networks, volumes.
#pragma once

#include <string>

#include "collect/json.h"
#include "secret/key.h"
#include "snapshot/snapshot.h"

namespace firebreak {

struct ComposeNaming {
  std::string project;
  char separator = '-';  // '_' in compose v1: PROJECT_SERVICE_1
};

// Adds the project to `host`. A network or volume that another project already named is one and
// the same there, as it will be on the engine. Trouble is left in the document.
void read_compose_config(const Json& config, const ComposeNaming& naming,
                         const FingerprintKeys& keys, Host& host);

}  // namespace firebreak
