#include "collect/compose.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "collect/compose_config.h"
#include "collect/compose_names.h"
#include "collect/compose_yaml.h"
#include "collect/gaps.h"
#include "collect/json.h"
#include "secret/names.h"
#include "secret/scan.h"

namespace firebreak {

namespace {

constexpr std::chrono::seconds kTimeout{60};
constexpr std::string_view kRemedy = "install the docker compose plugin, or docker-compose";

struct Tool {
  std::vector<std::string> command;  // {"docker", "compose"}
  bool json = false;                 // v2 and later
};

// Whether this program runs, and whether it is v2 or later: "2.24.5", "v2.24.5", "1.29.2".
std::optional<Tool> probe(std::vector<std::string> command, Processes& processes) {
  std::vector<std::string> argv = command;
  argv.insert(argv.end(), {"version", "--short"});
  const auto result = processes.run(argv, kTimeout);
  if (!result || result->exit_code != 0) return std::nullopt;
  std::string_view version = trim(result->out);
  if (version.starts_with('v')) version.remove_prefix(1);
  if (version.empty() || version.front() < '0' || version.front() > '9') return std::nullopt;
  return Tool{std::move(command), !version.starts_with("1.") && !version.starts_with("0.")};
}

Result<Tool> find_tool(Processes& processes) {
  if (auto plugin = probe({"docker", "compose"}, processes)) return *plugin;
  if (auto standalone = probe({"docker-compose"}, processes)) return *standalone;
  return fail(ErrorKind::kUnsupported, "no compose tool runs here", {}, std::string(kRemedy));
}

// The tools quote values in double quotes, and v1 also says "contains VALUE, which is …": names and
// places stand outside of both.
std::string without_values(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('"');
    const std::size_t contains = text.find(" contains ");
    const bool quoted = open < contains;
    if (std::min(open, contains) == std::string_view::npos) break;
    const std::size_t start = quoted ? open + 1 : contains + 10;
    const std::size_t end = text.find(quoted ? "\"" : ", which", start);
    out += text.substr(0, start);
    out += "***";
    text.remove_prefix(std::min(end, text.size()));
    if (quoted && !text.empty()) {
      out += '"';
      text.remove_prefix(1);
    }
  }
  return out + std::string(text);
}

// The tool's words, short, on one line, without the values of the file and what looks like a
// secret.
std::string complaint(const ProcessResult& result) {
  constexpr std::size_t kLongest = 300;
  const std::string harmless = without_values(redacted(result.err));
  std::string text;
  for (const std::string_view line : split(harmless, '\n')) {
    if (trim(line).empty()) continue;
    if (!text.empty()) text += "; ";
    text += trim(line);
  }
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "…";
  if (text.empty()) text = fmt::format("exit code {}", result.exit_code);
  return printable(text);
}

// Variables that the files take from the shell or an .env file and that are not set here: the tool
// warns of them and puts a blank in their place. They are counted and not named, because a `$`
// within a password makes a variable of its rest.
std::size_t blanks_in(std::string_view warnings) {
  std::set<std::string_view> names;
  for (const std::string_view line : split(warnings, '\n')) {
    const std::size_t end = line.find(" variable is not set");
    if (end == std::string_view::npos) continue;
    const std::string_view before = line.substr(0, end);
    names.insert(before.substr(before.rfind(' ') + 1));
  }
  return names.size();
}

// `environment: [DB_PASSWORD]` hands through what the shell has; null: nothing here. Of interest
// where the name promises something that is compared.
std::size_t handed_through(const Json& config) {
  std::set<std::string, std::less<>> names;
  config["services"].members([&](std::string_view, const Json& service) {
    service["environment"].members([&](std::string_view name, const Json& value) {
      const bool compared = class_of_name(name) == NameClass::kSecret || names_host(name);
      if (!value.present() && compared) names.emplace(name);
    });
  });
  return names.size();
}

struct Printed {
  std::string config;
  std::size_t blanks = 0;
};

// What the tool makes of the project, called `name` if that is not empty (v1 has no name for it).
Result<Printed> ask(const Tool& tool, const ComposeProject& project, const std::string& name,
                    Processes& processes) {
  std::vector<std::string> argv = tool.command;
  if (tool.json && !name.empty()) argv.insert(argv.end(), {"--project-name", name});
  for (const std::string& file : project.files) argv.insert(argv.end(), {"-f", file});
  // Services of profiles that are not active would be left out.
  if (tool.json) argv.insert(argv.end(), {"--profile", "*"});
  argv.emplace_back("config");
  if (tool.json) argv.insert(argv.end(), {"--format", "json"});
  auto result = processes.run(argv, kTimeout);
  if (!result) return std::unexpected(std::move(result).error());
  if (result->exit_code != 0) {
    return fail(ErrorKind::kBadData,
                fmt::format("{} config: {}", join(tool.command, " "), complaint(*result)));
  }
  const std::size_t blanks = blanks_in(result->err);
  return Printed{tool.json ? std::move(result->out) : TRY(yaml_to_json(result->out)), blanks};
}

struct Answered {
  const ComposeProject* project = nullptr;
  std::unique_ptr<JsonDocument> document;  // null: a gap says why
  std::string name;
};

std::string described(const ComposeProject& project) {
  return "compose project " + join(project.files, ", ");
}

std::unique_ptr<JsonDocument> read(const Tool& tool, const ComposeProject& project,
                                   const std::string& name, Processes& processes, GapList& gaps) {
  auto answer = ask(tool, project, name, processes);
  if (!answer) {
    gaps.add(GapSubject::kCompose, described(project), why_of(answer.error()));
    return nullptr;
  }
  auto document = JsonDocument::parse(std::move(answer->config));
  if (!document) {
    gaps.add(GapSubject::kCompose, described(project), document.error().what);
    return nullptr;
  }
  if (const auto unknown = answer->blanks + handed_through((*document)->root()); unknown > 0) {
    gaps.add(GapSubject::kComposeValues, "values in " + described(project),
             fmt::format("{} variable{} not set here (set what the deployment sets, in the shell "
                         "or in .env)",
                         unknown, unknown == 1 ? " is" : "s are"));
  }
  return std::move(*document);
}

// Projects of one folder get one name from the tool, but two projects that run side by side are
// started under two (`-p`). v2 puts the project's name into the names of its networks and volumes,
// so it is asked again.
void tell_apart(std::vector<Answered>& answered, const Tool& tool, Processes& processes,
                GapList& gaps) {
  std::map<std::string, std::vector<Answered*>> by_name;
  for (Answered& one : answered) by_name[one.name].push_back(&one);
  for (auto& [name, group] : by_name) {
    if (group.size() == 1) continue;
    std::vector<const ComposeProject*> projects;
    for (const Answered* one : group) projects.push_back(one->project);
    const std::vector<std::string> suffixes = differences(projects);
    for (std::size_t i = 0; i < group.size(); ++i) {
      Answered& one = *group[i];
      one.name = name + "-" + suffixes[i];
      if (tool.json) one.document = read(tool, *one.project, one.name, processes, gaps);
    }
  }
}

// YAML that was cut short can still be YAML; v1 prints its keys in order.
std::string trouble_of(const Tool& tool, JsonDocument& document) {
  const Json config = document.root();
  if (!tool.json) (void)config.required("version");
  return config.present() ? document.trouble() : "it is null";
}

void read_projects(const Tool& tool, const std::vector<ComposeProject>& projects,
                   Processes& processes, Files& files, const GetEnv& env,
                   const FingerprintKeys& keys, GapList& gaps, Host& host) {
  std::vector<Answered> answered;
  for (const ComposeProject& project : projects) {
    auto document = read(tool, project, {}, processes, gaps);
    if (!document) continue;
    std::string name = project_name(document->root(), project, files, env);
    answered.push_back({&project, std::move(document), std::move(name)});
  }
  tell_apart(answered, tool, processes, gaps);
  for (const Answered& one : answered) {
    if (!one.document) continue;
    read_compose_config(one.document->root(), {one.name, tool.json ? '-' : '_'}, keys, host);
    const std::string trouble = trouble_of(tool, *one.document);
    if (trouble.empty()) continue;
    gaps.add(GapSubject::kCompose, described(*one.project), "unexpected answer: " + trouble);
  }
}

}  // namespace

CollectedHost collect_compose(const std::vector<ComposeProject>& projects, Processes& processes,
                              Files& files, const GetEnv& env, const FingerprintKeys& keys) {
  CollectedHost collected;
  Host& host = collected.host;
  host.name = "compose";
  host.kind = Host::Kind::kCompose;
  GapList gaps(host.name);
  for (const ComposeProject& project : projects) {
    host.endpoint += (host.endpoint.empty() ? "" : ", ") + join(project.files, ", ");
  }
  const auto tool = find_tool(processes);
  if (tool) {
    read_projects(*tool, projects, processes, files, env, keys, gaps, host);
  } else {
    for (const ComposeProject& project : projects) {
      gaps.add(GapSubject::kCompose, described(project), why_of(tool.error()));
    }
  }
  collected.gaps = gaps.take();
  return collected;
}

}  // namespace firebreak
