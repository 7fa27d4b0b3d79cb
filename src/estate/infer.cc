#include "estate/infer.h"

#include <algorithm>
#include <array>
#include <string>

namespace firebreak {
namespace {

// Sorted. Compared with the variable's name in upper case.
constexpr std::array<std::string_view, 32> kNamingVariables = {"APPLICATION_ENV",
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
                                                               "TARGET_ENVIRONMENT"};
static_assert(std::ranges::is_sorted(kNamingVariables));

constexpr std::array<std::string_view, 7> kFrameworkModes = {
    "BABEL_ENV", "FLASK_ENV", "MIX_ENV", "NODE_ENV", "RACK_ENV", "RAILS_ENV", "SYMFONY_ENV"};

// Last words of label names that name an environment.
constexpr std::array<std::string_view, 4> kLabelWords = {"env", "environment", "stage", "tier"};

bool same_ignoring_case(char a, char b) {
  return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
}

bool names_environment(std::string_view label_name) {
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

bool is_naming_variable(std::string_view name) {
  if (name.size() < 3 || name.size() > 23) return false;
  return std::ranges::binary_search(kNamingVariables, name);
}

bool is_framework_mode(std::string_view name) {
  return name.ends_with("_ENV") &&
         std::ranges::find(kFrameworkModes, name) != kFrameworkModes.end();
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

 private:
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

void hear_variables(Containers containers, Collector& out) {
  for (const Container* container : containers) {
    for (const EnvVar& variable : container->env) {
      if (variable.from_image || !is_naming_variable(variable.name)) continue;
      const std::string& value = variable.value.text;
      out.hear(value, TextKind::kValue,
               [&] { return assignment("variable ", variable.name, value); });
    }
  }
}

void hear_project(const Workload& workload, Collector& out) {
  out.hear(workload.project, TextKind::kName, [&] {
    const bool stack = workload.kind == Workload::Kind::kSwarmService;
    return phrase(stack ? "stack " : "compose project ", workload.project);
  });
}

void hear_names(const Workload& workload, Containers containers, Collector& out) {
  const bool swarm = workload.kind == Workload::Kind::kSwarmService;
  if (workload.kind != Workload::Kind::kContainer) {
    out.hear(workload.name, TextKind::kName, [&] { return phrase("service ", workload.name); });
  }
  if (swarm) return;  // its containers' names end in random ids
  for (const Container* container : containers) {
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

void hear_networks(std::span<const std::string_view> networks, Collector& out) {
  for (const std::string_view network : networks) {
    out.hear(network, TextKind::kName, [&] { return phrase("network ", network); });
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
        out.hear(target.database, TextKind::kName,
                 [&] { return names("database ", target.database); });
      }
    }
  }
}

void add_supporting_modes(Containers containers, Inference& out) {
  for (const Container* container : containers) {
    for (const EnvVar& variable : container->env) {
      if (variable.from_image || !is_framework_mode(variable.name)) continue;
      const std::string& value = variable.value.text;
      if (environments_in(value, TextKind::kValue) != out.candidates) continue;
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
  if (!collector.decided()) hear_variables(containers, collector);
  if (!collector.decided()) hear_project(workload, collector);
  if (!collector.decided()) hear_names(workload, containers, collector);
  if (!collector.decided()) hear_images(containers, collector);
  if (!collector.decided()) hear_networks(networks(), collector);
  if (!collector.decided()) hear_targets(containers, collector);
  if (out.candidates.count() == 1) add_supporting_modes(containers, out);
  return out;
}

}  // namespace firebreak
