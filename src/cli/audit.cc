#include "cli/command.h"
#include "cli/gather.h"

namespace firebreak {

Result<ExitCode> run_audit(const Arguments& arguments, Tools& tools) {
  const Policy policy = TRY(read_policy(arguments, tools));
  Snapshot snapshot = TRY(gather(arguments, policy, tools, !arguments.no_kernel));
  const Report report = TRY(analyse(std::move(snapshot), policy, arguments, tools));
  TRY(write_result(arguments,
                   render(report, chosen_format(arguments), text_style(arguments, tools)), tools));
  return static_cast<ExitCode>(report.exit);
}

Result<ExitCode> run_matrix(const Arguments& arguments, Tools& tools) {
  const Policy policy = TRY(read_policy(arguments, tools));
  Snapshot snapshot = TRY(gather(arguments, policy, tools, !arguments.no_kernel));
  const Report report = TRY(analyse(std::move(snapshot), policy, arguments, tools));
  const auto text = render_matrix(report, chosen_format(arguments), text_style(arguments, tools));
  if (!text) return fail(ErrorKind::kUsage, "matrix has no such format");
  TRY(write_result(arguments, *text, tools));
  return static_cast<ExitCode>(report.exit);
}

}  // namespace firebreak
