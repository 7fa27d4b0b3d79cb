// docs/findings.md: the table of finding codes as a page of the documentation.
#pragma once

#include <string>

namespace firebreak {

// Markdown; the same for every run of one version. scripts/update-docs writes it, and a test
// compares.
[[nodiscard]] std::string findings_page();

}  // namespace firebreak
