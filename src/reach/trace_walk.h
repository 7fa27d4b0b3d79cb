// One packet's way through machines and segments, until it is delivered or stops.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reach/model.h"
#include "reach/trace_machine.h"

namespace firebreak {

class TraceWalk {
 public:
  struct End {
    enum class Kind : std::uint8_t { kDelivered, kStopped, kLeft, kUnknown };
    Kind kind = Kind::kUnknown;
    // Where it ended. Delivered: by which link it came in, and as what.
    Interface at;
    Packet packet;
  };

  explicit TraceWalk(const NetModel& model) : model_(model) {}

  // A process of that namespace sends a packet. Connections of packets sent before are known: what
  // answers one of them finds its way back.
  End send(SpaceId id, const Packet& packet);

  // The stops since the last call.
  std::vector<FlowHop> take_hops();
  void add_hop(SpaceId at, std::string place, std::string why);

  [[nodiscard]] FlowEnd end_of(SpaceId id) const;

 private:
  TraceMachine& machine(SpaceId id);
  const Space& space(SpaceId id) const { return model_[id]; }

  End ended(End::Kind kind, const Interface& at, const Packet& packet) const;
  End stopped(const Interface& at, const Packet& packet, std::string place, std::string why);
  End unknown(const Interface& at, const Packet& packet, std::string place, std::string why);

  // Runs a hook; an end unless the packet is accepted.
  std::optional<End> through(Hook hook, const Interface& at, TracePacket& it,
                             const std::optional<IpAddress>& next_hop = {});
  // An end if there is no way by this route.
  std::optional<End> dead_end(const RouteOutcome& route, const Interface& at, const Packet& packet,
                              const std::string& place);

  [[nodiscard]] RouteOutcome route_out(SpaceId id, const Packet& packet) const;
  std::optional<End> no_way(SpaceId id, const RouteOutcome& route, const Packet& packet);
  End loop_back(SpaceId id, TracePacket it);
  End leave(SpaceId id, const RouteOutcome& route, TracePacket it);
  End frame(const Interface& from, const IpAddress& next_hop, TracePacket it);
  End over_bridge(const Segment& segment, const Station& sender, const Station& to, TracePacket it);
  End rerouted_on_bridge(const Segment& segment, const Station& sender, TracePacket it);
  End bridged(const Segment& segment, const Station& to, TracePacket it);
  std::optional<End> enter(const Interface& at, SpaceId from, TracePacket& it);
  End arrive(const Interface& at, SpaceId from, TracePacket it);
  End route_in(const Interface& at, TracePacket it);
  std::optional<End> bad_source(const Interface& at, const Packet& packet);
  bool forwards(const Interface& at, Family family) const;
  End deliver(const Interface& at, TracePacket it);

  const NetModel& model_;
  std::map<SpaceId, TraceMachine> machines_;
  std::vector<FlowHop> hops_;
  int stops_ = 0;
};

}  // namespace firebreak
