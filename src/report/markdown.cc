// A report as GitHub Markdown, small enough for a comment: details are folded, and what would not
// fit any more is counted.
#include "report/markdown.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "report/escape.h"
#include "report/render.h"
#include "report/view.h"

namespace firebreak {
namespace {

constexpr std::size_t kMostBytes = 60'000;  // GitHub refuses comments over 65,536 characters
constexpr std::size_t kShownRows = 12;

std::string_view sign_of(const Cell& cell) {
  switch (standing_of(cell)) {
    case Standing::kMet: return "✅ ";
    case Standing::kMissed: return "❌ ";
    case Standing::kUnknown: return "❔ ";
    case Standing::kFree: break;
  }
  return "";
}

// Where text of our own making holds foreign text, in HTML that stands inside Markdown.
std::string summary_of(const Finding& finding) {
  return fmt::format("<b>{}</b> <code>{}</code> {}", name_of(finding.severity),
                     info(finding.code).name, markup(finding.title));
}

std::string body_of(const Finding& finding) {
  std::string out;
  if (!finding.path.empty()) {
    for (std::size_t i = 0; i < finding.path.size(); ++i) {
      const Hop& hop = finding.path[i];
      out += fmt::format("{}. {}{}{}\n", i + 1, markdown_code(hop.at), hop.why.empty() ? "" : ": ",
                         markdown(hop.why));
    }
    out += "\n";
  }
  for (const Remedy& remedy : finding.remedy) {
    out += "**Fix:** " + markdown(remedy.text) + "\n\n";
    if (!remedy.commands.empty()) out += markdown_block(join(remedy.commands, "\n")) + "\n";
  }
  for (const std::string& note : finding.notes) out += "Note: " + markdown(note) + "\n\n";
  if (!finding.place.empty()) out += "At " + markdown_code(finding.place) + "\n\n";
  std::vector<std::string> about = {markdown_code(finding.fingerprint)};
  for (const std::string_view control : info(finding.code).controls) {
    about.push_back(markdown(control));
  }
  return out + "<sub>" + join(about, " · ") + "</sub>\n";
}

std::string folded(const Finding& finding) {
  return fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n", summary_of(finding),
                     body_of(finding));
}

std::string groups_markdown(const ReportView& view, std::size_t already) {
  std::string out;
  std::size_t left_out = 0;
  std::size_t info_findings = 0;
  for (const FindingGroup& group : view.groups) {
    std::string part;
    for (const Finding* finding : group.findings) {
      if (finding->severity == Severity::kInfo) {
        ++info_findings;
        continue;
      }
      std::string next = folded(*finding);
      if (already + out.size() + part.size() + next.size() > kMostBytes) {
        ++left_out;
      } else {
        part += next;
      }
    }
    if (!part.empty()) out += "\n### " + markdown(pair_title(group.environments)) + "\n\n" + part;
  }
  if (info_findings > 0)
    out += fmt::format("\n{} not shown.\n", counted(info_findings, "info finding"));
  if (left_out > 0) {
    out += fmt::format("\n**{} left out here: the text, JSON and HTML reports have all.**\n",
                       counted(left_out, "more finding"));
  }
  return out;
}

// A list that ends with a count when it would become too long.
class BoundedList {
 public:
  explicit BoundedList(const std::string& title) : out_("\n### " + title + "\n\n") {}
  void add(const std::string& item) {
    if (out_.size() + item.size() > kMostBytes / 16) {
      ++left_out_;
    } else {
      out_ += "- " + item + "\n";
    }
  }
  [[nodiscard]] std::string finish() const {
    return left_out_ == 0 ? out_ : out_ + fmt::format("- and {} more\n", left_out_);
  }

 private:
  std::string out_;
  std::size_t left_out_ = 0;
};

std::string endings_markdown(const Report& report, const ReportView& view) {
  std::string out;
  if (!view.accepted.empty()) {
    BoundedList list("Residual risk (sharing that the policy accepts)");
    for (const Finding* finding : view.accepted) {
      list.add(markdown_code(info(finding->code).name) + " " + markdown(finding->title) +
               (finding->notes.empty() ? "" : ": " + markdown(join(finding->notes, "; "))));
    }
    out += list.finish();
  }
  if (!view.waived.empty()) {
    BoundedList list("Waived");
    for (const Finding* finding : view.waived) {
      list.add(markdown_code(info(finding->code).name) + " " + markdown(finding->title) + " (" +
               markdown(finding->waiver) + ")");
    }
    out += list.finish();
  }
  if (!report.gaps.empty() || !view.unchecked.empty()) {
    BoundedList list("Not seen");
    for (const Finding* finding : view.unchecked) {
      list.add("**required:** " + markdown(finding->title));
    }
    for (const Gap* gap : view.other_gaps) {
      list.add((gap->host.empty() ? "" : markdown(gap->host) + ": ") + markdown(gap->what) + ": " +
               markdown(gap->why));
    }
    out += list.finish();
  }
  if (!report.notes.empty()) {
    BoundedList list("Notes");
    for (const std::string& note : report.notes) list.add(markdown(note));
    out += list.finish();
  }
  return out;
}

}  // namespace

std::string matrix_markdown(const Report& report, bool all) {
  std::vector<MatrixRow> rows = matrix_rows(report, true);
  std::size_t hidden = 0;
  if (!all && rows.size() > kShownRows) {
    hidden = std::erase_if(rows, [](const MatrixRow& row) { return row.met(); });
  }
  std::size_t beyond = 0;
  if (!all && rows.size() > 4 * kShownRows) {
    beyond = rows.size() - 4 * kShownRows;
    rows.resize(4 * kShownRows);
  }
  std::string out;
  if (!rows.empty()) {
    out += "|";
    for (const Dimension dimension : kDimensions) out += fmt::format(" | {}", name_of(dimension));
    out += " |\n|---|---|---|---|---|---|\n";
  }
  for (const MatrixRow& row : rows) {
    out +=
        fmt::format("| {} {} {}", markdown(row.from), row.both_ways ? "↔" : "→", markdown(row.to));
    for (const Cell* cell : row.cells) {
      out += " | ";
      if (cell != nullptr) out += fmt::format("{}{}", sign_of(*cell), markdown(cell->level));
    }
    out += " |\n";
  }
  if (hidden > 0) out += fmt::format("\n{} as required.\n", counted(hidden, "other pair"));
  if (beyond > 0) out += fmt::format("\n{} left out.\n", counted(beyond, "more pair"));
  return out;
}

std::string to_markdown(const Report& report) {
  const ReportView view = view_of(report);
  const std::string_view sign = report.exit == 0 ? "✅" : report.exit == 1 ? "❌" : "❔";
  std::string out = fmt::format("## {} firebreak: {}\n\n", sign, markdown(summary_line(report)));
  if (!report.matrix.empty()) out += matrix_markdown(report, false);
  const std::string endings = endings_markdown(report, view);
  out += groups_markdown(view, out.size() + endings.size() + 1000);
  out += endings;
  const std::string policy =
      report.inferred ? "environments inferred" : "policy " + markdown_code(report.policy_file);
  out += fmt::format("\n<sub>firebreak {} · {} · {} · {}</sub>\n", markdown(report.version),
                     to_text(report.generated), counted(report.hosts.size(), "host"), policy);
  return out;
}

}  // namespace firebreak
