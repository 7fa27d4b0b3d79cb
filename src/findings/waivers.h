// Approved exceptions: which findings a waiver covers, and which waivers are out of date or idle.
#pragma once

#include <vector>

#include "base/timestamp.h"
#include "findings/demand.h"
#include "findings/finding.h"

namespace firebreak {

// Whether the waiver, whatever its date, covers the finding. All of its parts must hold:
//   - `fingerprint` and `code`, where given;
//   - `environments`: each of them is among the finding's;
//   - `from` and `to`: globs over "environment/name". Without a slash a pattern names the
//     environment, or a container of none. Every container and service of that side must match, so
//     that a waiver for one container does not cover its neighbours; where a side has none, the
//     environment, or one of its other subjects. Findings without a direction may be named either
//     way round.
//   - `ports`: all ports of the finding (NET002, NET003), as the receiver sees them, are among
//   them;
//     one that has none (a ping) is not covered. Findings of other codes are not about ports.
// AUD003, AUD004 and AUD006 are
// never covered: an audit that is out of date or incomplete cannot be waived away.
[[nodiscard]] bool covers(const Waiver& waiver, const Finding& finding);

// The last day counts: a waiver that expires on the 31st holds on the 31st (UTC).
[[nodiscard]] bool expired(const Waiver& waiver, Timestamp now);

// Marks what the policy's waivers cover, and adds AUD003 for each expired one and AUD004 for each
// that is in force and covers nothing. The first waiver that covers a finding is named in it.
void apply_waivers(const Policy& policy, Timestamp now, std::vector<Finding>& findings);

}  // namespace firebreak
