#include "report/render.h"

namespace firebreak {

std::optional<Format> parse_format(std::string_view name) {
  if (name == "text") return Format::kText;
  if (name == "json") return Format::kJson;
  if (name == "sarif") return Format::kSarif;
  if (name == "junit") return Format::kJunit;
  if (name == "markdown") return Format::kMarkdown;
  if (name == "html") return Format::kHtml;
  return std::nullopt;
}

std::string render(const Report& report, Format format, const TextStyle& style) {
  switch (format) {
    case Format::kText: return to_text(report, style);
    case Format::kJson: return to_json(report);
    case Format::kSarif: return to_sarif(report);
    case Format::kJunit: return to_junit(report);
    case Format::kMarkdown: return to_markdown(report);
    case Format::kHtml: return to_html(report);
  }
  return {};
}

}  // namespace firebreak
