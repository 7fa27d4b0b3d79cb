// HOST004: kernel namespaces that environments share, or that one shares with the host.
#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "checks/host_families.h"
#include "checks/rights.h"
#include "checks/support.h"

namespace firebreak {
namespace {

constexpr std::string_view kContainer = "container:";

struct Mode {
  std::string_view kind;     // "pid": as the namespace is called
  std::string_view compose;  // "pid": as the key of a compose file
  std::string_view option;   // "--pid": of docker run
  std::string Isolation::* field;
  std::string_view joined;  // what sharing it with a container means
  std::string_view hosts;   // what sharing it with the host means; empty: another check's matter
};

constexpr std::array kModes = {
    Mode{"pid", "pid", "--pid", &Isolation::pid_mode,
         "sees, signals and looks into its processes, their variables and files included",
         "sees and signals the processes of all containers, and looks into those of its own user"},
    Mode{"ipc", "ipc", "--ipc", &Isolation::ipc_mode, "reads and writes its shared memory",
         "reads and writes the shared memory of the host and of all that use it"},
    Mode{"net", "network_mode", "--network", &Isolation::network_mode,
         "has its addresses, its open ports and its loopback", ""},
    Mode{"user", "userns_mode", "--userns", &Isolation::user_mode, "has its users",
         "its root is the host's root, although the engine remaps everybody else"},
};

class NamespaceCheck {
 public:
  NamespaceCheck(const Estate& estate, Findings& out) : estate_(estate), out_(out) {}

  void check(HostId host, ContainerId id) {
    for (const Mode& mode : kModes) {
      const std::string& value = estate_[id].isolation.*mode.field;
      if (value.empty()) continue;
      if (std::string_view(value).starts_with(kContainer)) {
        join(host, id, mode, std::string_view(value).substr(kContainer.size()));
      } else if (value == "host" && !mode.hosts.empty()) {
        join_host(host, id, mode);
      }
    }
  }

 private:
  using Seen = std::tuple<WorkloadId, std::string_view, EnvironmentId, EnvironmentId>;

  void join(HostId host, ContainerId id, const Mode& mode, std::string_view name) {
    const auto donor = estate_.find_container(host, name);
    if (!donor) return;
    const WorkloadId one = estate_.workload_of(id);
    const WorkloadId other = estate_.workload_of(*donor);
    for (const EnvironmentId a : sides_of(estate_[one])) {
      for (const EnvironmentId b : sides_of(estate_[other])) {
        if (stands_for(estate_[other], a) || stands_for(estate_[one], b)) continue;
        const EnvironmentPair pair = undirected(estate_, a, b);
        if (!seen_.emplace(one, mode.kind, pair.from, pair.to).second) continue;
        Finding finding = make_finding(
            estate_, Code::kHost004, pair,
            {std::string(mode.kind), stable_name(estate_, one), stable_name(estate_, other)});
        finding.title = display_name(estate_, one) + " shares the " + std::string(mode.kind) +
                        " namespace of " + display_name(estate_, other);
        const std::array workloads = {one, other};
        add_workloads(estate_, workloads, finding);
        finding.path.push_back({.at = display_name(estate_, one) + ", `" +
                                      std::string(mode.option) +
                                      " container:" + estate_[*donor].name + "`",
                                .why = "joins the " + std::string(mode.kind) + " namespace of " +
                                       display_name(estate_, other)});
        finding.path.push_back(
            {.at = display_name(estate_, other), .why = std::string(mode.joined)});
        finish(host, one, mode, "container:" + estate_[*donor].name, std::move(finding));
      }
    }
  }

  void join_host(HostId host, ContainerId id, const Mode& mode) {
    if (mode.kind == "user" && !remaps_users(estate_[host])) return;  // it is what all have
    const WorkloadId one = estate_.workload_of(id);
    for (const EnvironmentId a : sides_of(estate_[one])) {
      for (const EnvironmentId b : estate_.environments_on(host)) {
        if (stands_for(estate_[one], b)) continue;
        const EnvironmentPair pair = undirected(estate_, a, b);
        if (!seen_.emplace(one, mode.kind, pair.from, pair.to).second) continue;
        Finding finding =
            make_finding(estate_, Code::kHost004, pair,
                         {std::string(mode.kind), stable_name(estate_, one), "the host"});
        finding.title = display_name(estate_, one) + " shares the host's " +
                        std::string(mode.kind) + " namespace on " + estate_[host].name +
                        ", where " + estate_[b].name + " runs";
        // Private shared memory of others is not in it.
        if (mode.kind == "ipc" && !others_use_host(host, b, mode)) {
          finding.severity = lowered(finding.severity);
        }
        const std::array workloads = {one};
        add_workloads(estate_, workloads, finding);
        finding.path.push_back(
            {.at = display_name(estate_, one) + ", `" + std::string(mode.option) + " host`",
             .why = std::string(mode.hosts)});
        finding.path.push_back(
            {.at = "host " + estate_[host].name, .why = "runs workloads of " + estate_[b].name});
        finish(host, one, mode, "host", std::move(finding));
      }
    }
  }

  [[nodiscard]] bool others_use_host(HostId host, EnvironmentId environment,
                                     const Mode& mode) const {
    return std::ranges::any_of(estate_.containers_on(host), [&](ContainerId id) {
      return stands_for(estate_[estate_.workload_of(id)], environment) &&
             estate_[id].isolation.*mode.field == "host";
    });
  }

  void finish(HostId host, WorkloadId id, const Mode& mode, const std::string& value,
              Finding finding) {
    finding.subjects.push_back({.kind = "namespace",
                                .host = estate_[host].name,
                                .name = std::string(mode.kind),
                                .environment = ""});
    finding.remedy.push_back(
        recreate_without(estate_, id,
                         {.compose = "`" + std::string(mode.compose) + ": " + value + "`",
                          .option = "`" + std::string(mode.option) + " " + value + "`",
                          .service_update = {}}));
    weigh_planned_host(estate_, host, finding);
    out_.push_back(std::move(finding));
  }

  const Estate& estate_;
  Findings& out_;
  std::set<Seen> seen_;  // replicas are one subject
};

}  // namespace

void check_shared_namespaces(const Estate& estate, Findings& out) {
  if (estate.environments().size() < 2) return;
  NamespaceCheck check(estate, out);
  for (std::size_t i = 0; i < estate.snapshot().hosts.size(); ++i) {
    for (const ContainerId id : estate.containers_on(HostId(i))) check.check(HostId(i), id);
  }
}

}  // namespace firebreak
