// AUD002 and AUD005: what the comparison leaves out because nobody said where it belongs.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "checks/checks.h"
#include "checks/support.h"

namespace firebreak {
namespace {

bool is_placed(const Workload& workload) { return workload.environment || workload.shared; }

std::vector<std::string> candidate_names(const Estate& estate, const Workload& workload) {
  std::vector<std::string> names;
  names.reserve(workload.candidates.size());
  for (const EnvironmentId id : workload.candidates) names.push_back(estate[id].name);
  return names;
}

// One hop for each piece of evidence; or that there is none.
void explain(const Estate& estate, WorkloadId id, Finding& finding) {
  const Workload& workload = estate[id];
  for (const Evidence& evidence : workload.evidence)
    finding.path.push_back(
        {display_name(estate, id),
         fmt::format("{} speaks for {}", evidence.reason, evidence.environment)});
  if (workload.evidence.empty())
    finding.path.push_back({display_name(estate, id), estate.inferred()
                                                          ? "nothing speaks for an environment"
                                                          : "no selector matches"});
}

// The selector that would match this workload and, mostly, it alone.
std::string selector_for(const Workload& workload) {
  if (workload.project.empty()) return fmt::format("- name: {}", printable(workload.name));
  return fmt::format("- {{compose: {}, service: {}}}", printable(workload.project),
                     printable(workload.name));
}

// Without an environment before it, a name alone says little: every project has an "api".
std::string full_name(const Estate& estate, WorkloadId id) {
  std::string out = definition_of(estate, id);
  if (estate.snapshot().hosts.size() > 1) out += " on " + estate[estate[id].host].name;
  return out;
}

Finding unplaced(const Estate& estate, WorkloadId id) {
  const Workload& workload = estate[id];
  const bool torn = workload.candidates.size() > 1;
  Finding finding =
      make_finding(estate, Code::kAud002, workload.candidates, {stable_name(estate, id)});
  finding.title = torn ? fmt::format("{} belongs to {} at once", full_name(estate, id),
                                     listed(candidate_names(estate, workload)))
                       : fmt::format("{} belongs to no environment", full_name(estate, id));
  const std::vector<WorkloadId> workloads = {id};
  add_workloads(estate, workloads, finding);
  explain(estate, id, finding);
  finding.remedy.push_back(
      {torn ? "Narrow the selectors in the policy so that only one environment matches it, or name "
              "it "
              "under `shared` if it serves them on purpose."
            : fmt::format("Add a selector to the `match` of its environment in the policy, or to "
                          "`shared`:   {}",
                          selector_for(workload)),
       {}});
  return finding;
}

// Without a policy nobody promised that everything has an environment: one remark on all of it.
Finding summary(const Estate& estate, const std::vector<WorkloadId>& unplaced_workloads) {
  Finding finding =
      make_finding(estate, Code::kAud002, std::span<const EnvironmentId>(), {"inferred"});
  const std::size_t count = unplaced_workloads.size();
  finding.title = count == 1
                      ? fmt::format("nothing shows which environment {} belongs to",
                                    display_name(estate, unplaced_workloads.front()))
                      : fmt::format("nothing shows which environment {} workloads belong to: {}",
                                    count, listed(estate, unplaced_workloads));
  add_workloads(estate, unplaced_workloads, finding);
  const bool torn = std::ranges::any_of(
      unplaced_workloads, [&](WorkloadId id) { return estate[id].candidates.size() > 1; });
  // Who speaks for two environments was meant for one: it is left out of every comparison.
  finding.severity = torn ? Severity::kLow : Severity::kInfo;
  for (const WorkloadId id : unplaced_workloads) {
    if (estate[id].candidates.size() < 2) continue;
    explain(estate, id, finding);
    finding.notes.push_back(fmt::format("{} is torn between {}", display_name(estate, id),
                                        listed(candidate_names(estate, estate[id]))));
  }
  finding.remedy.push_back(
      {"Write the environments down in a policy, and give each of these one.", {"firebreak init"}});
  return finding;
}

void check_unplaced(const Estate& estate, Findings& out) {
  if (estate.environments().empty()) return;
  std::vector<WorkloadId> all;
  for (std::size_t index = 0; index < estate.workloads().size(); ++index)
    if (!is_placed(estate.workloads()[index])) all.emplace_back(index);
  if (all.empty()) return;
  if (estate.inferred()) {
    out.push_back(summary(estate, all));
    return;
  }
  for (const WorkloadId id : all) out.push_back(unplaced(estate, id));
}

// "environment production" or "shared": whose selector it is.
std::string owner_of(const Policy& policy, const Selector* selector) {
  const auto holds = [&](const std::vector<Selector>& list) {
    return std::ranges::any_of(list, [&](const Selector& one) { return &one == selector; });
  };
  for (const EnvironmentRule& rule : policy.environments)
    if (holds(rule.match)) return "environment " + rule.name;
  return "shared";
}

// What a selector's author may have meant.
struct Seen {
  std::set<std::string_view> projects;
  std::set<std::string_view> services;
  std::set<std::string_view> names;
  std::set<std::string_view> hosts;
};

Seen list_seen(const Estate& estate) {
  Seen seen;
  for (const Workload& workload : estate.workloads()) {
    if (!workload.project.empty()) {
      seen.projects.insert(workload.project);
      seen.services.insert(workload.name);
    }
    seen.hosts.insert(estate[workload.host].name);
    for (const ContainerId id : workload.containers) seen.names.insert(estate[id].name);
  }
  return seen;
}

std::set<std::string_view> values_of_label(const Estate& estate, std::string_view name) {
  std::set<std::string_view> values;
  if (name.empty()) return values;
  for (const Workload& workload : estate.workloads()) {
    for (const ContainerId id : workload.containers) {
      if (const auto text = label(estate[id], name); !text.empty()) values.insert(text);
    }
  }
  return values;
}

std::string suggestion(const Estate& estate, const Seen& seen, const Selector& selector) {
  const auto values = values_of_label(estate, selector.label_name);
  const std::pair<const std::string*, const std::set<std::string_view>*> parts[] = {
      {&selector.compose, &seen.projects},
      {&selector.service, &seen.services},
      {&selector.name, &seen.names},
      {&selector.host, &seen.hosts},
      {&selector.label_value, &values}};
  for (const auto& [word, known] : parts) {
    // A pattern is no misspelt name.
    if (word->find_first_of("*?") != std::string::npos) continue;
    if (word->empty() || known->contains(*word)) continue;
    const auto near = nearest(*word, std::vector<std::string_view>(known->begin(), known->end()));
    if (near) {
      return fmt::format("Did you mean '{}' instead of '{}'?", printable(*near), printable(*word));
    }
  }
  return {};
}

Finding unmatched(const Estate& estate, const Seen& seen, const Selector& selector) {
  const Policy& policy = estate.policy();
  const std::string owner = owner_of(policy, &selector);
  Finding finding =
      make_finding(estate, Code::kAud005, std::span<const EnvironmentId>(), {owner, selector.text});
  finding.title =
      fmt::format("the selector {} of {} matches nothing", printable(selector.text), owner);
  finding.place = fmt::format("{}:{}:{}", policy.file, selector.at.line, selector.at.column);
  finding.subjects.push_back({"selector", "", printable(selector.text), ""});
  finding.path.push_back({finding.place, "no workload in sight has all of this"});
  std::string text = "Correct the selector or delete it.";
  if (const std::string hint = suggestion(estate, seen, selector); !hint.empty())
    text += " " + hint;
  finding.remedy.push_back({std::move(text), {}});
  for (const Gap& gap : estate.snapshot().gaps)
    if (gap.what == "the host" || gap.what == "containers")
      finding.notes.push_back(
          fmt::format("What it is meant for may stand on {}, which could not be asked.", gap.host));
  return finding;
}

}  // namespace

void check_audit(const Estate& estate, Findings& out) {
  check_unplaced(estate, out);
  if (estate.unmatched_selectors().empty()) return;
  const Seen seen = list_seen(estate);
  for (const Selector* selector : estate.unmatched_selectors()) {
    out.push_back(unmatched(estate, seen, *selector));
  }
}

}  // namespace firebreak
