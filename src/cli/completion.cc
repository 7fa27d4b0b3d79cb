// Completion scripts for bash, zsh and fish, from the command table.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "findings/code.h"

namespace firebreak {
namespace {

std::string command_names() {
  std::vector<std::string> names;
  for (const CommandSpec& command : all_commands()) names.emplace_back(command.name);
  return join(names, " ");
}

// The words that a value can be; empty: anything, completed as a file name where `is_file`.
std::string words_for(ValueKind kind, const CommandSpec& command) {
  std::vector<std::string> words;
  switch (kind) {
    case ValueKind::kFormat: words.assign(command.formats.begin(), command.formats.end()); break;
    case ValueKind::kSeverity: return "info low medium high critical";
    case ValueKind::kShell: return "bash zsh fish";
    case ValueKind::kCommand: return command_names();
    case ValueKind::kHost: return "unix:// tcp:// ssh:// context:";
    case ValueKind::kCode:
      for (const CodeInfo& code : all_codes()) words.emplace_back(code.name);
      break;
    case ValueKind::kText:
    case ValueKind::kFile: break;
  }
  return join(words, " ");
}

std::vector<OptionSpec> options_of(const CommandSpec& command) {
  std::vector<OptionSpec> out(command.options.begin(), command.options.end());
  out.insert(out.end(), common_options().begin(), common_options().end());
  return out;
}

// Where nothing is offered, bash completes file names itself (-o default), with blanks and all.
std::string bash_case(const CommandSpec& command) {
  std::string values;
  std::string names;
  for (const OptionSpec& option : options_of(command)) {
    const std::string name = "--" + std::string(long_name(option));
    names += (names.empty() ? "" : " ") + name;
    if (option.value.empty()) continue;
    const std::string pattern =
        short_name(option) != '\0' ? fmt::format("{}|-{}", name, short_name(option)) : name;
    const std::string words = words_for(option.kind, command);
    values +=
        words.empty()
            ? fmt::format("        {}) return ;;\n", pattern)
            : fmt::format("        {}) COMPREPLY=($(compgen -W '{}' -- \"$cur\")); return ;;\n",
                          pattern, words);
  }
  const std::string positional = words_for(command.positional_kind, command);
  const std::string rest = positional.empty()
                               ? std::string()
                               : fmt::format("$(compgen -W '{}' -- \"$cur\")", positional);
  return fmt::format(
      "    {})\n      case \"$prev\" in\n{}      esac\n"
      "      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '{}' -- \"$cur\")); else "
      "COMPREPLY=({}); fi ;;\n",
      command.name, values, names, rest);
}

std::string bash_script() {
  std::string out =
      "# bash completion for firebreak\n"
      "_firebreak() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    COMPREPLY=($(compgen -W '" +
      command_names() +
      " --help --version' -- \"$cur\"))\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n";
  for (const CommandSpec& command : all_commands()) out += bash_case(command);
  return out + "  esac\n}\ncomplete -o default -F _firebreak firebreak\n";
}

// Quotes for zsh's _arguments specs and fish's strings.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':')
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

std::string zsh_action(ValueKind kind, const CommandSpec& command) {
  const std::string words = words_for(kind, command);
  return words.empty() ? "_files" : fmt::format("({})", escaped(words));
}

std::string zsh_script() {
  std::string out = "#compdef firebreak\n_firebreak() {\n  local -a commands\n  commands=(\n";
  for (const CommandSpec& command : all_commands()) {
    out += fmt::format("    '{}:{}'\n", command.name, escaped(command.summary));
  }
  out +=
      "  )\n  if ((CURRENT == 2)); then _describe command commands; return; fi\n"
      "  local command=$words[2]\n  shift words; ((CURRENT--))\n  case $command in\n";
  for (const CommandSpec& command : all_commands()) {
    out += fmt::format("    {})\n      _arguments", command.name);
    for (const OptionSpec& option : options_of(command)) {
      out += fmt::format(" \\\n        '--{}[{}]", long_name(option), escaped(option.help));
      if (!option.value.empty()) {
        out += fmt::format(":{}:{}", escaped(option.value), zsh_action(option.kind, command));
      }
      out += "'";
    }
    if (command.max_positional > 0) {
      out += fmt::format(" \\\n        '*:{}:{}'", escaped(command.positional),
                         zsh_action(command.positional_kind, command));
    }
    out += " ;;\n";
  }
  return out + "  esac\n}\n_firebreak \"$@\"\n";
}

std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

std::string fish_script() {
  std::string out = "# fish completion for firebreak\ncomplete -c firebreak -f\n";
  for (const CommandSpec& command : all_commands()) {
    out += fmt::format("complete -c firebreak -n __fish_use_subcommand -a {} -d {}\n", command.name,
                       fish_quoted(command.summary));
    const std::string when = fmt::format("'__fish_seen_subcommand_from {}'", command.name);
    for (const OptionSpec& option : options_of(command)) {
      out += fmt::format("complete -c firebreak -n {} -l {}", when, long_name(option));
      if (short_name(option) != '\0') out += fmt::format(" -s {}", short_name(option));
      const std::string words = words_for(option.kind, command);
      if (!option.value.empty()) out += words.empty() ? " -r -F" : " -x -a " + fish_quoted(words);
      out += " -d " + fish_quoted(option.help) + "\n";
    }
    if (command.max_positional > 0) {
      const std::string words = words_for(command.positional_kind, command);
      out += fmt::format("complete -c firebreak -n {} {}\n", when,
                         words.empty() ? "-F" : "-a " + fish_quoted(words));
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return zsh_script();
  if (shell == "fish") return fish_script();
  return std::nullopt;
}

}  // namespace firebreak
