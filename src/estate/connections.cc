// The systems that configurations point at, each resolved where it stands.
#include <algorithm>

#include "estate/builder.h"

namespace firebreak {
namespace {

bool same_answer(const Resolution& a, const Resolution& b) {
  return a.kind == b.kind && a.network == b.network &&
         // Each replica is itself in a container of its own.
         (a.kind == Resolution::Kind::kItself || a.containers == b.containers);
}

bool is_named(std::string_view variable, std::string_view prefix, std::string_view name) {
  return variable.size() == prefix.size() + name.size() && variable.starts_with(prefix) &&
         variable.ends_with(name);
}

template <class Visit>
void each_target(const Container& container, Visit visit) {
  for (const EnvVar& variable : container.env) {
    if (variable.from_image) continue;
    for (const Target& target : variable.value.targets) visit("", variable.name, target);
  }
  for (const Label& label : container.labels) {
    for (const Target& target : label.value.targets) visit("label ", label.name, target);
  }
  for (const CommandStep& step : container.command) {
    for (const Target& target : step.targets) visit("command ", step.program, target);
  }
}

}  // namespace

void EstateBuilder::list_connections() {
  std::vector<Connection>& all = estate_.connections_;
  all.reserve(estate_.containers_.size());
  for (std::size_t w = 0; w < estate_.workloads_.size(); ++w) {
    const std::size_t first = all.size();
    for (const ContainerId container : estate_.workloads_[w].containers) {
      const std::size_t end_of_replicas = all.size();
      each_target(estate_[container], [&](std::string_view prefix, std::string_view name,
                                          const Target& target) {
        if (target.host.empty() || target.host.starts_with('/')) return;  // a unix socket
        const std::optional<Port> port = target.port ? target.port : default_port(target.scheme);
        Resolution resolution = estate_.resolve(container, target.host, port);
        const bool repeated = std::any_of(
            all.begin() + static_cast<std::ptrdiff_t>(first),
            all.begin() + static_cast<std::ptrdiff_t>(end_of_replicas), [&](const Connection& c) {
              return *c.target == target && is_named(c.variable, prefix, name) &&
                     same_answer(c.resolution, resolution);
            });
        if (repeated) return;
        all.push_back({.from = WorkloadId(w),
                       .container = container,
                       .variable = std::string(prefix).append(name),
                       .target = &target,
                       .resolution = std::move(resolution)});
      });
    }
  }
}

}  // namespace firebreak
