// CRED001: the same secret value in two environments.
//
// Method: every use of a secret is listed once for each environment it stands for, sorted by
// fingerprint; a run of equal fingerprints with several environments yields each pair of them.
// Secrets that stand in exactly the same places of a pair (two passwords in one connection string,
// say) become one finding, so that its fingerprint, which is made from the places, stays unique.
// Cost: n log n in the uses, plus the size of what is found.
// Limits: only values that the scanner recognised as secrets are compared; guessable ones only
// within one snapshot.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <tuple>

#include "base/text.h"
#include "checks/credentials.h"
#include "checks/secret_uses.h"
#include "checks/support.h"

namespace firebreak {
namespace {

struct ValueUse {
  Fingerprint fingerprint;
  EnvironmentId environment;
  const SecretUse* use = nullptr;  // never null

  [[nodiscard]] auto key() const { return std::tie(fingerprint, environment, use->place); }
};

// The places of both sides of a pair.
struct Sides {
  EnvironmentPair pair;
  std::vector<SecretPlace> from;
  std::vector<SecretPlace> to;

  friend auto operator<=>(const Sides&, const Sides&) = default;
};
// The map's order does not depend on fingerprints, which a fresh key changes with every run.
using Sharings = std::map<Sides, std::vector<const Secret*>>;

std::vector<ValueUse> list_uses(const Estate& estate) {
  std::vector<ValueUse> uses;
  uses.reserve(estate.secret_uses().size());
  for (const SecretUse& use : estate.secret_uses())
    for (const EnvironmentId side : sides_of(estate[use.place.workload]))
      uses.push_back({use.secret->fingerprint, side, &use});
  std::ranges::stable_sort(uses, {}, &ValueUse::key);
  const auto repeated = std::ranges::unique(uses, {}, &ValueUse::key);
  uses.erase(repeated.begin(), repeated.end());
  return uses;
}

using PlacesBySide = std::map<EnvironmentId, std::vector<SecretPlace>>;

// nullopt if one side has none of its own, or if a shared service that serves both holds the
// secret: then its clients hold it on purpose.
std::optional<Sides> sides(const Estate& estate, const PlacesBySide& places, EnvironmentId a,
                           EnvironmentId b) {
  Sides result{.pair = undirected(estate, a, b), .from = {}, .to = {}};
  const auto add = [&](EnvironmentId own, EnvironmentId other, std::vector<SecretPlace>& out) {
    for (const SecretPlace& place : places.at(own)) {
      if (!only_for(estate[place.workload], own, other)) return false;
      out.push_back(place);
    }
    return true;
  };
  if (!add(result.pair.from, result.pair.to, result.from)) return std::nullopt;
  if (!add(result.pair.to, result.pair.from, result.to)) return std::nullopt;
  return result;
}

Sharings find_sharings(const Estate& estate) {
  const std::vector<ValueUse> uses = list_uses(estate);
  Sharings result;
  for (auto begin = uses.begin(); begin != uses.end();) {
    const auto end = std::find_if(begin, uses.end(), [&](const ValueUse& use) {
      return use.fingerprint != begin->fingerprint;
    });
    PlacesBySide places;
    if (begin->environment != std::prev(end)->environment)  // sorted, so that these differ most
      for (const ValueUse& use : std::ranges::subrange(begin, end))
        places[use.environment].push_back(use.use->place);
    for (auto one = places.begin(); one != places.end(); ++one)
      for (auto other = std::next(one); other != places.end(); ++other)
        if (auto both = sides(estate, places, one->first, other->first))
          result[*std::move(both)].push_back(begin->use->secret);
    begin = end;
  }
  for (auto& [_, secrets] : result)  // by what may be said of them, not by fingerprint
    std::ranges::sort(secrets, {}, [](const Secret* secret) { return describe(*secret); });
  return result;
}

std::vector<WorkloadId> workloads_of(const std::vector<SecretPlace>& places) {
  std::vector<WorkloadId> workloads;
  workloads.reserve(places.size());
  for (const SecretPlace& place : places) workloads.push_back(place.workload);
  const auto repeated = std::ranges::unique(workloads);  // places are sorted by workload
  workloads.erase(repeated.begin(), repeated.end());
  return workloads;
}

std::string shared_text(const std::vector<const Secret*>& secrets) {
  if (secrets.size() == 1) return "the same " + describe(*secrets.front());
  std::vector<std::string> texts;
  texts.reserve(secrets.size());
  for (const Secret* secret : secrets) texts.push_back(describe(*secret));
  return fmt::format("the same {} secrets: {}", secrets.size(), listed(texts));
}

void add_path(const Estate& estate, const Sides& sides, const Secret& secret, Finding& finding) {
  const std::string what =
      fmt::format("{}, {} characters", describe(secret), name_of(secret.length));
  for (const SecretPlace& place : sides.from)
    finding.path.push_back({display_name(estate, place), "holds a secret: " + what});
  for (const SecretPlace& place : sides.to)
    finding.path.push_back({display_name(estate, place), "holds the same value"});
}

void add_notes(const std::vector<const Secret*>& secrets, Finding& finding) {
  const auto any = [&](auto member) { return std::ranges::any_of(secrets, member); };
  if (any([](const Secret* secret) { return secret->weak; }))
    finding.notes.emplace_back(
        "The value is guessable: nobody needs to read it in one environment to use it in the "
        "other.");
  if (any([](const Secret* secret) { return secret->live.value_or(false); }))
    finding.notes.emplace_back("The value's own form says that it is a live credential.");
  if (any([](const Secret* secret) { return secret->kind == SecretKind::kAccessKeyId; }))
    finding.notes.emplace_back(
        "An access key names one account: both environments act in it with the same rights.");
}

Finding finding_of(const Estate& estate, const Sides& sides,
                   const std::vector<const Secret*>& secrets) {
  std::vector<SecretPlace> places = sides.from;
  places.insert(places.end(), sides.to.begin(), sides.to.end());
  std::vector<std::string> stable;
  stable.reserve(places.size());
  for (const SecretPlace& place : places) stable.push_back(stable_name(estate, place));
  Finding finding = make_finding(estate, Code::kCred001, sides.pair, std::move(stable));
  finding.title = fmt::format("{} and {} use {} ({})", listed(estate, workloads_of(sides.from), 2),
                              listed(estate, workloads_of(sides.to), 2), shared_text(secrets),
                              listed_names(places));
  add_workloads(estate, workloads_of(places), finding);
  for (const SecretPlace& place : places) finding.subjects.push_back(subject_of(estate, place));
  add_path(estate, sides, *secrets.front(), finding);
  add_notes(secrets, finding);
  finding.remedy.push_back(
      {fmt::format(
           "Issue a value of its own to {} where it is checked (the database, the provider), "
           "and hand it over in place of this one.",
           estate[sides.pair.from].name),
       {}});
  for (Remedy& remedy : removals(estate, sides.from)) finding.remedy.push_back(std::move(remedy));
  return finding;
}

}  // namespace

void check_shared_values(const Estate& estate, Findings& out) {
  for (const auto& [sides, secrets] : find_sharings(estate))
    out.push_back(finding_of(estate, sides, secrets));
}

}  // namespace firebreak
