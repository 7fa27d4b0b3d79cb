#include "findings/assess.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "findings/gaps.h"
#include "findings/matrix.h"
#include "findings/order.h"
#include "findings/sections.h"
#include "findings/severity.h"
#include "findings/unproven.h"
#include "findings/waivers.h"

namespace firebreak {
namespace {

// Lists whose order says nothing get one order; paths, remedies and notes keep theirs.
void tidy(Finding& finding) {
  std::ranges::sort(finding.subjects);
  const auto repeated = std::ranges::unique(finding.subjects);
  finding.subjects.erase(repeated.begin(), repeated.end());
}

std::size_t environments_in_sight(const Estate& estate) {
  return static_cast<std::size_t>(std::ranges::count_if(
      estate.environments(),
      [](const Environment& environment) { return !environment.workloads.empty(); }));
}

bool fails(const Finding& finding, Severity fail_on) {
  return finding.code != Code::kAud006 && finding.status == Finding::Status::kOpen &&
         !finding.accepted && finding.severity >= fail_on;
}

void decide(const Estate& estate, Report& report) {
  const bool failed = std::ranges::any_of(
      report.findings, [&](const Finding& finding) { return fails(finding, report.fail_on); });
  const bool incomplete =
      std::ranges::find(report.findings, Code::kAud006, &Finding::code) != report.findings.end();
  report.exit = failed ? 1 : incomplete ? 3 : 0;
  if (failed) {
    report.outcome = Outcome::kFindings;
  } else if (incomplete) {
    report.outcome = Outcome::kIncomplete;
  } else {
    report.outcome =
        environments_in_sight(estate) < 2 ? Outcome::kNothingToCompare : Outcome::kSeparated;
  }
}

bool has_weak_secret(const Snapshot& snapshot) {
  const auto weak = [](const EnvVar& variable) {
    return std::ranges::any_of(variable.value.secrets, &Secret::weak);
  };
  return std::ranges::any_of(snapshot.hosts, [&](const Host& host) {
    return std::ranges::any_of(host.containers, [&](const Container& container) {
      return std::ranges::any_of(container.env, weak);
    });
  });
}

// What was seen some time ago may be otherwise now; the oldest of several snapshots says when.
std::optional<std::string> age_note(const Snapshot& snapshot, Timestamp now) {
  constexpr auto kFresh = std::chrono::hours(1);
  if (snapshot.taken == Timestamp{} || now - snapshot.taken < kFresh) return std::nullopt;
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(now - snapshot.taken).count();
  const auto number = hours < 48 ? hours : hours / 24;
  return fmt::format("This was seen {} {}{} ago, at {}: what changed since is not in it.", number,
                     hours < 48 ? "hour" : "day", number == 1 ? "" : "s", to_text(snapshot.taken));
}

std::vector<std::string> notes_for(const Estate& estate, Timestamp now) {
  const Snapshot& snapshot = estate.snapshot();
  std::vector<std::string> out;
  if (auto age = age_note(snapshot, now)) out.push_back(*std::move(age));
  if (estate.inferred()) {
    out.emplace_back(
        "No policy names the environments: they were inferred, and only network and credentials "
        "are "
        "required to be separate. `firebreak init` writes a policy from this.");
  }
  if (environments_in_sight(estate) < 2) {
    out.emplace_back(environments_in_sight(estate) == 0
                         ? "No environment is in sight: there is nothing to compare."
                         : "One environment is in sight: there is nothing to compare.");
  }
  if (snapshot.key_id.empty() && !snapshot.hosts.empty()) {
    out.emplace_back(
        "The snapshots were made under different keys: secrets were compared within each of them, "
        "not between them.");
  } else if (!snapshot.key_lasting) {
    out.emplace_back(
        "Secrets were compared under a key made for this run: equal secrets in other snapshots "
        "cannot be recognised. Give --fingerprint-key to all collections to compare them.");
  } else if (has_weak_secret(snapshot)) {
    out.emplace_back(
        "Guessable secrets are compared within one collection only, even under a lasting key.");
  }
  return out;
}

bool needs_packets(Code code) { return code == Code::kNet002 || code == Code::kNet003; }

std::vector<std::string> undecided_codes(const AssessOptions& options) {
  std::vector<std::string> out;
  for (const CodeInfo& code : all_codes()) {
    if (!code.checked || (needs_packets(code.code) && !options.packets)) {
      out.emplace_back(code.name);
    }
  }
  return out;
}

// Rules that were not read are a note, not a gap; those that were read and not understood are gaps.
std::optional<std::string> blind_note(const AssessOptions& options) {
  if (!options.packets || options.packets->blind_hosts.empty()) return std::nullopt;
  const auto& hosts = options.packets->blind_hosts;
  constexpr std::size_t kNamed = 5;
  const std::vector<std::string> named(
      hosts.begin(), hosts.begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, hosts.size())));
  return fmt::format(
      "The kernel{} of {}{} not looked into: NET002 and NET003 tell of the other hosts only.",
      hosts.size() == 1 ? "" : "s", join(named, ", "),
      hosts.size() > kNamed ? fmt::format(" and {} more hosts were", hosts.size() - kNamed)
      : hosts.size() == 1   ? " was"
                            : " were");
}

// Nothing was left to belief: what the network cells say is what packets can do.
void note_basis(const AssessOptions& options, Report& report) {
  if (!options.packets || !options.packets->gaps.empty() || !options.packets->blind_hosts.empty()) {
    return;
  }
  for (Cell& cell : report.matrix) {
    if (cell.dimension == Dimension::kNetwork) cell.basis = "packets";
  }
}

std::vector<Gap> all_gaps(const Estate& estate, const Demands& demands,
                          const AssessOptions& options) {
  std::vector<Gap> out = gaps_of(estate, demands);
  if (!options.packets) return out;
  out.insert(out.end(), options.packets->gaps.begin(), options.packets->gaps.end());
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

Report describe(const Estate& estate, const AssessOptions& options) {
  Report out;
  out.generated = options.now;
  out.version = options.version;
  out.fail_on = options.fail_on;
  out.policy_file = estate.policy().file;
  out.policy_digest = estate.policy().digest;
  out.inferred = estate.inferred();
  out.hosts = report_hosts(estate);
  out.environments = report_environments(estate);
  out.workloads = report_workloads(estate);
  out.networks = report_networks(estate);
  out.notes = notes_for(estate, options.now);
  if (auto blind = blind_note(options)) out.notes.push_back(*std::move(blind));
  out.not_checked = undecided_codes(options);
  return out;
}

}  // namespace

Report assess(const Estate& estate, std::vector<Finding> found, const AssessOptions& options) {
  const Demands demands(estate);
  Report out = describe(estate, options);
  out.gaps = all_gaps(estate, demands, options);
  out.findings = std::move(found);
  report_gaps(demands, out.gaps, out.findings);
  out.matrix = build_matrix(estate, demands, out.findings, out.gaps);
  note_basis(options, out);
  report_unproven(out.environments, out.matrix, out.gaps, out.findings);
  for (Finding& finding : out.findings) {
    tidy(finding);
    settle_severity(estate, demands, finding);
  }
  apply_waivers(estate.policy(), options.now, out.findings);
  sort_by_pair(out.findings);
  decide(estate, out);
  return out;
}

}  // namespace firebreak
