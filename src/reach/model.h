// The estate's network as a graph: network namespaces ("spaces") with their interfaces, and the
// layer-2 segments that join them.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.h"
#include "reach/flow.h"
#include "reach/routing.h"
#include "rules/program.h"

namespace firebreak {

using SpaceId = Id<struct SpaceTag>;
using SegmentId = Id<struct SegmentTag>;

struct Interface {
  SpaceId space;
  std::size_t link = 0;  // an index into Space::state->links
  friend auto operator<=>(const Interface&, const Interface&) = default;
};

// An interface on a segment.
struct Station {
  Interface at;
  std::string port;                 // of the segment's bridge, behind which it is; empty: none
  bool isolated = false;            // no frames to and from other isolated ones
  bool hairpin = false;             // hears its own frames
  std::optional<Interface> parent;  // macvlan: the interface it stands on, which it cannot reach
  bool secluded = false;            // macvlan that reaches no other one of its parent
  friend auto operator<=>(const Station&, const Station&) = default;
};

struct Segment {
  enum class Kind : std::uint8_t {
    kBridge,    // a bridge and what is plugged into it
    kPair,      // two ends of a veth
    kOverlay,   // a Swarm overlay: one segment over all its hosts
    kUnderlay,  // what joins the hosts
  };
  Kind kind = Kind::kBridge;
  std::optional<Interface> bridge;  // whose machine's packet filter may see frames that pass
  bool uplinked = false;            // a port of the bridge leads out of the host: to the underlay
  std::vector<Station> stations;
};

// A network namespace, or several that differ in nothing but their addresses, taken as one.
struct Space {
  HostId host;
  std::vector<ContainerId> members;  // empty: the host's own namespace
  std::shared_ptr<const NetNamespace> state;
  bool folded = false;    // several: what they send to one another leaves them
  bool derived = false;   // its rules were derived, not read
  std::string uncertain;  // why its answers are not to be relied on; empty: they are
  std::vector<std::optional<SegmentId>> segments;  // by link
  std::vector<UserlandProxy> proxies;
  std::array<Routing, 2> routing;   // by family
  std::array<Program, 2> programs;  // by family

  [[nodiscard]] bool is_host() const { return members.empty(); }
  [[nodiscard]] const NetLink& link(std::size_t index) const { return state->links[index]; }
  [[nodiscard]] std::string_view sysctl(std::string_view name) const;  // empty: not there
  // net.ipv4.conf.INTERFACE.SETTING as a number; 0 if not there.
  [[nodiscard]] int setting(Family family, std::string_view link, std::string_view name) const;
  // The kernel's IN_DEV_MAXCONF and IN_DEV_ORCONF: the larger of the interface's and "all".
  [[nodiscard]] int larger(Family family, std::string_view link, std::string_view name) const;
  [[nodiscard]] bool owns(const IpAddress& address) const;  // a local address, as routing sees it
};

struct NetModel {
  const Estate* estate = nullptr;
  std::vector<Space> spaces;
  std::vector<Segment> segments;
  std::vector<FlowGap> gaps;

  [[nodiscard]] const Space& operator[](SpaceId id) const { return spaces[id.index()]; }
  [[nodiscard]] const Segment& operator[](SegmentId id) const { return segments[id.index()]; }
  [[nodiscard]] std::optional<SegmentId> segment_of(const Interface& at) const;

  // Which stations take a frame that `from` sends to the owner of `next_hop` (in the underlay: or,
  // beyond a router that is not in sight, to the owner of `destination`). Several: the address is
  // claimed more than once.
  [[nodiscard]] std::vector<Station> receivers(const Interface& from, const IpAddress& next_hop,
                                               const IpAddress& destination) const;
  // The sender's own station, if it has one.
  [[nodiscard]] const Station* station_of(const Interface& at) const;
  // Whether frames pass from one station to the other.
  [[nodiscard]] bool passes(const Segment& segment, const Station& from, const Station& to) const;
  // Whether the packet filter of the bridge's machine sees frames that are bridged.
  [[nodiscard]] bool filters_bridged(const Segment& segment, Family family) const;

  // The container whose namespace in this space owns the address; nullopt: the host's own.
  [[nodiscard]] std::optional<FlowEnd> end_of(SpaceId id, const IpAddress& address) const;
};

// `fold`: namespaces that differ in nothing but their addresses become one space. Without it every
// namespace is a space of its own: simple, and as slow as there are containers.
[[nodiscard]] NetModel build_model(const Estate& estate, bool fold);

// For build_model.
void join_segments(NetModel& model);
void fold_spaces(NetModel& model);

}  // namespace firebreak
