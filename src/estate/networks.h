// Questions about one network that several steps ask. Private to estate/.
#pragma once

#include <optional>

#include "base/ip.h"
#include "snapshot/snapshot.h"

namespace firebreak {

// Made by the engine itself, not by a person: bridge, host, none, ingress, docker_gwbridge, and
// Podman's podman.
[[nodiscard]] bool is_builtin(const Network& network);
// Whether the embedded DNS answers names on it.
[[nodiscard]] bool has_dns(const Network& network);
// Whether `address` is the machine's own on this network: the gateway, which is the first address
// of a subnet unless the subnet was given with another one.
[[nodiscard]] bool is_gateway(const Network& network, const IpAddress& address);

}  // namespace firebreak
