#include "collect/compose.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "collect/compose_config.h"
#include "collect/compose_short.h"
#include "collect/compose_yaml.h"
#include "collect/gaps.h"
#include "collect/json.h"
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

Result<std::string> ask(const Tool& tool, const ComposeProject& project, Processes& processes) {
  std::vector<std::string> argv = tool.command;
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
  if (tool.json) return std::move(result->out);
  return yaml_to_json(result->out);
}

std::string folder_of(const ComposeProject& project) {
  if (project.files.empty()) return ".";
  const std::string& file = project.files.front();
  const std::size_t slash = file.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : file.substr(0, slash);
}

// COMPOSE_PROJECT_NAME of the .env file beside the first compose file.
std::string name_in_dotenv(const std::string& folder, Files& files) {
  constexpr std::size_t kLimit = std::size_t{1} << 20U;
  constexpr std::string_view kName = "COMPOSE_PROJECT_NAME=";
  const std::string path = folder + "/.env";
  if (!files.exists(path)) return {};
  const auto content = files.read(path, kLimit);
  if (!content) return {};
  std::string found;
  for (std::string_view line : split(*content, '\n')) {
    line = trim(line);
    if (!line.starts_with(kName)) continue;
    std::string_view value = trim(line.substr(kName.size()));
    const bool quoted = value.size() >= 2 && value.front() == value.back() &&
                        (value.front() == '"' || value.front() == '\'');
    if (quoted) value = value.substr(1, value.size() - 2);
    found = value;
  }
  return found;
}

// v2 tells the name; v1 does not print it, so it is worked out as v1 does.
std::string project_name(const Json& config, const ComposeProject& project, Files& files,
                         const GetEnv& env) {
  if (std::string name = config["name"].text(); !name.empty()) return name;
  if (const auto name = env("COMPOSE_PROJECT_NAME"); name && !name->empty())
    return normalised_project(*name);
  std::string folder = folder_of(project);
  if (const std::string name = name_in_dotenv(folder, files); !name.empty())
    return normalised_project(name);
  if (folder == "." || folder.starts_with("./")) folder = env("PWD").value_or("") + "/" + folder;
  std::string last;
  for (const std::string_view part : split(folder, '/')) {
    if (!part.empty() && part != ".") last = part;
  }
  return normalised_project(last);
}

// "prod" for docker-compose.prod.yml, "dev" for dev.yml.
std::string stem_of(const ComposeProject& project) {
  std::string_view name = project.files.empty() ? "" : std::string_view(project.files.back());
  name = name.substr(name.rfind('/') + 1);
  name = name.substr(0, name.rfind('.'));
  for (const std::string_view prefix : {"docker-compose.", "compose."}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  return normalised_project(name);
}

struct Answered {
  const ComposeProject* project = nullptr;
  std::unique_ptr<JsonDocument> document;
  std::string name;
};

// Projects of one folder get one name from the tool, but two projects that run side by side are
// started under two (`-p`): their files tell them apart.
void tell_apart(std::vector<Answered>& answered) {
  std::map<std::string, int> uses;
  for (const Answered& one : answered) ++uses[one.name];
  for (Answered& one : answered) {
    if (uses[one.name] > 1) one.name += "-" + stem_of(*one.project);
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
  const auto tool = find_tool(processes);
  std::vector<Answered> answered;
  const auto what = [](const ComposeProject& project) {
    return "compose project " + join(project.files, ", ");
  };
  for (const ComposeProject& project : projects) {
    host.endpoint += (host.endpoint.empty() ? "" : ", ") + join(project.files, ", ");
    auto answer = tool ? ask(*tool, project, processes) : std::unexpected(tool.error());
    if (!answer) {
      gaps.add(GapSubject::kCompose, what(project), why_of(answer.error()));
      continue;
    }
    auto document = JsonDocument::parse(std::move(*answer));
    if (!document) {
      gaps.add(GapSubject::kCompose, what(project), document.error().what);
      continue;
    }
    std::string name = project_name((*document)->root(), project, files, env);
    answered.push_back({&project, std::move(*document), std::move(name)});
  }
  tell_apart(answered);
  for (const Answered& one : answered) {
    const Json config = one.document->root();
    read_compose_config(config, {one.name, tool->json ? '-' : '_'}, keys, host);
    // YAML that was cut short can still be YAML; v1 prints its keys in order.
    if (!tool->json) (void)config.required("version");
    const bool empty = !config.present();
    if (empty || !one.document->trouble().empty()) {
      gaps.add(GapSubject::kCompose, what(*one.project),
               "unexpected answer: " + (empty ? "it is null" : one.document->trouble()));
    }
  }
  collected.gaps = gaps.take();
  return collected;
}

}  // namespace firebreak
