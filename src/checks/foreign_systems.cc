// CRED005: a workload whose configuration points at another environment's system.
//
// Whose a system is: the environment of the container that answers to the name inside the asking
// container wins over what the name says; names are asked only where nobody answers (systems.h).
// Limits: systems whose address says nothing and that no policy names belong to nobody.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/check.h"
#include "base/text.h"
#include "checks/credentials.h"
#include "checks/support.h"
#include "checks/systems.h"

namespace firebreak {
namespace {

// One workload, one foreign system: several variables may name it.
struct ForeignUse {
  WorkloadId from;
  EnvironmentId owner;
  std::string system;  // the workload that answers, or host and port

  friend auto operator<=>(const ForeignUse&, const ForeignUse&) = default;
};
struct Evidence {
  const Connection* connection = nullptr;
  SystemOwner owner;
};

// The workload that answers, if it is exactly one.
std::optional<WorkloadId> answering(const Estate& estate, const Connection& connection) {
  std::optional<WorkloadId> result;
  for (const ContainerId container : connection.resolution.containers) {
    const WorkloadId id = estate.workload_of(container);
    if (result && *result != id) return std::nullopt;
    result = id;
  }
  return result;
}

std::map<ForeignUse, std::vector<Evidence>> list_foreign(const Estate& estate) {
  std::map<ForeignUse, std::vector<Evidence>> result;
  for (const Connection& connection : estate.connections()) {
    const Workload& workload = estate[connection.from];
    if (workload.shared || !workload.environment) continue;
    const auto environment = owning_environment(estate, *connection.target, connection.resolution);
    if (!environment || *environment == *workload.environment) continue;
    auto owner = system_owner(estate, *connection.target, connection.resolution);
    CHECK(owner.has_value());
    result[ForeignUse{connection.from, *environment, owner->at}].push_back(
        {&connection, *std::move(owner)});
  }
  return result;
}

Subject system_subject(const Estate& estate, const ForeignUse& use, const Evidence& evidence) {
  if (const auto id = answering(estate, *evidence.connection)) return subject_of(estate, *id);
  return {"system", "", host_and_port(*evidence.connection->target), estate[use.owner].name};
}

void add_remedies(const Estate& estate, const ForeignUse& use,
                  const std::vector<std::string>& variables, const std::string& target,
                  Finding& finding) {
  const std::string own = estate[*estate[use.from].environment].name;
  finding.remedy.push_back(
      {fmt::format(
           "Point {} of {} at a system of {}, and take the account that it used away from it.",
           listed(variables, variables.size()), definition_of(estate, use.from), own),
       {}});
  Removal removal;
  removal.compose = fmt::format("{} ({})", target, listed(variables, variables.size()));
  removal.option = removal.compose;
  for (const std::string& variable : variables) {
    if (variable.find(' ') != std::string::npos) continue;  // a label or a command
    removal.service_update.emplace_back("--env-rm");
    removal.service_update.push_back(variable);
  }
  finding.remedy.push_back(recreate_without(estate, use.from, removal));
}

Finding finding_of(const Estate& estate, const ForeignUse& use,
                   const std::vector<Evidence>& evidence) {
  const Connection& first = *evidence.front().connection;
  const Workload& workload = estate[use.from];
  const auto answers = answering(estate, first);
  std::vector<std::string> variables;
  variables.reserve(evidence.size());
  for (const Evidence& one : evidence) variables.push_back(printable(one.connection->variable));
  std::ranges::sort(variables);
  const auto repeated = std::ranges::unique(variables);
  variables.erase(repeated.begin(), repeated.end());

  Finding finding =
      make_finding(estate, Code::kCred005, EnvironmentPair{*workload.environment, use.owner},
                   {stable_name(estate, use.from),
                    answers ? stable_name(estate, *answers) : host_and_port(*first.target)});
  finding.title = fmt::format(
      "{} is configured with {} ({})", display_name(estate, use.from),
      answers ? display_name(estate, *answers)
              : fmt::format("{}'s {}", estate[use.owner].name, target_text(*first.target)),
      listed(variables));
  std::vector<WorkloadId> workloads = {use.from};
  add_workloads(estate, workloads, finding);
  for (const std::string& variable : variables) {
    Subject subject = subject_of(estate, use.from);
    finding.subjects.push_back(
        {"variable", subject.host, subject.name + " " + variable, subject.environment});
  }
  finding.subjects.push_back(system_subject(estate, use, evidence.front()));
  for (const Evidence& one : evidence) {
    finding.path.push_back(
        {fmt::format("{} {}", display_name(estate, use.from), printable(one.connection->variable)),
         "points at " + target_text(*one.connection->target)});
    finding.path.push_back({one.owner.at, one.owner.why});
  }
  add_remedies(estate, use, variables, target_text(*first.target), finding);
  return finding;
}

}  // namespace

void check_foreign_systems(const Estate& estate, Findings& out) {
  for (const auto& [use, evidence] : list_foreign(estate))
    out.push_back(finding_of(estate, use, evidence));
}

}  // namespace firebreak
