// The parts of check_credentials, a code each. Private to checks/.
#pragma once

#include "checks/checks.h"

namespace firebreak {

void check_shared_values(const Estate& estate, Findings& out);  // CRED001, values
void check_shared_secret_objects(const Estate& estate,
                                 Findings& out);                   // CRED001, Swarm's and compose's
void check_foreign_systems(const Estate& estate, Findings& out);   // CRED005
void check_live_credentials(const Estate& estate, Findings& out);  // CRED006

}  // namespace firebreak
