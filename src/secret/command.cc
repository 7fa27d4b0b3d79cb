// Problem: say which programs a command line runs on which databases, and which hand their output
// on. Method: the words, or a shell's text, become simple commands (shell.h); wrappers are taken
// off layer by layer (wrappers.h), each telling where the rest runs; what remains is read by the
// table of programs (programs.h, arguments.h). Then files link the steps that write them to those
// that read them, as pipes do. Cost: linear in the text, times the layers of wrapping, which are
// bounded. Limits: scripts that stand in files are not seen.
#include <algorithm>
#include <map>
#include <ranges>

#include "base/text.h"
#include "secret/arguments.h"
#include "secret/chars.h"
#include "secret/host.h"
#include "secret/names.h"
#include "secret/scan.h"
#include "secret/schedule.h"
#include "secret/shell.h"
#include "secret/wrappers.h"

namespace firebreak {
namespace {

constexpr int kMostLayers = 6;
constexpr std::size_t kMostSteps = 256;
constexpr std::size_t kMostExported = 256;

struct RawStep {
  CommandStep step;
  bool known = false;
  std::vector<std::string> reads;
  std::vector<std::string> writes;
};

// "./x.sql.gz" and "x.sql" are one dump.
std::string file_name(std::string_view file) {
  if (file.starts_with("./")) file.remove_prefix(2);
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view end :
         {".gz", ".zst", ".bz2", ".xz", ".lz4", ".gpg", ".age", ".enc", ".tar", "/"}) {
      if (file.size() > end.size() && file.ends_with(end)) {
        file.remove_suffix(end.size());
        again = true;
      }
    }
  }
  return std::string(file);
}

bool is_file_word(std::string_view word) {
  return word.size() > 1 && !word.starts_with('-') &&
         word.find_first_of("/.") != std::string_view::npos && word != "/dev/null";
}

class Scan {
 public:
  Scan(std::span<const PlainVariable> env, const FingerprintKeys& keys) : keys_(keys) {
    for (const PlainVariable& variable : env) {
      variables_.insert_or_assign(std::string(variable.name), std::string(variable.value));
    }
  }

  void run(std::span<const std::string> words) {
    if (words.size() == 1 && words[0].find_first_of(" \n|;&") != std::string::npos) {
      for (ShellCommand& command : parse_shell(words[0], variables_))
        one(std::move(command), {}, 0);
    } else if (!words.empty()) {
      ShellCommand command;
      command.words.assign(words.begin(), words.end());
      one(std::move(command), {}, 0);
    }
  }

  std::vector<RawStep> steps;

 private:
  // One simple command; `host` says where it runs, "" for here.
  void one(ShellCommand command, std::string host, int depth) {
    if (steps.size() >= kMostSteps) return;
    if (command.words.empty() && exported_.size() < kMostExported) {
      std::ranges::copy(command.assignments, std::back_inserter(exported_));
    }
    for (int layer = 0; layer < kMostLayers; ++layer) {
      Unwrapped inner = unwrap(std::move(command.words));
      command.words = std::move(inner.words);
      std::ranges::move(inner.assignments, std::back_inserter(command.assignments));
      if (!inner.host.empty()) host = std::move(inner.host);
      if (!inner.shell.empty()) return shell(command, inner.shell, host, depth + 1);
      if (!inner.wrapped) break;
    }
    if (schedules(command, host, depth)) return;
    add(command, host);
  }

  // `echo "0 3 * * * pg_dump …" | crontab -`: what it prints is run later.
  bool schedules(ShellCommand& command, const std::string& host, int depth) {
    if (command.words.empty()) return false;
    const std::string name = program_name(command.words[0]);
    if (name != "echo" && name != "printf") return false;
    bool any = false;
    for (std::string& word : command.words) {
      for (std::size_t at = 0; (at = word.find("\\n", at)) != std::string::npos; ++at) {
        word.replace(at, 2, "\n");
      }
      const auto commands = scheduled_commands(word);
      if (!commands) continue;
      shell({}, *commands, host, depth + 1);
      any = true;
    }
    return any;
  }

