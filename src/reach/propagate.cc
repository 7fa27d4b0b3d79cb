#include "reach/propagate.h"

#include <algorithm>

namespace firebreak {
namespace {

constexpr int kNamespacesMost = 12;

int length_of(const Trail& trail) {
  int length = 0;
  for (const Crossing* at = trail.get(); at != nullptr; at = at->previous.get()) ++length;
  return length;
}

std::size_t loopback_of(const Space& space) {
  const auto& links = space.state->links;
  const auto found = std::ranges::find(links, true, &NetLink::loopback);
  return static_cast<std::size_t>(found - links.begin());
}

HookPlace place_at(std::string in, std::string out) {
  return {.in = std::move(in), .out = std::move(out), .bridge_in = {}, .bridge_out = {}};
}

}  // namespace

template <class Next>
void Propagation::run(SpaceId space, Hook hook, const HookPlace& place, const Inside& inside,
                      std::shared_ptr<const Relation> Crossing::* slot, const Next& next) {
  if (inside.packets.empty()) return;
  const HookResult result = machines_.at(space, family_).filter().run(hook, place, inside.packets);
  const Program& program = machines_.at(space, family_).filter().program();
  for (const Step& step : result.unknown) {
    lose(space, "a rule of the packet filter", text_of(program, step));
  }
  for (const bool sure : {true, false}) {
    std::vector<HookBranch> branches;
    for (const HookBranch& branch : result.accepted) {
      if (branch.sure == sure) branches.push_back(branch);
    }
    if (branches.empty()) continue;
    Inside after = inside;
    auto relation = std::make_shared<const Relation>(std::move(branches));
    after.packets = relation->after();
    after.crossing.*slot = std::move(relation);
    after.crossing.sure = after.crossing.sure && sure;
    next(after);
  }
}

std::vector<Delivery> Propagation::send(SpaceId space, const PacketSet& packets) {
  arrivals_.clear();
  SetMachine& machine = machines_.at(space, family_);
  for (const RoutedPart& part : machine.route(packets, "lo")) {
    emit(space, part, machine.space().uncertain.empty());
  }
  return std::move(arrivals_);
}

// OUTPUT is called with the route that the packet has so far; one that it rewrites is routed anew.
void Propagation::emit(SpaceId space, const RoutedPart& part, bool sure) {
  using Kind = RouteOutcome::Kind;
  SetMachine& machine = machines_.at(space, family_);
  const std::size_t loopback = loopback_of(machine.space());
  if (part.outcome.kind == Kind::kUnknown) {
    return lose(space, "routing", part.outcome.text);
  }
  const bool local = part.outcome.kind == Kind::kLocal;
  if (!local && part.outcome.kind != Kind::kUnicast) return;
  const std::size_t out = local ? loopback : part.outcome.link;
  if (out >= machine.space().state->links.size()) return;
  Inside start{{.space = space, .in = {}, .out = {}, .sure = sure},
               machine.emitted(part.packets, out)};
  const HookPlace place = place_at({}, machine.space().link(out).name);
  run(space, Hook::kOutput, place, start, &Crossing::first, [&](const Inside& inside) {
    if (!inside.crossing.first->rewrites()) {
      depart({inside.packets, part.outcome}, inside, loopback);
      return;
    }
    for (const RoutedPart& again : machine.route(inside.packets, "lo")) {
      depart(again, inside, loopback);
    }
  });
}

void Propagation::depart(const RoutedPart& part, const Inside& inside, std::size_t loopback) {
  using Kind = RouteOutcome::Kind;
  const SpaceId space = inside.crossing.space;
  SetMachine& machine = machines_.at(space, family_);
  if (part.outcome.kind == Kind::kUnknown) return lose(space, "routing", part.outcome.text);
  RouteOutcome way = part.outcome;
  if (way.kind == Kind::kLocal) way.link = loopback;
  if (way.kind != Kind::kLocal && way.kind != Kind::kUnicast) return;
  Inside going = inside;
  going.packets = machine.emitted(part.packets, way.link);
  leave(way, place_at({}, machine.space().link(way.link).name), going);
}

// POSTROUTING, and out by the interface.
void Propagation::leave(const RouteOutcome& way, const HookPlace& place, const Inside& inside) {
  const SpaceId space = inside.crossing.space;
  run(space, Hook::kPostrouting, place, inside, &Crossing::last, [&](const Inside& last) {
    Crossing crossing = last.crossing;
    crossing.out = way.link;
    const Parcel parcel{last.packets, std::make_shared<const Crossing>(crossing), crossing.sure};
    const Interface from{space, way.link};
    if (machines_.model()[space].link(way.link).loopback) {
      arrive(from, {}, parcel);
    } else {
      transmit(from, way.gateway, parcel);
    }
  });
}

void Propagation::transmit(const Interface& from, const std::optional<IpAddress>& gateway,
                           const Parcel& parcel) {
  const NetModel& model = machines_.model();
  if (length_of(parcel.previous) >= kNamespacesMost) {
    return lose(from.space, "packets that go on and on", "more than 12 namespaces on the way");
  }
  for (const SetMachines::Taken& taken : machines_.take(from, gateway, parcel.packets, family_)) {
    const Segment& segment = model[*model.segment_of(from)];
    const Station sender = *model.station_of(from);
    const Parcel part{taken.packets, parcel.previous, parcel.sure && taken.sure};
    const bool past_bridge = segment.bridge && sender.at != *segment.bridge &&
                             taken.to.at != *segment.bridge &&
                             model.filters_bridged(segment, family_);
    if (past_bridge) {
      bridge(segment, sender, taken.to, part);
    } else {
      arrive(taken.to.at, sender.port, part);
    }
  }
}

std::optional<std::string> Propagation::port_name(SpaceId, const std::string& port) const {
  return port.empty() ? std::nullopt : std::optional(port);
}

// br_netfilter: the bridge's machine sees the frame as if it routed it from the bridge to the
// bridge. A frame whose destination PREROUTING rewrote is routed indeed.
void Propagation::bridge(const Segment& segment, const Station& from, const Station& to,
                         const Parcel& parcel) {
  const SpaceId space = segment.bridge->space;
  const std::size_t link = segment.bridge->link;
  const std::string name = machines_.model()[space].link(link).name;
  HookPlace place = place_at(name, {});
  place.bridge_in = port_name(space, from.port);
  const Inside start{{.space = space,
                      .in = link,
                      .out = {},
                      .bridged = true,
                      .sure = parcel.sure && machines_.model()[space].uncertain.empty(),
                      .previous = parcel.previous},
                     arriving(parcel.packets)};
  run(space, Hook::kPrerouting, place, start, &Crossing::first, [&](const Inside& first) {
    const PacketSet redirected =
        first.packets & PacketSet::flag(PacketField::kDestinationRewritten, true);
    if (!redirected.empty()) {
      Inside up = first;
      up.packets = redirected;
      up.crossing.bridged = false;
      routed(link, up);
    }
    Inside on = first;
    on.packets -= redirected;
    place.out = name;
    place.bridge_out = port_name(space, to.port);
    run(space, Hook::kForward, place, on, &Crossing::middle, [&](const Inside& middle) {
      run(space, Hook::kPostrouting, place, middle, &Crossing::last, [&](const Inside& last) {
        Crossing crossing = last.crossing;
        crossing.out = link;
        arrive(to.at, {},
               {last.packets, std::make_shared<const Crossing>(crossing), crossing.sure});
      });
    });
  });
}

// `port`: of the bridge that `at` is, by which the frame came; empty: none.
void Propagation::arrive(const Interface& at, const std::string& port, const Parcel& parcel) {
  const NetModel& model = machines_.model();
  const Space& space = model[at.space];
  const NetLink& link = space.link(at.link);
  HookPlace place = place_at(link.name, {});
  const auto segment = model.segment_of(at);
  if (segment && model[*segment].bridge == at && model.filters_bridged(model[*segment], family_)) {
    place.bridge_in = port_name(at.space, port);
  }
  // Over lo a packet keeps its connection, which was rewritten already if it ever is.
  place.nat = !link.loopback;
  const Inside start{{.space = at.space,
                      .in = at.link,
                      .out = {},
                      .sure = parcel.sure && space.uncertain.empty(),
                      .previous = parcel.previous},
                     link.loopback ? parcel.packets : arriving(parcel.packets)};
  run(at.space, Hook::kPrerouting, place, start, &Crossing::first,
      [&](const Inside& first) { routed(at.link, first); });
}

void Propagation::routed(std::size_t in, const Inside& inside) {
  using Kind = RouteOutcome::Kind;
  const SpaceId space = inside.crossing.space;
  SetMachine& machine = machines_.at(space, family_);
  const std::string name = machine.space().link(in).name;
  for (const RoutedPart& part : machine.route(machine.admitted(inside.packets, in), name)) {
    if (part.outcome.kind == Kind::kUnknown) lose(space, "routing", part.outcome.text);
    Inside next = inside;
    next.packets = part.packets;
    if (part.outcome.kind == Kind::kLocal) deliver(in, next);
    if (part.outcome.kind == Kind::kUnicast) forward(part, in, next);
  }
}

void Propagation::deliver(std::size_t in, const Inside& inside) {
  const SpaceId space = inside.crossing.space;
  const std::string name = machines_.model()[space].link(in).name;
  run(space, Hook::kInput, place_at(name, {}), inside, &Crossing::middle, [&](const Inside& end) {
    arrivals_.push_back(
        {end.packets, std::make_shared<const Crossing>(end.crossing), end.crossing.sure});
  });
}

void Propagation::forward(const RoutedPart& part, std::size_t in, const Inside& inside) {
  const SpaceId space = inside.crossing.space;
  SetMachine& machine = machines_.at(space, family_);
  const bool same_bridge = part.outcome.link == in && machine.space().link(in).kind == "bridge";
  if (!machine.forwards(in) && !same_bridge) return;
  const std::string name = machine.space().link(in).name;
  const std::string out = machine.space().link(part.outcome.link).name;
  run(space, Hook::kForward, place_at(name, out), inside, &Crossing::middle,
      [&](const Inside& middle) { leave(part.outcome, place_at(name, out), middle); });
}

void Propagation::lose(SpaceId id, const std::string& what, const std::string& why) {
  const Space& space = machines_.model()[id];
  const auto member = space.is_host() ? std::nullopt : std::optional(space.members.front());
  gaps_.push_back({space.host, member, what, why});
}

}  // namespace firebreak
