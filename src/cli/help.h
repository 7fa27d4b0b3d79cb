// Help texts, manual pages and completion scripts, printed from the command table.
#pragma once

#include <string>

#include "cli/command.h"

namespace firebreak {

[[nodiscard]] std::string main_help();
[[nodiscard]] std::string command_help(const CommandSpec& command);
[[nodiscard]] std::string main_man_page();
[[nodiscard]] std::string command_man_page(const CommandSpec& command);
// nullopt for a shell that is not known.
[[nodiscard]] std::optional<std::string> completion_script(std::string_view shell);

// The exit codes as a reader sees them: number and meaning.
struct ExitCodeText {
  int code;
  std::string_view meaning;
};
[[nodiscard]] std::span<const ExitCodeText> exit_code_texts();

}  // namespace firebreak
