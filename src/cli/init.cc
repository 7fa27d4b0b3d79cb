#include <fmt/format.h>

#include <ostream>

#include "base/text.h"
#include "cli/command.h"
#include "cli/gather.h"
#include "report/starter_policy.h"

namespace firebreak {

Result<ExitCode> run_init(const Arguments& arguments, Tools& tools) {
  const std::string file = arguments.output.empty() ? "firebreak.yaml" : arguments.output;
  const bool to_file = file != "-";
  if (to_file && !arguments.force && tools.files.exists(file)) {
    return fail(ErrorKind::kUsage, "there is a policy already", file,
                "--force replaces it, '-o -' prints the new one");
  }
  // What is inferred must not depend on a policy that happens to stand here.
  Snapshot snapshot = TRY(gather(arguments, Policy{}, tools));
  const bool complete = snapshot.gaps.empty();
  const Estate estate = build_estate(std::move(snapshot), Policy{});
  Arguments target = arguments;
  target.output = file;
  TRY(write_result(target, starter_policy(estate), tools));
  if (to_file && !arguments.quiet) {
    tools.err << fmt::format("firebreak: wrote {}: {} environments inferred; read and correct it\n",
                             printable(file), estate.environments().size());
  }
  return complete ? ExitCode::kSeparated : ExitCode::kIncomplete;
}

}  // namespace firebreak
