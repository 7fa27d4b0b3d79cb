// Findings and the matrix of the HTML report.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "report/escape.h"
#include "report/html_parts.h"
#include "report/view.h"

namespace firebreak {
namespace {

constexpr std::size_t kManyFindings = 20;  // beyond, all start folded
constexpr std::size_t kManyRows = 12;      // beyond, the matrix begins with what is missed

std::string path_html(const Finding& finding) {
  if (finding.path.empty()) return {};
  std::string out = "<h4>Path</h4>\n<ol class=\"path\">\n";
  for (const Hop& hop : finding.path) {
    out += fmt::format("<li><b>{}</b> <span class=\"faint\">{}</span></li>\n", markup(hop.at),
                       markup(hop.why));
  }
  return out + "</ol>\n";
}

std::string remedy_html(const Finding& finding) {
  if (finding.remedy.empty()) return {};
  std::string out = "<h4>Way out</h4>\n";
  for (const Remedy& remedy : finding.remedy) {
    out += "<p>" + markup(remedy.text) + "</p>\n";
    if (remedy.commands.empty()) continue;
    out += "<div class=\"commands\"><pre class=\"scroll\" tabindex=\"0\"><code>";
    for (const std::string& command : remedy.commands) out += markup(command) + "\n";
    out += "</code></pre><button type=\"button\" class=\"copy js\" hidden>Copy</button></div>\n";
  }
  return out;
}

std::string list_html(std::string_view title, const std::vector<std::string>& items) {
  if (items.empty()) return {};
  std::string out = fmt::format("<h4>{}</h4>\n<ul>\n", title);
  for (const std::string& item : items) out += "<li>" + markup(item) + "</li>\n";
  return out + "</ul>\n";
}

std::string subjects_html(const Finding& finding) {
  std::vector<std::string> items;
  for (const Subject& subject : finding.subjects) {
    std::string text = subject.kind + " " + subject.name;
    if (!subject.environment.empty()) text += " in " + subject.environment;
    if (!subject.host.empty() && subject.kind != "host") text += ", host " + subject.host;
    items.push_back(text);
  }
  return list_html("What it is about", items);
}

std::string why_html(const Finding& finding) {
  return "<p>" + markup(info(finding.code).rationale) + "</p>\n";
}

// The clauses of standards that it touches, its fingerprint and its place in the policy.
std::string identity_html(const Finding& finding) {
  const CodeInfo& code = info(finding.code);
  std::vector<std::string> parts(code.controls.begin(), code.controls.end());
  for (std::string& part : parts) part = markup(part);
  parts.push_back("id <code>" + markup(finding.fingerprint) + "</code>");
  if (!finding.place.empty()) parts.push_back("at " + markup(finding.place));
  return "<p class=\"faint small\">" + join(parts, " · ") + "</p>\n";
}

std::string_view status_of(const Finding& finding) {
  if (finding.status == Finding::Status::kWaived) return "waived";
  return finding.accepted ? "accepted" : "open";
}

// Everything that the filters look at stands in data attributes.
std::string finding_html(const Finding& finding, bool unfolded) {
  const CodeInfo& code = info(finding.code);
  const std::string_view status = status_of(finding);
  std::string out = fmt::format(
      "<details class=\"finding s-{0}\" id=\"{1}\" data-severity=\"{0}\" data-status=\"{2}\" "
      "data-dimension=\"{3}\"{4}>\n<summary><span class=\"badge s-{0}\">{0}</span> "
      "<span class=\"code\">{5}</span> <span class=\"title\">{6}</span>",
      name_of(finding.severity), html_id(finding), status,
      code.dimension ? name_of(*code.dimension) : "audit", unfolded ? " open" : "", code.name,
      markup(finding.title));
  if (status != "open") out += fmt::format(" <span class=\"faint\">({})</span>", status);
  out += "</summary>\n<div class=\"body\">\n";
  if (!finding.waiver.empty()) out += "<p>Waived: " + markup(finding.waiver) + "</p>\n";
  out += path_html(finding) + remedy_html(finding) + list_html("Notes", finding.notes);
  out += "<details class=\"more\"><summary>Why it matters, and what it is about</summary>\n";
  out += why_html(finding) + subjects_html(finding) + identity_html(finding) + "</details>\n";
  return out + "</div>\n</details>\n";
}

std::string filters_html() {
  std::string out =
      "<form class=\"tools js\" id=\"filters\" hidden aria-label=\"Filter findings\">\n"
      "<label>Search <input type=\"search\" id=\"search\" autocomplete=\"off\"></label>\n<fieldset>"
      "<legend>Severity</legend>";
  for (const Severity severity :
       {Severity::kCritical, Severity::kHigh, Severity::kMedium, Severity::kLow, Severity::kInfo}) {
    out += fmt::format(
        "<label><input type=\"checkbox\" name=\"severity\" value=\"{0}\" checked> {0}</label>",
        name_of(severity));
  }
  out += "</fieldset>\n<label>Dimension <select id=\"dimension\"><option value=\"\">all</option>";
  for (const Dimension dimension : kDimensions) {
    out += fmt::format("<option>{}</option>", name_of(dimension));
  }
  out +=
      "<option>audit</option></select></label>\n"
      "<button type=\"reset\" id=\"show-all\">All</button>\n"
      "<output id=\"shown\" aria-live=\"polite\"></output>\n</form>\n";
  return out;
}

std::string section(std::string_view id, const std::string& title, std::string_view lead,
                    const std::vector<const Finding*>& findings, bool unfolded) {
  if (findings.empty()) return {};
  std::string out = fmt::format(
      "<section class=\"group\" aria-labelledby=\"{0}\">\n<h3 id=\"{0}\">{1}</h3>\n", id, title);
  if (!lead.empty()) out += fmt::format("<p class=\"faint\">{}</p>\n", lead);
  for (const Finding* finding : findings) {
    out += finding_html(*finding, unfolded && finding->severity >= Severity::kMedium);
  }
  return out + "</section>\n";
}

std::string cell_html(const Cell* cell, const std::string& row) {
  if (cell == nullptr) return "<td></td>";
  constexpr std::string_view kSigns[] = {"✓", "✗", "?", ""};
  constexpr std::string_view kClasses[] = {"met", "missed", "unknown", "free"};
  constexpr std::string_view kWords[] = {"as required", "less than required",
                                         "required, but not seen", "nothing required"};
  const auto standing = static_cast<std::size_t>(standing_of(*cell));
  std::string text =
      fmt::format("{}{}{}", kSigns[standing], standing == 3 ? "" : " ", markup(cell->level));
  const std::string about =
      fmt::format("{}, {}: {}, {}{}", row, name_of(cell->dimension), markup(cell->level),
                  kWords[standing], standing == 3 ? "" : " (" + markup(cell->required) + ")");
  if (!cell->findings.empty()) {
    std::string ids;
    for (const std::string& fingerprint : cell->findings)
      ids += (ids.empty() ? "" : " ") + fingerprint;
    text = fmt::format("<a href=\"#f-{}\" data-findings=\"{}\" aria-label=\"{}, {}\">{}</a>",
                       markup(cell->findings.front()), markup(ids), about,
                       counted(cell->findings.size(), "finding"), text);
  }
  return fmt::format("<td class=\"{}\" title=\"{}\">{}</td>", kClasses[standing], about, text);
}

}  // namespace

std::string html_id(const Finding& finding) { return "f-" + markup(finding.fingerprint); }

std::string html_matrix(const Report& report) {
  if (report.matrix.empty()) return {};
  std::string out =
      "<section id=\"matrix\" aria-labelledby=\"matrix-title\">\n<h2 "
      "id=\"matrix-title\">Matrix</h2>\n"
      "<p class=\"faint\">What each pair of environments has in common. ✓ as required, ✗ less than "
      "required, ? required but not seen; no sign: nothing required. Cells lead to findings."
      "</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Matrix, scrolls\">\n"
      "<table id=\"matrix-table\">\n<thead><tr><th scope=\"col\">Environments</th>";
  for (const Dimension dimension : kDimensions) {
    out += fmt::format("<th scope=\"col\">{}</th>", name_of(dimension));
  }
  out += "</tr></thead>\n<tbody>\n";
  std::vector<MatrixRow> rows = matrix_rows(report, true);
  if (rows.size() > kManyRows) {  // what needs a look must not be looked for
    std::ranges::stable_partition(rows, [](const MatrixRow& row) { return !row.met(); });
  }
  for (const MatrixRow& row : rows) {
    const std::string title = markup(row.from) + (row.both_ways ? " ↔ " : " → ") + markup(row.to);
    out += fmt::format("<tr><th scope=\"row\">{}</th>", title);
    for (const Cell* cell : row.cells) out += cell_html(cell, title);
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table>\n</div>\n</section>\n";
}

std::string html_findings(const Report& report) {
  const ReportView view = view_of(report);
  std::size_t open = 0;
  for (const FindingGroup& group : view.groups) open += group.findings.size();
  std::string out =
      "<section id=\"findings\" aria-labelledby=\"findings-title\">\n<h2 "
      "id=\"findings-title\">Findings</h2>\n";
  if (open + view.accepted.size() + view.waived.size() + view.unchecked.size() == 0) {
    return out + "<p>None.</p>\n</section>\n";
  }
  out += filters_html();
  std::size_t number = 0;
  for (const FindingGroup& group : view.groups) {
    out += section(fmt::format("pair-{}", ++number), markup(pair_title(group.environments)),
                   severity_counts(group.findings), group.findings, open <= kManyFindings);
  }
  out += section("unchecked", "Required, but not seen", "", view.unchecked, false);
  out += section("accepted", "Residual risk", "Sharing that the policy accepts.", view.accepted,
                 false);
  out += section("waived", "Waived", "Approved exceptions.", view.waived, false);
  return out + "</section>\n";
}

}  // namespace firebreak
