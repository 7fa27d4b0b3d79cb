// The checks behind check_network, one file each, and what they share. Private to checks/.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks/checks.h"
#include "checks/support.h"
#include "estate/estate.h"

namespace firebreak {

// Which environments stand on which network, counted once for all checks.
class NetworkSides {
 public:
  explicit NetworkSides(const Estate& estate);

  // Environments whose workloads are members, sorted. Shared services count for all they serve.
  [[nodiscard]] std::vector<EnvironmentId> on(NetworkId id) const;
  [[nodiscard]] bool crosses(NetworkId id) const { return sides_[id.index()].size() > 1; }
  // The same without one workload, and with the environment that the policy says owns it.
  [[nodiscard]] std::vector<EnvironmentId> without(NetworkId id, const Workload& workload) const;
  // A network of that name on a host.
  [[nodiscard]] std::optional<NetworkId> find(HostId host, std::string_view name) const;
  // Members that stand for `one` and not for `other`, each once, sorted.
  [[nodiscard]] std::vector<WorkloadId> members(NetworkId id, EnvironmentId one,
                                                EnvironmentId other) const;

 private:
  struct Side {
    EnvironmentId environment;
    std::size_t workloads = 0;
  };

  const Estate& estate_;
  std::vector<std::vector<Side>> sides_;         // by network; sorted by environment
  std::vector<std::vector<NetworkId>> on_host_;  // by host
};

void check_shared_networks(const Estate& estate, const NetworkSides& sides,
                           Findings& out);                                             // NET001
void check_pivots(const Estate& estate, const NetworkSides& sides, Findings& out);     // NET004
void check_host_networks(const Estate& estate, Findings& out);                         // NET005
void check_layer_two(const Estate& estate, const NetworkSides& sides, Findings& out);  // NET006
void check_names(const Estate& estate, const NetworkSides& sides, Findings& out);      // NET007

// Networks that join nobody by themselves: host, none, ingress and docker_gwbridge.
[[nodiscard]] bool joins_members(const Network& network);
// An option's value; empty if it is not there.
[[nodiscard]] std::string_view option(const Network& network, std::string_view name);
[[nodiscard]] bool has_option(const Network& network, std::string_view name);
// --icc=false: members may not talk to each other by IP.
[[nodiscard]] bool forbids_icc(const Network& network);
// The policy's owner; in an inferred run a name is no proof of ownership.
[[nodiscard]] std::optional<EnvironmentId> policy_owner(const Estate& estate, NetworkId id);

// A network for each environment that has members on a common one: commands that create it, connect
// the members under the names they had, and take them off the common one. An owner's members stay.
[[nodiscard]] Remedy separate_members(const Estate& estate, const NetworkSides& sides,
                                      NetworkId shared);
// Commands that take one workload off a network, and what to change where it is defined.
[[nodiscard]] Remedy leave_network(const Estate& estate, WorkloadId id, NetworkId network);

}  // namespace firebreak
