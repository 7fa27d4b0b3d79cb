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
        estate_.hosts_[h].published.emplace_back(port.host_port, container);
      }
    }
    sort_and_dedupe(estate_.hosts_[h].published);
  }
  for (const std::string_view name : ambiguous) estate_.machines_.erase(name);
}

}  // namespace firebreak
