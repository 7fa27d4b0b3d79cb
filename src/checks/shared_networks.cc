// NET001: networks with members of several environments, and strangers on owned ones.
#include <algorithm>
#include <array>

#include "checks/network_families.h"
#include "checks/support.h"
#include "estate/networks.h"

namespace firebreak {
namespace {

class SharedNetworkCheck {
 public:
  SharedNetworkCheck(const Estate& estate, const NetworkSides& sides, Findings& out)
      : estate_(estate), sides_(sides), out_(out) {}

  void check(NetworkId id) {
    std::vector<EnvironmentId> environments = sides_.on(id);
    const auto owner = policy_owner(estate_, id);
    if (owner) environments.push_back(*owner);
    for (const EnvironmentPair& pair : pairs_of(estate_, environments)) {
      const auto low = sides_.members(id, pair.from, pair.to);
      const auto high = sides_.members(id, pair.to, pair.from);
      const bool low_there = !low.empty() || owner == pair.from;
      const bool high_there = !high.empty() || owner == pair.to;
      if (low_there && high_there && !(low.empty() && high.empty())) {
        report(id, pair, low, high);
      }
    }
    if (owner) check_strangers(id, *owner);
  }

 private:
  [[nodiscard]] const Network& network(NetworkId id) const { return *estate_[id].network; }

  // "development/api 172.19.0.2", of the first member that runs.
  [[nodiscard]] std::string place(NetworkId id, const std::vector<WorkloadId>& workloads) const {
    const Member* best = nullptr;
    for (const Member& member : estate_[id].members) {
      if (std::ranges::find(workloads, member.workload) == workloads.end()) continue;
      const bool runs = estate_[member.container].state == RunState::kRunning;
      const bool better =
          best == nullptr || (runs && estate_[best->container].state != RunState::kRunning);
      if (better) best = &member;
    }
    if (best == nullptr) return {};
    std::string out = display_name(estate_, best->workload);
    const auto& endpoints = estate_[best->container].endpoints;
    if (best->endpoint < endpoints.size() && endpoints[best->endpoint].ipv4) {
      out += " " + endpoints[best->endpoint].ipv4->text();
    }
    return out;
  }

  [[nodiscard]] Hop side(NetworkId id, EnvironmentId environment,
                         const std::vector<WorkloadId>& members) const {
    const std::string& name = network(id).name;
    if (members.empty()) {
      return {.at = estate_[environment].name, .why = "owns " + name + " by the policy"};
    }
    std::string why = "attached to " + name;
    if (members.size() > 1) {
      why +=
          ", like " + std::to_string(members.size() - 1) + " more of " + estate_[environment].name;
    }
    return {.at = place(id, members), .why = why};
  }

  [[nodiscard]] Hop wire(NetworkId id) const {
    const Network& at = network(id);
    std::string why = forbids_icc(at)
                          ? "icc=false stops IP between members, raw Ethernet frames still pass"
                          : "members reach every port of each other, published or not";
    if (has_dns(at)) why += "; its DNS answers their names";
    return {.at = "network " + at.name + " (" + at.driver + ")", .why = why};
  }

  void add_icc_note(NetworkId id, Finding& finding) const {
    if (!forbids_icc(network(id))) return;
    const auto filtered = estate_[estate_[id].host].engine.bridge_nf_iptables;
    if (filtered == false) {
      finding.notes.emplace_back("icc=false has no effect here: br_netfilter is off");
      return;
    }
    finding.severity = lowered(finding.severity);
    finding.notes.emplace_back(
        filtered ? "better: icc=false stops IP packets between its members"
                 : "better if br_netfilter is on, which this engine does not tell: icc=false");
  }

  void report(NetworkId id, const EnvironmentPair& pair, const std::vector<WorkloadId>& low,
              const std::vector<WorkloadId>& high) {
    Finding finding = make_finding(estate_, Code::kNet001, pair, {stable_name(estate_, id)});
    finding.title = "network " + network(id).name + " joins " + estate_[pair.from].name + " and " +
                    estate_[pair.to].name;
    add_icc_note(id, finding);
    std::vector<WorkloadId> all = low;
    all.insert(all.end(), high.begin(), high.end());
    add_workloads(estate_, all, finding);
    finding.path = {side(id, pair.from, low), wire(id), side(id, pair.to, high)};
    finish(id, std::move(finding));
  }

  // Members of no environment on a network that the policy gives to one.
  void check_strangers(NetworkId id, EnvironmentId owner) {
    std::vector<WorkloadId> strangers;
    for (const Member& member : estate_[id].members) {
      if (!sides_of(estate_[member.workload]).empty()) continue;
      if (strangers.empty() || strangers.back() != member.workload) {
        strangers.push_back(member.workload);
      }
    }
    if (strangers.empty()) return;
    const std::array environments = {owner};
    Finding finding =
        make_finding(estate_, Code::kNet001, environments, {stable_name(estate_, id)});
    finding.title = listed(estate_, strangers) + (strangers.size() == 1 ? " stands" : " stand") +
                    " on network " + network(id).name + " of " + estate_[owner].name +
                    " without belonging to it";
    add_icc_note(id, finding);
    add_workloads(estate_, strangers, finding);
    finding.path = {{.at = place(id, strangers),
                     .why = "attached to " + network(id).name + ", of no environment"},
                    wire(id),
                    {.at = estate_[owner].name, .why = "owns the network by the policy"}};
    for (const WorkloadId stranger : strangers) {
      finding.remedy.push_back(leave_network(estate_, stranger, id));
    }
    finish(id, std::move(finding));
  }

  void finish(NetworkId id, Finding finding) {
    finding.subjects.push_back(subject_of(estate_, id));
    if (finding.remedy.empty()) finding.remedy.push_back(remedy_for(id));
    out_.push_back(std::move(finding));
  }

  // The pairs of a network have one remedy in common.
  const Remedy& remedy_for(NetworkId id) {
    if (!remedy_ || remedy_->first != id) {
      remedy_.emplace(id, separate_members(estate_, sides_, id));
    }
    return remedy_->second;
  }

  const Estate& estate_;
  const NetworkSides& sides_;
  Findings& out_;
  std::optional<std::pair<NetworkId, Remedy>> remedy_;
};

}  // namespace

void check_shared_networks(const Estate& estate, const NetworkSides& sides, Findings& out) {
  SharedNetworkCheck check(estate, sides, out);
  for (std::size_t i = 0; i < estate.networks().size(); ++i) {
    const NetworkId id(i);
    const auto owner = policy_owner(estate, id);
    if (!joins_members(*estate[id].network)) continue;
    if (sides.crosses(id) || (owner && !estate[id].members.empty())) check.check(id);
  }
}

}  // namespace firebreak
