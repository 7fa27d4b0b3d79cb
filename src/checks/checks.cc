#include "checks/checks.h"

namespace firebreak {

Findings run_checks(const Estate& estate) {
  Findings out;
  check_host(estate, out);
  check_takeover(estate, out);
  check_network(estate, out);
  check_credentials(estate, out);
  check_registry(estate, out);
  check_data(estate, out);
  check_audit(estate, out);
  return out;
}

}  // namespace firebreak
