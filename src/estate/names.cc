// Who answers to which name and address: the embedded DNS of each network, and the machines.
#include <algorithm>

#include "base/text.h"
#include "estate/builder.h"
#include "estate/networks.h"

namespace firebreak {
namespace {

bool has_upper(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// "tcp://prod-1:2376" and "ssh://ops@edge" name the machine "prod-1" and "edge".
std::string_view machine_in(std::string_view endpoint) {
  std::string_view rest;
  for (const std::string_view scheme : {"tcp://", "ssh://", "http://", "https://"}) {
    if (endpoint.starts_with(scheme)) rest = endpoint.substr(scheme.size());
  }
  rest = rest.substr(0, rest.find('/'));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    rest.remove_prefix(at + 1);
  }
  if (rest.starts_with('[')) return rest.substr(1, rest.find(']') - 1);
  return rest.substr(0, rest.find(':'));
}

// The cluster of each host; a worker is known by the manager's list of nodes.
std::vector<std::string_view> clusters_of(const std::vector<Host>& hosts) {
  std::unordered_map<std::string_view, std::string_view> by_node;
  for (const Host& host : hosts) {
    for (const Node& node : host.swarm.nodes) by_node.emplace(node.id.value, host.swarm.cluster);
  }
  std::vector<std::string_view> clusters;
  for (const Host& host : hosts) {
    const auto known = by_node.find(host.swarm.node.value);
    const bool worker = host.swarm.cluster.empty() && known != by_node.end();
    clusters.push_back(worker ? known->second : std::string_view(host.swarm.cluster));
  }
  return clusters;
}

template <class T>
void sort_and_dedupe(std::vector<T>& list) {
  std::ranges::sort(list);
  const auto repeated = std::ranges::unique(list);
  list.erase(repeated.begin(), repeated.end());
}

}  // namespace

std::string_view EstateBuilder::lower_case(std::string_view name) {
  if (!has_upper(name)) return name;
  return estate_.lower_names_.emplace_front(lower(name));
}

void EstateBuilder::claim_names(const Member& member, const EstateNetwork& network,
                                Estate::NetworkIndex& index) {
  const auto claim = [&](std::string_view name) {
    if (!name.empty()) index.names.push_back({lower_case(name), member.container});
  };
  const Container& container = estate_[member.container];
  for (const std::string& name : container.endpoints[member.endpoint].names) claim(name);
  const Workload& workload = estate_[member.workload];
  if (workload.planned) claim(workload.name);
  if (workload.kind != Workload::Kind::kSwarmService) return;
  // The virtual address, and "tasks." for the tasks' own; both lead to the tasks.
  if (network.network->scope != "swarm") return;
  const Service* service = services_[member.workload.index()];
  std::string_view full = label(container, "com.docker.swarm.service.name");
  if (full.empty() && service != nullptr) full = service->name;
  claim(full);
  claim(workload.name);
  claim(estate_.lower_names_.emplace_front("tasks." + lower(full)));
  if (service == nullptr) return;
  for (const Endpoint& endpoint : service->spec.endpoints) {
    if (endpoint.network != network.network->id && endpoint.network_name != network.network->name) {
      continue;
    }
    for (const std::string& name : endpoint.names) claim(name);
  }
}

void EstateBuilder::index_names() {
  estate_.network_index_.resize(estate_.networks_.size());
  for (std::size_t n = 0; n < estate_.networks_.size(); ++n) {
    const EstateNetwork& network = estate_.networks_[n];
    Estate::NetworkIndex& index = estate_.network_index_[n];
    const bool dns = has_dns(*network.network);
    if (dns) index.names.reserve(3 * network.members.size());
    index.addresses.reserve(network.members.size());
    for (const Member& member : network.members) {
      const Endpoint& endpoint = estate_[member.container].endpoints[member.endpoint];
      if (endpoint.ipv4) index.addresses.push_back({*endpoint.ipv4, member.container});
      if (endpoint.ipv6) index.addresses.push_back({*endpoint.ipv6, member.container});
      if (dns) claim_names(member, network, index);
    }
    sort_and_dedupe(index.names);
    sort_and_dedupe(index.addresses);
  }
}

void EstateBuilder::index_machines() {
  std::vector<std::string_view> ambiguous;  // a cloned machine's name says nothing
  for (std::size_t h = 0; h < estate_.hosts_.size(); ++h) {
    const Host& host = estate_.snapshot_->hosts[h];
    for (const std::string_view name :
         {std::string_view(host.engine.machine), machine_in(host.endpoint)}) {
      if (name.empty()) continue;
      const auto [at, fresh] = estate_.machines_.try_emplace(lower_case(name), HostId(h));
      if (!fresh && at->second != HostId(h)) ambiguous.push_back(at->first);
    }
    for (const ContainerId container : estate_.hosts_[h].containers) {
      for (const PublishedPort& port : estate_[container].ports) {
        if (port.protocol != Protocol::kTcp || port.host_port.value == 0) continue;
        const bool loopback = port.address && port.address->is_loopback();
        estate_.hosts_[h].published.push_back({port.host_port, container, loopback});
      }
    }
  }
  for (const std::string_view name : ambiguous) estate_.machines_.erase(name);
  publish_services();
  for (Estate::HostIndex& host : estate_.hosts_) sort_and_dedupe(host.published);
}

// The routing mesh: every node of a cluster answers on the ports of its services.
void EstateBuilder::publish_services() {
  std::unordered_map<const Service*, WorkloadId> workloads;
  for (std::size_t w = 0; w < services_.size(); ++w) {
    if (services_[w] != nullptr) workloads.emplace(services_[w], WorkloadId(w));
  }
  if (workloads.empty()) return;
  const std::vector<Host>& hosts = estate_.snapshot_->hosts;
  const std::vector<std::string_view> clusters = clusters_of(hosts);
  for (std::size_t manager = 0; manager < hosts.size(); ++manager) {
    for (const Service& service : hosts[manager].swarm.services) {
      const auto workload = workloads.find(&service);
      if (workload == workloads.end()) continue;
      for (const PublishedPort& port : service.spec.ports) {
        if (port.protocol != Protocol::kTcp || port.host_port.value == 0) continue;
        for (std::size_t h = 0; h < hosts.size(); ++h) {
          if (h != manager && (clusters[h].empty() || clusters[h] != clusters[manager])) continue;
          for (const ContainerId container : estate_[workload->second].containers) {
            estate_.hosts_[h].published.push_back({port.host_port, container, false});
          }
        }
      }
    }
  }
}

}  // namespace firebreak
