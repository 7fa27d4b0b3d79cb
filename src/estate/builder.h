// How an estate comes about: one step a file, in the order of EstateBuilder::build. Private to
// estate/.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "estate/canonical.h"
#include "estate/estate.h"
#include "estate/infer.h"

namespace firebreak {

class EstateBuilder {
 public:
  EstateBuilder(Snapshot snapshot, Policy policy, std::vector<HostAlias> aliases);
  [[nodiscard]] Estate build() &&;

 private:
  void index_hosts();             // containers.cc: an id for every container
  void find_namespace_owners();   // containers.cc: follows "container:<id>"
  void fold_workloads();          // workloads.cc: replicas become one workload
  void index_networks();          // networks.cc
  void find_endpoint_networks();  // networks.cc
  void attach_members();          // networks.cc
  void attach_namespace_users();  // networks.cc: where others' namespaces put them
  void stand_in_for(ContainerId owner, WorkloadId user);
  void index_names();               // names.cc: what the embedded DNS answers
  void index_machines();            // names.cc: machines and their published ports
  void publish_services();          // names.cc
  void read_values();               // builder.cc: connections, secrets, what names environments
  void assign_by_policy();          // assign.cc
  void settle_inferred();           // inference.cc: environments out of what was inferred
  void list_environment_members();  // builder.cc
  void find_owners();               // owners.cc

  // All names under which a host is known: its own and those of dropped twins.
  [[nodiscard]] std::vector<std::string_view> names_of(HostId id) const;
  [[nodiscard]] std::string_view lower_case(std::string_view name);
  [[nodiscard]] std::vector<std::string_view> made_networks_of(const Workload& workload) const;
  [[nodiscard]] std::optional<EnvironmentId> environment_id(std::string_view name) const;
  [[nodiscard]] std::optional<EnvironmentId> owner_by_policy(const Network& network) const;
  [[nodiscard]] std::optional<EnvironmentId> owner_by_name(const Network& network) const;
  static void settle(Workload& workload);
  [[nodiscard]] Inference infer(WorkloadId id) const;  // inference.cc
  void list_connections(WorkloadId workload);          // connections.cc: and secrets
  void list_secrets(WorkloadId workload, std::string_view kind, std::string_view name,
                    const std::vector<Secret>& secrets);
  void claim_names(const Member& member, const EstateNetwork& network, Estate::NetworkIndex& index);

  Estate estate_;
  std::vector<HostAlias> aliases_;
  std::vector<Inference> inferred_;  // for each workload, in an inferred run
  std::unordered_map<std::string_view, NetworkId> swarm_networks_;  // by id
  // For each workload the Swarm service it is part of, where a manager told; else nullptr.
  std::vector<const Service*> services_;
};

}  // namespace firebreak
