// The commands that print what the command table says: help, man, completion.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/gather.h"
#include "cli/help.h"

namespace firebreak {
namespace {

Result<const CommandSpec*> named_command(const std::string& name) {
  if (const CommandSpec* command = find_command(name)) return command;
  std::vector<std::string_view> names;
  for (const CommandSpec& command : all_commands()) names.push_back(command.name);
  const auto best = nearest(name, names);
  return fail(
      ErrorKind::kUsage, fmt::format("unknown command '{}'", printable(name)), "",
      best ? fmt::format("did you mean '{}'?", *best) : "'firebreak help' lists the commands");
}

}  // namespace

Result<ExitCode> run_help(const Arguments& arguments, Tools& tools) {
  std::string text = main_help();
  if (!arguments.positional.empty())
    text = command_help(*TRY(named_command(arguments.positional.front())));
  TRY(write_result(arguments, text, tools));
  return ExitCode::kSeparated;
}

Result<ExitCode> run_man(const Arguments& arguments, Tools& tools) {
  std::string text = main_man_page();
  if (!arguments.positional.empty()) {
    text = command_man_page(*TRY(named_command(arguments.positional.front())));
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
