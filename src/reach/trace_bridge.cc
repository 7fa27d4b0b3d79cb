// Frames that pass a bridge whose machine's packet filter looks at them (br_netfilter).
#include "reach/trace_walk.h"
#include "reach/trace_words.h"

namespace firebreak {

TraceWalk::End TraceWalk::over_bridge(const Segment& segment, const Station& sender,
                                      const Station& to, TracePacket it) {
  const Interface& bridge = *segment.bridge;
  if (auto end = enter(bridge, sender.at.space, it)) return *end;
  it.packet.bridge_in = sender.port;
  const IpAddress before = it.packet.destination;
  machine(bridge.space).track(it);
  if (auto end = through(Hook::kPrerouting, bridge, it)) return *end;
  if (it.packet.destination != before) return rerouted_on_bridge(segment, sender, std::move(it));
  return to.at == bridge ? route_in(bridge, std::move(it)) : bridged(segment, to, std::move(it));
}

// Its destination is another now: it goes up to be routed; but back into the same bridge it stays a
// frame.
TraceWalk::End TraceWalk::rerouted_on_bridge(const Segment& segment, const Station& sender,
                                             TracePacket it) {
  const Interface& bridge = *segment.bridge;
  const Space& machine_space = space(bridge.space);
  const std::string& name = machine_space.link(bridge.link).name;
  const auto family = static_cast<std::size_t>(it.packet.destination.family());
  const RouteOutcome route =
      machine_space.routing.at(family).find({.destination = it.packet.destination,
                                             .source = it.packet.source,
                                             .mark = it.packet.mark,
                                             .incoming = name});
  if (route.kind != RouteOutcome::Kind::kUnicast || route.link != bridge.link) {
    return route_in(bridge, std::move(it));
  }
  if (auto end = bad_source(bridge, it.packet)) return *end;
  const IpAddress next_hop = route.gateway.value_or(it.packet.destination);
  const auto found = model_.receivers(bridge, next_hop, it.packet.destination);
  if (found.size() > 1) {
    return unknown(bridge, it.packet, name, "several claim address " + next_hop.text() + " there");
  }
  if (found.empty()) {
    return stopped(bridge, it.packet, name, "nobody has address " + next_hop.text() + " there");
  }
  if (!model_.passes(segment, sender, found.front())) {
    return stopped(bridge, it.packet, name, "frames do not go back to where they came from");
  }
  return bridged(segment, found.front(), std::move(it));
}

TraceWalk::End TraceWalk::bridged(const Segment& segment, const Station& to, TracePacket it) {
  const Interface& bridge = *segment.bridge;
  it.packet.out_interface = space(bridge.space).link(bridge.link).name;
  it.packet.bridge_out = to.port;
  if (auto end = through(Hook::kForward, bridge, it)) return *end;
  it.packet.in_interface.clear();
  if (auto end = through(Hook::kPostrouting, bridge, it, it.packet.destination)) return *end;
  return arrive(to.at, bridge.space, std::move(it));
}

}  // namespace firebreak
