#include "checks/flow_gaps.h"

#include <algorithm>
#include <set>

#include "checks/flow_words.h"

namespace firebreak {
namespace {

const std::vector<std::string>& flow_codes() {
  static const std::vector<std::string> codes = {"NET002", "NET003"};
  return codes;
}

// A host without kernel state whose rules are known all the same: they were derived.
bool is_derived(const Flows& flows, HostId host) {
  return std::ranges::any_of(flows.flows, [&](const Flow& flow) {
    return flow.derived && (flow.from.host == host || flow.to.host == host);
  });
}

std::string why_no_kernel(const Host& host) {
  if (host.kind == Host::Kind::kCompose) return "nothing of it runs yet";
  if (!host.kernel_missing.empty()) return host.kernel_missing;
  return "it was not read: that takes root on the engine's machine";
}

// Verdicts that nothing explains: of each pair one.
void add_unexplained(const Estate& estate, const FlowEnds& ends, const Flows& flows,
                     std::vector<Gap>& out) {
  std::set<HostId> explained;
  for (const FlowGap& gap : flows.gaps) explained.insert(gap.host);
  for (const Flow& flow : flows.flows) {
    if (flow.open || explained.contains(flow.from.host) || explained.contains(flow.to.host)) {
      continue;
    }
    out.push_back({.what = "whether " + ends.name_of(flow.from) + " reaches " +
                           ends.name_of(flow.to) + " at " + destination_text(flow),
                   .why = "a rule or a state on the way is not understood",
                   .host = estate[flow.from.host].name,
                   .needed_by = flow_codes()});
  }
}

void tidy_gaps(std::vector<Gap>& gaps) {
  std::ranges::sort(gaps);
  const auto repeated = std::ranges::unique(gaps);
  gaps.erase(repeated.begin(), repeated.end());
}

}  // namespace

FlowKnowledge flow_knowledge(const Estate& estate, const FlowEnds& ends, const Flows& flows) {
  FlowKnowledge out;
  for (const FlowGap& gap : flows.gaps) {
    const Host& host = estate[gap.host];
    if (!host.kernel) continue;  // said once, below
    const std::string inside =
        gap.container ? " of container " + estate[*gap.container].name : std::string();
    out.gaps.push_back({.what = gap.what.ends_with(inside) ? gap.what : gap.what + inside,
                        .why = gap.why,
                        .host = host.name,
                        .needed_by = flow_codes()});
  }
  add_unexplained(estate, ends, flows, out.gaps);
  for (std::size_t i = 0; i < estate.snapshot().hosts.size(); ++i) {
    const Host& host = estate[HostId(i)];
    if (host.kernel || is_derived(flows, HostId(i))) continue;
    out.without_kernel.push_back({.what = "kernel state",
                                  .why = why_no_kernel(host),
                                  .host = host.name,
                                  .needed_by = flow_codes()});
  }
  tidy_gaps(out.gaps);
  tidy_gaps(out.without_kernel);
  return out;
}

bool has_kernel_state(const Estate& estate) {
  return std::ranges::any_of(estate.snapshot().hosts,
                             [](const Host& host) { return host.kernel.has_value(); });
}

}  // namespace firebreak
