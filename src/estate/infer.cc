#include "estate/infer.h"

#include <algorithm>
#include <array>
#include <string>

namespace firebreak {
namespace {

// Sorted. Compared with the variable's name in upper case.
constexpr std::array<std::string_view, 35> kNamingVariables = {"APPLICATION_ENV",
                                                               "APPLICATION_ENVIRONMENT",
                                                               "APP_ENV",
                                                               "APP_ENVIRONMENT",
                                                               "APP_STAGE",
                                                               "ASPNETCORE_ENVIRONMENT",
                                                               "CI_ENVIRONMENT_NAME",
                                                               "CONFIG_ENV",
                                                               "DD_ENV",
                                                               "DEPLOYMENT_ENV",
                                                               "DEPLOYMENT_ENVIRONMENT",
                                                               "DEPLOY_ENV",
                                                               "DEPLOY_ENVIRONMENT",
                                                               "DEPLOY_STAGE",
                                                               "DJANGO_ENV",
                                                               "DJANGO_SETTINGS_MODULE",
                                                               "DOTNET_ENVIRONMENT",
                                                               "ENV",
                                                               "ENVIRONMENT",
                                                               "ENVIRONMENT_NAME",
                                                               "ENV_NAME",
                                                               "ENV_TYPE",
                                                               "MICRONAUT_ENVIRONMENTS",
                                                               "QUARKUS_PROFILE",
                                                               "RUNTIME_ENV",
                                                               "SENTRY_ENVIRONMENT",
                                                               "SERVER_ENV",
                                                               "SERVICE_ENV",
                                                               "SERVICE_ENVIRONMENT",
                                                               "SPRING_PROFILES_ACTIVE",
                                                               "STAGE",
                                                               "TARGET_ENV",
                                                               "TARGET_ENVIRONMENT",
                                                               "TIER",
                                                               "WP_ENVIRONMENT_TYPE"};
static_assert(std::ranges::is_sorted(kNamingVariables));

constexpr std::array<std::string_view, 7> kFrameworkModes = {
    "BABEL_ENV", "FLASK_ENV", "MIX_ENV", "NODE_ENV", "RACK_ENV", "RAILS_ENV", "SYMFONY_ENV"};
// "SHOP_ENV", "SHOP_ENVIRONMENT": what else names an environment, but for these.
constexpr std::array<std::string_view, 2> kNamingEnds = {"_ENV", "_ENVIRONMENT"};
constexpr std::array<std::string_view, 3> kNotNaming = {"CONDA_DEFAULT_ENV", "PIPENV",
                                                        "VIRTUAL_ENV"};

// What images of databases call the one that they create.
constexpr std::array<std::string_view, 5> kDatabaseVariables = {
    "MARIADB_DATABASE", "MONGO_INITDB_DATABASE", "MYSQL_DATABASE", "POSTGRESQL_DATABASE",
    "POSTGRES_DB"};

// Last words of label names that name an environment.
constexpr std::array<std::string_view, 4> kLabelWords = {"env", "environment", "stage", "tier"};

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same_ignoring_case(char a, char b) { return upper(a) == upper(b); }

bool names_environment(std::string_view label_name) {
  constexpr std::string_view kName = ".name";  // "deployment.environment.name"
  if (label_name.ends_with(kName)) label_name.remove_suffix(kName.size());
  for (const std::string_view word : kLabelWords) {
    if (label_name.size() < word.size()) continue;
    const std::size_t start = label_name.size() - word.size();
    if (!same_ignoring_case(label_name.back(), word.back())) continue;
    if (!std::ranges::equal(label_name.substr(start), word, same_ignoring_case)) continue;
    if (start > 0 &&
        std::string_view("-_./:").find(label_name[start - 1]) == std::string_view::npos) {
      continue;
    }
    // Images describe themselves under these.
    return !label_name.starts_with("org.opencontainers.") && !label_name.starts_with("com.docker.");
  }
  return false;
}

bool ends_like(std::string_view name, std::string_view end) {
  return name.size() > end.size() &&
         std::ranges::equal(name.substr(name.size() - end.size()), end, same_ignoring_case);
}

bool is_framework_mode(std::string_view name) {
  return ends_like(name, "_ENV") &&
         std::ranges::find(kFrameworkModes, name) != kFrameworkModes.end();
}

bool is_naming_variable(std::string_view name) {
  if (name.size() < 3 || name.size() > 40) return false;
  const bool named =
      std::ranges::any_of(kNamingEnds, [&](std::string_view end) { return ends_like(name, end); });
  if (named)
    return !is_framework_mode(name) && std::ranges::find(kNotNaming, name) == kNotNaming.end();
  const auto before = [](std::string_view a, std::string_view b) {
    return std::ranges::lexicographical_compare(a, b, {}, upper, upper);
  };
  return std::ranges::binary_search(kNamingVariables, name, before);
}

// Replicas say the same; once is enough.
void add_once(std::vector<Evidence>& list, Evidence evidence) {
  const bool known = std::ranges::any_of(list, [&](const Evidence& other) {
    return other.environment == evidence.environment && other.reason == evidence.reason;
  });
  if (!known) list.push_back(std::move(evidence));
}

// Collects what one class of evidence says.
class Collector {
 public:
  explicit Collector(Inference& out) : out_(out) {}

