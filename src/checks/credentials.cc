#include "checks/credentials.h"

namespace firebreak {

void check_credentials(const Estate& estate, Findings& out) {
  check_shared_values(estate, out);
  check_shared_secret_objects(estate, out);
  check_foreign_systems(estate, out);
  check_live_credentials(estate, out);
}

}  // namespace firebreak
