#include "report/diff.h"

#include "cli/command.h"
#include "cli/gather.h"
#include "report/parse.h"
#include "snapshot/json.h"

namespace firebreak {
namespace {

constexpr std::size_t kLimit = 4ULL << 30U;

// A report as it is; a snapshot through the same policy and clock as the other one.
Result<Report> read_either(const std::string& path, const Policy& policy,
                           const Arguments& arguments, Tools& tools) {
  const std::string content = TRY(tools.files.read(path, kLimit));
  if (is_report(content)) return parse_report(content, path);
  Snapshot snapshot = TRY(parse_snapshot(content, path));
  return analyse(std::move(snapshot), policy, arguments, tools);
}

}  // namespace

Result<ExitCode> run_diff(const Arguments& arguments, Tools& tools) {
  const Policy policy = TRY(read_policy(arguments, tools));
  const Report older = TRY(read_either(arguments.positional[0], policy, arguments, tools));
  const Report newer = TRY(read_either(arguments.positional[1], policy, arguments, tools));
  const ReportDiff changes = diff(older, newer);
  const auto text = render_diff(changes, chosen_format(arguments), text_style(arguments, tools));
  if (!text) return fail(ErrorKind::kUsage, "diff has no such format");
  TRY(write_result(arguments, *text, tools));
  return static_cast<ExitCode>(changes.exit());
}

}  // namespace firebreak
