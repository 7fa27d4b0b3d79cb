// The checks: pure functions from the estate to findings, one family a file.
//
// A check sets code, title, environments (from, to), subjects, path, remedy, notes and the
// fingerprint; severity, status and waivers are decided afterwards (findings/assess.h), but a check
// sets `severity` to the code's default, lowered once if all that is involved is stopped.
#pragma once

#include <vector>

#include "estate/estate.h"
#include "findings/finding.h"
#include "reach/packet_flows.h"

namespace firebreak {

using Findings = std::vector<Finding>;

void check_host(const Estate& estate, Findings& out);      // HOST001, HOST003, HOST004
void check_takeover(const Estate& estate, Findings& out);  // HOST002, HOST005
void check_takeover(const Estate& estate, const PacketFlows* flows, Findings& out);
void check_network(const Estate& estate, Findings& out);  // NET001, NET004, NET005, NET006, NET007
void check_credentials(const Estate& estate, Findings& out);  // CRED001, CRED005, CRED006
void check_registry(const Estate& estate, Findings& out);     // REG002, REG004
void check_data(const Estate& estate, Findings& out);         // DATA006, DATA007
void check_audit(const Estate& estate, Findings& out);        // AUD002, AUD005 (the rest: assess)

void check_flows(const Estate& estate, const PacketFlows& flows, Findings& out);  // NET002, NET003

// All of the above, in a fixed order; check_flows if there are flows.
[[nodiscard]] Findings run_checks(const Estate& estate, const PacketFlows* flows = nullptr);

}  // namespace firebreak