  void shell(const ShellCommand& outer, const std::string& text, const std::string& host,
             int depth) {
    if (depth > kMostLayers) return;
    ShellVariables variables = host.empty() ? variables_ : ShellVariables();
    for (const auto& [name, value] : outer.assignments) variables.insert_or_assign(name, value);
    const auto scheduled = scheduled_commands(text);
    std::vector<ShellCommand> commands = parse_shell(scheduled ? *scheduled : text, variables);
    if (commands.empty()) return;
    const std::size_t exported = exported_.size();
    commands.back().pipes = commands.back().pipes || outer.pipes;
    std::ranges::copy(outer.writes, std::back_inserter(commands.back().writes));
    std::ranges::copy(outer.reads, std::back_inserter(commands.front().reads));
    for (ShellCommand& command : commands) {
      command.assignments.insert(command.assignments.begin(), outer.assignments.begin(),
                                 outer.assignments.end());
      one(std::move(command), host, depth);
    }
    exported_.resize(exported);
  }

  void add(ShellCommand& command, const std::string& host) {
    RawStep raw;
    raw.step.pipes_into_next = command.pipes;
    raw.reads = std::move(command.reads);
    raw.writes = std::move(command.writes);
    Harvest harvest(keys_);
    harvest.keep_hostless = true;
    for (const auto& [name, value] : command.assignments) {
      if (class_of_name(name) == NameClass::kSecret) harvest.named_secret(name, value);
    }
    const std::string name = command.words.empty() ? std::string() : program_name(command.words[0]);
    const MovingProgram* program = find_program(name);
    std::span<const std::string> arguments(command.words);
    if (!arguments.empty()) arguments = arguments.subspan(1);
    if (program != nullptr) {
      raw.known = true;
      raw.step.program = name;
      if (const auto option = rowless_option(*program, arguments); !option.empty()) {
        raw.step.program.append(" ").append(option);
      }
      known(*program, arguments, command, host, harvest, raw);
    } else {
      read_unknown_words(arguments, keys_, harvest, raw.reads);
      if (name == "tee") std::ranges::copy(arguments, std::back_inserter(raw.writes));
    }
    raw.step.secrets = std::move(harvest.secrets);
    raw.step.targets = std::move(harvest.targets);
    steps.push_back(std::move(raw));
  }

  // A variable of the command's own, of its script, or of the container (where it runs here).
  std::string_view variable(std::string_view name, const ShellCommand& command,
                            const std::string& host) const {
    for (const auto& [own, value] : command.assignments) {
      if (own == name) return value;
    }
    for (const auto& [own, value] : std::views::reverse(exported_)) {
      if (own == name) return value;
    }
    if (!host.empty()) return {};
    const auto found = variables_.find(name);
    return found == variables_.end() ? std::string_view() : std::string_view(found->second);
  }

  void known(const MovingProgram& program, std::span<const std::string> words,
             const ShellCommand& command, const std::string& host, Harvest& harvest, RawStep& raw) {
    ProgramArguments defaults;
    for (const std::string_view entry : split(program.variables, ' ')) {
      const std::size_t colon = entry.find(':');
      if (colon == std::string_view::npos) continue;
      const std::string_view value = variable(entry.substr(0, colon), command, host);
      // The container's own secrets stand among its variables already.
      const auto role = static_cast<ArgumentRole>(entry[colon + 1]);
      if (!value.empty() && role != ArgumentRole::kPassword)
        take_value(program, role, value, defaults, harvest);
    }
    ProgramArguments given = read_arguments(program, words, harvest);
    std::ranges::move(given.outputs, std::back_inserter(raw.writes));
    std::ranges::move(given.mentions, std::back_inserter(raw.reads));
    finish_targets(program, given, defaults, host, harvest);
  }

