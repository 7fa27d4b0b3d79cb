// Sending, hooks, frames.
#include "reach/trace_walk.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "reach/trace_words.h"

namespace firebreak {

std::vector<FlowHop> TraceWalk::take_hops() { return std::exchange(hops_, {}); }

void TraceWalk::add_hop(SpaceId at, std::string place, std::string why) {
  hops_.push_back({end_of(at), std::move(place), std::move(why)});
}

FlowEnd TraceWalk::end_of(SpaceId id) const {
  const Space& at = space(id);
  return {at.host, at.is_host() ? std::nullopt : std::optional(at.members.front())};
}

TraceMachine& TraceWalk::machine(SpaceId id) {
  return machines_.try_emplace(id, space(id)).first->second;
}

TraceWalk::End TraceWalk::ended(End::Kind kind, const Interface& at, const Packet& packet) const {
  return {kind, at, packet};
}

TraceWalk::End TraceWalk::stopped(const Interface& at, const Packet& packet, std::string place,
                                  std::string why) {
  add_hop(at.space, std::move(place), std::move(why));
  return ended(End::Kind::kStopped, at, packet);
}

TraceWalk::End TraceWalk::unknown(const Interface& at, const Packet& packet, std::string place,
                                  std::string why) {
  add_hop(at.space, std::move(place), std::move(why));
  return ended(End::Kind::kUnknown, at, packet);
}

std::optional<TraceWalk::End> TraceWalk::through(Hook hook, const Interface& at, TracePacket& it,
                                                 const std::optional<IpAddress>& next_hop) {
  const std::string place = trace_place(hook, it.packet);
  const TraceVerdict verdict = machine(at.space).run(hook, it, next_hop);
  const bool always = hook == Hook::kForward || hook == Hook::kInput;
  if (always || verdict.notable) add_hop(at.space, place, verdict.why);
  if (verdict.kind == PacketOutcome::Kind::kAccepted) return std::nullopt;
  return ended(
      verdict.kind == PacketOutcome::Kind::kUnknown ? End::Kind::kUnknown : End::Kind::kStopped, at,
      it.packet);
}

std::optional<TraceWalk::End> TraceWalk::dead_end(const RouteOutcome& route, const Interface& at,
                                                  const Packet& packet, const std::string& place) {
  switch (route.kind) {
    case RouteOutcome::Kind::kLocal: return std::nullopt;
    case RouteOutcome::Kind::kUnicast: break;
    case RouteOutcome::Kind::kNone:
      return stopped(at, packet, place,
                     route.text.starts_with("no route") ? route.text : route.text + " refuses");
    case RouteOutcome::Kind::kBroadcast:
      return stopped(at, packet, place,
                     packet.destination.text() + " is a broadcast or multicast address");
    case RouteOutcome::Kind::kUnknown:
      return unknown(at, packet, place, "not known how it routes: " + route.text);
  }
  return std::nullopt;
}

RouteOutcome TraceWalk::route_out(SpaceId id, const Packet& packet) const {
  return space(id)
      .routing.at(static_cast<std::size_t>(packet.destination.family()))
      .find({.destination = packet.destination, .source = packet.source, .mark = packet.mark});
}

std::optional<TraceWalk::End> TraceWalk::no_way(SpaceId id, const RouteOutcome& route,
                                                const Packet& packet) {
  const Space& from = space(id);
  const Interface at{id, route.link};
  const std::string place = "from " + packet.source->text();
  if (!from.uncertain.empty()) return unknown(at, packet, place, from.uncertain);
  if (auto end = dead_end(route, at, packet, place)) return end;
  if (route.kind != RouteOutcome::Kind::kUnicast || packet.source->is_v6()) return std::nullopt;
  const NetLink& out = from.link(route.link);
  const bool stays = packet.source->is_loopback() && !out.loopback &&
                     from.larger(Family::kV4, out.name, "route_localnet") == 0;
  if (!stays) return std::nullopt;
  return stopped(at, packet, place, "a loopback address cannot leave by " + out.name);
}

TraceWalk::End TraceWalk::send(SpaceId id, const Packet& packet) {
  stops_ = 0;
  TracePacket it{packet, {}, false};
  RouteOutcome route = route_out(id, packet);
  if (auto end = no_way(id, route, packet)) return *end;
  const std::string link = trace_link(space(id), route);
  add_hop(id, link + " " + packet.source->text(), route.text);
  it.packet.out_interface = link;
  machine(id).track(it);
  if (auto end = through(Hook::kOutput, {id, route.link}, it)) return *end;
  if (it.packet.destination != packet.destination || it.packet.mark != packet.mark) {
    route = route_out(id, it.packet);
    if (auto end = no_way(id, route, it.packet)) return *end;
    it.packet.out_interface = trace_link(space(id), route);
  }
  return route.kind == RouteOutcome::Kind::kLocal ? loop_back(id, std::move(it))
                                                  : leave(id, route, std::move(it));
}

// A packet keeps its route and its connection on its way through lo.
TraceWalk::End TraceWalk::loop_back(SpaceId id, TracePacket it) {
  const Interface lo{id, trace_loopback(space(id))};
  if (auto end = through(Hook::kPostrouting, lo, it, it.packet.destination)) return *end;
  it.packet.in_interface = std::exchange(it.packet.out_interface, {});
  if (auto end = through(Hook::kPrerouting, lo, it)) return *end;
  return deliver(lo, std::move(it));
}

TraceWalk::End TraceWalk::leave(SpaceId id, const RouteOutcome& route, TracePacket it) {
  const Interface by{id, route.link};
  it.packet.out_interface = space(id).link(route.link).name;
  const IpAddress next_hop = route.gateway.value_or(it.packet.destination);
  if (auto end = through(Hook::kPostrouting, by, it, next_hop)) return *end;
  return frame(by, next_hop, std::move(it));
}

TraceWalk::End TraceWalk::frame(const Interface& from, const IpAddress& next_hop, TracePacket it) {
  const std::string& link = space(from.space).link(from.link).name;
  const auto id = model_.segment_of(from);
  const auto found = model_.receivers(from, next_hop, it.packet.destination);
  if (found.empty()) {
    const bool leads_out =
        !id || model_[*id].kind == Segment::Kind::kUnderlay || model_[*id].uplinked;
    if (!leads_out) {
      return stopped(from, it.packet, link, "nobody has address " + next_hop.text() + " there");
    }
    add_hop(from.space, link, "leaves the estate towards " + next_hop.text());
    return ended(End::Kind::kLeft, from, it.packet);
  }
  if (found.size() > 1) {
    return unknown(from, it.packet, link,
                   std::to_string(found.size()) + " claim address " + next_hop.text() + " there");
  }
  const Segment& segment = model_[*id];
  const Station* const sender = model_.station_of(from);
  const bool seen = sender != nullptr && !sender->port.empty() &&
                    model_.filters_bridged(segment, it.packet.destination.family());
  return seen ? over_bridge(segment, *sender, found.front(), std::move(it))
              : arrive(found.front().at, from.space, std::move(it));
}

}  // namespace firebreak
