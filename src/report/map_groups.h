// Which workloads share a box on the map.
#pragma once

#include <string>
#include <vector>

#include "findings/report.h"

namespace firebreak {

struct MapGroup {
  std::string environment;
  std::string host;  // empty: several
  std::string name;
  std::vector<std::string> networks;  // "host\nname": hosts have networks of equal names
  std::vector<const ReportWorkload*> members;
};

// Groups in the order of (environment, host, name). `grouped` says whether any has several members.
[[nodiscard]] std::vector<MapGroup> map_groups(const Report& report, std::size_t most,
                                               bool& grouped);

}  // namespace firebreak