  static void finish_targets(const MovingProgram& program, ProgramArguments& given,
                             ProgramArguments& defaults, const std::string& host,
                             Harvest& harvest) {
    if (host_matters(host)) {
      for (Target& target : harvest.targets) {
        if (is_local(target.host)) target.host = host;
      }
    }
    const bool database = is_database_scheme(program.scheme);
    ParsedConnection& connection = given.connection;
    if (!database || (given.whole && connection.hosts.empty())) return;
    if (connection.hosts.empty() && !given.host_given)
      connection.hosts = std::move(defaults.connection.hosts);
    if (!connection.port) connection.port = defaults.connection.port;
    if (connection.database.empty()) connection.database = defaults.connection.database;
    if (connection.user.empty()) connection.user = defaults.connection.user;
    if (connection.hosts.empty()) connection.hosts.push_back({host, std::nullopt});
    std::vector<std::string> databases = std::move(given.databases);
    if (databases.empty()) databases.push_back(connection.database);
    for (const HostPort& at : connection.hosts) {
      for (const std::string& name : databases) {
        harvest.target({std::string(program.scheme),
                        host_matters(host) && is_local(at.host) ? host : at.host,
                        at.port ? at.port : connection.port, name, connection.user});
      }
    }
  }

  static bool host_matters(const std::string& host) { return !host.empty(); }
  static bool is_local(const std::string& host) {
    return host.empty() || host == "localhost" || host == "127.0.0.1" || host == "::1" ||
           host.starts_with('/');
  }

  const FingerprintKeys& keys_;
  ShellVariables variables_;                                   // the container's
  std::vector<std::pair<std::string, std::string>> exported_;  // by the scripts that we are in
};

bool says_something(const RawStep& raw) {
  return raw.known || !raw.step.targets.empty() || !raw.step.secrets.empty();
}

// Leaves pipelines that say nothing out, and lets files link what is left.
class Linker {
 public:
  std::vector<CommandStep> run(std::vector<RawStep>&& steps) {
    for (std::size_t from = 0; from < steps.size();) {
      std::size_t end = from + 1;
      while (end < steps.size() && steps[end - 1].step.pipes_into_next) ++end;
      const auto pipeline = std::span(steps).subspan(from, end - from);
      const bool kept = std::ranges::any_of(pipeline, says_something);
      for (RawStep& raw : pipeline) {
        if (kept) {
          keep(raw);
        } else {
          pass(raw);
        }
      }
      from = end;
    }
    if (!out_.empty()) out_.back().pipes_into_next = false;
    return std::move(out_);
  }

 private:
  void keep(RawStep& raw) {
    const std::size_t at = out_.size();
    out_.push_back(std::move(raw.step));
    for (const std::string& file : raw.reads) {
      if (const auto writer = writer_of(file)) {
        for (std::size_t i = *writer; i < at; ++i) out_[i].pipes_into_next = true;
      }
    }
    for (const std::string& file : raw.writes) {
      if (is_file_word(file)) writers_.insert_or_assign(file_name(file), at);
    }
  }

  // "cp a b", "gzip a": whatever holds a dump's name passes it on to its other files.
  void pass(const RawStep& raw) {
    std::optional<std::size_t> writer;
    for (const std::string& file : raw.reads) {
      if (!writer) writer = writer_of(file);
    }
    if (!writer) return;
    for (const auto* files : {&raw.reads, &raw.writes}) {
      for (const std::string& file : *files) {
        if (is_file_word(file)) writers_.try_emplace(file_name(file), *writer);
      }
    }
  }

  std::optional<std::size_t> writer_of(const std::string& file) const {
    if (!is_file_word(file)) return std::nullopt;
    std::string name = file_name(file);
    while (true) {
      const auto found = writers_.find(name);
      if (found != writers_.end()) return found->second;
      const std::size_t slash = name.rfind('/');  // a file of a folder that was written
      if (slash == std::string::npos || slash == 0) return std::nullopt;
      name.resize(slash);
    }
  }

  std::vector<CommandStep> out_;
  std::map<std::string, std::size_t> writers_;
};

}  // namespace

std::vector<CommandStep> scan_command(std::span<const std::string> words,
                                      std::span<const PlainVariable> env,
                                      const FingerprintKeys& keys) {
  Scan scan(env, keys);
  scan.run(words);
  return Linker().run(std::move(scan.steps));
}

}  // namespace firebreak
