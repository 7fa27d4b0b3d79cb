// The checks behind check_host and check_takeover, one file each, and what they share. Private to
// checks/.
#pragma once

#include <string_view>
#include <vector>

#include "checks/checks.h"
#include "checks/mounts.h"
#include "estate/estate.h"

namespace firebreak {

struct HostFacts;

void check_shared_hosts(const Estate& estate, const HostFacts& facts, Findings& out);   // HOST001
void check_host_rights(const Estate& estate, const HostFacts& facts, Findings& out);    // HOST002
void check_shared_mounts(const Estate& estate, const HostFacts& facts, Findings& out);  // HOST003
void check_shared_namespaces(const Estate& estate, Findings& out);                      // HOST004
void check_engine_api(const Estate& estate, const HostFacts& facts, const PacketFlows* flows,
                      Findings& out);  // HOST005; `flows` may be null

// The hosts that form one Swarm with this one, as far as they are in sight; itself included.
[[nodiscard]] std::vector<HostId> swarm_of(const Estate& estate, HostId id);

// What the checks ask of every host, worked out once.
struct HostFacts {
  explicit HostFacts(const Estate& estate);

  std::vector<MountRules> mounts;  // by host
  // Environments with workloads on what the engine's API of a host rules: the host itself, and on a
  // Swarm manager the whole Swarm. By host; each list sorted.
  std::vector<std::vector<EnvironmentId>> ruled;
};

// Compose files do not say where they will run. Lowers the finding to what it is worth and says so,
// if its host is a set of compose files.
void weigh_planned_host(const Estate& estate, HostId id, Finding& finding);

}  // namespace firebreak
