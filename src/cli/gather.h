// What every analysing command does first: the policy, the snapshot, and the report from both.
#pragma once

#include "cli/arguments.h"
#include "cli/tools.h"
#include "findings/report.h"
#include "policy/policy.h"
#include "reach/packet_flows.h"
#include "report/render.h"
#include "snapshot/snapshot.h"

namespace firebreak {

// The policy that --policy names, or ./firebreak.yaml if it is there, or an empty one. Prints every
// diagnostic to tools.err; kUsage if one of them is an error.
[[nodiscard]] Result<Policy> read_policy(const Arguments& arguments, Tools& tools);

// Everything that the arguments and the policy name: engines, snapshot files, compose files. Hosts
// that cannot be asked are gaps; snapshot files that cannot be read are errors.
// With `kernel`, the kernel state of engines on this machine too.
[[nodiscard]] Result<Snapshot> gather(const Arguments& arguments, const Policy& policy,
                                      Tools& tools, bool kernel = false);

// estate → flows, where kernel state is there → checks → report.
[[nodiscard]] Result<Report> analyse(Snapshot snapshot, Policy policy, const Arguments& arguments,
                                     Tools& tools);

// Flows with the evaluator that follows one packet. Both must outlive the result.
[[nodiscard]] PacketFlows packet_flows(const Estate& estate, const Flows& flows);

// `path` is a snapshot file; "-" standard input.
[[nodiscard]] Result<Snapshot> read_snapshot(const std::string& path, Tools& tools);

// Colour and width as the terminal and NO_COLOR say.
[[nodiscard]] TextStyle text_style(const Arguments& arguments, const Tools& tools);

// To -o FILE (as a whole or not at all; its owner's alone if `secret`) or to tools.out.
[[nodiscard]] Result<void> write_result(const Arguments& arguments, std::string_view text,
                                        Tools& tools, bool secret = false);

// The format of the arguments, or the command's first.
[[nodiscard]] Format chosen_format(const Arguments& arguments, Format by_default = Format::kText);

}  // namespace firebreak
