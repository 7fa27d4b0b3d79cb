// What changed in separation between two reports.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "findings/report.h"
#include "report/render.h"

namespace firebreak {

enum class Direction : std::uint8_t { kBetter, kWorse, kNeither };
[[nodiscard]] std::string_view name_of(Direction direction);

// A finding that both reports have, with another severity or status.
struct FindingChange {
  Finding before;
  Finding after;
  Direction direction = Direction::kNeither;
};

// A cell whose level or requirement changed. Pairs that only one report has are not compared.
struct CellChange {
  Cell before;
  Cell after;
  Direction direction = Direction::kNeither;  // of the level
};

// A workload that changed its environment (empty: none).
struct WorkloadMove {
  ReportWorkload before;
  ReportWorkload after;
};

struct ReportDiff {
  Timestamp older{};
  Timestamp newer{};
  // Separation got worse: a finding of severity low or above came up or became more severe, a
  // required cell fell to a lower level, or something required cannot be seen any more.
  bool worse = false;
  std::vector<std::string> reasons;  // why `worse`, in words, worst first
  bool incomplete = false;           // something required cannot be seen in the newer report
  std::vector<Finding> added;        // AUD006 among them
  std::vector<Finding> removed;
  std::vector<FindingChange> changed;
  std::vector<CellChange> cells;
  std::vector<std::string> environments_added;
  std::vector<std::string> environments_removed;
  std::vector<ReportWorkload> workloads_added;
  std::vector<ReportWorkload> workloads_removed;
  std::vector<WorkloadMove> workloads_moved;
  std::vector<Gap> gaps_added;
  std::vector<Gap> gaps_removed;
  std::vector<std::string> notes;  // what makes the two hard to compare

  [[nodiscard]] bool empty() const;  // nothing changed (notes apart)
  [[nodiscard]] int exit() const { return worse ? 1 : incomplete ? 3 : 0; }
};

// Findings are matched by their fingerprints, workloads by host, project and name, gaps by host and
// what was not seen. Same reports, same bytes.
[[nodiscard]] ReportDiff diff(const Report& older, const Report& newer);

// Text, JSON ("firebreak/diff/1", docs/schema/diff-1.json) or Markdown; nullopt for other formats.
[[nodiscard]] std::optional<std::string> render_diff(const ReportDiff& diff, Format format,
                                                     const TextStyle& style);

}  // namespace firebreak
