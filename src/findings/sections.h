// The parts of a report that describe the estate: for the map, and for readers who ask why.
#pragma once

#include <vector>

#include "estate/estate.h"
#include "findings/report.h"

namespace firebreak {

[[nodiscard]] std::vector<ReportHost> report_hosts(const Estate& estate);
[[nodiscard]] std::vector<ReportEnvironment> report_environments(const Estate& estate);
[[nodiscard]] std::vector<ReportWorkload> report_workloads(const Estate& estate);
[[nodiscard]] std::vector<ReportNetwork> report_networks(const Estate& estate);

}  // namespace firebreak
