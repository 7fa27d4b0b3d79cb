// The systems that configurations point at, each resolved where it stands, and the secrets that
// they hold: values are the larger part of a snapshot, so one pass over them finds both.
#include <algorithm>

#include "estate/builder.h"

namespace firebreak {
namespace {

constexpr std::string_view kCommand = "command ";

bool same_answer(const Resolution& a, const Resolution& b) {
  return a.kind == b.kind && a.network == b.network &&
         // Each replica is itself in a container of its own.
         (a.kind == Resolution::Kind::kItself || a.containers == b.containers);
}

bool is_named(std::string_view variable, std::string_view prefix, std::string_view name) {
  return variable.size() == prefix.size() + name.size() && variable.starts_with(prefix) &&
         variable.ends_with(name);
}

// Visits what was found in each value: visit(kind, name, targets, secrets).
template <class Visit>
void each_place(const Container& container, Visit visit) {
  for (const EnvVar& variable : container.env) {
    if (variable.from_image) continue;
    visit("", variable.name, variable.value.targets, variable.value.secrets);
  }
  for (const Label& label : container.labels) {
    visit("label ", label.name, label.value.targets, label.value.secrets);
  }
  for (const CommandStep& step : container.command) {
    visit(kCommand, step.program, step.targets, step.secrets);
  }
}

}  // namespace

void EstateBuilder::list_secrets(WorkloadId workload, std::string_view kind, std::string_view name,
                                 const std::vector<Secret>& secrets) {
  if (secrets.empty()) return;
  std::string place = std::string(kind).append(name);
  if (kind == kCommand && name.empty()) place += "line";  // of a program that is not known
  for (const Secret& secret : secrets) {
    estate_.secret_uses_.push_back({{workload, place}, &secret});
  }
}

void EstateBuilder::list_connections(WorkloadId workload) {
  std::vector<Connection>& all = estate_.connections_;
  const std::size_t first = all.size();
  for (const ContainerId container : estate_[workload].containers) {
    const std::size_t end_of_replicas = all.size();
    const auto connect = [&](std::string_view kind, std::string_view name, const Target& target) {
      if (target.host.empty() || target.host.starts_with('/')) return;  // a unix socket
      const std::optional<Port> port = target.port ? target.port : default_port(target.scheme);
      Resolution resolution = estate_.resolve(container, target.host, port);
      const bool repeated = std::any_of(
          all.begin() + static_cast<std::ptrdiff_t>(first),
          all.begin() + static_cast<std::ptrdiff_t>(end_of_replicas), [&](const Connection& c) {
            return *c.target == target && is_named(c.variable, kind, name) &&
                   same_answer(c.resolution, resolution);
          });
      if (repeated) return;
      all.push_back({.from = workload,
                     .container = container,
                     .variable = std::string(kind).append(name),
                     .target = &target,
                     .resolution = std::move(resolution)});
    };
    each_place(estate_[container],
               [&](std::string_view kind, std::string_view name, const std::vector<Target>& targets,
                   const std::vector<Secret>& secrets) {
                 for (const Target& target : targets) connect(kind, name, target);
                 list_secrets(workload, kind, name, secrets);
               });
  }
}

}  // namespace firebreak
