// The commands that print what the command table says: help, man, completion.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/gather.h"
#include "cli/help.h"

namespace firebreak {
Result<ExitCode> run_help(const Arguments& arguments, Tools& tools) {
  std::string text = main_help();
  if (!arguments.positional.empty())
    text = command_help(*TRY(command_named(arguments.positional.front())));
  TRY(write_result(arguments, text, tools));
  return ExitCode::kSeparated;
}

Result<ExitCode> run_man(const Arguments& arguments, Tools& tools) {
  std::string text = main_man_page();
  if (!arguments.positional.empty()) {
    text = command_man_page(*TRY(command_named(arguments.positional.front())));
  }
  TRY(write_result(arguments, text, tools));
  return ExitCode::kSeparated;
}

Result<ExitCode> run_completion(const Arguments& arguments, Tools& tools) {
  const auto script = completion_script(arguments.positional.front());
  if (!script) {
    return fail(ErrorKind::kUsage,
                fmt::format("unknown shell '{}'", printable(arguments.positional.front())), "",
                "one of bash, zsh, fish");
  }
  TRY(write_result(arguments, *script, tools));
  return ExitCode::kSeparated;
}

}  // namespace firebreak
