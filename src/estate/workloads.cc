// Folds replicas: what findings speak of is a service, not each of its containers.
//
// Every container is given an identity (scope, project, service); sorting by it brings replicas
// together. A second sort puts workloads into the order in which they are listed: by host, project
// and name. O(n log n).
#include <algorithm>
#include <limits>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "estate/builder.h"

namespace firebreak {
namespace {

using Kind = Workload::Kind;
constexpr std::size_t kCluster = std::numeric_limits<std::size_t>::max();

struct Identity {
  Kind kind = Kind::kContainer;
  std::size_t scope = 0;  // the host, or kCluster
  std::string_view project;
  std::string_view name;
  std::string_view id;  // tells apart what has equal names: a container's or Swarm service's id
  ContainerId container;

  [[nodiscard]] auto group() const { return std::tie(kind, scope, project, name, id); }
};

struct SwarmLabels {
  std::string_view id;
  std::string_view name;
  std::string_view stack;
};

struct ServiceLabels {
  std::string_view project;
  std::string_view service;
  SwarmLabels swarm;
};

ServiceLabels read_labels(const Container& container) {
  ServiceLabels found;
  for (const Label& label : container.labels) {
    const std::string_view name = label.name;
    const std::string& text = label.value.text;
    if (!name.starts_with("com.docker.") && !name.starts_with("io.podman.compose.")) continue;
    if (name.ends_with(".compose.project")) found.project = text;
    if (name.ends_with(".compose.service")) found.service = text;
    if (name == "com.docker.swarm.service.id") found.swarm.id = text;
    if (name == "com.docker.swarm.service.name") found.swarm.name = text;
    if (name == "com.docker.stack.namespace") found.swarm.stack = text;
  }
  return found;
}

// "shop_api" of the stack "shop" is "api" to whoever wrote the stack file.
std::string_view without_stack(std::string_view name, std::string_view stack) {
  const bool prefixed = !stack.empty() && name.size() > stack.size() + 1 &&
                        name.starts_with(stack) && name[stack.size()] == '_';
  return prefixed ? name.substr(stack.size() + 1) : name;
}

Identity identify(const Container& container, HostId host, ContainerId id) {
  const ServiceLabels labels = read_labels(container);
  if (!labels.swarm.id.empty()) {
    const std::string_view name = labels.swarm.name.empty() ? labels.swarm.id : labels.swarm.name;
    return {.kind = Kind::kSwarmService,
            .scope = kCluster,
            .project = labels.swarm.stack,
            .name = without_stack(name, labels.swarm.stack),
            .id = labels.swarm.id,
            .container = id};
  }
  Identity found{.kind = Kind::kComposeService,
                 .scope = host.index(),
                 .project = labels.project,
                 .name = labels.service,
                 .id = {},
                 .container = id};
  constexpr std::string_view kPlanned = "compose:";
  const std::string_view key = container.id.value;
  if (found.name.empty() && key.starts_with(kPlanned)) {
    const std::size_t slash = key.find('/');
    if (slash != std::string_view::npos) {
      found.project = key.substr(kPlanned.size(), slash - kPlanned.size());
      found.name = key.substr(slash + 1);
    }
  }
  if (!found.name.empty() && !found.project.empty()) return found;
  return {.kind = Kind::kContainer,
          .scope = host.index(),
          .project = {},
          .name = container.name,
          .id = key,
          .container = id};
}

Identity identify(const Service& service, ContainerId id) {
  const std::string_view stack = label(service.spec, "com.docker.stack.namespace");
  return {.kind = Kind::kSwarmService,
          .scope = kCluster,
          .project = stack,
          .name = without_stack(service.name, stack),
          .id = service.id.value,
          .container = id};
}

// Two managers of one cluster tell of the same services.
std::unordered_map<std::string_view, const Service*> services_by_id(const Snapshot& snapshot) {
  std::unordered_map<std::string_view, const Service*> found;
  for (const Host& host : snapshot.hosts) {
    for (const Service& service : host.swarm.services) {
      found.try_emplace(service.id.value, &service);
    }
  }
  return found;
}

Workload make_workload(const Estate& estate, std::span<const Identity> replicas,
                       const Service* service) {
  const Identity& first = replicas.front();
  Workload workload;
  workload.kind = first.kind;
  workload.host = estate.host_of(first.container);
  workload.name = first.name;
  workload.project = first.project;
  workload.stable_name =
      first.project.empty() ? workload.name : workload.project + "/" + workload.name;
  workload.containers.reserve(replicas.size());
  for (const Identity& replica : replicas) {
    workload.containers.push_back(replica.container);
    if (estate[replica.container].state == RunState::kRunning) workload.running = true;
  }
  workload.planned = estate[workload.host].kind == Host::Kind::kCompose;
  // Tasks may run on nodes that were not asked.
  if (service != nullptr && service->tasks > 0) workload.running = true;
  return workload;
}

}  // namespace

void EstateBuilder::fold_workloads() {
  std::vector<Identity> identities;
  identities.reserve(estate_.containers_.size());
  std::unordered_set<std::string_view> with_tasks;
  for (std::size_t c = 0; c < estate_.containers_.size(); ++c) {
    const Estate::ContainerEntry& entry = estate_.containers_[c];
    identities.push_back(identify(*entry.container, entry.host, ContainerId(c)));
    if (identities.back().kind == Kind::kSwarmService) with_tasks.insert(identities.back().id);
  }
  const auto services = services_by_id(*estate_.snapshot_);
  for (std::size_t h = 0; h < estate_.snapshot_->hosts.size(); ++h) {
    for (const Service& service : estate_.snapshot_->hosts[h].swarm.services) {
      if (with_tasks.contains(service.id.value)) continue;
      if (services.at(service.id.value) != &service) continue;
      const ContainerId id(estate_.containers_.size());
      estate_.containers_.push_back(
          {.container = &service.spec, .host = HostId(h), .workload = {}, .namespace_owner = id});
      identities.push_back(identify(service, id));
    }
  }
  std::ranges::sort(identities, [](const Identity& a, const Identity& b) {
    return std::tuple_cat(a.group(), std::tie(a.container)) <
           std::tuple_cat(b.group(), std::tie(b.container));
  });
  std::vector<std::span<const Identity>> groups;
  for (std::size_t i = 0; i < identities.size();) {
    std::size_t end = i + 1;
    while (end < identities.size() && identities[end].group() == identities[i].group()) ++end;
    groups.push_back(std::span(identities).subspan(i, end - i));
    i = end;
  }
  std::ranges::sort(groups, [&](std::span<const Identity> a, std::span<const Identity> b) {
    const auto order = [&](const Identity& first) {
      return std::tuple(estate_.host_of(first.container), first.project, first.name, first.kind,
                        first.id);
    };
    return order(a.front()) < order(b.front());
  });
  estate_.workloads_.reserve(groups.size());
  services_.reserve(groups.size());
  for (const std::span<const Identity> group : groups) {
    const auto service = services.find(group.front().id);
    const bool known = group.front().kind == Kind::kSwarmService && service != services.end();
    services_.push_back(known ? service->second : nullptr);
    for (const Identity& member : group) {
      estate_.containers_[member.container.index()].workload =
          WorkloadId(estate_.workloads_.size());
    }
    estate_.workloads_.push_back(make_workload(estate_, group, services_.back()));
  }
}

}  // namespace firebreak
