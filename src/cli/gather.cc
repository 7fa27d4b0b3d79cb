#include "cli/gather.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/columns.h"
#include "base/diagnostic.h"
#include "base/text.h"
#include "checks/checks.h"
#include "checks/flow_gaps.h"
#include "cli/sources.h"
#include "collect/collect.h"
#include "findings/assess.h"
#include "policy/load.h"
#include "reach/reach.h"
#include "snapshot/json.h"

namespace firebreak {
namespace {

constexpr std::size_t kPolicyLimit = 4U << 20U;
constexpr std::size_t kSnapshotLimit = 4ULL << 30U;
constexpr const char* kDefaultPolicy = "firebreak.yaml";
constexpr const char* kNearMiss = "firebreak.yml";

struct Keys {
  FingerprintKeys keys;
  bool lasting;
};

Result<Keys> make_keys(const Arguments& arguments, Tools& tools) {
  const FingerprintKey fleeting(tools.random());
  if (arguments.fingerprint_key.empty()) {
    return Keys{{FingerprintKey(tools.random()), fleeting}, false};
  }
  const std::string content = TRY(tools.files.read_secret(arguments.fingerprint_key, 4096));
  return Keys{{TRY(FingerprintKey::parse(content, arguments.fingerprint_key)), fleeting}, true};
}

// Progress replaces the line before; where a line cannot be cleared it would only fill a log.
bool shows_progress(const Arguments& arguments, const Tools& tools) {
  return !arguments.quiet && tools.err_is_terminal && tools.env("TERM") != "dumb";
}

std::function<void(std::string_view)> progress_to(const Arguments& arguments, Tools& tools) {
  if (!shows_progress(arguments, tools)) return [](std::string_view) {};
  return [&tools](std::string_view line) {
    tools.err << "\r\x1b[K" << head_of(printable(line), 79) << std::flush;
  };
}

void warn_of_gaps(const Snapshot& snapshot, const Arguments& arguments, Tools& tools) {
  if (arguments.quiet) return;
  if (shows_progress(arguments, tools)) tools.err << "\r\x1b[K";
  for (const Gap& gap : snapshot.gaps) {
    const std::string_view joint = gap.host.empty() ? "" : gap.what == "the host" ? " " : " on ";
    const std::string line =
        fmt::format("firebreak: not seen: {}{}{}: {}", gap.what, joint, gap.host, gap.why);
    tools.err << printable(line) << "\n";
  }
}

// A policy that is not read because of two letters would let its author believe in it.
Result<void> check_near_miss(Tools& tools) {
  if (!tools.files.exists(kNearMiss)) return {};
  return fail(ErrorKind::kUsage, fmt::format("only {} is read by itself", kDefaultPolicy),
              kNearMiss, fmt::format("rename it, or give --policy {}", kNearMiss));
}

// A wish that was not granted: said to those who want details, as nothing fails by it.
void tell_of_kernels(const Snapshot& snapshot, const Arguments& arguments, Tools& tools) {
  if (!arguments.verbose) return;
  for (const Host& host : snapshot.hosts) {
    if (host.kernel_missing.empty()) continue;
    tools.err << fmt::format("firebreak: no kernel state of {}: {}\n", printable(host.name),
                             printable(host.kernel_missing));
  }
}

// Flows that could not be worked out at all hide what they would have shown.
PacketBasis packet_basis(const Estate& estate, const Result<Flows>& flows) {
  static const Flows kNone;
  const FlowEnds ends(estate);
  FlowKnowledge known = flow_knowledge(estate, ends, flows ? *flows : kNone);
  PacketBasis out{.gaps = std::move(known.gaps), .blind_hosts = {}};
  for (const Gap& gap : known.without_kernel) out.blind_hosts.push_back(gap.host);
  if (!flows) {
    out.gaps.push_back({.what = "packet flows",
                        .why = flows.error().text(),
                        .host = "",
                        .needed_by = {"NET002", "NET003"}});
  }
  return out;
}

}  // namespace

Result<Policy> read_policy(const Arguments& arguments, Tools& tools) {
  std::string file = arguments.policy;
  if (file.empty()) {
    if (!tools.files.exists(kDefaultPolicy)) {
      TRY(check_near_miss(tools));
      return Policy{};
    }
    file = kDefaultPolicy;
  }
  Result<std::string> source = tools.files.read(file, kPolicyLimit);
  if (!source) {
    source.error().kind = ErrorKind::kUsage;
    return std::unexpected(source.error());
  }
  LoadedPolicy loaded = load_policy(*source, file);
  tools.err << render(loaded.diagnostics, loaded.source);
  if (loaded.ok()) return std::move(loaded.policy);
  const auto errors =
      std::ranges::count(loaded.diagnostics, Diagnostic::Level::kError, &Diagnostic::level);
  return fail(ErrorKind::kUsage,
              fmt::format("{} error{} in the policy", errors, errors == 1 ? "" : "s"), file);
}

Result<Snapshot> read_snapshot(const std::string& path, Tools& tools) {
  const std::string content = TRY(tools.files.read(path, kSnapshotLimit));
  return parse_snapshot(content, path);
}

Result<Snapshot> gather(const Arguments& arguments, const Policy& policy, Tools& tools,
                        bool kernel) {
  Sources sources = TRY(choose_sources(arguments, policy));
  sources.plan.kernel = kernel;
  const Keys keys = TRY(make_keys(arguments, tools));
  std::vector<Snapshot> seen;
  if (!sources.plan.hosts.empty() || !sources.plan.compose.empty()) {
    CollectTools collect_tools{tools.files,    tools.processes, tools.env,
                               &tools.machine, tools.connect,   progress_to(arguments, tools)};
    seen.push_back(
        collect(sources.plan, keys.keys, keys.lasting, tools.clock.now(), collect_tools));
  }
  for (const SnapshotSource& source : sources.snapshots) {
    Snapshot snapshot = TRY(read_snapshot(source.file, tools));
    name_host(snapshot, source.host);
    seen.push_back(std::move(snapshot));
  }
  Snapshot merged = seen.size() == 1 ? std::move(seen.front()) : merge(std::move(seen));
  merged.tool_version = FIREBREAK_VERSION;
  warn_of_gaps(merged, arguments, tools);
  if (kernel) tell_of_kernels(merged, arguments, tools);
  return merged;
}

Result<Report> analyse(Snapshot snapshot, Policy policy, const Arguments& arguments, Tools& tools) {
  AssessOptions options;
  options.now = tools.clock.now();
  options.version = FIREBREAK_VERSION;
  if (!arguments.fail_on.empty()) options.fail_on = *parse_severity(arguments.fail_on);
  const Estate estate = build_estate(std::move(snapshot), std::move(policy));
  if (!has_kernel_state(estate)) return assess(estate, run_checks(estate), options);
  auto flows = reach(estate);
  options.packets = packet_basis(estate, flows);
  if (!flows) return assess(estate, run_checks(estate), options);
  const PacketFlows packets = packet_flows(estate, *flows);
  return assess(estate, run_checks(estate, &packets), options);
}

PacketFlows packet_flows(const Estate& estate, const Flows& flows) {
  return {.flows = flows, .trace = [&estate](const FlowEnd& from, const PacketHeader& packet) {
            return trace_packet(estate, from, packet);
          }};
}

TextStyle text_style(const Arguments& arguments, const Tools& tools) {
  const auto no_colour = tools.env("NO_COLOR");
  const bool wanted = !no_colour || no_colour->empty();
  TextStyle style;
  style.colour =
      wanted && tools.out_is_terminal && arguments.output.empty() && tools.env("TERM") != "dumb";
  style.verbose = arguments.verbose;
  return style;
}

Result<void> write_result(const Arguments& arguments, std::string_view text, Tools& tools,
                          bool secret) {
  if (!arguments.output.empty() && arguments.output != "-") {
    return tools.files.write(arguments.output, text, secret);
  }
  tools.out << text;
  if (!tools.out.flush()) {
    return fail(ErrorKind::kIo, "could not write the result", "standard output");
  }
  return {};
}

Format chosen_format(const Arguments& arguments, Format by_default) {
  return arguments.format.empty() ? by_default
                                  : parse_format(arguments.format).value_or(by_default);
}

}  // namespace firebreak
