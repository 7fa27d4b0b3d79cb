#include "report/findings_page.h"

#include <fmt/format.h>

#include "findings/code.h"
#include "report/escape.h"
#include "report/render.h"

namespace firebreak {
namespace {

constexpr std::string_view kHeader =
    "<!-- Written by scripts/update-docs from src/findings/codes_*.cc: change it there. -->\n"
    "# Finding codes\n"
    "\n"
    "What each code means, why it matters and how to close it; `firebreak explain CODE` prints the "
    "same. The\n"
    "severity is the one of a finding into a higher tier, while it runs: a finding that does not "
    "climb "
    "counts one\n"
    "step less, and so does one of which nothing runs. Where the policy accepts the sharing it is "
    "`info`.\n"
    "\n"
    "| code | says | severity | checked |\n"
    "|---|---|---|---|\n";

}  // namespace

std::string findings_page() {
  std::string out(kHeader);
  for (const CodeInfo& code : all_codes())
    out += fmt::format("| {} | {} | {} | {} |\n", code.name, markdown(code.title),
                       name_of(code.severity), code.checked ? "yes" : "not yet");
  for (const CodeInfo& code : all_codes())
    out += "\n" + render_code(code, Format::kMarkdown, {}).value_or("");
  return out;
}

}  // namespace firebreak
