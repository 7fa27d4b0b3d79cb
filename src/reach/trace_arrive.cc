// Packets that come in: input routing (net/ipv4/route.c ip_route_input_slow, fib_frontend.c
// fib_validate_source, net/ipv6/ip6_input.c), forwarding, delivery.
#include <algorithm>

#include "reach/trace_walk.h"
#include "reach/trace_words.h"

namespace firebreak {
namespace {

constexpr int kMostStops = 16;

}  // namespace

// Marks and connections stay behind where a packet enters another namespace.
std::optional<TraceWalk::End> TraceWalk::enter(const Interface& at, SpaceId from, TracePacket& it) {
  const Space& into = space(at.space);
  const std::string& name = into.link(at.link).name;
  if (++stops_ > kMostStops) return stopped(at, it.packet, name, "it goes round in circles");
  if (!into.uncertain.empty()) return unknown(at, it.packet, name, into.uncertain);
  if (at.space != from) it.packet.mark = 0;
  it.packet.in_interface = name;
  it.packet.out_interface.clear();
  it.packet.bridge_in.reset();
  it.packet.bridge_out.reset();
  return std::nullopt;
}

TraceWalk::End TraceWalk::arrive(const Interface& at, SpaceId from, TracePacket it) {
  if (auto end = enter(at, from, it)) return *end;
  const bool loops = it.packet.source->is_loopback() || it.packet.destination.is_loopback();
  if (it.packet.destination.is_v6() && loops) {
    return stopped(at, it.packet, it.packet.in_interface, "loopback addresses come in by lo only");
  }
  machine(at.space).track(it);
  if (auto end = through(Hook::kPrerouting, at, it)) return *end;
  return route_in(at, std::move(it));
}

TraceWalk::End TraceWalk::route_in(const Interface& at, TracePacket it) {
  const Space& here = space(at.space);
  const Family family = it.packet.destination.family();
  const std::string& name = here.link(at.link).name;
  const RouteOutcome route = here.routing.at(static_cast<std::size_t>(family))
                                 .find({.destination = it.packet.destination,
                                        .source = it.packet.source,
                                        .mark = it.packet.mark,
                                        .incoming = name});
  if (auto end = bad_source(at, it.packet)) return *end;
  if (auto end = dead_end(route, at, it.packet, name)) return *end;
  if (route.kind == RouteOutcome::Kind::kLocal) return deliver(at, std::move(it));
  if (!forwards(at, family)) {
    return stopped(at, it.packet, name,
                   "it is for " + it.packet.destination.text() + ", and " +
                       (family == Family::kV4 ? "net.ipv4.conf." + name : "net.ipv6.conf.all") +
                       ".forwarding is off");
  }
  it.packet.out_interface = here.link(route.link).name;
  if (auto end = through(Hook::kForward, at, it)) return *end;
  return leave(at.space, route, std::move(it));
}

bool TraceWalk::forwards(const Interface& at, Family family) const {
  const Space& here = space(at.space);
  return family == Family::kV4 ? here.setting(family, here.link(at.link).name, "forwarding") == 1
                               : here.setting(family, "all", "forwarding") == 1;
}

// IPv4 addresses that cannot have come in by this interface.
std::optional<TraceWalk::End> TraceWalk::bad_source(const Interface& at, const Packet& packet) {
  if (packet.destination.is_v6()) return std::nullopt;
  const Space& here = space(at.space);
  const std::string& name = here.link(at.link).name;
  const IpAddress& source = *packet.source;
  const auto larger = [&](std::string_view setting) {
    return here.larger(Family::kV4, name, setting);
  };
  const bool loops = source.is_loopback() || packet.destination.is_loopback();
  if (loops && larger("route_localnet") == 0) {
    return stopped(at, packet, name, "loopback addresses come in by lo only (route_localnet is 0)");
  }
  const RouteOutcome back =
      here.routing.at(0).find({.destination = source,
                               .source = packet.destination,
                               .mark = larger("src_valid_mark") == 0 ? 0 : packet.mark});
  if (back.kind == RouteOutcome::Kind::kLocal && larger("accept_local") == 0) {
    return stopped(at, packet, name,
                   "its source " + source.text() + " is an address of this machine");
  }
  const int filter = larger("rp_filter");
  if (filter == 0) return std::nullopt;
  if (back.kind == RouteOutcome::Kind::kUnknown) {
    return unknown(at, packet, name, "rp_filter: not known how it routes: " + back.text);
  }
  const bool good = back.kind == RouteOutcome::Kind::kUnicast
                        ? filter == 2 || back.link == at.link
                        : back.kind == RouteOutcome::Kind::kLocal;
  if (good) return std::nullopt;
  return stopped(at, packet, name,
                 "rp_filter: the way back to " + source.text() + " is another (" + back.text + ")");
}

TraceWalk::End TraceWalk::deliver(const Interface& at, TracePacket it) {
  if (auto end = through(Hook::kInput, at, it)) return *end;
  return ended(End::Kind::kDelivered, at, it.packet);
}

}  // namespace firebreak
