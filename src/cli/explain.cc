#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/gather.h"

namespace firebreak {
namespace {

Result<const CodeInfo*> find_code(const std::string& name) {
  if (const auto code = parse_code(name)) return &info(*code);
  std::vector<std::string_view> names;
  for (const CodeInfo& code : all_codes()) names.push_back(code.name);
  const auto best = nearest(name, names);
  return fail(ErrorKind::kUsage, fmt::format("unknown finding code '{}'", printable(name)), "",
              best ? fmt::format("did you mean '{}'?", *best) : "'firebreak explain' lists them");
}

std::string list_of_codes() {
  std::string out;
  for (const CodeInfo& code : all_codes()) {
    out += fmt::format("{:8} {:9} {}{}\n", code.name, name_of(code.severity), code.title,
                       code.checked ? "" : " (not checked by this version)");
  }
  return out;
}

}  // namespace

Result<ExitCode> run_explain(const Arguments& arguments, Tools& tools) {
  const Format format = chosen_format(arguments);
  if (arguments.positional.empty() && format == Format::kText) {
    TRY(write_result(arguments, list_of_codes(), tools));
    return ExitCode::kSeparated;
  }
  std::string out;
  if (arguments.positional.empty()) {
    std::vector<std::string> pages;
    for (const CodeInfo& code : all_codes()) {
      pages.push_back(render_code(code, format, text_style(arguments, tools)).value_or(""));
    }
    out = format == Format::kJson ? "[" + join(pages, ",\n") + "]\n" : join(pages, "\n");
  } else {
    const CodeInfo* code = TRY(find_code(arguments.positional.front()));
    out = render_code(*code, format, text_style(arguments, tools)).value_or("");
  }
  TRY(write_result(arguments, out, tools));
  return ExitCode::kSeparated;
}

}  // namespace firebreak
