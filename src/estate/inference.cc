// Environments of an estate that no policy describes: each workload by its own evidence, then what
// the members of a compose project or stack agree on, for those of them that say nothing.
#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "estate/builder.h"
#include "estate/infer.h"
#include "estate/networks.h"

namespace firebreak {
namespace {

struct Project {
  EnvironmentSet said;
  bool contradicted = false;  // one of its members is undecided
};

// A stack spans its cluster, a compose project one host.
using ProjectKey = std::tuple<bool, HostId, std::string_view>;

ProjectKey project_of(const Workload& workload) {
  const bool swarm = workload.kind == Workload::Kind::kSwarmService;
  return {swarm, swarm ? HostId() : workload.host, workload.project};
}

KnownEnvironment only(EnvironmentSet set) {
  for (const KnownEnvironment environment : kKnownEnvironments) {
    if (set.test(static_cast<std::size_t>(environment))) return environment;
  }
  return KnownEnvironment::kProduction;
}

// A service called "dev" or "web-test" says nothing about its siblings.
bool speaks_for_project(const Inference& inference) {
  if (inference.candidates.none()) return false;
  return !inference.by_name || inference.candidates.count() > 1 ||
         tier_of(only(inference.candidates)) != Tier::kDevelopment;
}

void pass_on_projects(const std::vector<Workload>& workloads, std::vector<Inference>& inferred) {
  std::map<ProjectKey, Project> projects;
  for (std::size_t w = 0; w < workloads.size(); ++w) {
    if (workloads[w].project.empty() || !speaks_for_project(inferred[w])) continue;
    Project& project = projects[project_of(workloads[w])];
    project.said |= inferred[w].candidates;
    if (inferred[w].candidates.count() > 1) project.contradicted = true;
  }
  for (std::size_t w = 0; w < workloads.size(); ++w) {
    if (workloads[w].project.empty() || inferred[w].candidates.any()) continue;
    const auto project = projects.find(project_of(workloads[w]));
    if (project == projects.end() || project->second.contradicted) continue;
    if (project->second.said.count() != 1) continue;
    const bool stack = workloads[w].kind == Workload::Kind::kSwarmService;
    const std::string_view environment = name_of(only(project->second.said));
    inferred[w].candidates = project->second.said;
    inferred[w].evidence.push_back({.environment = std::string(environment),
                                    .reason = (stack ? "stack " : "compose project ") +
                                              workloads[w].project + ", whose other services are " +
                                              std::string(environment)});
  }
}

}  // namespace

std::vector<std::string_view> EstateBuilder::made_networks_of(const Workload& workload) const {
  std::vector<std::string_view> names;
  for (const ContainerId container : workload.containers) {
    for (const Endpoint& endpoint : estate_[container].endpoints) {
      const std::optional<NetworkId> id = estate_.network_of(container, endpoint);
      if (id && !is_builtin(*estate_[*id].network)) names.push_back(estate_[*id].network->name);
    }
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

Inference EstateBuilder::infer(WorkloadId id) const {
  const Workload& workload = estate_[id];
  const Service* service = services_[id.index()];
  std::vector<const Container*> containers;
  containers.reserve(workload.containers.size() + 1);
  for (const ContainerId container : workload.containers) containers.push_back(&estate_[container]);
  if (service != nullptr && containers.front() != &service->spec) {
    containers.push_back(&service->spec);
  }
  return infer_environment(workload, containers, [&] { return made_networks_of(workload); });
}

void EstateBuilder::settle_inferred() {
  pass_on_projects(estate_.workloads_, inferred_);

  EnvironmentSet seen;
  for (const Inference& inference : inferred_) seen |= inference.candidates;
  std::array<EnvironmentId, kKnownEnvironments.size()> ids{};
  for (const KnownEnvironment environment : kKnownEnvironments) {
    const auto known = static_cast<std::size_t>(environment);
    if (!seen.test(known)) continue;
    ids[known] = EnvironmentId(estate_.environments_.size());
    estate_.environments_.push_back({.name = std::string(name_of(environment)),
                                     .tier = tier_of(environment),
                                     .networks = {},
                                     .workloads = {}});
  }
  for (std::size_t w = 0; w < inferred_.size(); ++w) {
    Workload& workload = estate_.workloads_[w];
    for (std::size_t known = 0; known < ids.size(); ++known) {
      if (inferred_[w].candidates.test(known)) workload.candidates.push_back(ids[known]);
    }
    if (workload.candidates.size() == 1) workload.environment = workload.candidates.front();
    workload.evidence = std::move(inferred_[w].evidence);
  }
}

}  // namespace firebreak
