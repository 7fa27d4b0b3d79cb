// NET005: containers in the host's network, where another environment has workloads.
#include <algorithm>
#include <array>
#include <set>

#include "checks/flow_ends.h"
#include "checks/host_families.h"
#include "checks/network_families.h"
#include "checks/rights.h"
#include "checks/support.h"

namespace firebreak {
namespace {

void report(const Estate& estate, WorkloadId id, HostId host, EnvironmentId own,
            EnvironmentId other, Findings& out) {
  const EnvironmentPair pair = undirected(estate, own, other);
  Finding finding = make_finding(estate, Code::kNet005, pair, {stable_name(estate, id)});
  const std::string& name = estate[host].name;
  finding.title = display_name(estate, id) + " uses the network of " + name + ", where " +
                  estate[other].name + " runs";
  const std::array workloads = {id};
  add_workloads(estate, workloads, finding);
  finding.subjects.push_back(subject_of(estate, host));
  finding.path = {
      {.at = display_name(estate, id) + ", `--network host`",
       .why = "sends from the host itself: past the isolation between its networks"},
      {.at = "host " + name,
       .why = "reaches every container on it, and every container reaches what listens here"},
      {.at = estate[other].name, .why = "has workloads on " + name}};
  if (is_rootless(estate[host])) {
    finding.notes.emplace_back(
        "better: the engine is rootless, so the network is that of the engine, not of the machine");
  }
  finding.remedy.push_back(recreate_without(
      estate, id,
      {.compose = "`network_mode: host`", .option = "`--network host`", .service_update = {}}));
  finding.remedy.back().text +=
      " Give it a network of " + estate[own].name + " and publish the ports that it needs.";
  weigh_planned_host(estate, host, finding);
  out.push_back(std::move(finding));
}

void check_workload(const Estate& estate, WorkloadId id, Findings& out) {
  std::set<EnvironmentPair> seen;  // replicas are one subject
  for (const ContainerId container : estate[id].containers) {
    if (!in_host_namespace(estate[container])) continue;
    const HostId host = estate.host_of(container);
    for (const EnvironmentId own : sides_of(estate[id])) {
      for (const EnvironmentId other : estate.environments_on(host)) {
        if (stands_for(estate[id], other)) continue;
        if (!seen.insert(undirected(estate, own, other)).second) continue;
        report(estate, id, host, own, other, out);
      }
    }
  }
}

}  // namespace

void check_host_networks(const Estate& estate, Findings& out) {
  for (std::size_t i = 0; i < estate.workloads().size(); ++i) {
    check_workload(estate, WorkloadId(i), out);
  }
}

}  // namespace firebreak
