// The parts of check_data, a code each. Private to checks/.
#pragma once

#include "checks/checks.h"

namespace firebreak {

void check_database_servers(const Estate& estate, Findings& out);  // DATA006
void check_data_copies(const Estate& estate, Findings& out);       // DATA007

}  // namespace firebreak
