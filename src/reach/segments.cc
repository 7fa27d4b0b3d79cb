// Who hears whose frames.
#include <algorithm>
#include <map>
#include <tuple>

#include "reach/model.h"

namespace firebreak {
namespace {

class SegmentsBuilder {
 public:
  explicit SegmentsBuilder(NetModel& model) : model_(model) {}

  void build() {
    pair_veths();
    each([&](const Interface& at, const NetLink& link) {
      if (link.kind == "bridge") add_bridge(at);
    });
    each([&](const Interface& at, const NetLink& link) {
      if (link.master == 0 && peers_.contains(at) && !segment(at)) add_pair(at, peers_.at(at));
      static_cast<void>(link);
    });
    add_underlay();
    each([&](const Interface& at, const NetLink& link) {
      if (link.kind == "macvlan" && !segment(at)) add_macvlan(at, link);
    });
    add_overlays();
    each([&](const Interface& at, const NetLink& link) { note_loose(at, link); });
  }

 private:
  template <class Visit>
  void each(const Visit& visit) {
    for (std::size_t s = 0; s < model_.spaces.size(); ++s) {
      const auto& links = model_.spaces[s].state->links;
      for (std::size_t l = 0; l < links.size(); ++l) {
        if (links[l].up && !links[l].loopback) visit(Interface{SpaceId(s), l}, links[l]);
      }
    }
  }

  std::optional<SegmentId>& segment(const Interface& at) {
    return model_.spaces[at.space.index()].segments[at.link];
  }

  // Both ends of a veth name each other's index; a host's indices are its own. Ends within one
  // namespace have no peer_namespace. An index that several namespaces of a host use for such an
  // end leaves the pair open.
  void pair_veths() {
    using Key = std::tuple<HostId, std::uint32_t, std::uint32_t>;  // host, own index, peer's
    std::map<Key, std::vector<Interface>> ends;
    each([&](const Interface& at, const NetLink& link) {
      if (link.kind != "veth" || link.peer == 0) return;
      ends[{model_[at.space].host, link.index, link.peer}].push_back(at);
    });
    for (const auto& [key, found] : ends) {
      const auto& [host, index, peer] = key;
      const auto others = ends.find({host, peer, index});
      if (others == ends.end()) continue;
      for (const Interface& at : found) pair_veth(at, others->second);
    }
  }

  void pair_veth(const Interface& at, const std::vector<Interface>& others) {
    const bool elsewhere = model_[at.space].link(at.link).peer_namespace.has_value();
    std::vector<Interface> fitting;
    for (const Interface& other : others) {
      if (other != at && (other.space != at.space) == elsewhere) fitting.push_back(other);
    }
    if (fitting.size() == 1) peers_[at] = fitting.front();
  }

  bool same_host(const Interface& a, const Interface& b) const {
    return model_[a.space].host == model_[b.space].host;
  }

  SegmentId add(Segment::Kind kind, std::optional<Interface> bridge) {
    model_.segments.push_back({kind, bridge, false, {}});
    return SegmentId(model_.segments.size() - 1);
  }

  void join(SegmentId id, const Station& station) {
    model_.segments[id.index()].stations.push_back(station);
    segment(station.at) = id;
  }

  void add_bridge(const Interface& bridge) {
    const SegmentId id = add(Segment::Kind::kBridge, bridge);
    join(id, {.at = bridge, .port = {}, .parent = {}});
    const auto& links = model_[bridge.space].state->links;
    const std::uint32_t index = links[bridge.link].index;
    for (std::size_t l = 0; l < links.size(); ++l) {
      if (links[l].master != index || !links[l].up) continue;
      const auto peer = peers_.find({bridge.space, l});
      if (peer == peers_.end()) {
        model_.segments[id.index()].uplinked = true;
        continue;
      }
      join(id, {.at = peer->second,
                .port = links[l].name,
                .isolated = links[l].isolated,
                .hairpin = links[l].hairpin,
                .parent = {}});
    }
  }

  void add_pair(const Interface& a, const Interface& b) {
    const SegmentId id = add(Segment::Kind::kPair, {});
    join(id, {.at = a, .port = {}, .parent = {}});
    join(id, {.at = b, .port = {}, .parent = {}});
  }

  // What leads out of a host: interfaces that nothing in sight is behind.
  void add_underlay() {
    const SegmentId id = add(Segment::Kind::kUnderlay, {});
    each([&](const Interface& at, const NetLink& link) {
      if (!model_[at.space].is_host() || link.master != 0) return;
      const bool bridge = link.kind == "bridge";
      if (bridge && model_[*segment(at)].uplinked) {
        // It keeps its segment; the underlay finds it by its address.
        model_.segments[id.index()].stations.push_back({.at = at, .port = {}, .parent = {}});
      }
      if (!bridge && !segment(at) && link.kind != "vxlan" && link.kind != "macvlan") {
        join(id, {.at = at, .port = {}, .parent = {}});
      }
    });
  }

  // macvlan(8): the children of one interface hear each other in mode "bridge", and what that
  // interface hears; never the interface itself.
  void add_macvlan(const Interface& at, const NetLink& link) {
    const auto parent = parent_of(at, link);
    if (!parent) return;
    if (!segment(*parent))
      join(add(Segment::Kind::kPair, {}), {.at = *parent, .port = {}, .parent = {}});
    join(*segment(*parent), {.at = at,
                             .port = {},
                             .parent = parent,
                             .secluded = link.mode != "bridge" && link.mode != "passthru"});
  }

  std::optional<Interface> parent_of(const Interface& at, const NetLink& link) {
    std::optional<Interface> found;
    each([&](const Interface& other, const NetLink& candidate) {
      const bool fits = model_[other.space].is_host() && same_host(at, other) &&
                        candidate.index == link.peer &&
                        (at.space == other.space) == !link.peer_namespace.has_value();
      if (fits) found = other;
    });
    return found;
  }

  // The namespaces of overlays are not read; the engine says who is on them.
  void add_overlays() {
    std::map<NetworkKey, SegmentId> known;
    each([&](const Interface& at, const NetLink& link) {
      const Space& space = model_[at.space];
      if (segment(at) || space.is_host()) return;
      const auto network = overlay_of(space, link);
      if (!network) return;
      const auto found = known.find(*network);
      const SegmentId id = found != known.end() ? found->second : add(Segment::Kind::kOverlay, {});
      known.emplace(*network, id);
      join(id, {.at = at, .port = {}, .parent = {}});
    });
  }

  std::optional<NetworkKey> overlay_of(const Space& space, const NetLink& link) const {
    const Estate& estate = *model_.estate;
    const Container& container = estate[space.members.front()];
    for (const Endpoint& endpoint : container.endpoints) {
      const auto network = estate.network_of(space.members.front(), endpoint);
      if (!network || estate[*network].network->driver != "overlay" || !endpoint.ipv4) continue;
      const bool here = std::ranges::any_of(
          link.addresses, [&](const LinkAddress& own) { return own.address == *endpoint.ipv4; });
      if (here) return endpoint.network;
    }
    return std::nullopt;
  }

  void note_loose(const Interface& at, const NetLink& link) {
    const Space& space = model_[at.space];
    if (segment(at) || space.is_host() || link.addresses.empty() || link.kind == "bridge") return;
    model_.gaps.push_back({space.host, space.members.front(), "interface " + link.name,
                           "what it leads to was not read"});
  }

  NetModel& model_;
  std::map<Interface, Interface> peers_;
};

}  // namespace

void join_segments(NetModel& model) { SegmentsBuilder(model).build(); }

}  // namespace firebreak
