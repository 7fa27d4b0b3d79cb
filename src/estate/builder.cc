#include "estate/builder.h"

#include <algorithm>
#include <utility>

#include "estate/canonical.h"

namespace firebreak {

Estate::Estate(Snapshot snapshot, Policy policy)
    : snapshot_(std::make_unique<const Snapshot>(std::move(snapshot))),
      policy_(std::make_unique<const Policy>(std::move(policy))) {}

EstateBuilder::EstateBuilder(Snapshot snapshot, Policy policy, std::vector<HostAlias> aliases)
    : estate_(std::move(snapshot), std::move(policy)), aliases_(std::move(aliases)) {}

Estate EstateBuilder::build() && {
  index_hosts();
  find_namespace_owners();
  fold_workloads();
  index_networks();
  find_endpoint_networks();
  attach_members();
  index_names();
  index_machines();
  read_values();
  if (estate_.inferred()) {
    settle_inferred();
  } else {
    assign_by_policy();
  }
  list_environment_members();
  attach_namespace_users();
  find_owners();
  return std::move(estate_);
}

// Values are the larger part of a snapshot: all that is asked of them is asked while they are near.
void EstateBuilder::read_values() {
  estate_.connections_.reserve(estate_.containers_.size());
  estate_.secret_uses_.reserve(estate_.containers_.size());
  if (estate_.inferred()) inferred_.reserve(estate_.workloads_.size());
  for (std::size_t w = 0; w < estate_.workloads_.size(); ++w) {
    if (estate_.inferred()) inferred_.push_back(infer(WorkloadId(w)));
    list_connections(WorkloadId(w));
  }
}

void EstateBuilder::list_environment_members() {
  for (std::size_t w = 0; w < estate_.workloads_.size(); ++w) {
    const Workload& workload = estate_.workloads_[w];
    if (!workload.environment) continue;
    estate_.environments_[workload.environment->index()].workloads.push_back(WorkloadId(w));
    for (const ContainerId container : workload.containers) {
      auto& here = estate_.hosts_[estate_.host_of(container).index()].environments;
      if (here.empty() || here.back() != *workload.environment) {
        here.push_back(*workload.environment);
      }
    }
  }
  for (Estate::HostIndex& host : estate_.hosts_) {
    std::ranges::sort(host.environments);
    const auto repeated = std::ranges::unique(host.environments);
    host.environments.erase(repeated.begin(), repeated.end());
  }
}

Estate build_estate(Snapshot snapshot, Policy policy) {
  std::vector<HostAlias> aliases = keep_each_engine_once(snapshot);
  put_in_order(snapshot);
  return EstateBuilder(std::move(snapshot), std::move(policy), std::move(aliases)).build();
}

}  // namespace firebreak
