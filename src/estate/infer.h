// Which environment a workload speaks of, when no policy says it. Pure.
//
// Evidence comes in classes; the strongest class that says anything decides, and weaker ones are
// not heard. If the deciding class names several environments, the workload has several candidates
// and belongs to none.
//   1. labels whose name ends in env, environment, stage, tier, …
//   2. variables that name the environment (APP_ENV, ENVIRONMENT, SPRING_PROFILES_ACTIVE, …); not
//      those that come from the image
//   3. the compose project or stack
//   4. names: service, container, host name; then the image's repository, then its tag
//   5. networks that a person made
//   6. hosts and databases in connection strings
// Variables that say production and nothing else are heard after the names: it is the mode that
// builds run in everywhere, and a stack called shop-dev is not production for it. Modes of
// frameworks (NODE_ENV, RAILS_ENV, …) only support what other evidence says, unless they say
// staging, which no framework does by itself.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "estate/estate.h"
#include "estate/words.h"

namespace firebreak {

struct Inference {
  EnvironmentSet candidates;
  std::vector<Evidence> evidence;  // of the deciding class, and supporting modes
  bool by_name = false;            // the names of service, container and host decided
};

// `containers` are the workload's, and its Swarm service's spec. `networks` gives the names of
// networks that people made and that it is attached to; it is asked only if nothing stronger
// decides.
[[nodiscard]] Inference infer_environment(
    const Workload& workload, std::span<const Container* const> containers,
    const std::function<std::vector<std::string_view>()>& networks);

}  // namespace firebreak
