#include "findings/severity.h"

#include <algorithm>

namespace firebreak {
namespace {

std::optional<Demand> demand_of(const Demands& demands, const CodeInfo& code,
                                const std::vector<std::string>& environments) {
  if (environments.empty() || !code.dimension) return std::nullopt;
  const auto from = demands.find(environments[0]);
  if (!from) return std::nullopt;
  if (environments.size() == 1) return demands.around(code, *from);
  const auto to = demands.find(environments[1]);
  if (!to || *to == *from) return std::nullopt;
  return demands.between(code, *from, *to);
}

bool climbs(const Estate& estate, const Demands& demands,
            const std::vector<std::string>& environments) {
  if (environments.size() < 2) return true;
  const auto from = demands.find(environments[0]);
  const auto to = demands.find(environments[1]);
  return !from || !to || estate.climbs(*from, *to);
}

void accept(Finding& finding) {
  finding.accepted = true;
  finding.severity = Severity::kInfo;
}

}  // namespace

void settle_severity(const Estate& estate, const Demands& demands, Finding& finding) {
  if (finding.accepted) return accept(finding);
  const CodeInfo& code = info(finding.code);
  const auto demand = demand_of(demands, code, finding.environments);
  if (!demand) return;
  if (!climbs(estate, demands, finding.environments)) finding.severity = lowered(finding.severity);
  switch (*demand) {
    case Demand::kRequired: break;
    case Demand::kUnstated: finding.severity = std::min(finding.severity, code.unstated); break;
    case Demand::kAccepted: accept(finding); break;
  }
}

}  // namespace firebreak
