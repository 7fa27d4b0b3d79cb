// NET007: names that mean another environment's container.
//
// Two ways show in a snapshot: a configured name that resolves to the other side only, and a name
// that members of both sides claim on one network, where the embedded DNS takes turns.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "checks/network_families.h"
#include "checks/support.h"
#include "estate/networks.h"

namespace firebreak {
namespace {

class NameCheck {
 public:
  NameCheck(const Estate& estate, const NetworkSides& sides, Findings& out)
      : estate_(estate), sides_(sides), out_(out) {}

  void run() {
    for (std::size_t i = 0; i < estate_.networks().size(); ++i) {
      const NetworkId id(i);
      if (sides_.crosses(id) && has_dns(*estate_[id].network)) check_claims(id);
    }
    for (const Connection& connection : estate_.connections()) check_use(connection);
  }

 private:
  struct Claim {
    std::string_view name;
    WorkloadId workload;
    friend auto operator<=>(const Claim&, const Claim&) = default;
  };

  [[nodiscard]] std::vector<Claim> claims(NetworkId id) const {
    std::vector<Claim> out;
    for (const Member& member : estate_[id].members) {
      const Container& container = estate_[member.container];
      for (const std::string& name : container.endpoints[member.endpoint].names) {
        // Ids are nobody's names.
        if (name != container.hostname && !container.id.value.starts_with(name)) {
          out.push_back({name, member.workload});
        }
      }
    }
    std::ranges::sort(out);
    const auto repeated = std::ranges::unique(out);
    out.erase(repeated.begin(), repeated.end());
    return out;
  }

  struct Collision {
    std::vector<std::string> names;
    std::set<WorkloadId> workloads;
  };

  // One finding for each network and pair, however many names collide.
  void check_claims(NetworkId id) {
    const auto all = claims(id);
    std::map<EnvironmentPair, Collision> collisions;
    for (std::size_t first = 0; first < all.size();) {
      std::size_t end = first + 1;
      while (end < all.size() && all[end].name == all[first].name) ++end;
      for (std::size_t i = first; i < end; ++i) {
        for (std::size_t j = i + 1; j < end; ++j) collide(all[i], all[j], collisions);
      }
      first = end;
    }
    for (const auto& [pair, collision] : collisions) report_claims(id, pair, collision);
  }

  void collide(const Claim& one, const Claim& other,
               std::map<EnvironmentPair, Collision>& collisions) const {
    const Workload& left = estate_[one.workload];
    const Workload& right = estate_[other.workload];
    for (const EnvironmentId a : sides_of(left)) {
      for (const EnvironmentId b : sides_of(right)) {
        if (stands_for(left, b) || stands_for(right, a)) continue;
        Collision& into = collisions[undirected(estate_, a, b)];
        if (into.names.empty() || into.names.back() != one.name) into.names.emplace_back(one.name);
        into.workloads.insert({one.workload, other.workload});
      }
    }
  }

  void report_claims(NetworkId id, const EnvironmentPair& pair, const Collision& collision) {
    const std::string& network = estate_[id].network->name;
    Finding finding =
        make_finding(estate_, Code::kNet007, pair, {stable_name(estate_, id), "claims"});
    finding.title = (collision.names.size() == 1 ? "the name " : "the names ") +
                    listed(collision.names) + " on " + network + " mean" +
                    (collision.names.size() == 1 ? "s" : "") + " containers of " +
                    estate_[pair.from].name + " and of " + estate_[pair.to].name;
    const std::vector<WorkloadId> workloads(collision.workloads.begin(), collision.workloads.end());
    add_workloads(estate_, workloads, finding);
    finding.subjects.push_back(subject_of(estate_, id));
    for (const WorkloadId workload : workloads) {
      finding.path.push_back({.at = display_name(estate_, workload),
                              .why = "answers to " + listed(collision.names) + " on " + network});
    }
    finding.path.push_back(
        {.at = "DNS of network " + network, .why = "answers with all of them, in turns"});
    finding.remedy.push_back(separate_members(estate_, sides_, id));
    out_.push_back(std::move(finding));
  }

  // A configured name that leads to the other side and to nobody of its own.
  void check_use(const Connection& connection) {
    if (connection.resolution.kind != Resolution::Kind::kContainers) return;
    const Workload& user = estate_[connection.from];
    if (sides_of(user).empty()) return;
    std::set<WorkloadId> targets;
    for (const ContainerId id : connection.resolution.containers) {
      const Workload& target = estate_[estate_.workload_of(id)];
      const bool own = std::ranges::any_of(
          sides_of(user), [&](EnvironmentId side) { return stands_for(target, side); });
      if (own || sides_of(target).empty()) return;
      targets.insert(estate_.workload_of(id));
    }
    for (const WorkloadId target : targets) {
      for (const EnvironmentId a : sides_of(user)) {
        for (const EnvironmentId b : sides_of(estate_[target]))
          report_use(connection, target, a, b);
      }
    }
  }

  void report_use(const Connection& connection, WorkloadId target, EnvironmentId a,
                  EnvironmentId b) {
    const EnvironmentPair pair = undirected(estate_, a, b);
    const std::string& host = connection.target->host;
    const bool is_address = IpAddress::parse(host).has_value();
    if (!used_.emplace(connection.from, target, host).second) return;
    Finding finding =
        make_finding(estate_, Code::kNet007, pair,
                     {stable_name(estate_, connection.from), stable_name(estate_, target), host});
    finding.title = (is_address ? "the address " : "the name ") + host + " leads " +
                    display_name(estate_, connection.from) + " to " + display_name(estate_, target);
    const std::array workloads = {connection.from, target};
    add_workloads(estate_, workloads, finding);
    finding.path = {{.at = display_name(estate_, connection.from) + ", " + connection.variable,
                     .why = "names " + host}};
    if (connection.resolution.network) {
      const NetworkId network = *connection.resolution.network;
      finding.subjects.push_back(subject_of(estate_, network));
      finding.path.push_back({.at = "network " + estate_[network].network->name,
                              .why = is_address ? "has that address" : "its DNS answers the name"});
    }
    finding.path.push_back({.at = display_name(estate_, target), .why = "is the answer"});
    finding.remedy.push_back({.text = "Point `" + connection.variable + "` of " +
                                      definition_of(estate_, connection.from) + " at a system of " +
                                      estate_[a].name + ".",
                              .commands = {}});
    if (connection.resolution.network && sides_.crosses(*connection.resolution.network)) {
      finding.remedy.push_back(separate_members(estate_, sides_, *connection.resolution.network));
    }
    out_.push_back(std::move(finding));
  }

  const Estate& estate_;
  const NetworkSides& sides_;
  Findings& out_;
  std::set<std::tuple<WorkloadId, WorkloadId, std::string_view>> used_;
};

}  // namespace

void check_names(const Estate& estate, const NetworkSides& sides, Findings& out) {
  NameCheck(estate, sides, out).run();
}

}  // namespace firebreak
