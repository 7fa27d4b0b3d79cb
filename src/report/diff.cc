#include "report/diff.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace firebreak {
namespace {

// Whether it weighs on the result: open, not accepted, and more than information.
bool counts(const Finding& finding) {
  return finding.status == Finding::Status::kOpen && !finding.accepted &&
         finding.severity >= Severity::kLow;
}

// How strongly a level separates, within its dimension; "unknown" has no rank.
std::optional<int> rank_of(std::string_view level) {
  constexpr std::array<std::pair<std::string_view, int>, 12> kRanks = {{{"open", 0},
                                                                        {"shared", 0},
                                                                        {"shared-values", 0},
                                                                        {"shared-systems", 1},
                                                                        {"separate-namespaces", 1},
                                                                        {"separate-values", 2},
                                                                        {"separate-credentials", 2},
                                                                        {"masked", 2},
                                                                        {"separate", 3},
                                                                        {"separate-systems", 3},
                                                                        {"separate-registries", 3},
                                                                        {"synthetic", 3}}};
  const auto* const found =
      std::ranges::find(kRanks, level, &std::pair<std::string_view, int>::first);
  if (found == kRanks.end()) return std::nullopt;
  return found->second;
}

Direction direction_of(const Cell& before, const Cell& after) {
  const auto from = rank_of(before.level);
  const auto to = rank_of(after.level);
  if (from && to) {
    return *from == *to  ? Direction::kNeither
           : *to < *from ? Direction::kWorse
                         : Direction::kBetter;
  }
  // From or to "unknown": it matters where the requirement stayed and is met no more, or again.
  if (before.required != after.required || before.met == after.met) return Direction::kNeither;
  return before.met ? Direction::kWorse : Direction::kBetter;
}

Direction direction_of(const Finding& before, const Finding& after) {
  const auto weight = [](const Finding& finding) {
    return counts(finding) ? static_cast<int>(finding.severity) : 0;
  };
  if (weight(before) == weight(after)) return Direction::kNeither;
  return weight(before) < weight(after) ? Direction::kWorse : Direction::kBetter;
}

bool differs(const Finding& before, const Finding& after) {
  return std::tie(before.severity, before.status, before.accepted) !=
         std::tie(after.severity, after.status, after.accepted);
}

// Both lists by key, in key order: calls `both`, `left` or `right` for each key.
template <class T, class Key, class Both, class Left, class Right>
void match(const std::vector<T>& older, const std::vector<T>& newer, Key key, Both both, Left left,
           Right right) {
  std::map<decltype(key(older.front())), std::pair<const T*, const T*>> by_key;
  for (const T& each : older) by_key[key(each)].first = &each;
  for (const T& each : newer) by_key[key(each)].second = &each;
  for (const auto& [name, pair] : by_key) {
    if (pair.first != nullptr && pair.second != nullptr) {
      both(*pair.first, *pair.second);
    } else if (pair.first != nullptr) {
      left(*pair.first);
    } else {
      right(*pair.second);
    }
  }
}

void worst_first(std::vector<Finding>& findings) {
  std::ranges::stable_sort(findings, std::greater<>{}, &Finding::severity);
}

void diff_findings(const Report& older, const Report& newer, ReportDiff& out) {
  match(
      older.findings, newer.findings, [](const Finding& each) { return each.fingerprint; },
      [&](const Finding& before, const Finding& after) {
        if (differs(before, after)) {
          out.changed.push_back({before, after, direction_of(before, after)});
        }
      },
      [&](const Finding& gone) { out.removed.push_back(gone); },
      [&](const Finding& come) { out.added.push_back(come); });
  worst_first(out.added);
  worst_first(out.removed);
}

void diff_matrix(const Report& older, const Report& newer, ReportDiff& out) {
  match(
      older.matrix, newer.matrix,
      [](const Cell& each) { return std::tuple(each.from, each.to, each.dimension); },
      [&](const Cell& before, const Cell& after) {
        if (before.level == after.level && before.required == after.required) return;
        out.cells.push_back({before, after, direction_of(before, after)});
      },
      [](const Cell&) {}, [](const Cell&) {});
}

void diff_estate(const Report& older, const Report& newer, ReportDiff& out) {
  match(
      older.environments, newer.environments,
      [](const ReportEnvironment& each) { return each.name; },
      [](const ReportEnvironment&, const ReportEnvironment&) {},
      [&](const ReportEnvironment& gone) { out.environments_removed.push_back(gone.name); },
      [&](const ReportEnvironment& come) { out.environments_added.push_back(come.name); });
  match(
      older.workloads, newer.workloads,
      [](const ReportWorkload& each) { return std::tuple(each.host, each.project, each.name); },
      [&](const ReportWorkload& before, const ReportWorkload& after) {
        if (before.environment != after.environment) out.workloads_moved.push_back({before, after});
      },
      [&](const ReportWorkload& gone) { out.workloads_removed.push_back(gone); },
      [&](const ReportWorkload& come) { out.workloads_added.push_back(come); });
  match(
      older.gaps, newer.gaps, [](const Gap& each) { return std::tuple(each.host, each.what); },
      [](const Gap&, const Gap&) {}, [&](const Gap& gone) { out.gaps_removed.push_back(gone); },
      [&](const Gap& come) { out.gaps_added.push_back(come); });
}

void add_reasons(ReportDiff& out) {
  for (const Finding& finding : out.added) {
    if (!counts(finding)) continue;
    const bool blind = finding.code == Code::kAud006;
    out.reasons.push_back((blind ? "not seen any more: " : "new: ") + finding.title);
  }
  for (const FindingChange& change : out.changed) {
    if (change.direction == Direction::kWorse) {
      out.reasons.push_back("more severe: " + change.after.title);
    }
  }
  for (const CellChange& change : out.cells) {
    if (change.direction != Direction::kWorse || change.after.required == "any") continue;
    out.reasons.push_back(fmt::format("{} → {}, {}: {} became {}", change.after.from,
                                      change.after.to, name_of(change.after.dimension),
                                      change.before.level, change.after.level));
  }
  out.worse = !out.reasons.empty();
}

void add_notes(const Report& older, const Report& newer, ReportDiff& out) {
  if (older.inferred != newer.inferred) {
    out.notes.emplace_back("environments were inferred in one report and stated in the other");
  } else if (older.policy_digest != newer.policy_digest) {
    out.notes.emplace_back("the policy changed between the two");
  }
  if (older.version != newer.version) {
    out.notes.push_back(
        fmt::format("firebreak {} made the older, {} the newer", older.version, newer.version));
  }
  for (const ReportHost& host : older.hosts) {
    if (std::ranges::find(newer.hosts, host.name, &ReportHost::name) != newer.hosts.end()) continue;
    out.notes.push_back("only the first report knows the host " + host.name +
                        ": what was found on it is gone, not known to be closed");
  }
  if (older.generated > newer.generated) {
    out.notes.emplace_back("the first report is younger than the second");
  }
}

}  // namespace

std::string_view name_of(Direction direction) {
  switch (direction) {
    case Direction::kBetter: return "better";
    case Direction::kWorse: return "worse";
    case Direction::kNeither: break;
  }
  return "neither";
}

bool ReportDiff::empty() const {
  return added.empty() && removed.empty() && changed.empty() && cells.empty() &&
         environments_added.empty() && environments_removed.empty() && workloads_added.empty() &&
         workloads_removed.empty() && workloads_moved.empty() && gaps_added.empty() &&
         gaps_removed.empty();
}

ReportDiff diff(const Report& older, const Report& newer) {
  ReportDiff out;
  out.older = older.generated;
  out.newer = newer.generated;
  diff_findings(older, newer, out);
  diff_matrix(older, newer, out);
  diff_estate(older, newer, out);
  add_reasons(out);
  out.incomplete =
      std::ranges::find(newer.findings, Code::kAud006, &Finding::code) != newer.findings.end();
  add_notes(older, newer, out);
  return out;
}

}  // namespace firebreak
