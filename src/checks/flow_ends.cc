#include "checks/flow_ends.h"

#include <algorithm>

#include "checks/support.h"

namespace firebreak {

bool in_host_namespace(const Container& container) {
  return container.isolation.network_mode == "host" ||
         std::ranges::any_of(container.endpoints, [](const Endpoint& endpoint) {
           return endpoint.network_name == "host";
         });
}

FlowEnds::FlowEnds(const Estate& estate) : estate_(estate) {
  for (std::size_t i = 0; i < estate.snapshot().hosts.size(); ++i) {
    for (const ContainerId id : estate.containers_on(HostId(i))) {
      const FlowEnd end = end_of(id);
      if (end.container != id && estate[id].state != RunState::kRunning) continue;
      workloads_[end].push_back(estate.workload_of(id));
    }
  }
  for (auto& [_, workloads] : workloads_) {
    std::ranges::sort(workloads);
    const auto repeated = std::ranges::unique(workloads);
    workloads.erase(repeated.begin(), repeated.end());
  }
}

FlowEnd FlowEnds::end_of(ContainerId id) const {
  const ContainerId owner = estate_.namespace_owner(id);
  const HostId host = estate_.host_of(owner);
  if (in_host_namespace(estate_[owner])) return {.host = host, .container = std::nullopt};
  return {.host = host, .container = owner};
}

std::span<const WorkloadId> FlowEnds::workloads_at(const FlowEnd& end) const {
  const auto found = workloads_.find(end);
  if (found == workloads_.end()) return {};
  return found->second;
}

std::string FlowEnds::name_of(const FlowEnd& end) const {
  if (!end.container) return "@" + estate_[end.host].name;
  return listed(estate_, workloads_at(end));
}

std::vector<Hop> hops_of(const Estate& estate, const FlowEnds& ends, const PacketTrace& trace) {
  std::vector<Hop> out;
  out.reserve(trace.hops.size());
  for (const FlowHop& hop : trace.hops) {
    const std::string at = hop.at.container ? ends.name_of(hop.at) : estate[hop.at.host].name;
    out.push_back({.at = at + " " + hop.place, .why = hop.why});
  }
  return out;
}

}  // namespace firebreak
