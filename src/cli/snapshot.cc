#include "cli/command.h"
#include "cli/gather.h"
#include "snapshot/json.h"

namespace firebreak {

Result<ExitCode> run_snapshot(const Arguments& arguments, Tools& tools) {
  const Policy policy = TRY(read_policy(arguments, tools));
  Snapshot snapshot = TRY(gather(arguments, policy, tools, !arguments.no_kernel));
  sort_canonically(snapshot);
  // No secret stands in it, but a map of everything does, and fingerprints that a key can test.
  TRY(write_result(arguments, to_json(snapshot), tools, true));
  return snapshot.gaps.empty() ? ExitCode::kSeparated : ExitCode::kIncomplete;
}

}  // namespace firebreak
