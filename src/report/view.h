// How a report is read by people: which findings stand together, in which words. Shared by the
// formats for eyes (text, markdown, html), so that they agree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "findings/report.h"

namespace firebreak {

// Open findings about one pair of environments (or one, or none), worst first.
struct FindingGroup {
  std::vector<std::string> environments;
  std::vector<const Finding*> findings;
};

// What a reader meets, in this order. Every finding of the report stands in exactly one place.
struct ReportView {
  std::vector<FindingGroup> groups;      // open, worst group first
  std::vector<const Finding*> accepted;  // residual risk
  std::vector<const Finding*> waived;
  std::vector<const Finding*> unchecked;  // AUD006: required, and not seen
  std::vector<const Gap*> other_gaps;     // those that no finding of `unchecked` tells of
};
[[nodiscard]] ReportView view_of(const Report& report);

// "development → production", "production", or "the audit itself".
[[nodiscard]] std::string pair_title(const std::vector<std::string>& environments);
// "1 critical, 2 low"; empty for none.
[[nodiscard]] std::string severity_counts(const std::vector<const Finding*>& findings);
// "1 finding", "2 findings".
[[nodiscard]] std::string counted(std::size_t number, std::string_view thing);

// One row of the matrix: all dimensions of a pair. Both directions are one row when they are equal.
struct MatrixRow {
  std::string from;
  std::string to;
  bool both_ways = false;
  std::vector<const Cell*> cells;  // by dimension; null where the report has none

  [[nodiscard]] bool met() const;
};
// In the order of the report's cells. `merge`: equal directions become one row.
[[nodiscard]] std::vector<MatrixRow> matrix_rows(const Report& report, bool merge);

// How a cell stands: what is required is reached, missed or not known, or nothing is required.
enum class Standing : std::uint8_t { kMet, kMissed, kUnknown, kFree };
[[nodiscard]] Standing standing_of(const Cell& cell);

// The whole result in one line: "2 findings at or above medium (in all 2 high, 1 low)".
[[nodiscard]] std::string summary_line(const Report& report);

}  // namespace firebreak
