#include "checks/support.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace firebreak {
namespace {

std::span<const EnvironmentId> own_side(const Workload& workload) {
  if (!workload.environment) return {};
  return {&*workload.environment, 1};
}

std::string host_prefix(const Estate& estate, HostId host) {
  return estate.snapshot().hosts.size() > 1 ? estate[host].name + "/" : std::string();
}

bool in_swarm(const EstateNetwork& network) { return network.network->scope == "swarm"; }

}  // namespace

EnvironmentPair undirected(const Estate& estate, EnvironmentId a, EnvironmentId b) {
  const auto rank = [&](EnvironmentId id) {
    return std::pair(estate[id].tier, std::string_view(estate[id].name));
  };
  return rank(b) < rank(a) ? EnvironmentPair{b, a} : EnvironmentPair{a, b};
}

std::vector<EnvironmentPair> pairs_of(const Estate& estate,
                                      std::vector<EnvironmentId> environments) {
  std::ranges::sort(environments);
  const auto repeated = std::ranges::unique(environments);
  environments.erase(repeated.begin(), repeated.end());
  std::vector<EnvironmentPair> out;
  for (std::size_t i = 0; i < environments.size(); ++i) {
    for (std::size_t j = i + 1; j < environments.size(); ++j) {
      out.push_back(undirected(estate, environments[i], environments[j]));
    }
  }
  return out;
}

std::span<const EnvironmentId> sides_of(const Workload& workload) {
  return workload.shared ? std::span<const EnvironmentId>(workload.serves) : own_side(workload);
}

bool stands_for(const Workload& workload, EnvironmentId environment) {
  return std::ranges::find(sides_of(workload), environment) != sides_of(workload).end();
}

bool only_for(const Workload& workload, EnvironmentId one, EnvironmentId other) {
  return stands_for(workload, one) && !stands_for(workload, other);
}

std::string display_name(const Estate& estate, WorkloadId id) {
  const Workload& workload = estate[id];
  if (!workload.environment) return workload.name;
  return estate[*workload.environment].name + "/" + workload.name;
}

Subject subject_of(const Estate& estate, WorkloadId id) {
  const Workload& workload = estate[id];
  return {.kind = workload.kind == Workload::Kind::kContainer ? "container" : "service",
          .host = estate[workload.host].name,
          .name = workload.name,
          .environment = workload.environment ? estate[*workload.environment].name : ""};
}

Subject subject_of(const Estate& estate, NetworkId id) {
  const EstateNetwork& network = estate[id];
  return {.kind = "network",
          .host = in_swarm(network) ? "" : estate[network.host].name,
          .name = network.network->name,
          .environment = network.owner ? estate[*network.owner].name : ""};
}

Subject subject_of(const Estate& estate, HostId id) {
  return {.kind = "host", .host = estate[id].name, .name = estate[id].name, .environment = ""};
}

std::string listed(std::span<const std::string> names, std::size_t most) {
  if (names.empty()) return {};
  const std::size_t shown = names.size() > most ? most : names.size();
  std::string out = names[0];
  for (std::size_t i = 1; i < shown; ++i) {
    out += (i + 1 == names.size()) ? " and " : ", ";
    out += names[i];
  }
  if (shown < names.size()) out += " and " + std::to_string(names.size() - shown) + " more";
  return out;
}

std::string listed(const Estate& estate, std::span<const WorkloadId> workloads, std::size_t most) {
  std::vector<std::string> names;
  names.reserve(workloads.size());
  for (const WorkloadId id : workloads) names.push_back(display_name(estate, id));
  return listed(names, most);
}

Finding make_finding(const Estate& estate, Code code, std::span<const EnvironmentId> environments,
                     std::vector<std::string> stable) {
  Finding finding;
  finding.code = code;
  finding.severity = info(code).severity;
  for (const EnvironmentId id : environments) {
    finding.environments.push_back(estate[id].name);
  }
  finding.fingerprint = finding_fingerprint(code, finding.environments, std::move(stable));
  return finding;
}

Finding make_finding(const Estate& estate, Code code, const EnvironmentPair& pair,
                     std::vector<std::string> stable) {
  const std::array environments = {pair.from, pair.to};
  return make_finding(estate, code, environments, std::move(stable));
}

void add_workloads(const Estate& estate, std::span<const WorkloadId> workloads, Finding& finding) {
  bool active = workloads.empty();
  for (const WorkloadId id : workloads) {
    finding.subjects.push_back(subject_of(estate, id));
    active = active || estate[id].running || estate[id].planned;
  }
  if (active) return;
  finding.severity = lowered(finding.severity);
  finding.notes.emplace_back("nothing of this is running now; it opens with the next start");
}

std::string stable_name(const Estate& estate, WorkloadId id) {
  const Workload& workload = estate[id];
  if (workload.kind == Workload::Kind::kSwarmService) return workload.stable_name;
  return stable_name(estate, workload.host, workload.stable_name);
}

std::string stable_name(const Estate& estate, NetworkId id) {
  const EstateNetwork& network = estate[id];
  if (in_swarm(network)) return network.network->name;
  return stable_name(estate, network.host, network.network->name);
}

std::string stable_name(const Estate& estate, HostId id, std::string_view name) {
  return host_prefix(estate, id).append(name);
}

}  // namespace firebreak
