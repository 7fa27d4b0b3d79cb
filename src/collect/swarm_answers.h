// Answers of a Swarm manager: services, tasks, nodes, and the names of secrets and configs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "collect/json.h"
#include "secret/key.h"
#include "snapshot/snapshot.h"

namespace firebreak {

// An entry of /services. Its container is planned, has the service's name, and carries the labels
// of both; its networks are known by id only (see name_networks).
[[nodiscard]] Service read_service(const Json& entry, const FingerprintKeys& keys);

// Adds the running tasks of an answer of /tasks to their services.
void count_tasks(const Json& answer, std::vector<Service>& services);

[[nodiscard]] Node read_node(const Json& entry, const FingerprintKeys& keys);

// Spec.Name of every entry of /secrets or /configs. Configs come with their data: it is not read.
[[nodiscard]] std::vector<std::string> read_spec_names(const Json& answer);

// What a task's container cannot tell itself: the secrets and configs it was given, and the names
// its service has on each network.
void complete_tasks(const SwarmState& swarm, std::vector<Container>& containers);

}  // namespace firebreak
