#include "report/matrix_text.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "base/columns.h"
#include "base/text.h"
#include "report/view.h"

namespace firebreak {
namespace {

constexpr std::size_t kMargin = 2;
constexpr std::size_t kManyPairs = 12;

std::string row_title(const MatrixRow& row) {
  return printable(row.from) + (row.both_ways ? " ↔ " : " → ") + printable(row.to);
}

Run cell_run(const Cell* cell) {
  if (cell == nullptr) return {"-", Ink::kFaint};
  switch (standing_of(*cell)) {
    case Standing::kMet: return {cell->level + " ✓", Ink::kGood};
    case Standing::kMissed: {
      // "shared" says enough; of a level that is some separation, what is missing must be said.
      const bool plain = cell->level.starts_with("shared") || cell->level == "open";
      return {cell->level + " ✗" + (plain ? "" : " needs " + cell->required), Ink::kUrgent};
    }
    case Standing::kUnknown: return {cell->level + " ?", Ink::kWarn};
    case Standing::kFree: break;
  }
  return {cell->level, Ink::kPlain};
}

std::vector<std::vector<Run>> table_of(const std::vector<MatrixRow>& rows,
                                       const std::vector<std::size_t>& dimensions) {
  std::vector<std::vector<Run>> table(1, {{"", Ink::kFaint}});
  for (const std::size_t d : dimensions) {
    table[0].push_back({std::string(name_of(kDimensions[d])), Ink::kFaint});
  }
  for (const MatrixRow& row : rows) {
    std::vector<Run>& line = table.emplace_back();
    line.push_back({row_title(row), Ink::kPlain});
    for (const std::size_t d : dimensions) line.push_back(cell_run(row.cells[d]));
  }
  return table;
}

std::vector<std::size_t> widths_of(const std::vector<std::vector<Run>>& table) {
  std::vector<std::size_t> widths(table[0].size());
  for (const auto& line : table) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], columns_of(printable(line[i].text)));
    }
  }
  return widths;
}

// For long names: a line for each cell.
void write_list(Page& page, const std::vector<MatrixRow>& rows,
                const std::vector<std::size_t>& dimensions) {
  for (const MatrixRow& row : rows) {
    page.paragraph({{row_title(row), Ink::kStrong}}, kMargin, kMargin + 2);
    for (const std::size_t d : dimensions) {
      if (row.cells[d] == nullptr) continue;
      page.labelled(name_of(kDimensions[d]), {cell_run(row.cells[d])}, kMargin + 2, 13);
    }
  }
}

void write_legend(Page& page, const std::vector<MatrixRow>& rows) {
  std::vector<std::string> parts;
  const auto has = [&](Standing standing) {
    return std::ranges::any_of(rows, [&](const MatrixRow& row) {
      return std::ranges::any_of(row.cells, [&](const Cell* cell) {
        return cell != nullptr && standing_of(*cell) == standing;
      });
    });
  };
  if (has(Standing::kMet)) parts.emplace_back("✓ as required");
  if (has(Standing::kMissed)) parts.emplace_back("✗ less than required");
  if (has(Standing::kUnknown)) parts.emplace_back("? required, but not seen");
  if (has(Standing::kFree)) parts.emplace_back("no mark: nothing required");
  page.paragraph({{join(parts, " · "), Ink::kFaint}}, kMargin, kMargin);
}

}  // namespace

void write_matrix(Page& page, const Report& report, bool all) {
  std::vector<MatrixRow> rows = matrix_rows(report, true);
  std::size_t hidden = 0;
  if (!all && rows.size() > kManyPairs) {
    hidden = std::erase_if(rows, [](const MatrixRow& row) { return row.met(); });
  }
  std::vector<std::size_t> dimensions;
  for (std::size_t d = 0; d < kDimensions.size(); ++d) {
    if (std::ranges::any_of(rows, [&](const MatrixRow& row) { return row.cells[d] != nullptr; })) {
      dimensions.push_back(d);
    }
  }
  if (!rows.empty()) {
    const auto table = table_of(rows, dimensions);
    const auto widths = widths_of(table);
    const std::size_t total =
        std::accumulate(widths.begin(), widths.end(), kMargin) + 2 * (widths.size() - 1);
    if (total <= page.width()) {
      for (const auto& line : table) page.row(line, widths, kMargin);
    } else {
      write_list(page, rows, dimensions);
    }
    write_legend(page, rows);
  }
  if (hidden > 0) {
    page.paragraph({{counted(hidden, "other pair") + " as required: -v shows all", Ink::kFaint}},
                   kMargin, kMargin);
  }
}

}  // namespace firebreak
