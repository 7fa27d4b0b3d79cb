// One finding code's page: what it means, why it matters, how to close it.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "report/escape.h"
#include "report/json.h"
#include "report/page.h"
#include "report/render.h"

namespace firebreak {
namespace {

std::string controls_of(const CodeInfo& code) {
  std::vector<std::string> controls(code.controls.begin(), code.controls.end());
  return join(controls, ", ");
}

std::string severity_of(const CodeInfo& code) {
  std::string out(name_of(code.severity));
  if (code.unstated != code.severity) {
    out +=
        fmt::format("; at most {} where nothing requires the separation", name_of(code.unstated));
  }
  return out;
}

constexpr std::string_view kNotChecked = "This version does not decide it yet.";

std::string text_page(const CodeInfo& code, const TextStyle& style) {
  constexpr std::size_t kLabel = 12;
  Page page(style);
  page.paragraph({{std::string(code.name), Ink::kStrong}, {std::string(code.title), Ink::kStrong}},
                 0, 2);
  page.blank();
  page.labelled("severity", {{severity_of(code)}}, 0, kLabel);
  if (code.dimension)
    page.labelled("dimension", {{std::string(name_of(*code.dimension))}}, 0, kLabel);
  if (!code.controls.empty()) page.labelled("controls", {{controls_of(code)}}, 0, kLabel);
  if (!code.checked) page.labelled("note", {{std::string(kNotChecked)}}, 0, kLabel);
  page.blank();
  page.labelled("why", {{std::string(code.rationale)}}, 0, kLabel);
  page.blank();
  page.labelled("fix", {{std::string(code.remedy)}}, 0, kLabel);
  return page.finish();
}

std::string markdown_page(const CodeInfo& code) {
  std::string out = fmt::format("## {}: {}\n\n", code.name, markdown(code.title));
  out += fmt::format("Severity: {}.", severity_of(code));
  if (code.dimension) out += fmt::format(" Dimension: {}.", name_of(*code.dimension));
  if (!code.checked) out += fmt::format(" {}", kNotChecked);
  // The table's own texts are Markdown already: `code` stands in backticks.
  out += fmt::format("\n\n{}\n\n**Fix:** {}\n", code.rationale, code.remedy);
  if (!code.controls.empty()) out += "\nControls: " + markdown(controls_of(code)) + "\n";
  return out;
}

}  // namespace

std::optional<std::string> render_code(const CodeInfo& code, Format format,
                                       const TextStyle& style) {
  switch (format) {
    case Format::kText: return text_page(code, style);
    case Format::kMarkdown: return markdown_page(code);
    case Format::kJson: return code_json(code);
    default: return std::nullopt;
  }
}

}  // namespace firebreak
