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

std::optional<SystemOwner> owner_by_containers(const Estate& estate, const Target& target,
                                               const Resolution& resolution) {
  std::optional<SystemOwner> result;
  for (const ContainerId container : resolution.containers) {
    const WorkloadId id = estate.workload_of(container);
    const Workload& workload = estate[id];
    if (!workload.environment) continue;
    if (result && result->environment != *workload.environment) return std::nullopt;
    if (result) continue;
    std::string why = fmt::format("answers to {}", printable(target.host));
    if (resolution.network)
      why += fmt::format(" on network {}", printable(estate[*resolution.network].network->name));
    result = SystemOwner{*workload.environment, display_name(estate, id), std::move(why)};
  }
  return result;
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

std::optional<SystemOwner> system_owner(const Estate& estate, const Target& target,
                                        const Resolution& resolution) {
  if (resolution.kind == Resolution::Kind::kItself) return std::nullopt;
  const auto environments = [&](ContainerId id) { return estate[estate.workload_of(id)]; };
  if (std::ranges::any_of(resolution.containers,
                          [&](ContainerId id) { return environments(id).shared; }))
    return std::nullopt;
  if (std::ranges::any_of(resolution.containers,
                          [&](ContainerId id) { return environments(id).environment.has_value(); }))
    return owner_by_containers(estate, target, resolution);
  return owner_by_name(estate, target);
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
