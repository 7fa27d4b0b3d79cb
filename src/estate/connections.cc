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
  for (std::size_t w = 0; w < estate_.workloads_.size(); ++w) {
    const std::size_t first = all.size();
    for (const ContainerId container : estate_.workloads_[w].containers) {
      const std::size_t end_of_replicas = all.size();
      each_target(estate_[container], [&](std::string_view prefix, std::string_view name,
                                          const Target& target) {
        if (target.host.empty() || target.host.starts_with('/')) return;  // a unix socket
        std::string variable(prefix);
        variable += name;
        const std::optional<Port> port = target.port ? target.port : default_port(target.scheme);
        Resolution resolution = estate_.resolve(container, target.host, port);
        const bool repeated = std::any_of(
            all.begin() + static_cast<std::ptrdiff_t>(first),
            all.begin() + static_cast<std::ptrdiff_t>(end_of_replicas), [&](const Connection& c) {
              return c.variable == variable && *c.target == target &&
                     same_answer(c.resolution, resolution);
            });
        if (repeated) return;
        all.push_back({.from = WorkloadId(w),
                       .container = container,
                       .variable = std::move(variable),
                       .target = &target,
                       .resolution = std::move(resolution)});
      });
    }
  }
}

}  // namespace firebreak
