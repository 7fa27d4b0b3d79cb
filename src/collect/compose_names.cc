#include "collect/compose_names.h"

#include <set>
#include <string_view>

#include "base/text.h"
#include "collect/compose_short.h"

namespace firebreak {
namespace {

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

// "prod" for prod/shop/compose.yml.
std::string folder_above(const ComposeProject& project) {
  const std::string folder = folder_of(project);
  const std::size_t slash = folder.rfind('/');
  if (slash == std::string::npos) return {};
  const std::string_view above = std::string_view(folder).substr(0, slash);
  return normalised_project(above.substr(above.rfind('/') + 1));
}

}  // namespace

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

std::vector<std::string> differences(const std::vector<const ComposeProject*>& projects) {
  std::vector<std::string> out;
  for (const auto way : {&stem_of, &folder_above}) {
    out.clear();
    for (const ComposeProject* project : projects) out.push_back(way(*project));
    const std::set<std::string> distinct(out.begin(), out.end());
    if (distinct.size() == out.size() && !distinct.contains("")) return out;
  }
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::to_string(i + 1);
  return out;
}

}  // namespace firebreak
