// Foreign text made harmless for the format that it is printed in. All of them go through
// printable() first: no control characters, no broken UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace firebreak {

// For element content and quoted attributes, of HTML and of XML 1.0.
[[nodiscard]] std::string markup(std::string_view text);
// For GitHub's Markdown, in running text and in table cells.
[[nodiscard]] std::string markdown(std::string_view text);
// A Markdown code span; markup where that holds what a code span cannot (table pipes) or
// should not (what a careless renderer takes for HTML).
[[nodiscard]] std::string markdown_code(std::string_view text);
// A fenced shell block of these lines, whatever they hold.
[[nodiscard]] std::string markdown_block(std::string_view lines);
// One segment of a URI: everything but unreserved characters is percent-encoded (RFC 3986).
[[nodiscard]] std::string uri_segment(std::string_view text);

}  // namespace firebreak
