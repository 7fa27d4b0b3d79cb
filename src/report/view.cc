#include "report/view.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace firebreak {
namespace {

constexpr std::array kWorstFirst = {Severity::kCritical, Severity::kHigh, Severity::kMedium,
                                    Severity::kLow, Severity::kInfo};

bool worse(const Finding* a, const Finding* b) { return a->severity > b->severity; }

void sort_groups(std::vector<FindingGroup>& groups) {
  for (FindingGroup& group : groups) std::ranges::stable_sort(group.findings, worse);
  // Findings about the audit itself come last among equals.
  std::ranges::stable_sort(groups, [](const FindingGroup& a, const FindingGroup& b) {
    return std::pair(a.findings.front()->severity, a.environments.size()) >
           std::pair(b.findings.front()->severity, b.environments.size());
  });
}

// Whether an AUD006 finding tells of this gap: it has what was not seen, and why, on its path.
bool tells_of(const Finding* finding, const Gap& gap) {
  return std::ranges::any_of(finding->path, [&](const Hop& hop) {
    return hop.why == gap.why && (hop.at == gap.what || hop.at == gap.what + " on " + gap.host);
  });
}

bool same(const Cell* a, const Cell* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->level == b->level && a->required == b->required && a->met == b->met;
}

}  // namespace

ReportView view_of(const Report& report) {
  ReportView view;
  std::map<std::vector<std::string>, std::size_t> group_of;
  for (const Finding& finding : report.findings) {
    if (finding.status == Finding::Status::kWaived) {
      view.waived.push_back(&finding);
    } else if (finding.code == Code::kAud006) {
      view.unchecked.push_back(&finding);
    } else if (finding.accepted) {
      view.accepted.push_back(&finding);
    } else {
      const auto [place, added] = group_of.try_emplace(finding.environments, view.groups.size());
      if (added) view.groups.push_back({finding.environments, {}});
      view.groups[place->second].findings.push_back(&finding);
    }
  }
  sort_groups(view.groups);
  for (const Gap& gap : report.gaps) {
    const bool told = std::ranges::any_of(
        view.unchecked, [&](const Finding* finding) { return tells_of(finding, gap); });
    if (!told) view.other_gaps.push_back(&gap);
  }
  return view;
}

std::string pair_title(const std::vector<std::string>& environments) {
  if (environments.empty()) return "the audit itself";
  if (environments.size() == 2) {
    return printable(environments[0]) + " → " + printable(environments[1]);
  }
  return printable(join(environments, ", "));
}

std::string severity_counts(const std::vector<const Finding*>& findings) {
  std::vector<std::string> parts;
  for (const Severity severity : kWorstFirst) {
    const auto number = std::ranges::count_if(
        findings, [&](const Finding* finding) { return finding->severity == severity; });
    if (number > 0) parts.push_back(fmt::format("{} {}", number, name_of(severity)));
  }
  return join(parts, ", ");
}

std::string counted(std::size_t number, std::string_view thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

bool MatrixRow::met() const {
  return std::ranges::all_of(cells, [](const Cell* cell) { return cell == nullptr || cell->met; });
}

std::vector<MatrixRow> matrix_rows(const Report& report, bool merge) {
  std::vector<MatrixRow> rows;
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> row_of;
  for (const Cell& cell : report.matrix) {
    const auto [place, added] = row_of.try_emplace({cell.from, cell.to}, rows.size());
    if (added) rows.push_back({cell.from, cell.to, false, {kDimensions.size(), nullptr}});
    rows[place->second].cells[static_cast<std::size_t>(cell.dimension)] = &cell;
  }
  if (!merge) return rows;

  std::vector<MatrixRow> merged;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto back = row_of.find({rows[i].to, rows[i].from});
    const bool equal =
        back != row_of.end() && std::ranges::equal(rows[i].cells, rows[back->second].cells, same);
    if (equal && back->second < i) continue;
    merged.push_back(rows[i]);
    merged.back().both_ways = equal;
  }
  return merged;
}

Standing standing_of(const Cell& cell) {
  if (cell.required == "any") return Standing::kFree;
  if (cell.met) return Standing::kMet;
  return cell.level == "unknown" ? Standing::kUnknown : Standing::kMissed;
}

std::string summary_line(const Report& report) {
  std::vector<std::string> parts;
  std::size_t failing = 0;
  for (const Severity severity : kWorstFirst) {
    const std::size_t number = report.open(severity);
    if (number > 0) parts.push_back(fmt::format("{} {}", number, name_of(severity)));
    if (severity >= report.fail_on) failing += number;
  }
  if (report.waived() > 0) parts.push_back(fmt::format("{} waived", report.waived()));
  if (!report.gaps.empty()) parts.push_back(counted(report.gaps.size(), "gap"));
  const std::string all = join(parts, ", ");
  const std::string counts = parts.empty() ? "" : " (" + all + ")";
  switch (report.outcome) {
    case Outcome::kFindings:
      return fmt::format("not separated as required: {} at or above {} (in all {})",
                         counted(failing, "finding"), name_of(report.fail_on), all);
    case Outcome::kIncomplete:
      return "incomplete: something that is required could not be checked" + counts;
    case Outcome::kNothingToCompare:
      return "nothing to compare: fewer than two environments are in sight" + counts;
    case Outcome::kSeparated: break;
  }
  // --fail-on decides what fails, not what separated means.
  const bool tolerated = report.open(Severity::kMedium) + report.open(Severity::kHigh) > 0;
  return (tolerated ? fmt::format("no finding at or above {}", name_of(report.fail_on))
                    : std::string("separated as required")) +
         counts;
}

}  // namespace firebreak
