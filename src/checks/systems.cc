#include "checks/systems.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/ip.h"
#include "base/text.h"
#include "checks/support.h"

namespace firebreak {
namespace {

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// The first of the containers that stands in an environment; nullopt if none does.
std::optional<ContainerId> placed_container(const Estate& estate, const Resolution& resolution) {
  const auto placed = [&](ContainerId id) {
    return estate[estate.workload_of(id)].environment.has_value();
  };
  const auto first = std::ranges::find_if(resolution.containers, placed);
  return first == resolution.containers.end() ? std::nullopt : std::optional(*first);
}

std::optional<EnvironmentId> environment_by_name(const Estate& estate, const Target& target) {
  const auto by_host = estate.environment_named(target.host);
  return by_host ? by_host : estate.environment_named(target.database);
}

}  // namespace

std::optional<SystemOwner> owner_by_name(const Estate& estate, const Target& target) {
  if (!target.host.empty()) {
    if (const auto named = estate.environment_named(target.host))
      return SystemOwner{*named, host_and_port(target),
                         fmt::format("its host name speaks of {}", estate[*named].name)};
  }
  if (!target.database.empty()) {
    if (const auto named = estate.environment_named(target.database))
      return SystemOwner{*named, target_text(target),
                         fmt::format("its database's name speaks of {}", estate[*named].name)};
  }
  return std::nullopt;
}

std::optional<EnvironmentId> owning_environment(const Estate& estate, const Target& target,
                                                const Resolution& resolution) {
  if (resolution.kind == Resolution::Kind::kItself) return std::nullopt;
  std::optional<EnvironmentId> owner;
  bool several = false;
  for (const ContainerId container : resolution.containers) {
    const Workload& workload = estate[estate.workload_of(container)];
    if (workload.shared) return std::nullopt;
    if (!workload.environment) continue;
    several = several || (owner && *owner != *workload.environment);
    owner = workload.environment;
  }
  if (several) return std::nullopt;
  return owner ? owner : environment_by_name(estate, target);
}

std::optional<SystemOwner> system_owner(const Estate& estate, const Target& target,
                                        const Resolution& resolution) {
  const auto environment = owning_environment(estate, target, resolution);
  if (!environment) return std::nullopt;
  const auto container = placed_container(estate, resolution);
  if (!container) return owner_by_name(estate, target);
  std::string why = fmt::format("answers to {}", printable(target.host));
  if (resolution.network)
    why += fmt::format(" on network {}", printable(estate[*resolution.network].network->name));
  return SystemOwner{*environment, display_name(estate, estate.workload_of(*container)),
                     std::move(why)};
}

std::string host_and_port(const Target& target) {
  const std::optional<Port> port = target.port ? target.port : default_port(target.scheme);
  if (!port || target.host.starts_with('/')) return printable(target.host);
  return fmt::format("{}:{}", printable(bracketed(target.host)), port->value);
}

std::string target_text(const Target& target) {
  std::string result;
  if (!target.scheme.empty()) result += printable(target.scheme) + "://";
  result += printable(bracketed(target.host));
  if (target.port) result += fmt::format(":{}", target.port->value);
  if (!target.database.empty()) result += "/" + printable(target.database);
  return result;
}

}  // namespace firebreak
