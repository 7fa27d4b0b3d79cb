// NET006: networks that look separate and share the wire beneath.
#include <algorithm>
#include <map>
#include <set>

#include "checks/host_families.h"
#include "checks/network_families.h"
#include "checks/support.h"

namespace firebreak {
namespace {

class LayerTwoCheck {
 public:
  LayerTwoCheck(const Estate& estate, const NetworkSides& sides, Findings& out)
      : estate_(estate), sides_(sides), out_(out) {}

  void run() {
    std::map<std::pair<HostId, std::string_view>, std::vector<NetworkId>> parents;
    for (std::size_t i = 0; i < estate_.networks().size(); ++i) {
      const NetworkId id(i);
      const Network& network = *estate_[id].network;
      if (network.driver == "macvlan" || network.driver == "ipvlan") {
        const std::string_view parent = option(network, "parent");
        if (!parent.empty()) parents[{estate_[id].host, parent}].push_back(id);
      } else if (network.driver == "overlay") {
        check_overlay(id);
      } else if (forbids_icc(network)) {
        check_icc(id);
      }
    }
    for (const auto& [where, networks] : parents) check_parent(where.first, where.second, networks);
  }

 private:
  [[nodiscard]] const std::string& name(NetworkId id) const { return estate_[id].network->name; }

  [[nodiscard]] std::vector<EnvironmentId> users(NetworkId id) const {
    std::vector<EnvironmentId> out = sides_.on(id);
    const auto owner = policy_owner(estate_, id);
    if (owner && std::ranges::find(out, *owner) == out.end()) out.push_back(*owner);
    std::ranges::sort(out);
    return out;
  }

  // Networks on one parent interface are one Ethernet segment, whatever their subnets.
  void check_parent(HostId host, std::string_view parent, const std::vector<NetworkId>& networks) {
    std::set<EnvironmentPair> seen;
    for (const NetworkId one : networks) {
      for (const NetworkId other : networks) {
        if (one == other) continue;
        for (const EnvironmentId a : users(one)) {
          for (const EnvironmentId b : users(other)) {
            if (a == b || undirected(estate_, a, b).from != a) continue;
            // Members of one network are NET001's matter.
            if (std::ranges::binary_search(users(other), a) ||
                std::ranges::binary_search(users(one), b)) {
              continue;
            }
            if (seen.insert({a, b}).second) report_parent(host, parent, one, other, {a, b});
          }
        }
      }
    }
  }

  void report_parent(HostId host, std::string_view parent, NetworkId one, NetworkId other,
                     const EnvironmentPair& pair) {
    const std::string interface(parent);
    Finding finding = make_finding(estate_, Code::kNet006, pair,
                                   {stable_name(estate_, host, "parent " + interface)});
    finding.title = "networks " + name(one) + " of " + estate_[pair.from].name + " and " +
                    name(other) + " of " + estate_[pair.to].name + " share the interface " +
                    interface;
    std::vector<WorkloadId> involved = sides_.members(one, pair.from, pair.to);
    const auto more = sides_.members(other, pair.to, pair.from);
    involved.insert(involved.end(), more.begin(), more.end());
    add_workloads(estate_, involved, finding);
    finding.subjects.push_back(subject_of(estate_, one));
    finding.subjects.push_back(subject_of(estate_, other));
    finding.path = {
        {.at = "network " + name(one), .why = estate_[one].network->driver + " on " + interface},
        {.at = estate_[host].name + " " + interface,
         .why = "one Ethernet segment: an address of the other subnet is all that is needed"},
        {.at = "network " + name(other),
         .why = estate_[other].network->driver + " on " + interface}};
    finding.remedy.push_back(
        {.text = "Make the network of " + estate_[pair.from].name +
                 " anew on a parent of its own (`-o parent=" + interface +
                 ".VLAN` on a VLAN that no router joins to the other one), and move its members.",
         .commands = {}});
    out_.push_back(std::move(finding));
  }

