// The questions that the estate answers from its indexes.
#include "estate/estate.h"

#include <algorithm>
#include <functional>

#include "base/check.h"

namespace firebreak {

std::optional<NetworkId> Estate::network_of(ContainerId id, const Endpoint& endpoint) const {
  const ContainerEntry& entry = containers_[id.index()];
  const std::vector<Endpoint>& endpoints = entry.container->endpoints;
  const auto index = static_cast<std::size_t>(&endpoint - endpoints.data());
  CHECK(index < endpoints.size());
  return endpoint_networks_[entry.endpoints + index];
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
  const auto id_of = [&](ContainerId id) -> std::string_view { return (*this)[id].id.value; };
  const auto begins = std::ranges::lower_bound(index.containers, name_or_id, {}, id_of);
  const bool prefix = begins != index.containers.end() && id_of(*begins).starts_with(name_or_id);
  if (prefix && id_of(*begins) == name_or_id) return *begins;
  const std::size_t hash = std::hash<std::string_view>()(name_or_id);
  const auto same_hash = std::ranges::equal_range(index.by_name, hash, {},
                                                  &std::pair<std::size_t, ContainerId>::first);
  for (const auto& [unused, id] : same_hash) {
    if ((*this)[id].name == name_or_id) return id;
  }
  if (!prefix) return std::nullopt;
  // As the engine does: an ambiguous prefix names nothing.
  const auto next = begins + 1;
  const bool ambiguous = next != index.containers.end() && id_of(*next).starts_with(name_or_id);
  return ambiguous ? std::nullopt : std::optional(*begins);
}

bool Estate::climbs(EnvironmentId from, EnvironmentId to) const {
  return (*this)[to].tier > (*this)[from].tier;
}

std::string_view label(const Container& container, std::string_view name) {
  const auto at = std::ranges::find(container.labels, name, &Label::name);
  return at == container.labels.end() ? std::string_view() : std::string_view(at->value.text);
}

}  // namespace firebreak
