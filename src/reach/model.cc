#include "reach/model.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace firebreak {
namespace {

std::string_view conf_of(Family family) {
  return family == Family::kV4 ? "net.ipv4.conf." : "net.ipv6.conf.";
}

// sysctl(8) writes '/' for an interface name's dots.
std::string sysctl_name(Family family, std::string_view link, std::string_view setting) {
  std::string name(link);
  std::ranges::replace(name, '.', '/');
  return std::string(conf_of(family)) + name + "." + std::string(setting);
}

bool has_address(const NetLink& link, const IpAddress& address) {
  return std::ranges::any_of(link.addresses,
                             [&](const LinkAddress& own) { return own.address == address; });
}

// Hosts that no zone keeps apart.
bool zones_join(const Policy& policy, std::string_view a, std::string_view b) {
  if (policy.zones.empty()) return true;
  return std::ranges::any_of(policy.zones, [&](const std::vector<std::string>& zone) {
    return std::ranges::find(zone, a) != zone.end() && std::ranges::find(zone, b) != zone.end();
  });
}

}  // namespace

std::string_view Space::sysctl(std::string_view name) const {
  const auto found = std::ranges::find(state->sysctls, name, &Sysctl::name);
  return found == state->sysctls.end() ? std::string_view() : std::string_view(found->value);
}

int Space::setting(Family family, std::string_view link, std::string_view name) const {
  const std::string_view text = sysctl(sysctl_name(family, link, name));
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

int Space::larger(Family family, std::string_view link, std::string_view name) const {
  return std::max(setting(family, link, name), setting(family, "all", name));
}

bool Space::owns(const IpAddress& address) const {
  const Routing& table = routing.at(static_cast<std::size_t>(address.family()));
  return table.find({.destination = address, .source = {}}).kind == RouteOutcome::Kind::kLocal;
}

std::optional<SegmentId> NetModel::segment_of(const Interface& at) const {
  return spaces[at.space.index()].segments[at.link];
}

const Station* NetModel::station_of(const Interface& at) const {
  const auto segment = segment_of(at);
  if (!segment) return nullptr;
  const auto& stations = segments[segment->index()].stations;
  const auto found = std::ranges::find(stations, at, &Station::at);
  return found == stations.end() ? nullptr : &*found;
}

bool NetModel::passes(const Segment& segment, const Station& from, const Station& to) const {
  if (from.at == to.at) return from.hairpin || spaces[from.at.space.index()].folded;
  if (from.isolated && to.isolated) return false;
  if (from.parent == to.at || to.parent == from.at) return false;
  if (from.parent && from.parent == to.parent && (from.secluded || to.secluded)) return false;
  if (segment.kind != Segment::Kind::kUnderlay) return true;
  const HostId a = spaces[from.at.space.index()].host;
  const HostId b = spaces[to.at.space.index()].host;
  if (a == b) return from.parent && from.parent == to.parent;
  return zones_join(estate->policy(), (*estate)[a].name, (*estate)[b].name);
}

bool NetModel::filters_bridged(const Segment& segment, Family family) const {
  if (!segment.bridge) return false;
  const Space& space = spaces[segment.bridge->space.index()];
  const NetLink& bridge = space.link(segment.bridge->link);
  const bool v4 = family == Family::kV4;
  if (v4 ? bridge.nf_call_iptables : bridge.nf_call_ip6tables) return true;
  return space.sysctl(v4 ? "net.bridge.bridge-nf-call-iptables"
                         : "net.bridge.bridge-nf-call-ip6tables") == "1";
}

std::vector<Station> NetModel::receivers(const Interface& from, const IpAddress& next_hop,
                                         const IpAddress& destination) const {
  std::vector<Station> by_link;
  std::vector<Station> by_machine;
  const auto look_in = [&](const Segment& segment, const Station& sender) {
    for (const Station& station : segment.stations) {
      if (!passes(segment, sender, station)) continue;
      const Space& space = spaces[station.at.space.index()];
      if (has_address(space.link(station.at.link), next_hop)) {
        by_link.push_back(station);
      } else if (!next_hop.is_v6() && !next_hop.is_loopback() && !space.folded &&
                 space.owns(next_hop)) {
        by_machine.push_back(station);  // arp_ignore = 0: it answers for all its addresses
      }
    }
  };
  const auto id = segment_of(from);
  if (!id) return {};
  const Segment& segment = segments[id->index()];
  const Station* sender = station_of(from);
  if (sender == nullptr) return {};
  look_in(segment, *sender);
  if (by_link.empty() && by_machine.empty() &&
      (segment.uplinked || segment.kind == Segment::Kind::kUnderlay)) {
    for (const Segment& other : segments) {
      if (other.kind != Segment::Kind::kUnderlay) continue;
      for (const Station& station : other.stations) {
        if (passes(other, *sender, station) &&
            has_address(spaces[station.at.space.index()].link(station.at.link), destination)) {
          by_link.push_back(station);
        }
      }
    }
  }
  return by_link.empty() ? by_machine : by_link;
}

std::optional<FlowEnd> NetModel::end_of(SpaceId id, const IpAddress& address) const {
  const Space& space = spaces[id.index()];
  if (space.is_host()) return FlowEnd{space.host, std::nullopt};
  if (space.members.size() == 1) return FlowEnd{space.host, space.members.front()};
  for (const ContainerId member : space.members) {
    for (const Endpoint& endpoint : (*estate)[member].endpoints) {
      if (endpoint.ipv4 == address || endpoint.ipv6 == address) {
        return FlowEnd{space.host, member};
      }
    }
  }
  return std::nullopt;
}

}  // namespace firebreak