  // A process anywhere on a node can send VXLAN datagrams to it; without IPsec they are believed.
  void check_overlay(NetworkId id) {
    const Network& network = *estate_[id].network;
    if (network.ingress || has_option(network, "encrypted")) return;
    const auto victims = users(id);
    if (victims.empty()) return;
    std::set<EnvironmentId> neighbours;
    for (const HostId seen : estate_[id].hosts) {
      for (const HostId host : swarm_of(estate_, seen)) {
        if (estate_[host].kind == Host::Kind::kCompose) continue;
        const auto there = estate_.environments_on(host);
        neighbours.insert(there.begin(), there.end());
      }
    }
    for (const EnvironmentId to : victims) {
      for (const EnvironmentId from : neighbours) {
        if (std::ranges::binary_search(victims, from)) continue;  // on it: NET001
        report_overlay(id, {from, to});
      }
    }
  }

  void report_overlay(NetworkId id, const EnvironmentPair& pair) {
    Finding finding = make_finding(estate_, Code::kNet006, pair, {stable_name(estate_, id)});
    finding.title = "overlay network " + name(id) + " of " + estate_[pair.to].name +
                    " is not encrypted: " + estate_[pair.from].name + " can inject into it";
    add_workloads(estate_, sides_.members(id, pair.to, pair.from), finding);
    finding.subjects.push_back(subject_of(estate_, id));
    finding.path = {
        {.at = estate_[pair.from].name,
         .why = "has containers on nodes of the Swarm; any of them can send to UDP 4789 of a node, "
                "without any capability"},
        {.at = "VXLAN, UDP 4789", .why = "no authentication: the frame is taken as a member's"},
        {.at = "network " + name(id), .why = "delivers it to members of " + estate_[pair.to].name}};
    finding.remedy.push_back(
        {.text = "An overlay cannot be encrypted later: create one with `--opt encrypted` (in a "
                 "stack file `driver_opts: {encrypted: \"true\"}`), move the services to it, and "
                 "remove " +
                 name(id) + ".",
         .commands = {command_line(engine_command(estate_, estate_[id].host),
                                   {"network", "create", "--driver", "overlay", "--attachable",
                                    "--opt", "encrypted", name(id) + "-encrypted"})}});
    out_.push_back(std::move(finding));
  }

  // icc=false is a rule of the packet filter, which bridged frames pass only with br_netfilter.
  void check_icc(NetworkId id) {
    const HostId host = estate_[id].host;
    if (estate_[host].engine.bridge_nf_iptables != false) return;
    for (const EnvironmentPair& pair : pairs_of(estate_, users(id))) {
      std::vector<WorkloadId> involved = sides_.members(id, pair.from, pair.to);
      const auto high = sides_.members(id, pair.to, pair.from);
      if (involved.empty() || high.empty()) continue;
      involved.insert(involved.end(), high.begin(), high.end());
      Finding finding = make_finding(estate_, Code::kNet006, pair, {stable_name(estate_, id)});
      finding.title = "icc=false of network " + name(id) + " has no effect between " +
                      estate_[pair.from].name + " and " + estate_[pair.to].name;
      add_workloads(estate_, involved, finding);
      finding.subjects.push_back(subject_of(estate_, id));
      finding.path = {{.at = "network " + name(id),
                       .why = "forbids traffic between its members by a packet filter rule"},
                      {.at = "host " + estate_[host].name,
                       .why = "bridge-nf-call-iptables is off: frames between members of a bridge "
                              "never meet that rule"}};
      finding.remedy.push_back(separate_members(estate_, sides_, id));
      out_.push_back(std::move(finding));
    }
  }

  const Estate& estate_;
  const NetworkSides& sides_;
  Findings& out_;
};

}  // namespace

void check_layer_two(const Estate& estate, const NetworkSides& sides, Findings& out) {
  LayerTwoCheck(estate, sides, out).run();
}

}  // namespace firebreak
