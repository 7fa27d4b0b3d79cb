// HOST002: containers that can take over the host, where another environment runs on it.
#include <algorithm>
#include <array>

#include "checks/host_families.h"
#include "checks/rights.h"
#include "checks/support.h"

namespace firebreak {
namespace {

// A container with rights, and whom they reach.
struct Holder {
  WorkloadId id;
  ContainerId container;  // the first of its containers that has rights
  std::vector<Right> rights;
  std::vector<EnvironmentId> reached;  // sorted
};

std::string what_it_rules(const Estate& estate, HostId host) {
  const bool many = estate[host].swarm.manager && swarm_of(estate, host).size() > 1;
  return (many ? "the Swarm of " : "") + estate[host].name;
}

Removal removal_of(const std::vector<Right>& rights) {
  Removal out;
  std::vector<std::string> compose;
  for (const Right& right : rights) {
    compose.push_back(right.compose);
    out.option += (out.option.empty() ? "`" : " ") + right.option;
    out.service_update.insert(out.service_update.end(), right.service_update.begin(),
                              right.service_update.end());
  }
  out.option += "`";
  out.compose = listed(compose, compose.size());
  return out;
}

Severity worst(const std::vector<Right>& rights, bool mitigated) {
  Severity out = Severity::kInfo;
  for (const Right& right : rights) {
    out =
        std::max(out, mitigated && !right.engine_socket ? lowered(right.severity) : right.severity);
  }
  return out;
}

void describe(const Estate& estate, const Holder& holder, Finding& finding) {
  const HostId host = estate.host_of(holder.container);
  const Container& container = estate[holder.container];
  const auto notes = mitigations(estate[host], container);
  finding.severity = std::min(finding.severity, worst(holder.rights, !notes.empty()));
  finding.notes = notes;
  if (is_rootless(estate[host])) {
    finding.notes.emplace_back(
        "better: the engine is rootless, so it gets the engine's account and not root of the "
        "machine; everything that this engine runs is still in its hands");
  }
  const std::array workloads = {holder.id};
  add_workloads(estate, workloads, finding);
  finding.subjects.push_back(subject_of(estate, host));
  for (const Right& right : holder.rights) {
    finding.path.push_back(
        {.at = display_name(estate, holder.id) + ", " + right.at, .why = right.why});
  }
  finding.remedy.push_back(recreate_without(estate, holder.id, removal_of(holder.rights)));
  weigh_planned_host(estate, host, finding);
}

void add_target(const Estate& estate, const Holder& holder, const std::string& environment,
                Finding& finding) {
  finding.title = display_name(estate, holder.id) + " can take over " +
                  what_it_rules(estate, estate.host_of(holder.container)) + ", where " +
                  environment + " runs";
  finding.path.push_back({.at = "host " + estate[estate.host_of(holder.container)].name,
                          .why = "runs workloads of " + environment});
}

void report_pair(const Estate& estate, const Holder& holder, const EnvironmentPair& pair,
                 bool accepted, Findings& out) {
  Finding finding = make_finding(estate, Code::kHost002, pair, {stable_name(estate, holder.id)});
  describe(estate, holder, finding);
  add_target(estate, holder, estate[pair.to].name, finding);
  finding.accepted = accepted;
  if (accepted) finding.notes.emplace_back("the policy declares it as shared between them");
  out.push_back(std::move(finding));
}

// A container of no environment can still be the way from one into the other.
void report_stray(const Estate& estate, const Holder& holder, Findings& out) {
  const std::size_t enough = estate.inferred() ? 2 : 1;
  if (holder.reached.size() < enough) return;
  const EnvironmentId highest =
      *std::ranges::max_element(holder.reached, [&](EnvironmentId a, EnvironmentId b) {
        return std::pair(estate[a].tier, std::string_view(estate[b].name)) <
               std::pair(estate[b].tier, std::string_view(estate[a].name));
      });
  const std::array environments = {highest};
  Finding finding =
      make_finding(estate, Code::kHost002, environments, {stable_name(estate, holder.id)});
  finding.severity = estate.inferred() ? Severity::kLow : Severity::kHigh;
  describe(estate, holder, finding);
  add_target(estate, holder, estate[highest].name, finding);
  finding.notes.emplace_back("it belongs to no environment: whoever rules it rules them all");
  out.push_back(std::move(finding));
}

void report(const Estate& estate, const Holder& holder, Findings& out) {
  const Workload& workload = estate[holder.id];
  const auto sides = sides_of(workload);
  if (sides.empty()) return report_stray(estate, holder, out);
  for (const EnvironmentId from : sides) {
    for (const EnvironmentId to : holder.reached) {
      if (!stands_for(workload, to)) report_pair(estate, holder, {from, to}, false, out);
    }
  }
  if (!workload.shared) return;
  std::vector<EnvironmentId> served;
  std::ranges::set_intersection(sides, holder.reached, std::back_inserter(served));
  for (const EnvironmentPair& pair : pairs_of(estate, served)) {
    report_pair(estate, holder, pair, true, out);
  }
}

// Whether the host runs anything that a container of this workload could take over.
bool can_reach_others(const Estate& estate, const Workload& workload,
                      const std::vector<EnvironmentId>& ruled) {
  return std::ranges::any_of(ruled, [&](EnvironmentId id) { return !stands_for(workload, id); }) ||
         (workload.shared && estate.environments().size() > 1);
}

// Replicas are one subject, but a Swarm service may have them on several hosts.
void check_workload(const Estate& estate, const HostFacts& facts, WorkloadId id, Findings& out) {
  Holder holder{.id = id, .container = {}, .rights = {}, .reached = {}};
  for (const ContainerId container : estate[id].containers) {
    const HostId host = estate.host_of(container);
    const auto& ruled = facts.ruled[host.index()];
    if (!can_reach_others(estate, estate[id], ruled)) continue;
    std::vector<Right> rights = rights_of(facts.mounts[host.index()], estate[container]);
    if (rights.empty()) continue;
    if (holder.rights.empty()) {
      holder.container = container;
      holder.rights = std::move(rights);
    }
    holder.reached.insert(holder.reached.end(), ruled.begin(), ruled.end());
  }
  if (holder.rights.empty()) return;
  std::ranges::sort(holder.reached);
  const auto repeated = std::ranges::unique(holder.reached);
  holder.reached.erase(repeated.begin(), repeated.end());
  report(estate, holder, out);
}

}  // namespace

void check_host_rights(const Estate& estate, const HostFacts& facts, Findings& out) {
  for (std::size_t i = 0; i < estate.workloads().size(); ++i) {
    check_workload(estate, facts, WorkloadId(i), out);
  }
}

}  // namespace firebreak
