// Snapshots as JSON documents, schema "firebreak/snapshot/1" (docs/schema/snapshot-1.json).
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "snapshot/snapshot.h"

namespace firebreak {

// Same snapshot, same bytes. Empty and default fields are left out.
[[nodiscard]] std::string to_json(const Snapshot& snapshot);

// Reads one document of at most 4 GiB. `where` names it in errors ("old.snapshot.json").
// Fails with kBadData on anything that is not a whole, well-formed snapshot of a known version:
// missing required fields, wrong types, unknown enumerators, trailing bytes. Unknown fields are
// allowed (a newer minor version wrote them). Never crashes, whatever the bytes.
[[nodiscard]] Result<Snapshot> parse_snapshot(std::string_view json, std::string_view where);

// Brings every list into its canonical order, so that the order of collection leaves no trace.
void sort_canonically(Snapshot& snapshot);

}  // namespace firebreak
