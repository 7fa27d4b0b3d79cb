// Reports in every format: pure views of one value; none computes anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "findings/report.h"

namespace firebreak {

enum class Format : std::uint8_t { kText, kJson, kSarif, kJunit, kMarkdown, kHtml };
[[nodiscard]] std::optional<Format> parse_format(std::string_view name);

struct TextStyle {
  bool colour = false;
  int width = 100;  // columns
  bool verbose = false;
};

[[nodiscard]] std::string to_text(const Report& report, const TextStyle& style);
[[nodiscard]] std::string to_json(const Report& report);
[[nodiscard]] std::string to_sarif(const Report& report);  // SARIF 2.1.0
[[nodiscard]] std::string to_junit(const Report& report);
[[nodiscard]] std::string to_markdown(const Report& report);
[[nodiscard]] std::string to_html(const Report& report);  // one self-contained file

[[nodiscard]] std::string render(const Report& report, Format format, const TextStyle& style);

// The matrix alone (`firebreak matrix`): text, json, markdown, html; nullopt for other formats.
[[nodiscard]] std::optional<std::string> render_matrix(const Report& report, Format format,
                                                       const TextStyle& style);

// One code's page (`firebreak explain`), text, markdown or json.
[[nodiscard]] std::optional<std::string> render_code(const CodeInfo& code, Format format,
                                                     const TextStyle& style);

}  // namespace firebreak
