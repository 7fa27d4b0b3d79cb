// Folds replicas: what findings speak of is a service, not each of its containers.
//
// Every container is given an identity (project, service); sorting the identities of one host
// brings replicas together, and puts workloads into the order in which they are listed. Swarm
// services span the hosts of a cluster and are sorted in afterwards. O(n log n).
#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "estate/builder.h"

namespace firebreak {
namespace {

using Kind = Workload::Kind;

struct Identity {
  Kind kind = Kind::kContainer;
  std::string_view project;
  std::string_view name;
  std::string_view id;  // tells apart what has equal names: a container's or Swarm service's id
  ContainerId container;

  [[nodiscard]] auto key() const { return std::tie(project, name, kind, id); }
};

struct ServiceLabels {
  std::string_view project;
  std::string_view service;
  std::string_view swarm_id;
  std::string_view swarm_name;
  std::string_view stack;
};

ServiceLabels read_labels(const Container& container) {
  constexpr std::string_view kDocker = "com.docker.";
  constexpr std::string_view kPodman = "io.podman.";
  constexpr std::size_t kShortest = std::string_view("io.podman.compose.project").size();
  constexpr std::size_t kLongest = std::string_view("com.docker.swarm.service.name").size();
  ServiceLabels found;
  for (const Label& label : container.labels) {
    const std::string_view name = label.name;
    // Lengths first: long names stand elsewhere in memory.
    if (name.size() < kShortest || name.size() > kLongest) continue;
    const bool docker = name.starts_with(kDocker);
    if (!docker && !name.starts_with(kPodman)) continue;
    const std::string_view rest = name.substr(docker ? kDocker.size() : kPodman.size());
    const std::string_view text = label.value.text;
    if (rest == "compose.project") found.project = text;
    if (rest == "compose.service") found.service = text;
    if (!docker) continue;
    if (rest == "swarm.service.id") found.swarm_id = text;
    if (rest == "swarm.service.name") found.swarm_name = text;
    if (rest == "stack.namespace") found.stack = text;
  }
  return found;
}

// "shop_api" of the stack "shop" is "api" to whoever wrote the stack file.
std::string_view without_stack(std::string_view name, std::string_view stack) {
  const bool prefixed = !stack.empty() && name.size() > stack.size() + 1 &&
                        name.starts_with(stack) && name[stack.size()] == '_';
  return prefixed ? name.substr(stack.size() + 1) : name;
}

Identity identify(const Container& container, ContainerId id) {
  const ServiceLabels labels = read_labels(container);
  if (!labels.swarm_id.empty()) {
    const std::string_view name = labels.swarm_name.empty() ? labels.swarm_id : labels.swarm_name;
    return {.kind = Kind::kSwarmService,
            .project = labels.stack,
            .name = without_stack(name, labels.stack),
            .id = labels.swarm_id,
            .container = id};
  }
  Identity found{.kind = Kind::kComposeService,
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
  return {
      .kind = Kind::kContainer, .project = {}, .name = container.name, .id = key, .container = id};
}

Identity identify(const Service& service, ContainerId id) {
  const std::string_view stack = label(service.spec, "com.docker.stack.namespace");
  return {.kind = Kind::kSwarmService,
          .project = stack,
          .name = without_stack(service.name, stack),
          .id = service.id.value,
          .container = id};
}

using Services = std::unordered_map<std::string_view, const Service*>;

// Two managers of one cluster tell of the same services.
Services services_by_id(const Snapshot& snapshot) {
  Services found;
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
  if (!workload.project.empty()) workload.stable_name = workload.project + "/";
  workload.stable_name += workload.name;
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

using Group = std::span<const Identity>;

// Brings equal ones together and cuts the list there.
void cut_into_groups(const Estate& estate, std::vector<Identity>& identities,
                     std::vector<Group>& groups) {
  std::ranges::sort(identities, [&](const Identity& a, const Identity& b) {
    const auto order = a.key() <=> b.key();
    if (order != 0) return order < 0;
    const std::string& name_a = estate[a.container].name;
    const std::string& name_b = estate[b.container].name;
    return name_a != name_b ? name_a < name_b : a.container < b.container;
  });
  for (std::size_t i = 0; i < identities.size();) {
    std::size_t end = i + 1;
    while (end < identities.size() && identities[end].key() == identities[i].key()) ++end;
    groups.push_back(std::span(identities).subspan(i, end - i));
    i = end;
  }
}

// A service stands with the host of its first container.
void sort_in_services(const Estate& estate, std::vector<Group>& groups) {
  std::ranges::stable_sort(groups, [&](const Group& a, const Group& b) {
    const HostId host_a = estate.host_of(a.front().container);
    const HostId host_b = estate.host_of(b.front().container);
    return host_a != host_b ? host_a < host_b : a.front().key() < b.front().key();
  });
}

}  // namespace

void EstateBuilder::fold_workloads() {
  // One list for each host, and the last for Swarm services.
  std::vector<std::vector<Identity>> lists(estate_.hosts_.size() + 1);
  std::vector<Identity>& swarm = lists.back();
  std::unordered_set<std::string_view> with_tasks;
  for (std::size_t h = 0; h < estate_.hosts_.size(); ++h) {
    lists[h].reserve(estate_.hosts_[h].containers.size());
    for (const ContainerId id : estate_.hosts_[h].containers) {
      const Identity found = identify(estate_[id], id);
      const bool task = found.kind == Kind::kSwarmService;
      if (task) with_tasks.insert(found.id);
      (task ? swarm : lists[h]).push_back(found);
    }
  }
  const Services services = services_by_id(*estate_.snapshot_);
  for (std::size_t h = 0; h < estate_.hosts_.size(); ++h) {
    for (const Service& service : estate_.snapshot_->hosts[h].swarm.services) {
      if (with_tasks.contains(service.id.value)) continue;
      if (services.at(service.id.value) != &service) continue;
      const ContainerId id(estate_.containers_.size());
      estate_.containers_.push_back(
          {.container = &service.spec, .host = HostId(h), .workload = {}, .namespace_owner = id});
      swarm.push_back(identify(service, id));
    }
  }
  std::vector<Group> groups;
  for (std::vector<Identity>& list : lists) cut_into_groups(estate_, list, groups);
  if (!swarm.empty()) sort_in_services(estate_, groups);

  estate_.workloads_.reserve(groups.size());
  services_.reserve(groups.size());
  for (const Group& group : groups) {
    const auto known = services.find(group.front().id);
    const bool service = group.front().kind == Kind::kSwarmService && known != services.end();
    services_.push_back(service ? known->second : nullptr);
    for (const Identity& replica : group) {
      estate_.containers_[replica.container.index()].workload =
          WorkloadId(estate_.workloads_.size());
    }
    estate_.workloads_.push_back(make_workload(estate_, group, services_.back()));
  }
}

}  // namespace firebreak
