#include <algorithm>

#include "checks/network_families.h"

namespace firebreak {

NetworkSides::NetworkSides(const Estate& estate)
    : estate_(estate), sides_(estate.networks().size()), on_host_(estate.snapshot().hosts.size()) {
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    const EstateNetwork& network = estate.networks()[i];
    for (const HostId host : network.hosts) on_host_[host.index()].emplace_back(i);
    if (!joins_members(*network.network)) continue;
    std::vector<Side>& sides = sides_[i];
    std::optional<WorkloadId> last;  // members are sorted by workload
    for (const Member& member : network.members) {
      if (last == member.workload) continue;
      last = member.workload;
      for (const EnvironmentId environment : sides_of(estate[member.workload])) {
        const auto known = std::ranges::find(sides, environment, &Side::environment);
        if (known != sides.end()) {
          ++known->workloads;
        } else {
          sides.push_back({environment, 1});
        }
      }
    }
    std::ranges::sort(sides, {}, &Side::environment);
  }
}

std::vector<EnvironmentId> NetworkSides::on(NetworkId id) const {
  std::vector<EnvironmentId> out;
  for (const Side& side : sides_[id.index()]) out.push_back(side.environment);
  return out;
}

std::vector<EnvironmentId> NetworkSides::without(NetworkId id, const Workload& workload) const {
  std::vector<EnvironmentId> out;
  for (const Side& side : sides_[id.index()]) {
    const bool counted = stands_for(workload, side.environment);
    if (side.workloads > (counted ? 1U : 0U)) out.push_back(side.environment);
  }
  const auto owner = policy_owner(estate_, id);
  if (owner && std::ranges::find(out, *owner) == out.end()) out.push_back(*owner);
  std::ranges::sort(out);
  return out;
}

std::optional<NetworkId> NetworkSides::find(HostId host, std::string_view name) const {
  for (const NetworkId id : on_host_[host.index()]) {
    if (estate_[id].network->name == name) return id;
  }
  return std::nullopt;
}

std::vector<WorkloadId> NetworkSides::members(NetworkId id, EnvironmentId one,
                                              EnvironmentId other) const {
  std::vector<WorkloadId> out;
  for (const Member& member : estate_[id].members) {
    if (!out.empty() && out.back() == member.workload) continue;
    if (only_for(estate_[member.workload], one, other)) out.push_back(member.workload);
  }
  return out;
}

bool joins_members(const Network& network) {
  return network.driver != "host" && network.driver != "null" && !network.ingress &&
         network.name != "docker_gwbridge";
}

std::string_view option(const Network& network, std::string_view name) {
  for (const auto& [key, value] : network.options) {
    if (key == name) return value;
  }
  return {};
}

bool has_option(const Network& network, std::string_view name) {
  return std::ranges::any_of(network.options, [&](const auto& one) { return one.first == name; });
}

bool forbids_icc(const Network& network) {
  return option(network, "com.docker.network.bridge.enable_icc") == "false";
}

std::optional<EnvironmentId> policy_owner(const Estate& estate, NetworkId id) {
  return estate.inferred() ? std::nullopt : estate[id].owner;
}

void check_network(const Estate& estate, Findings& out) {
  if (estate.environments().empty()) return;
  const NetworkSides sides(estate);
  check_shared_networks(estate, sides, out);
  if (estate.environments().size() < 2) return;
  check_pivots(estate, sides, out);
  check_host_networks(estate, out);
  check_layer_two(estate, sides, out);
  check_names(estate, sides, out);
}

}  // namespace firebreak
