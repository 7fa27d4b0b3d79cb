#include "report/map_groups.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace firebreak {
namespace {

enum class Grain : std::uint8_t { kWorkload, kProject, kNetworks };

// Names of networks mean something on their host alone, but for those that span hosts.
class NetworkNames {
 public:
  explicit NetworkNames(const Report& report) {
    for (const ReportNetwork& network : report.networks) {
      seen_.emplace(network.host, network.name);
      if (network.driver == "overlay") spanning_.insert(network.name);
    }
  }

  [[nodiscard]] std::string key(const std::string& host, const std::string& name) const {
    const bool spans = spanning_.contains(name);
    return (spans ? std::string() : host) + "\n" + name;
  }

 private:
  std::set<std::pair<std::string, std::string>> seen_;
  std::set<std::string> spanning_;
};

std::string project_of(const ReportWorkload& workload) {
  return workload.project.empty() ? "networks " + join(workload.networks, ", ")
                                  : "project " + workload.project;
}

std::tuple<std::string, std::string, std::string> key_of(const ReportWorkload& workload,
                                                         Grain grain) {
  switch (grain) {
    case Grain::kWorkload: break;
    case Grain::kProject: return {workload.environment, workload.host, project_of(workload)};
    case Grain::kNetworks:
      return {workload.environment, "", "networks " + join(workload.networks, ", ")};
  }
  return {workload.environment, workload.host, workload.name + "\n" + workload.project};
}

void finish(MapGroup& group, Grain grain, const NetworkNames& names) {
  std::set<std::string> networks;
  for (const ReportWorkload* member : group.members) {
    for (const std::string& name : member->networks) {
      if (name == "none") continue;
      networks.insert(names.key(grain == Grain::kNetworks ? "" : member->host, name));
    }
  }
  group.networks.assign(networks.begin(), networks.end());
  const ReportWorkload& first = *group.members.front();
  if (group.members.size() == 1) {
    group.name = first.name;
  } else if (grain == Grain::kProject && !first.project.empty()) {
    group.name = fmt::format("{}: {} workloads", first.project, group.members.size());
  } else {
    group.name = fmt::format("{} workloads", group.members.size());
  }
}

std::vector<MapGroup> grouped_by(const Report& report, Grain grain, const NetworkNames& names) {
  std::map<std::tuple<std::string, std::string, std::string>, MapGroup> groups;
  for (const ReportWorkload& workload : report.workloads) {
    const auto key = key_of(workload, grain);
    MapGroup& group = groups[key];
    group.environment = std::get<0>(key);
    group.host = std::get<1>(key);
    group.members.push_back(&workload);
  }
  std::vector<MapGroup> out;
  out.reserve(groups.size());
  for (auto& [key, group] : groups) {
    finish(group, grain, names);
    out.push_back(std::move(group));
  }
  return out;
}

}  // namespace

std::vector<MapGroup> map_groups(const Report& report, std::size_t most, bool& grouped) {
  const NetworkNames names(report);
  std::vector<MapGroup> out;
  for (const Grain grain : {Grain::kWorkload, Grain::kProject, Grain::kNetworks}) {
    out = grouped_by(report, grain, names);
    if (out.size() <= most) break;
  }
  grouped =
      std::ranges::any_of(out, [](const MapGroup& group) { return group.members.size() > 1; });
  return out;
}

}  // namespace firebreak
