// Namespaces that differ in nothing but their addresses, as one.
//
// Most containers of a network are alike: one interface, one default route, no packet filter but
// the one for Docker's name server. Taken together, a host costs as much as it has networks, not as
// it has containers.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "reach/model.h"

namespace firebreak {
namespace {

bool within_loopback(const AddressRange& range) {
  return range.first.is_loopback() && range.last.is_loopback();
}

// Rules for addresses of the loopback interface alone concern nobody else: Docker's name server at
// 127.0.0.11 is reached by such.
bool concerns_loopback_alone(const Rule& rule) {
  return std::ranges::any_of(rule.conditions, [](const Condition& condition) {
    const auto* address = std::get_if<OnAddress>(&condition.what);
    return address != nullptr && !condition.negated &&
           std::ranges::all_of(address->any_of, within_loopback);
  });
}

bool lets_all_pass(const Program& program) {
  return std::ranges::all_of(program.base_chains, [&](const BaseChain& base) {
    return base.policy_accepts &&
           std::ranges::all_of(program.chains[base.chain.index()].rules, concerns_loopback_alone);
  });
}

bool asks_for_bridge_ports(const Program& program) {
  return std::ranges::any_of(program.chains, [](const Chain& chain) {
    return std::ranges::any_of(chain.rules, [](const Rule& rule) {
      return std::ranges::any_of(rule.conditions, [](const Condition& condition) {
        return std::holds_alternative<OnBridgePort>(condition.what);
      });
    });
  });
}

// All that decides what becomes of packets, but for the addresses.
using Likeness = std::tuple<HostId, SegmentId, std::vector<NetRoute>, std::vector<NetRule>,
                            std::vector<Sysctl>, std::vector<std::uint8_t>>;

class Folder {
 public:
  explicit Folder(NetModel& model) : model_(model) {
    for (const Space& space : model.spaces) {
      for (const NetRoute& route : space.state->routes) {
        if (route.gateway) gateways_.insert(*route.gateway);
      }
      if (std::ranges::any_of(space.programs, asks_for_bridge_ports))
        told_apart_.insert(space.host);
    }
  }

  void fold() {
    std::map<Likeness, std::vector<std::size_t>> alike;
    for (std::size_t i = 0; i < model_.spaces.size(); ++i) {
      const auto link = only_link(model_.spaces[i]);
      if (link) alike[likeness(model_.spaces[i], *link)].push_back(i);
    }
    for (const auto& [likeness, spaces] : alike) {
      if (spaces.size() > 1) join(spaces);
    }
    drop_joined();
  }

 private:
  // The one interface that leads somewhere, of a container that can be folded.
  std::optional<std::size_t> only_link(const Space& space) const {
    if (space.members.size() != 1 || !space.uncertain.empty() || told_apart_.contains(space.host)) {
      return std::nullopt;
    }
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < space.state->links.size(); ++i) {
      const NetLink& link = space.link(i);
      if (link.loopback || (!link.up && link.addresses.empty())) continue;
      if (found || !space.segments[i]) return std::nullopt;
      found = i;
    }
    if (!found || !std::ranges::all_of(space.programs, lets_all_pass)) return std::nullopt;
    const Station* station = model_.station_of({id_of(space), *found});
    const bool plain = station != nullptr && !station->isolated && !station->hairpin &&
                       !station->parent && known_to_engine(space, *found);
    return plain ? found : std::nullopt;
  }

  // Its addresses are those that the engine gave it, by which it is told from its like, and no
  // machine routes through it.
  bool known_to_engine(const Space& space, std::size_t index) const {
    const Container& container = (*model_.estate)[space.members.front()];
    return std::ranges::all_of(space.link(index).addresses, [&](const LinkAddress& own) {
      const auto& bytes = own.address.bytes();
      if (own.address.is_v6() && bytes[0] == 0xFE && bytes[1] == 0x80) return true;
      return !gateways_.contains(own.address) &&
             std::ranges::any_of(container.endpoints, [&](const Endpoint& endpoint) {
               return endpoint.ipv4 == own.address || endpoint.ipv6 == own.address;
             });
    });
  }

  SpaceId id_of(const Space& space) const {
    return SpaceId(static_cast<std::size_t>(&space - model_.spaces.data()));
  }

  Likeness likeness(const Space& space, std::size_t index) const {
    std::vector<NetRoute> routes;
    for (NetRoute route : space.state->routes) {
      // Link-local and multicast routes stand on each interface and are not followed.
      const auto& bytes = route.destination.address.bytes();
      if (route.destination.address.is_v6() && bytes[0] >= 0xFE) continue;
      if (route.source && space.owns(*route.source)) route.source.reset();
      route.link = route.link == space.link(index).index ? 1 : 0;
      routes.push_back(route);
    }
    std::vector<Sysctl> sysctls;
    for (Sysctl sysctl : space.state->sysctls) {
      const std::string name = "." + space.link(index).name + ".";
      if (const auto at = sysctl.name.find(name); at != std::string::npos) {
        sysctl.name.replace(at, name.size(), ".*.");
      }
      sysctls.push_back(sysctl);
    }
    std::vector<std::uint8_t> prefixes;
    for (const LinkAddress& own : space.link(index).addresses) prefixes.push_back(own.prefix);
    std::ranges::sort(routes);
    std::ranges::sort(sysctls);
    std::ranges::sort(prefixes);
    return {space.host, *space.segments[index], routes, space.state->rules, sysctls, prefixes};
  }

  // The first one takes the others in.
  void join(const std::vector<std::size_t>& spaces) {
    Space& first = model_.spaces[spaces.front()];
    const std::size_t link = *only_link(first);
    auto state = std::make_shared<NetNamespace>(*first.state);
    state->listeners.clear();  // they differ; the flows' ends are looked up one by one
    for (const std::size_t i : spaces) {
      if (i == spaces.front()) continue;
      Space& other = model_.spaces[i];
      const NetLink& theirs = other.link(*only_link(other));
      auto& addresses = state->links[link].addresses;
      addresses.insert(addresses.end(), theirs.addresses.begin(), theirs.addresses.end());
      first.members.push_back(other.members.front());
      joined_.insert(i);
    }
    first.state = state;
    first.folded = true;
    for (const Family family : {Family::kV4, Family::kV6}) {
      first.routing.at(static_cast<std::size_t>(family)) = routing_of(*state, family);
    }
  }

  void drop_joined() {
    std::vector<SpaceId> renamed(model_.spaces.size());
    std::vector<Space> kept;
    for (std::size_t i = 0; i < model_.spaces.size(); ++i) {
      if (joined_.contains(i)) continue;
      renamed[i] = SpaceId(kept.size());
      kept.push_back(std::move(model_.spaces[i]));
    }
    model_.spaces = std::move(kept);
    for (Segment& segment : model_.segments) {
      std::erase_if(segment.stations, [&](const Station& station) {
        return joined_.contains(station.at.space.index());
      });
      const auto rename = [&](Interface& at) { at.space = renamed[at.space.index()]; };
      if (segment.bridge) rename(*segment.bridge);
      for (Station& station : segment.stations) {
        rename(station.at);
        if (station.parent) rename(*station.parent);
      }
    }
  }

  NetModel& model_;
  std::set<IpAddress> gateways_;  // of any route anywhere
  std::set<HostId> told_apart_;   // hosts whose packet filters ask for ports of bridges
  std::set<std::size_t> joined_;
};

}  // namespace

void fold_spaces(NetModel& model) { Folder(model).fold(); }

}  // namespace firebreak
