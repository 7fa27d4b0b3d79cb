#include "findings/sections.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace firebreak {
namespace {

void sort_unique(std::vector<std::string>& names) {
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
}

std::string engine_text(const Host& host) {
  if (host.kind == Host::Kind::kCompose) return "compose files";
  if (host.engine.product.empty() && host.engine.version.empty()) return "not seen";
  std::string out = host.engine.product.empty() ? "engine" : host.engine.product;
  if (!host.engine.version.empty()) out += " " + host.engine.version;
  if (!host.engine.api_version.empty()) out += " (API " + host.engine.api_version + ")";
  return out;
}

std::string_view kind_text(Workload::Kind kind) {
  switch (kind) {
    case Workload::Kind::kContainer: return "container";
    case Workload::Kind::kComposeService: return "compose service";
    case Workload::Kind::kSwarmService: return "swarm service";
  }
  return {};
}

std::vector<std::string> networks_of(const Estate& estate, const Workload& workload) {
  std::vector<std::string_view> names;
  for (const ContainerId id : workload.containers) {
    for (const Endpoint& endpoint : estate[id].endpoints) names.push_back(endpoint.network_name);
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  return {names.begin(), repeated.begin()};
}

ReportWorkload report_workload(const Estate& estate, const Workload& workload) {
  ReportWorkload out;
  out.host = estate[workload.host].name;
  out.name = workload.name;
  out.kind = kind_text(workload.kind);
  out.project = workload.project;
  if (workload.environment) out.environment = estate[*workload.environment].name;
  for (const Evidence& evidence : workload.evidence) out.reasons.push_back(evidence.reason);
  out.networks = networks_of(estate, workload);
  out.running = workload.running;
  out.replicas = workload.containers.size();
  return out;
}

// Whose a network is: its owner's, or the one environment's that uses it alone.
std::vector<std::optional<EnvironmentId>> network_owners(const Estate& estate) {
  std::vector<std::optional<EnvironmentId>> out(estate.networks().size());
  for (std::size_t i = 0; i < estate.environments().size(); ++i) {
    for (const NetworkId id : estate.environments()[i].networks) out[id.index()] = EnvironmentId(i);
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const EstateNetwork& network = estate.networks()[i];
    if (network.owner) out[i] = network.owner;
  }
  return out;
}

}  // namespace

std::vector<ReportHost> report_hosts(const Estate& estate) {
  std::vector<ReportHost> out;
  for (const Host& host : estate.snapshot().hosts) {
    out.push_back({.name = host.name, .endpoint = host.endpoint, .engine = engine_text(host)});
  }
  std::ranges::sort(out, {}, &ReportHost::name);
  return out;
}

std::vector<ReportEnvironment> report_environments(const Estate& estate) {
  std::vector<ReportEnvironment> out;
  for (const Environment& environment : estate.environments()) {
    ReportEnvironment entry{.name = environment.name,
                            .tier = std::string(name_of(environment.tier)),
                            .workloads = environment.workloads.size(),
                            .networks = {}};
    for (const NetworkId id : environment.networks) {
      entry.networks.push_back(estate[id].network->name);
    }
    sort_unique(entry.networks);
    out.push_back(std::move(entry));
  }
  return out;
}

std::vector<ReportWorkload> report_workloads(const Estate& estate) {
  const auto environment = [&](const Workload& workload) {
    return workload.environment ? std::string_view(estate[*workload.environment].name) : "";
  };
  const auto before = [&](const Workload* a, const Workload* b) {
    if (const auto order = a->name <=> b->name; order != 0) return order < 0;
    return std::pair(kind_text(a->kind), environment(*a)) <
           std::pair(kind_text(b->kind), environment(*b));
  };
  // Sorted before they are copied, and host by host, as far as memory is near.
  std::map<std::string_view, std::vector<const Workload*>> by_host;
  for (const Workload& workload : estate.workloads()) {
    by_host[estate[workload.host].name].push_back(&workload);
  }
  std::vector<ReportWorkload> out;
  out.reserve(estate.workloads().size());
  for (auto& [_, workloads] : by_host) {
    std::ranges::stable_sort(workloads, before);
    for (const Workload* workload : workloads) out.push_back(report_workload(estate, *workload));
  }
  return out;
}

std::vector<ReportNetwork> report_networks(const Estate& estate) {
  const auto owners = network_owners(estate);
  std::vector<ReportNetwork> out;
  out.reserve(owners.size());
  for (std::size_t i = 0; i < owners.size(); ++i) {
    const EstateNetwork& network = estate.networks()[i];
    out.push_back({.host = estate[network.host].name,
                   .name = network.network->name,
                   .driver = network.network->driver,
                   .environment = owners[i] ? estate[*owners[i]].name : ""});
  }
  std::ranges::stable_sort(out, [](const ReportNetwork& a, const ReportNetwork& b) {
    return std::tie(a.host, a.name, a.driver) < std::tie(b.host, b.name, b.driver);
  });
  return out;
}

}  // namespace firebreak
