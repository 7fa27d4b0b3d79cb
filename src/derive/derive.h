// The kernel state that a Docker engine of some version sets up for the networks and containers
// that its API shows: for hosts whose kernel was not read, and for engines that are not there yet.
//
// Bridges, veth pairs, addresses, routes, sysctls, docker-proxy and the engine's packet filter
// rules are derived; what others add to a host (rules of an administrator, firewalld, other
// services) cannot be. Rules stand in the order in which the engine adds them when networks and
// containers come up in the order of their names, the default bridge first; no verdict depends on
// the order between networks of which it has no knowledge.
//
// Sources: the rules of 20.10.24, 26.1.5 and 28.5.2 were compared with real engines (tests/engine/
// test_derived_rules.py); 27, 28.0, 28.1 and 29 follow moby's source and its own documentation of
// the rules (integration/network/bridge/iptablesdoc).
//
// Not to be seen in an API, and taken to be off: the nftables backend of 29, bridge-accept-fwmark,
// DOCKER_INSECURE_NO_IPTABLES_RAW, --iptables=false, priorities of a container's networks.
//
// Swarm: the rules for ports published by the ingress network, on managers only (workers do not
// know services); the overlay networks themselves are not derived.
#pragma once

#include <optional>

#include "derive/version.h"
#include "snapshot/kernel.h"
#include "snapshot/snapshot.h"

namespace firebreak {

// Options of the daemon that its API does not show.
struct DaemonOptions {
  bool userland_proxy = true;
  bool direct_routing = false;  // allow-direct-routing, from 28.2
  // nullopt: the version's default, which is true from 27.
  std::optional<bool> ip6tables = std::nullopt;
  bool forward_policy_drop = false;  // the engine sets it where it turned forwarding on itself
  friend auto operator<=>(const DaemonOptions&, const DaemonOptions&) = default;
};

// From the kernel state in the snapshot, if any: whether docker-proxy runs, the policy of FORWARD,
// chains of Docker's in ip6tables, raw rules that are missing. Else the defaults.
[[nodiscard]] DaemonOptions guess_daemon_options(const Host& host);

// Pure. `derived` is set. Running containers only. Sockets of the host (but for those of published
// ports) and of containers are not known: each namespace says so in `unread`, as "sockets".
[[nodiscard]] KernelState derive_kernel(const Host& host, EngineVersion version,
                                        const DaemonOptions& options = {});

}  // namespace firebreak
