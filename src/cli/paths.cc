#include "paths/paths.h"
#include "checks/checks.h"
#include "cli/command.h"
#include "cli/gather.h"
#include "reach/reach.h"

namespace firebreak {
namespace {

Result<PathQuestion> read_question(const Estate& estate, const FlowEnds& ends,
                                   const Arguments& arguments) {
  const auto word = [&](std::size_t index) {
    return index < arguments.positional.size() ? arguments.positional[index] : std::string();
  };
  PathQuestion out;
  out.from = TRY(parse_path_end(estate, ends, word(0), PathSide::kFrom));
  out.to = TRY(parse_path_end(estate, ends, word(1), PathSide::kTo));
  out.all = arguments.all;
  out.explain = arguments.explain;
  return out;
}

}  // namespace

Result<ExitCode> run_paths(const Arguments& arguments, Tools& tools) {
  const Policy policy = TRY(read_policy(arguments, tools));
  Snapshot snapshot = TRY(gather(arguments, policy, tools, !arguments.no_kernel));
  const Estate estate = build_estate(std::move(snapshot), policy);
  const FlowEnds ends(estate);
  const PathQuestion question = TRY(read_question(estate, ends, arguments));
  const Flows flows = TRY(reach(estate, {.all = needs_all_flows(question)}));
  const PathReport report =
      find_paths(estate, ends, packet_flows(estate, flows), run_checks(estate), question);
  const bool json = chosen_format(arguments) == Format::kJson;
  TRY(write_result(arguments,
                   json ? to_json(report) : to_text(report, text_style(arguments, tools)), tools));
  return static_cast<ExitCode>(report.exit());
}

}  // namespace firebreak