  // `text` is read; `reason` is asked for only if it says something.
  template <class Reason>
  void hear(std::string_view text, TextKind kind, Reason reason) {
    add(environments_in(text, kind), reason);
  }
  [[nodiscard]] bool decided() const { return out_.candidates.any(); }
  template <class Reason>
  void add(EnvironmentSet said, Reason reason) {
    if (said.none()) return;
    out_.candidates |= said;
    for (const KnownEnvironment environment : kKnownEnvironments) {
      if (!said.test(static_cast<std::size_t>(environment))) continue;
      add_once(out_.evidence,
               {.environment = std::string(name_of(environment)), .reason = reason()});
    }
  }

 private:
  Inference& out_;
};

using Containers = std::span<const Container* const>;

std::string assignment(std::string_view what, std::string_view name, std::string_view value) {
  std::string text(what);
  text.append(name).append("=").append(value);
  return text;
}

std::string phrase(std::string_view what, std::string_view name) {
  std::string text(what);
  text.append(name);
  return text;
}

void hear_labels(Containers containers, Collector& out) {
  for (const Container* container : containers) {
    for (const Label& label : container->labels) {
      if (!names_environment(label.name)) continue;
      const std::string& value = label.value.text;
      out.hear(value, TextKind::kValue, [&] { return assignment("label ", label.name, value); });
    }
  }
}

constexpr auto kProductionBit = static_cast<std::size_t>(KnownEnvironment::kProduction);
constexpr auto kStagingBit = static_cast<std::size_t>(KnownEnvironment::kStaging);

// What a variable says about the environment, if it is one that names it.
EnvironmentSet said_by(const EnvVar& variable) {
  if (variable.from_image) return {};
  const bool mode = is_framework_mode(variable.name);
  if (!mode && !is_naming_variable(variable.name)) return {};
  const EnvironmentSet said = environments_in(variable.value.text, TextKind::kValue);
  return mode && said != EnvironmentSet().set(kStagingBit) ? EnvironmentSet() : said;
}

bool say_only_production(Containers containers) {
  EnvironmentSet said;
  for (const Container* container : containers) {
    for (const EnvVar& variable : container->env) said |= said_by(variable);
  }
  return said == EnvironmentSet().set(kProductionBit);
}

void hear_variables(Containers containers, Collector& out) {
  for (const Container* container : containers) {
    for (const EnvVar& variable : container->env) {
      out.add(said_by(variable),
              [&] { return assignment("variable ", variable.name, variable.value.text); });
    }
  }
}

void hear_project(const Workload& workload, Collector& out) {
  out.hear(workload.project, TextKind::kName, [&] {
    const bool stack = workload.kind == Workload::Kind::kSwarmService;
    return phrase(stack ? "stack " : "compose project ", workload.project);
  });
}

// "shop-api-1", "shop_api_1": says no more than project and service do.
bool is_given_by_compose(const Workload& workload, std::string_view name) {
  if (workload.kind != Workload::Kind::kComposeService) return false;
  if (!name.starts_with(workload.project)) return false;
  name.remove_prefix(workload.project.size());
  if (name.empty() || !name.substr(1).starts_with(workload.name)) return false;
  name.remove_prefix(1 + workload.name.size());
  return name.size() > 1 && (name[0] == '-' || name[0] == '_');
}

void hear_names(const Workload& workload, Containers containers, Collector& out) {
  const bool swarm = workload.kind == Workload::Kind::kSwarmService;
  if (workload.kind != Workload::Kind::kContainer) {
    out.hear(workload.name, TextKind::kPart, [&] { return phrase("service ", workload.name); });
  }
  if (swarm) return;  // its containers' names end in random ids
  for (const Container* container : containers) {
    if (!is_given_by_compose(workload, container->name))
      out.hear(container->name, TextKind::kName,
               [&] { return phrase("container name ", container->name); });
    if (container->hostname.empty() || container->id.value.starts_with(container->hostname)) {
      continue;
    }
    // On the host's network it is the machine's name.
    if (container->isolation.network_mode == "host") continue;
    out.hear(container->hostname, TextKind::kHostName,
             [&] { return phrase("host name ", container->hostname); });
  }
}

// "registry.dev.example.com:5000/acme-prod/api:1.2@sha256:…" → "acme-prod/api".
std::string_view repository_of(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const std::size_t slash = image.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view first = image.substr(0, slash);
    if (first.find_first_of(".:") != std::string_view::npos || first == "localhost") {
      image.remove_prefix(slash + 1);
    }
  }
  const std::size_t colon = image.rfind(':');
  const std::size_t last = image.rfind('/');
  const bool tagged =
      colon != std::string_view::npos && (last == std::string_view::npos || colon > last);
  return tagged ? image.substr(0, colon) : image;
}

void hear_images(Containers containers, Collector& out) {
  for (const Container* container : containers) {
    if (container->image.starts_with("sha256:")) continue;
    out.hear(repository_of(container->image), TextKind::kImage,
             [&] { return phrase("image ", container->image); });
  }
}

// A whole tag, "shop:staging"; words that publishers use for their own stages do not count.
void hear_tags(Containers containers, Collector& out) {
  constexpr std::array<std::string_view, 8> kTags = {"prd",   "preprod", "prod", "production",
                                                     "stage", "staging", "stg",  "uat"};
  for (const Container* container : containers) {
    std::string_view image = container->image;
    image = image.substr(0, image.find('@'));
    const std::size_t colon = image.rfind(':');
    if (colon == std::string_view::npos || image.find('/', colon) != std::string_view::npos)
      continue;
    const std::string_view tag = image.substr(colon + 1);
    const bool own =
        image.find('/') == std::string_view::npos && (tag == "dev" || tag == "development");
    if (!own && std::ranges::find(kTags, tag) == kTags.end()) continue;
    out.hear(tag, TextKind::kName, [&] { return phrase("image ", container->image); });
  }
}

void hear_networks(std::span<const std::string_view> networks, Collector& out) {
  for (const std::string_view network : networks) {
    out.hear(network, TextKind::kPart, [&] { return phrase("network ", network); });
  }
}

void hear_targets(Containers containers, Collector& out) {
  for (const Container* container : containers) {
    for (const EnvVar& variable : container->env) {
      if (variable.from_image) continue;
      for (const Target& target : variable.value.targets) {
        const auto names = [&](std::string_view what, std::string_view name) {
          return "variable " + variable.name + " names " + std::string(what) + std::string(name);
        };
        out.hear(target.host, TextKind::kHostName, [&] { return names("host ", target.host); });
        out.hear(target.database, TextKind::kPart,
                 [&] { return names("database ", target.database); });
      }
      if (std::ranges::find(kDatabaseVariables, variable.name) == kDatabaseVariables.end())
        continue;
      const std::string& database = variable.value.text;
      out.hear(database, TextKind::kPart,
               [&] { return assignment("variable ", variable.name, database); });
    }
  }
}

void add_supporting_modes(Containers containers, Inference& out) {
  for (const Container* container : containers) {
    for (const EnvVar& variable : container->env) {
      if (variable.from_image) continue;
      if (!is_framework_mode(variable.name) && !is_naming_variable(variable.name)) continue;
      const std::string& value = variable.value.text;
      if (environments_in(value, TextKind::kValue) != out.candidates) continue;
      const std::string decided = assignment("variable ", variable.name, value);
      if (std::ranges::find(out.evidence, decided, &Evidence::reason) != out.evidence.end())
        continue;
      add_once(out.evidence, {.environment = out.evidence.front().environment,
                              .reason = assignment("supported by ", variable.name, value)});
    }
  }
}

}  // namespace

Inference infer_environment(const Workload& workload, Containers containers,
                            const std::function<std::vector<std::string_view>()>& networks) {
  Inference out;
  Collector collector(out);
  hear_labels(containers, collector);
  const bool production_mode = say_only_production(containers);
  if (!collector.decided() && !production_mode) hear_variables(containers, collector);
  if (!collector.decided()) hear_project(workload, collector);
  if (!collector.decided()) {
    hear_names(workload, containers, collector);
    out.by_name = collector.decided();
  }
  if (!collector.decided() && production_mode) hear_variables(containers, collector);
  if (!collector.decided()) hear_images(containers, collector);
  if (!collector.decided()) hear_tags(containers, collector);
  if (!collector.decided()) hear_networks(networks(), collector);
  if (!collector.decided()) hear_targets(containers, collector);
  if (out.candidates.count() == 1) add_supporting_modes(containers, out);
  return out;
}

}  // namespace firebreak
