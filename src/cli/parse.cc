#include "cli/parse.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "findings/code.h"

namespace firebreak {
namespace {

void add_options(CLI::App& app, std::span<const OptionSpec> options, Arguments& arguments) {
  for (const OptionSpec& option : options) {
    std::visit(
        [&](auto member) {
          using Value = std::remove_reference_t<decltype(arguments.*member)>;
          const std::string names(option.names);
          if constexpr (std::is_same_v<Value, bool>) {
            app.add_flag(names, arguments.*member);
          } else if constexpr (std::is_same_v<Value, std::string>) {
            app.add_option(names, arguments.*member)->take_last();
          } else {
            // One value an occurrence, so that positional words are not swallowed.
            app.add_option(names, arguments.*member)->allow_extra_args(false);
          }
        },
        option.member);
  }
}

std::string help_hint(const CommandSpec& command) {
  return fmt::format("see 'firebreak {} --help'", command.name);
}

std::string suggestion(const CommandSpec& command, std::string_view unknown) {
  std::vector<std::string> storage;
  for (const auto options : {command.options, common_options()}) {
    for (const OptionSpec& option : options)
      storage.push_back("--" + std::string(long_name(option)));
  }
  const std::vector<std::string_view> candidates(storage.begin(), storage.end());
  const auto best = nearest(unknown.substr(0, unknown.find('=')), candidates);
  return best ? fmt::format("did you mean '{}'?", *best) : help_hint(command);
}

const OptionSpec* option_named(const CommandSpec& command, std::string_view name) {
  for (const auto options : {command.options, common_options()}) {
    for (const OptionSpec& option : options) {
      if (name == "--" + std::string(long_name(option))) return &option;
    }
  }
  return nullptr;
}

// What CLI11 found wrong. Its own words speak of types and counts; the usual case, a value that is
// not there, is said in ours.
std::unexpected<Error> wrong_words(const CommandSpec& command, const CLI::ParseError& error) {
  const std::string_view words = error.what();
  const OptionSpec* option = option_named(command, words.substr(0, words.find(':')));
  if (option == nullptr || option->value.empty()) {
    return fail(ErrorKind::kUsage, printable(words), "", help_hint(command));
  }
  return fail(ErrorKind::kUsage,
              fmt::format("--{0} needs a value: --{0} {1}", long_name(*option), option->value), "",
              help_hint(command));
}

// An empty value is nearly always a variable that is not set, and must not pass for "not given".
Result<void> check_values(const CommandSpec& command, const CLI::App& app) {
  for (const auto options : {command.options, common_options()}) {
    for (const OptionSpec& option : options) {
      const std::string name = "--" + std::string(long_name(option));
      const auto& values = app.get_option(name)->results();
      if (option.value.empty() || std::ranges::find(values, "") == values.end()) continue;
      return fail(ErrorKind::kUsage, fmt::format("the value of {} is empty", name), "",
                  fmt::format("give {} {}, or leave the option away", name, option.value));
    }
  }
  return {};
}

Result<void> check_positional(const CommandSpec& command, const Arguments& arguments) {
  for (const std::string& word : arguments.positional) {
    if (word.size() > 1 && word.starts_with('-')) {
      return fail(ErrorKind::kUsage, fmt::format("unknown option '{}'", printable(word)), "",
                  suggestion(command, word));
    }
  }
  const std::size_t given = arguments.positional.size();
  if (given > command.max_positional) {
    return fail(ErrorKind::kUsage,
                fmt::format("unexpected word '{}'",
                            printable(arguments.positional[command.max_positional])),
                "", help_hint(command));
  }
  if (given < command.min_positional) {
    return fail(ErrorKind::kUsage, fmt::format("'{}' needs {}", command.name, command.positional),
                "", help_hint(command));
  }
  return {};
}

Result<void> check_choice(std::string_view what, std::string_view given,
                          std::span<const std::string_view> choices) {
  if (given.empty() || std::ranges::find(choices, given) != choices.end()) return {};
  const auto best = nearest(given, choices);
  std::vector<std::string> names(choices.begin(), choices.end());
  return fail(ErrorKind::kUsage, fmt::format("{} '{}'", what, printable(given)), "",
              best ? fmt::format("did you mean '{}'?", *best) : "one of " + join(names, ", "));
}

}  // namespace

std::string_view long_name(const OptionSpec& option) {
  return option.names.substr(option.names.find("--") + 2);
}

char short_name(const OptionSpec& option) {
  return option.names[1] == '-' ? '\0' : option.names[1];
}

Result<Arguments> parse_arguments(const CommandSpec& command,
                                  const std::vector<std::string>& words) {
  Arguments arguments;
  CLI::App app;
  app.set_help_flag();  // ours is in the table
  app.allow_extras();
  add_options(app, command.options, arguments);
  add_options(app, common_options(), arguments);
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 wants them
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return wrong_words(command, error);
  }
  arguments.positional = app.remaining();
  if (arguments.help) return arguments;
  TRY(check_positional(command, arguments));
  TRY(check_values(command, app));
  TRY(check_choice(fmt::format("'{}' has no format", command.name), arguments.format,
                   command.formats));
  constexpr std::array<std::string_view, 5> kSeverities = {"info", "low", "medium", "high",
                                                           "critical"};
  TRY(check_choice("unknown severity", arguments.fail_on, kSeverities));
  return arguments;
}

}  // namespace firebreak
