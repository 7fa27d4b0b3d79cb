// Parts of the HTML report, for report/html.cc.
#pragma once

#include <string>
#include <string_view>

#include "findings/report.h"

namespace firebreak {

extern const std::string_view kHtmlStyle;   // CSS
extern const std::string_view kHtmlScript;  // JavaScript; the page is whole without it

[[nodiscard]] std::string html_matrix(const Report& report);
[[nodiscard]] std::string html_findings(const Report& report);  // open, accepted and waived ones
[[nodiscard]] std::string html_map(const Report& report);  // an inline SVG in a box that scrolls

// The id that links to a finding point at.
[[nodiscard]] std::string html_id(const Finding& finding);

}  // namespace firebreak
