// Formats that are still to come print the JSON form.
#include "report/render.h"

namespace firebreak {

std::string to_sarif(const Report& report) { return to_json(report); }
std::string to_junit(const Report& report) { return to_json(report); }
std::string to_markdown(const Report& report) { return to_json(report); }
std::string to_html(const Report& report) { return to_json(report); }

std::optional<std::string> render_matrix(const Report& report, Format format,
                                         const TextStyle& style) {
  return render(report, format, style);
}

std::optional<std::string> render_code(const CodeInfo& code, Format, const TextStyle&) {
  return std::string(code.name) + ": " + std::string(code.title) + "\n";
}

}  // namespace firebreak
