// One command line from words to exit code: dispatch, help, and the one place that prints errors.
#include <fmt/format.h>

#include <array>
#include <ostream>

#include "base/text.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/parse.h"

namespace firebreak {
namespace {

ExitCode exit_code_of(ErrorKind kind) {
  return kind == ErrorKind::kUsage ? ExitCode::kUsage : ExitCode::kFailed;
}

ExitCode report_error(const Error& error, Tools& tools) {
  std::string text = "firebreak: ";
  if (!error.where.empty()) text += error.where + ": ";
  text += error.what + "\n";
  if (!error.remedy.empty()) text += "  " + error.remedy + "\n";
  tools.err << text;
  return exit_code_of(error.kind);
}

// An option where the command should stand: a mistake of order, or one of spelling.
Error misplaced_option(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (find_command(word) == nullptr) continue;
    return {ErrorKind::kUsage, fmt::format("the command comes before '{}'", printable(words[0])),
            "", fmt::format("firebreak {} {} …", word, printable(words[0]))};
  }
  constexpr std::array<std::string_view, 2> kOptions = {"--help", "--version"};
  const auto best = nearest(words[0], kOptions);
  return {ErrorKind::kUsage, fmt::format("no command, only '{}'", printable(words[0])), "",
          best ? fmt::format("did you mean '{}'?", *best) : "'firebreak help' lists the commands"};
}

Result<ExitCode> dispatch(const std::vector<std::string>& words, Tools& tools) {
  if (words.empty()) {
    tools.err << main_help();
    return ExitCode::kUsage;
  }
  const std::string& first = words.front();
  if (first == "--version" || first == "version") {
    tools.out << "firebreak " FIREBREAK_VERSION "\n";
    return ExitCode::kSeparated;
  }
  if (first == "-h" || first == "--help") {
    tools.out << main_help();
    return ExitCode::kSeparated;
  }
  if (first.starts_with('-')) return std::unexpected(misplaced_option(words));
  const CommandSpec* command = TRY(command_named(first));
  const Arguments arguments =
      TRY(parse_arguments(*command, std::vector<std::string>(words.begin() + 1, words.end())));
  if (arguments.help) {
    tools.out << command_help(*command);
    return ExitCode::kSeparated;
  }
  return command->run(arguments, tools);
}

}  // namespace

ExitCode run_command_line(const std::vector<std::string>& words, Tools& tools) {
  try {
    const Result<ExitCode> code = dispatch(words, tools);
    if (!code) return report_error(code.error(), tools);
    if (!tools.out.flush()) {
      return report_error({ErrorKind::kIo, "could not write the result", "standard output", ""},
                          tools);
    }
    return *code;
  } catch (const std::bad_alloc&) {
    return report_error({ErrorKind::kIo, "out of memory", "", ""}, tools);
  } catch (const std::exception&) {
    // The text of a foreign exception may hold anything, a secret too.
    return report_error({ErrorKind::kIo, "internal error: an unexpected exception", "",
                         "please report what you ran, with the output of 'firebreak snapshot'"},
                        tools);
  }
}

}  // namespace firebreak
