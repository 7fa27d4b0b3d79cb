// NET004: containers that stand in networks of two environments.
//
// A network belongs to the environments of its other members and of its owner. A pivot joins A and
// B if one of its networks belongs to A and not to B, and another to B and not to A: networks that
// belong to both join them already, without it (NET001).
#include <algorithm>
#include <array>
#include <map>

#include "checks/network_families.h"
#include "checks/support.h"

namespace firebreak {
namespace {

bool holds(const std::vector<EnvironmentId>& list, EnvironmentId environment) {
  return std::ranges::binary_search(list, environment);
}

class PivotCheck {
 public:
  PivotCheck(const Estate& estate, const NetworkSides& sides, Findings& out)
      : estate_(estate), sides_(sides), out_(out) {}

  void check(WorkloadId id) {
    const auto networks = networks_of(id);
    if (networks.size() < 2) return;
    std::vector<std::pair<NetworkId, std::vector<EnvironmentId>>> owners;
    for (const NetworkId network : networks) {
      auto environments = sides_.without(network, estate_[id]);
      if (!environments.empty()) owners.emplace_back(network, std::move(environments));
    }
    std::map<EnvironmentPair, std::array<NetworkId, 2>> pairs;
    for (const auto& [one, of_one] : owners) {
      for (const auto& [other, of_other] : owners) {
        for (const EnvironmentId a : of_one) {
          for (const EnvironmentId b : of_other) {
            if (holds(of_other, a) || holds(of_one, b)) continue;
            const EnvironmentPair pair = undirected(estate_, a, b);
            if (pair.from == a) pairs.try_emplace(pair, std::array{one, other});
          }
        }
      }
    }
    for (const auto& [pair, joined] : pairs) report(id, pair, joined);
  }

 private:
  // Of all replicas; one that stands alone on a network is no way through.
  [[nodiscard]] std::vector<NetworkId> networks_of(WorkloadId id) const {
    std::vector<NetworkId> out;
    for (const ContainerId container : estate_[id].containers) {
      const auto& endpoints = estate_[container].endpoints;
      if (endpoints.size() < 2) continue;
      for (const Endpoint& endpoint : endpoints) {
        const auto network = estate_.network_of(container, endpoint);
        if (network && joins_members(*estate_[*network].network)) out.push_back(*network);
      }
    }
    std::ranges::sort(out);
    const auto repeated = std::ranges::unique(out);
    out.erase(repeated.begin(), repeated.end());
    return out;
  }

  void report(WorkloadId id, const EnvironmentPair& pair, const std::array<NetworkId, 2>& joined) {
    const Workload& workload = estate_[id];
    Finding finding = make_finding(estate_, Code::kNet004, pair, {stable_name(estate_, id)});
    finding.title = display_name(estate_, id) + " stands in networks of " +
                    estate_[pair.from].name + " and of " + estate_[pair.to].name;
    const std::array workloads = {id};
    add_workloads(estate_, workloads, finding);
    for (const NetworkId network : joined) {
      finding.subjects.push_back(subject_of(estate_, network));
    }
    finding.path = {belongs(joined[0], pair.from),
                    {.at = display_name(estate_, id),
                     .why = "member of both; what it runs connects to either side"},
                    belongs(joined[1], pair.to)};
    finding.accepted = stands_for(workload, pair.from) && stands_for(workload, pair.to);
    if (finding.accepted) {
      finding.notes.emplace_back("the policy declares it as shared between them");
    } else {
      finding.remedy.push_back(remedy(id, pair, joined));
    }
    out_.push_back(std::move(finding));
  }

  [[nodiscard]] Hop belongs(NetworkId id, EnvironmentId environment) const {
    const bool owned = policy_owner(estate_, id) == environment;
    const std::string& name = estate_[environment].name;
    return {.at = "network " + estate_[id].network->name,
            .why = owned ? "belongs to " + name + " by the policy" : "has members of " + name};
  }

  // It leaves what is not its own; one that belongs to nobody leaves the lower side.
  [[nodiscard]] Remedy remedy(WorkloadId id, const EnvironmentPair& pair,
                              const std::array<NetworkId, 2>& joined) const {
    const Workload& workload = estate_[id];
    Remedy out = stands_for(workload, pair.from) ? leave_network(estate_, id, joined[1])
                                                 : leave_network(estate_, id, joined[0]);
    const bool third = !sides_of(workload).empty() && !stands_for(workload, pair.from) &&
                       !stands_for(workload, pair.to);
    if (third) {
      const Remedy more = leave_network(estate_, id, joined[1]);
      out.text += " " + more.text;
      out.commands.insert(out.commands.end(), more.commands.begin(), more.commands.end());
    }
    if (sides_of(workload).empty()) {
      out.text += " Run a second one for " + estate_[pair.from].name +
                  " if it is needed there, or declare it under `shared` in the policy, with a "
                  "reason.";
    }
    return out;
  }

  const Estate& estate_;
  const NetworkSides& sides_;
  Findings& out_;
};

}  // namespace

void check_pivots(const Estate& estate, const NetworkSides& sides, Findings& out) {
  PivotCheck check(estate, sides, out);
  for (std::size_t i = 0; i < estate.workloads().size(); ++i) check.check(WorkloadId(i));
}

}  // namespace firebreak
