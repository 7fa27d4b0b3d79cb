// Networks and who stands in them. A Swarm-scoped network is one network on all its hosts.
#include "estate/networks.h"

#include <algorithm>
#include <array>

#include "estate/builder.h"

namespace firebreak {
namespace {

constexpr std::string_view kSwarmScope = "swarm";

// Whether the bits behind the prefix are 0…01.
bool is_first_host(const Cidr& subnet, const IpAddress& address) {
  const std::size_t length = address.is_v6() ? 16 : 4;
  for (std::size_t bit = subnet.prefix; bit < 8 * length; ++bit) {
    const bool set = (address.bytes()[bit / 8] & (0x80U >> (bit % 8))) != 0;
    if (set != (bit + 1 == 8 * length)) return false;
  }
  return true;
}

bool has_option(const Network& network, std::string_view name, std::string_view value) {
  return std::ranges::any_of(network.options, [&](const auto& option) {
    return option.first == name && option.second == value;
  });
}

}  // namespace

bool is_builtin(const Network& network) {
  if (network.driver == "host" || network.driver == "null" || network.ingress) return true;
  if (has_option(network, "com.docker.network.bridge.default_bridge", "true")) return true;
  constexpr std::array<std::string_view, 6> kNames = {"bridge",          "host",  "none", "ingress",
                                                      "docker_gwbridge", "podman"};
  return std::ranges::find(kNames, network.name) != kNames.end();
}

bool has_dns(const Network& network) { return !is_builtin(network); }

bool is_gateway(const Network& network, const IpAddress& address) {
  // Addresses of macvlan and ipvlan gateways are routers outside.
  if (network.driver != "bridge" && network.driver != "overlay") return false;
  return std::ranges::any_of(network.subnets, [&](const Cidr& subnet) {
    if (subnet.address.is_v6() != address.is_v6() || !subnet.contains(address)) return false;
    return subnet.address == address || is_first_host(subnet, address);
  });
}

void EstateBuilder::index_networks() {
  const std::vector<Host>& hosts = estate_.snapshot_->hosts;
  for (std::size_t h = 0; h < hosts.size(); ++h) {
    Estate::HostIndex& index = estate_.hosts_[h];
    index.networks.reserve(2 * hosts[h].networks.size());
    for (const Network& network : hosts[h].networks) {
      NetworkId id(estate_.networks_.size());
      const bool spans = network.scope == kSwarmScope;
      if (spans) id = swarm_networks_.try_emplace(network.id.value, id).first->second;
      if (id.index() == estate_.networks_.size()) {
        estate_.networks_.push_back(
            {.host = HostId(h), .network = &network, .hosts = {}, .members = {}, .owner = {}});
      }
      std::vector<HostId>& on = estate_.networks_[id.index()].hosts;
      if (on.empty() || on.back() != HostId(h)) {
        on.push_back(HostId(h));
        index.network_list.push_back(id);
      }
      index.networks.try_emplace(network.id.value, id);
    }
    for (const NetworkId id : index.network_list) {
      index.networks.try_emplace(estate_.networks_[id.index()].network->name, id);
    }
    std::ranges::sort(index.network_list);
  }
}

void EstateBuilder::find_endpoint_networks() {
  for (std::size_t c = 0; c < estate_.containers_.size(); ++c) {
    Estate::ContainerEntry& entry = estate_.containers_[c];
    Estate::HostIndex& host = estate_.hosts_[entry.host.index()];
    entry.endpoints = static_cast<std::uint32_t>(estate_.endpoint_networks_.size());
    for (const Endpoint& endpoint : entry.container->endpoints) {
      auto at = host.networks.find(endpoint.network.value);
      if (at == host.networks.end() && !swarm_networks_.empty()) {
        // A worker may not list an overlay that its containers use.
        const auto elsewhere = swarm_networks_.find(endpoint.network.value);
        if (elsewhere != swarm_networks_.end()) {
          at = host.networks.insert(*elsewhere).first;
          const NetworkId id = elsewhere->second;
          host.network_list.insert(std::ranges::upper_bound(host.network_list, id), id);
          estate_.networks_[id.index()].hosts.push_back(entry.host);
        }
      }
      if (at == host.networks.end()) at = host.networks.find(endpoint.network_name);
      const bool known = at != host.networks.end();
      estate_.endpoint_networks_.push_back(known ? std::optional(at->second) : std::nullopt);
    }
  }
  for (EstateNetwork& network : estate_.networks_) std::ranges::sort(network.hosts);
}

void EstateBuilder::attach_members() {
  std::vector<std::size_t> counts(estate_.networks_.size());
  for (const std::optional<NetworkId>& network : estate_.endpoint_networks_) {
    if (network) ++counts[network->index()];
  }
  for (std::size_t n = 0; n < counts.size(); ++n) estate_.networks_[n].members.reserve(counts[n]);
  // Walking by workload leaves every list sorted.
  for (std::size_t w = 0; w < estate_.workloads_.size(); ++w) {
    for (const ContainerId container : estate_.workloads_[w].containers) {
      const std::vector<Endpoint>& endpoints = estate_[container].endpoints;
      for (std::size_t e = 0; e < endpoints.size(); ++e) {
        const std::optional<NetworkId> network = estate_.network_of(container, endpoints[e]);
        if (!network) continue;
        estate_.networks_[network->index()].members.push_back(
            {.workload = WorkloadId(w), .container = container, .endpoint = e});
      }
    }
  }
}

// A container of no environment (a VPN client, say) lends its network namespace: those who use it
// stand where it stands. The endpoints stay its own.
void EstateBuilder::attach_namespace_users() {
  for (std::size_t c = 0; c < estate_.containers_.size(); ++c) {
    const ContainerId owner(c);
    const auto sharers = estate_.namespace_sharers_.find(owner);
    if (sharers == estate_.namespace_sharers_.end()) continue;
    const Workload& lender = estate_[estate_.workload_of(owner)];
    if (lender.environment || lender.shared) continue;
    for (const ContainerId user : sharers->second) {
      const WorkloadId workload = estate_.workload_of(user);
      if (user != owner && estate_[workload].environment) stand_in_for(owner, workload);
    }
  }
}

void EstateBuilder::stand_in_for(ContainerId owner, WorkloadId user) {
  const std::vector<Endpoint>& endpoints = estate_[owner].endpoints;
  for (std::size_t e = 0; e < endpoints.size(); ++e) {
    const std::optional<NetworkId> network = estate_.network_of(owner, endpoints[e]);
    if (!network) continue;
    std::vector<Member>& members = estate_.networks_[network->index()].members;
    members.insert(std::ranges::upper_bound(members, user, {}, &Member::workload),
                   {.workload = user, .container = owner, .endpoint = e});
  }
}

}  // namespace firebreak
