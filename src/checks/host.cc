#include "checks/checks.h"
#include "checks/host_families.h"

namespace firebreak {

void check_host(const Estate& estate, Findings& out) {
  check_shared_hosts(estate, out);
  check_shared_mounts(estate, out);
  check_shared_namespaces(estate, out);
}

}  // namespace firebreak
