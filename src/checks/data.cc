#include "checks/data.h"

namespace firebreak {

void check_data(const Estate& estate, Findings& out) {
  check_database_servers(estate, out);
  check_data_copies(estate, out);
}

}  // namespace firebreak
