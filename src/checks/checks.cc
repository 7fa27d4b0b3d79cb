#include "checks/checks.h"

namespace firebreak {

Findings run_checks(const Estate& estate, const PacketFlows* flows) {
  Findings out;
  check_host(estate, out);
  check_takeover(estate, flows, out);
  check_network(estate, out);
  if (flows != nullptr) check_flows(estate, *flows, out);
  check_credentials(estate, out);
  check_registry(estate, out);
  check_data(estate, out);
  check_audit(estate, out);
  return out;
}

}  // namespace firebreak
