// FROM and TO of `firebreak paths`: what a person typed, as a set of network namespaces and
// workloads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "checks/flow_ends.h"
#include "estate/estate.h"
#include "reach/flow.h"

namespace firebreak {

struct PathEnd {
  enum class Kind : std::uint8_t { kAnything, kEnvironment, kWorkloads, kHost, kAddress };

  Kind kind = Kind::kAnything;
  std::string text;                          // as typed; empty: kAnything
  std::optional<EnvironmentId> environment;  // kEnvironment
  std::vector<WorkloadId> workloads;     // kWorkloads: those of that name, or that belong to the
                                         // environment; sorted. kAddress, kHost: who stands there
  std::vector<FlowEnd> ends;             // their namespaces; sorted. Empty for kAnything
  std::optional<IpAddress> address;      // kAddress
  std::optional<Port> port;              // nullopt: any
  std::optional<std::uint8_t> protocol;  // IANA; nullopt: any
};

enum class PathSide : std::uint8_t { kFrom, kTo };

// "production" (an environment), "production/db" (a container or service in it), "proxy" (one of no
// environment), "@prod-1" (a host's own namespace) or an address; on the TO side with ":5432" or
// ":5432/tcp" behind it. Empty: anything. kUsage with a suggestion for what nothing in sight is.
[[nodiscard]] Result<PathEnd> parse_path_end(const Estate& estate, const FlowEnds& ends,
                                             std::string_view text, PathSide side);

// Whether the flow starts, or ends, there; for TO the port too, as connected to or as delivered.
[[nodiscard]] bool starts_at(const PathEnd& from, const Flow& flow);
[[nodiscard]] bool ends_at(const PathEnd& to, const Flow& flow);

}  // namespace firebreak
