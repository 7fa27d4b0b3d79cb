#include "findings/gaps.h"

#include <algorithm>

#include "base/text.h"

namespace firebreak {
namespace {

constexpr std::string_view kWholeHost = "the host";

bool is_planned_only(const Estate& estate, const Environment& environment) {
  return !environment.workloads.empty() &&
         std::ranges::all_of(environment.workloads, [&](WorkloadId id) {
           return estate[estate[id].host].kind == Host::Kind::kCompose;
         });
}

// A compose file does not say on which host it will run. Where hosts must be separate, that is a
// thing to be known.
bool hosts_must_be_known(const Estate& estate, const Demands& demands) {
  const auto environments = estate.environments();
  for (std::size_t a = 0; a < environments.size(); ++a) {
    if (!is_planned_only(estate, environments[a])) continue;
    for (std::size_t b = 0; b < environments.size(); ++b) {
      if (a == b || environments[b].workloads.empty()) continue;
      const Required& required =
          demands.level(EnvironmentId(a), EnvironmentId(b), Dimension::kHost);
      if (required.level != Level::kAny) return true;
    }
  }
  return false;
}

}  // namespace

Finding incomplete(const Gap& gap) {
  Finding out;
  out.code = Code::kAud006;
  out.severity = info(Code::kAud006).severity;
  out.fingerprint = finding_fingerprint(Code::kAud006, {}, {gap.host, gap.what});
  const std::string where = gap.host.empty() ? "" : " on " + gap.host;
  out.title =
      (gap.what == kWholeHost && !gap.host.empty() ? "the host " + gap.host : gap.what + where) +
      " could not be seen: " + gap.why;
  if (!gap.host.empty()) {
    out.subjects.push_back({.kind = "host", .host = gap.host, .name = gap.host, .environment = ""});
  }
  out.path.push_back({.at = gap.what + where, .why = gap.why});
  if (!gap.needed_by.empty()) out.notes.push_back("needed by " + join(gap.needed_by, ", "));
  out.remedy.push_back({.text = "Remove the cause and audit again.", .commands = {}});
  return out;
}

bool is_required(const Demands& demands, const Gap& gap) {
  if (gap.what == kWholeHost) return true;
  return std::ranges::any_of(gap.needed_by, [&](const std::string& name) {
    const auto code = parse_code(name);
    return code && info(*code).checked && demands.required_somewhere(info(*code));
  });
}

std::vector<Gap> gaps_of(const Estate& estate, const Demands& demands) {
  std::vector<Gap> out = estate.snapshot().gaps;
  if (hosts_must_be_known(estate, demands)) {
    out.push_back({.what = "the hosts on which compose files will run",
                   .why = "nothing of them runs yet",
                   .host = "",
                   .needed_by = {"HOST001"}});
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

void report_gaps(const Demands& demands, const std::vector<Gap>& gaps,
                 std::vector<Finding>& findings) {
  for (const Gap& gap : gaps) {
    if (is_required(demands, gap)) findings.push_back(incomplete(gap));
  }
}

bool hides(const Gap& gap, Dimension dimension) {
  if (gap.what == kWholeHost) return true;
  return std::ranges::any_of(gap.needed_by, [&](const std::string& name) {
    const auto code = parse_code(name);
    return code && info(*code).checked && info(*code).dimension == dimension;
  });
}

}  // namespace firebreak
