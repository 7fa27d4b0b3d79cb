// HOST001: environments on one engine, and what makes the residual risk worse or better there.
#include <algorithm>
#include <map>

#include "checks/host_families.h"
#include "checks/rights.h"
#include "checks/support.h"

namespace firebreak {
namespace {

using ByEnvironment = std::map<EnvironmentId, std::vector<WorkloadId>>;

// Workloads by the environments they stand for, sorted.
ByEnvironment workloads_on(const Estate& estate, HostId host) {
  ByEnvironment out;
  for (const ContainerId id : estate.containers_on(host)) {
    const WorkloadId workload = estate.workload_of(id);
    for (const EnvironmentId side : sides_of(estate[workload])) out[side].push_back(workload);
  }
  for (auto& [environment, list] : out) {
    std::ranges::sort(list);
    const auto repeated = std::ranges::unique(list);
    list.erase(repeated.begin(), repeated.end());
  }
  return out;
}

// What serves both sides on purpose makes no host shared.
bool has_own(const Estate& estate, const ByEnvironment& workloads, EnvironmentId one,
             EnvironmentId other) {
  return std::ranges::any_of(workloads.at(one),
                             [&](WorkloadId id) { return only_for(estate[id], one, other); });
}

class Neighbourhood {
 public:
  Neighbourhood(const Estate& estate, const MountRules& mounts, HostId host)
      : estate_(estate), mounts_(mounts), host_(host) {}

  [[nodiscard]] std::vector<std::string> notes() {
    add_engine();
    std::vector<std::string> privileged;
    std::vector<std::string> sockets;
    std::vector<std::string> unconfined;
    std::vector<std::string> host_network;
    std::map<std::string, std::vector<std::string>> sandboxed;
    for (const ContainerId id : estate_.containers_on(host_)) {
      const Container& container = estate_[id];
      const auto collect = [&](bool condition, std::vector<std::string>& into) {
        if (condition) into.push_back(display_name(estate_, estate_.workload_of(id)));
      };
      collect(container.isolation.privileged, privileged);
      collect(mounts_.has_engine_socket(container), sockets);
      collect(is_unconfined(container), unconfined);
      collect(container.isolation.network_mode == "host", host_network);
      const std::string sandbox = sandbox_of(estate_[host_], container);
      if (!sandbox.empty()) collect(true, sandboxed[sandbox]);
    }
    add("worse: privileged on this host: ", std::move(privileged));
    add("worse: with the engine's socket: ", std::move(sockets));
    add("worse: with seccomp, AppArmor or SELinux off: ", std::move(unconfined));
    add("worse: in the host's network: ", std::move(host_network));
    for (auto& [name, list] : sandboxed) {
      add("better: behind a kernel of their own (" + name + "): ", std::move(list));
    }
    return std::move(notes_);
  }

 private:
  static bool is_unconfined(const Container& container) {
    return std::ranges::any_of(container.isolation.security_options, [](const std::string& option) {
      return option.ends_with("unconfined") || option.starts_with("label=disable") ||
             option.starts_with("label:disable");
    });
  }

  void add_engine() {
    const Engine& engine = estate_[host_].engine;
    if (is_rootless(estate_[host_])) {
      notes_.emplace_back("better: the engine is rootless: who breaks out is not root");
    } else if (remaps_users(estate_[host_])) {
      notes_.emplace_back("better: the engine remaps users: root in a container is nobody outside");
    } else {
      notes_.emplace_back(
          "worse: without user namespaces root in a container is root to the kernel");
    }
    if (!engine.authorization_plugins.empty()) {
      notes_.push_back("better: calls to the engine pass the authorization plugin " +
                       listed(engine.authorization_plugins));
    }
  }

  void add(const std::string& start, std::vector<std::string> names) {
    if (names.empty()) return;
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    notes_.push_back(start + listed(names, 5));
  }

  const Estate& estate_;
  const MountRules& mounts_;
  HostId host_;
  std::vector<std::string> notes_;
};

// A first look, without counting: most hosts of a large estate are one environment's.
bool is_shared(const Estate& estate, HostId host) {
  const auto here = estate.environments_on(host);
  if (here.size() > 1) return true;
  return std::ranges::any_of(estate.containers_on(host),
                             [&](ContainerId id) { return estate[estate.workload_of(id)].shared; });
}

Hop side(const Estate& estate, EnvironmentId environment, const std::vector<WorkloadId>& list) {
  std::vector<std::string> names;
  names.reserve(list.size());
  for (const WorkloadId id : list) names.push_back(estate[id].name);
  const std::string count =
      std::to_string(list.size()) + (list.size() == 1 ? " workload: " : " workloads: ");
  return {.at = estate[environment].name, .why = count + listed(names, 4)};
}

Finding shared_host(const Estate& estate, HostId host, const EnvironmentPair& pair,
                    const ByEnvironment& workloads) {
  Finding out = make_finding(estate, Code::kHost001, pair, {"host " + estate[host].name});
  const std::string& name = estate[host].name;
  out.title = estate[pair.from].name + " and " + estate[pair.to].name + " share the host " + name;
  std::vector<WorkloadId> involved = workloads.at(pair.from);
  involved.insert(involved.end(), workloads.at(pair.to).begin(), workloads.at(pair.to).end());
  add_workloads(estate, involved, out);
  out.subjects = {subject_of(estate, host)};  // the workloads are in the path
  const Engine& engine = estate[host].engine;
  out.path = {side(estate, pair.from, workloads.at(pair.from)),
              {.at = "host " + name,
               .why = "one kernel" + (engine.kernel.empty() ? "" : " (" + engine.kernel + ")") +
                      ", one engine (" + engine.product + " " + engine.version + ")"},
              side(estate, pair.to, workloads.at(pair.to))};
  out.remedy.push_back({.text = "Run " + estate[pair.to].name +
                                " on hosts of its own, or accept the shared host in the policy "
                                "(`host: any`) and lower the risk by what the notes call worse.",
                        .commands = {}});
  return out;
}

}  // namespace

void check_shared_hosts(const Estate& estate, const HostFacts& facts, Findings& out) {
  for (std::size_t i = 0; i < estate.snapshot().hosts.size(); ++i) {
    const HostId host(i);
    if (estate[host].kind == Host::Kind::kCompose) continue;
    if (!is_shared(estate, host)) continue;
    const auto workloads = workloads_on(estate, host);
    if (workloads.size() < 2) continue;
    std::vector<EnvironmentId> environments;
    for (const auto& [environment, list] : workloads) environments.push_back(environment);
    const auto notes = Neighbourhood(estate, facts.mounts[i], host).notes();
    for (const EnvironmentPair& pair : pairs_of(estate, environments)) {
      if (!has_own(estate, workloads, pair.from, pair.to)) continue;
      if (!has_own(estate, workloads, pair.to, pair.from)) continue;
      Finding finding = shared_host(estate, host, pair, workloads);
      finding.notes.insert(finding.notes.end(), notes.begin(), notes.end());
      out.push_back(std::move(finding));
    }
  }
}

}  // namespace firebreak
