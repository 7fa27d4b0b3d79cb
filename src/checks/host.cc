#include "checks/checks.h"
#include "checks/host_families.h"

namespace firebreak {

void check_host(const Estate& estate, Findings& out) {
  if (estate.environments().size() < 2) return;
  const HostFacts facts(estate);
  check_shared_hosts(estate, facts, out);
  check_shared_mounts(estate, facts, out);
  check_shared_namespaces(estate, out);
}

void check_takeover(const Estate& estate, Findings& out) { check_takeover(estate, nullptr, out); }

void check_takeover(const Estate& estate, const PacketFlows* flows, Findings& out) {
  if (estate.environments().empty()) return;
  const HostFacts facts(estate);
  check_host_rights(estate, facts, out);
  check_engine_api(estate, facts, flows, out);
}

}  // namespace firebreak
