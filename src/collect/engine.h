// Asks one engine everything a snapshot holds. What it would not or could not say becomes a gap.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "collect/endpoint.h"
#include "io/http.h"
#include "secret/key.h"
#include "snapshot/snapshot.h"

namespace firebreak {

struct CollectedHost {
  Host host;
  std::vector<Gap> gaps;
  // Where the engine sees each container's network namespace; no part of a snapshot.
  std::map<ContainerKey, std::string> sandboxes;
};

// Never fails and never throws: an engine that cannot be asked is a host with an empty engine and a
// gap "the host". Requests are bounded by the client's limits; `progress` hears short lines.
[[nodiscard]] CollectedHost collect_engine(const EngineEndpoint& endpoint, HttpClient& client,
                                           const FingerprintKeys& keys,
                                           const std::function<void(std::string_view)>& progress);

}  // namespace firebreak
