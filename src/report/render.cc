#include "report/render.h"

#include "report/html.h"
#include "report/json.h"
#include "report/markdown.h"
#include "report/matrix_text.h"
#include "report/page.h"
#include "report/view.h"

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

std::optional<std::string> render_matrix(const Report& report, Format format,
                                         const TextStyle& style) {
  const bool empty = report.matrix.empty();  // then the summary says why
  switch (format) {
    case Format::kText: {
      Page page(style);
      if (empty) {
        page.paragraph(summary_line(report), 0);
      } else {
        write_matrix(page, report, true);
      }
      return page.finish();
    }
    case Format::kMarkdown:
      return empty ? summary_line(report) + "\n" : matrix_markdown(report, true);
    case Format::kJson: return matrix_json(report);
    case Format::kHtml: return matrix_html(report);
    default: return std::nullopt;
  }
}

}  // namespace firebreak
