// Collects all hosts at once into one snapshot.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "collect/compose.h"
#include "collect/endpoint.h"
#include "io/machine.h"
#include "policy/policy.h"
#include "snapshot/snapshot.h"

namespace firebreak {

struct CollectPlan {
  std::vector<HostSource> hosts;  // engines to ask
  std::vector<ComposeProject> compose;
  HttpLimits limits;
  std::size_t at_once = 8;  // hosts asked at the same time
  bool kernel = false;      // read the kernel state of engines on this machine, too
};

struct CollectTools {
  Files& files;
  Processes& processes;
  GetEnv env;
  Machine* machine = nullptr;  // needed where the plan wants kernel state
  // Makes the client for an endpoint; tests put scripted ones here.
  std::function<Result<std::unique_ptr<HttpClient>>(const EngineEndpoint&, HttpLimits)> connect;
  std::function<void(std::string_view)> progress;  // called from several threads, one at a time
};

// Never fails as a whole: a host that cannot be resolved or asked is a gap. Canonically sorted.
[[nodiscard]] Snapshot collect(const CollectPlan& plan, const FingerprintKeys& keys,
                               bool key_lasting, Timestamp now, CollectTools& tools);

}  // namespace firebreak
