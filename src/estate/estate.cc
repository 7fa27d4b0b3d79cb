// The questions that the estate answers from its indexes.
#include "estate/estate.h"

#include <algorithm>

namespace firebreak {

std::optional<NetworkId> Estate::network_of(ContainerId id, const Endpoint& endpoint) const {
  const HostIndex& host = hosts_[host_of(id).index()];
  auto at = host.networks.find(endpoint.network.value);
  if (at == host.networks.end()) at = host.networks.find(endpoint.network_name);
  if (at == host.networks.end()) return std::nullopt;
  return at->second;
}

std::span<const EnvironmentId> Estate::environments_on(HostId id) const {
  return hosts_[id.index()].environments;
}

std::span<const ContainerId> Estate::containers_on(HostId id) const {
  return hosts_[id.index()].containers;
}

std::optional<ContainerId> Estate::find_container(HostId host, std::string_view name_or_id) const {
  if (name_or_id.empty()) return std::nullopt;
  const HostIndex& index = hosts_[host.index()];
  if (const auto at = index.by_name.find(name_or_id); at != index.by_name.end()) return at->second;
  std::optional<ContainerId> found;
  for (const ContainerId id : index.containers) {
    if (!(*this)[id].id.value.starts_with(name_or_id)) continue;
    if (found) return std::nullopt;  // as the engine does: an ambiguous prefix names nothing
    found = id;
  }
  return found;
}

bool Estate::climbs(EnvironmentId from, EnvironmentId to) const {
  return (*this)[to].tier > (*this)[from].tier;
}

std::string_view label(const Container& container, std::string_view name) {
  const auto at = std::ranges::find(container.labels, name, &Label::name);
  return at == container.labels.end() ? std::string_view() : std::string_view(at->value.text);
}

}  // namespace firebreak
