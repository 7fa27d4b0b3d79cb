// CRED006: a credential whose own form says "live" (sk_live_…), in an environment below production.
// Limits: only providers that mark their keys; whether the key still works is not asked.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/text.h"
#include "checks/credentials.h"
#include "checks/secret_uses.h"
#include "checks/support.h"

namespace firebreak {
namespace {

bool is_below_production(const Estate& estate, const Workload& workload) {
  const auto sides = sides_of(workload);
  return !sides.empty() && std::ranges::all_of(sides, [&](EnvironmentId id) {
    return estate[id].tier < Tier::kProduction;
  });
}

Finding finding_of(const Estate& estate, const SecretPlace& place, const std::string& what) {
  const auto sides = sides_of(estate[place.workload]);
  Finding finding =
      make_finding(estate, Code::kCred006, std::span(sides).first(1), {stable_name(estate, place)});
  finding.title = fmt::format("{} holds a live credential in {} ({})",
                              display_name(estate, place.workload), printable(place.name), what);
  const std::vector<WorkloadId> workloads = {place.workload};
  add_workloads(estate, workloads, finding);
  finding.subjects.push_back(subject_of(estate, place));
  finding.path.push_back({display_name(estate, place),
                          fmt::format("holds a secret whose form says that it is live: {}", what)});
  finding.remedy.push_back(
      {"Issue a test key in its place, and revoke this one at its provider: it has been seen here.",
       {}});
  for (Remedy& remedy : removals(estate, {place})) finding.remedy.push_back(std::move(remedy));
  return finding;
}

}  // namespace

void check_live_credentials(const Estate& estate, Findings& out) {
  std::map<SecretPlace, std::string> found;  // replicas count once
  for (const SecretUse& use : estate.secret_uses())
    if (use.secret->live.value_or(false) && is_below_production(estate, estate[use.place.workload]))
      found.emplace(use.place, describe(*use.secret));
  for (const auto& [place, what] : found) out.push_back(finding_of(estate, place, what));
}

}  // namespace firebreak
