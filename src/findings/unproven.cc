#include "findings/unproven.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "findings/gaps.h"

namespace firebreak {
namespace {

struct Unproven {
  Dimension dimension;
  std::string_view level;
  std::string_view why;
  std::array<std::string_view, 3> needed_by;
  std::string_view instead;  // what configuration can show
};

constexpr std::string_view kNoSystem = "this version asks no credential system whom else it serves";
constexpr std::string_view kNoRegistry =
    "this version asks no registry what a credential may do there";
constexpr std::string_view kNoRows = "this version does not look into databases";

constexpr std::array kUnproven = {
    Unproven{Dimension::kCredentials,
             "separate-systems",
             kNoSystem,
             {"CRED002", "CRED003", "CRED004"},
             "separate-values"},
    Unproven{Dimension::kRegistry,
             "separate-credentials",
             kNoRegistry,
             {"REG001", "REG003", "REG005"},
             "separate-namespaces"},
    Unproven{Dimension::kRegistry,
             "separate-registries",
             kNoRegistry,
             {"REG001", "REG003", "REG005"},
             "separate-namespaces"},
    Unproven{Dimension::kData, "masked", kNoRows, {"DATA001", "DATA002", "DATA003"}, "any"},
    Unproven{Dimension::kData, "synthetic", kNoRows, {"DATA001", "DATA002", "DATA003"}, "any"},
};

// "production and staging": the pairs for which nothing decides it, each once.
std::set<std::string> pairs_of(const Unproven& unproven, const std::vector<Cell>& matrix,
                               const std::set<std::string_view>& in_sight) {
  std::set<std::string> out;
  for (const Cell& cell : matrix) {
    const bool open = cell.dimension == unproven.dimension && cell.required == unproven.level &&
                      !cell.met && !cell.level.starts_with("shared");
    if (!open || !in_sight.contains(cell.from) || !in_sight.contains(cell.to)) continue;
    const auto [first, second] = std::minmax(cell.from, cell.to);
    out.insert(fmt::format("{} and {}", first, second));
  }
  return out;
}

Gap gap_of(const Unproven& unproven, const std::set<std::string>& pairs) {
  std::string whom = *pairs.begin();
  if (pairs.size() > 1) {
    whom += fmt::format(", and {} other pair{}", pairs.size() - 1, pairs.size() == 2 ? "" : "s");
  }
  return {
      .what = fmt::format("whether `{}: {}` holds", name_of(unproven.dimension), unproven.level),
      .why = fmt::format("{}; required for {}", unproven.why, whom),
      .host = {},
      .needed_by = {unproven.needed_by.begin(), unproven.needed_by.end()}};
}

}  // namespace

void report_unproven(const std::vector<ReportEnvironment>& environments,
                     const std::vector<Cell>& matrix, std::vector<Gap>& gaps,
                     std::vector<Finding>& findings) {
  std::set<std::string_view> in_sight;
  for (const ReportEnvironment& environment : environments) {
    if (environment.workloads > 0) in_sight.insert(environment.name);
  }
  for (const Unproven& unproven : kUnproven) {
    const auto pairs = pairs_of(unproven, matrix, in_sight);
    if (pairs.empty()) continue;
    gaps.push_back(gap_of(unproven, pairs));
    Finding finding = incomplete(gaps.back());
    finding.remedy = {
        {.text = fmt::format("Show it by other means, or require what configuration can show "
                             "(`{}: {}`) until a version checks it.",
                             name_of(unproven.dimension), unproven.instead),
         .commands = {}}};
    findings.push_back(std::move(finding));
  }
  std::ranges::sort(gaps);
}

}  // namespace firebreak
