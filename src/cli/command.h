// The command line as tables: help, completions and man pages are printed from them, and the parser
// is built from them, so that none can say what another does not.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "cli/tools.h"

namespace firebreak {

// What completion offers for a value.
enum class ValueKind { kText, kFile, kHost, kFormat, kSeverity, kCode, kShell, kCommand };

struct OptionSpec {
  std::string_view names;  // as CLI11 takes them: "-o,--output"
  std::string_view value;  // "FILE"; empty for a flag
  std::string_view help;
  ValueKind kind = ValueKind::kText;
  std::variant<bool Arguments::*, std::string Arguments::*, std::vector<std::string> Arguments::*>
      member;
};

struct CommandSpec {
  std::string_view name;
  std::string_view summary;     // one line
  std::string_view positional;  // "CODE", "OLD NEW", "[COMMAND]"; empty: none
  std::size_t min_positional = 0;
  std::size_t max_positional = 0;
  ValueKind positional_kind = ValueKind::kText;
  std::string_view description;               // paragraphs
  std::string_view examples;                  // lines; "# comment" or a command
  std::span<const std::string_view> formats;  // the first is the default; empty: no --format
  std::span<const OptionSpec> options;        // its own; --help, -q, -v come on top
  Result<ExitCode> (*run)(const Arguments&, Tools&);
};

[[nodiscard]] std::span<const CommandSpec> all_commands();
[[nodiscard]] const CommandSpec* find_command(std::string_view name);
// The same for a word that a person typed: kUsage with a suggestion if there is none.
[[nodiscard]] Result<const CommandSpec*> command_named(std::string_view word);
// The options that every command has.
[[nodiscard]] std::span<const OptionSpec> common_options();
// Commands that this version does not have yet, for honest error messages.
[[nodiscard]] std::span<const std::string_view> later_commands();

// Runs one command line (without argv[0]). Never throws. Errors go to `tools.err`.
[[nodiscard]] ExitCode run_command_line(const std::vector<std::string>& words, Tools& tools);

// The commands, one file each.
[[nodiscard]] Result<ExitCode> run_audit(const Arguments& arguments, Tools& tools);
[[nodiscard]] Result<ExitCode> run_matrix(const Arguments& arguments, Tools& tools);
[[nodiscard]] Result<ExitCode> run_paths(const Arguments& arguments, Tools& tools);
[[nodiscard]] Result<ExitCode> run_verify(const Arguments& arguments, Tools& tools);
[[nodiscard]] Result<ExitCode> run_explain(const Arguments& arguments, Tools& tools);
[[nodiscard]] Result<ExitCode> run_snapshot(const Arguments& arguments, Tools& tools);
[[nodiscard]] Result<ExitCode> run_diff(const Arguments& arguments, Tools& tools);
[[nodiscard]] Result<ExitCode> run_init(const Arguments& arguments, Tools& tools);
[[nodiscard]] Result<ExitCode> run_key(const Arguments& arguments, Tools& tools);
[[nodiscard]] Result<ExitCode> run_completion(const Arguments& arguments, Tools& tools);
[[nodiscard]] Result<ExitCode> run_man(const Arguments& arguments, Tools& tools);
[[nodiscard]] Result<ExitCode> run_help(const Arguments& arguments, Tools& tools);

}  // namespace firebreak
