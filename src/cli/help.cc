#include "cli/help.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "cli/parse.h"

namespace firebreak {
namespace {

constexpr std::size_t kHelpColumn = 26;
constexpr std::size_t kWidth = 100;

// "  LEFT      text", wrapped at kWidth with a hanging indent.
std::string two_columns(const std::string& left, std::string_view text) {
  std::string out = "  " + left;
  if (left.size() + 2 >= kHelpColumn)
    out += "\n" + std::string(kHelpColumn, ' ');
  else
    out += std::string(kHelpColumn - 2 - left.size(), ' ');
  std::size_t column = kHelpColumn;
  for (const std::string_view word : split(text, ' ')) {
    if (column + word.size() > kWidth) {
      out += "\n" + std::string(kHelpColumn, ' ');
      column = kHelpColumn;
    } else if (column > kHelpColumn) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + "\n";
}

std::string option_left(const OptionSpec& option) {
  std::string left;
  if (const char letter = short_name(option); letter != '\0')
    left = fmt::format("-{}, ", letter);
  else
    left = "    ";
  left += "--" + std::string(long_name(option));
  if (!option.value.empty()) left += " " + std::string(option.value);
  return left;
}

std::string option_list(std::span<const OptionSpec> options, const CommandSpec& command) {
  std::string out;
  for (const OptionSpec& option : options) {
    std::string text(option.help);
    if (option.kind == ValueKind::kFormat && !command.formats.empty()) {
      const std::vector<std::string> names(command.formats.begin(), command.formats.end());
      text += ": " + join(names, ", ") + "; default " + names.front();
    }
    out += two_columns(option_left(option), text);
  }
  return out;
}

constexpr std::array kExitCodes = {
    ExitCodeText{0, "separated as required"},
    ExitCodeText{1, "findings at or above --fail-on (diff: separation got worse)"},
    ExitCodeText{2, "wrong usage, or an invalid policy"},
    ExitCodeText{3, "nothing found, but something required could not be checked"},
    ExitCodeText{4, "could not finish: broken input, I/O, a fault of firebreak's own"},
};

}  // namespace

std::span<const ExitCodeText> exit_code_texts() { return kExitCodes; }

std::string main_help() {
  std::string out =
      "firebreak proves that development, staging and production are separated by infrastructure:\n"
      "hosts, networks, credential systems, registries and data.\n"
      "\n"
      "usage: firebreak COMMAND [OPTION]…\n"
      "\n"
      "commands:\n";
  for (const CommandSpec& command : all_commands()) {
    out += two_columns(std::string(command.name), command.summary);
  }
  out += "\nexit codes:\n";
  for (const ExitCodeText& exit : kExitCodes)
    out += two_columns(std::to_string(exit.code), exit.meaning);
  return out +
         "\n'firebreak COMMAND --help' shows options and examples. Start with 'firebreak audit'.\n";
}

std::string command_help(const CommandSpec& command) {
  std::string out =
      fmt::format("usage: firebreak {}{}{} [OPTION]…\n\n{}\n\noptions:\n", command.name,
                  command.positional.empty() ? "" : " ", command.positional, command.description);
  out += option_list(command.options, command);
  out += option_list(common_options(), command);
  out += "\nexamples:\n";
  for (const std::string_view line : split(command.examples, '\n'))
    out += fmt::format("  {}\n", line);
  return out;
}

}  // namespace firebreak
