// The answers of a whole arrival are one set, followed back as the kernel would route them, which
// need not be the way that the packets came. Each machine on that way that saw the packets undoes
// its translation; NAT chains are not asked again. What a hook lets pass of replies does not depend
// on the arrival and is asked once (SetMachine::replies_pass).
#include "reach/replies.h"

#include <algorithm>
#include <array>

namespace firebreak {
namespace {

// Answers are told by the packets that they answer (Heading::kBack), but for marks, which are none.
PacketSet reply_to(const PacketSet& requests) { return requests.with_mark(0); }
PacketSet request_of(const PacketSet& replies) { return replies.forget(PacketField::kMark); }

std::string name_of_link(const SetMachine& machine, std::size_t link) {
  return machine.space().link(link).name;
}

}  // namespace

Answered Replies::answered(const Delivery& arrival) {
  perhaps_ = false;
  Answered out;
  if (arrival.sure) out.surely = run(arrival);
  const PacketSet left = arrival.packets - out.surely;
  if (left.empty()) return out;
  perhaps_ = true;
  out.perhaps = run({left, arrival.crossing, false});
  return out;
}

PacketSet Replies::run(const Delivery& arrival) {
  trail_.clear();
  for (const Crossing* at = arrival.crossing.get(); at != nullptr; at = at->previous.get()) {
    trail_.push_back(at);
  }
  levels_ = levels_of(*arrival.crossing, arrival.packets);
  const PacketSet answered = request_of(leave_receiver(reply_to(levels_.front().inside)));
  // INPUT may have marked them.
  const PacketSet delivered = arrival.crossing->middle->after(answered & levels_.front().inside);
  return arrival.packets & delivered.on_the_wire();
}

const PacketSet& Replies::pass(SpaceId space, Hook hook, const std::string& in,
                               const std::string& out, OnState::Bit state) {
  const Passing& passing = machines_.at(space, family_).replies_pass(hook, in, out, state);
  return perhaps_ ? passing.possibly : passing.surely;
}

// Beyond the receiver's own.
std::optional<std::size_t> Replies::crossing_at(SpaceId space, std::size_t reached) const {
  for (std::size_t i = reached + 1; i < trail_.size(); ++i) {
    if (trail_[i]->space == space) return i;
  }
  return std::nullopt;
}

PacketSet Replies::leave_receiver(const PacketSet& replies) {
  using Kind = RouteOutcome::Kind;
  const SpaceId space = trail_.front()->space;
  SetMachine& machine = machines_.at(space, family_);
  PacketSet out;
  for (const RoutedPart& part : machine.route(replies, "lo", Heading::kBack)) {
    if (part.outcome.kind == Kind::kLocal) {
      // Sender and receiver are one machine: everything passes over lo.
      out |= part.packets & pass(space, Hook::kOutput, {}, "lo") &
             pass(space, Hook::kPostrouting, {}, "lo") & pass(space, Hook::kPrerouting, "lo", {}) &
             pass(space, Hook::kInput, "lo", {});
      continue;
    }
    if (part.outcome.kind == Kind::kUnknown && perhaps_) out |= part.packets;
    if (part.outcome.kind != Kind::kUnicast) continue;
    const std::string name = name_of_link(machine, part.outcome.link);
    const PacketSet leaving = machine.emitted(part.packets, part.outcome.link, Heading::kBack) &
                              pass(space, Hook::kOutput, {}, name) &
                              pass(space, Hook::kPostrouting, {}, name);
    if (leaving.empty()) continue;
    const PacketSet outside = outside_of(leaving, 0);
    const PacketSet answered =
        transmit({space, part.outcome.link}, part.outcome.gateway, outside, 0);
    out |= outside.is_subset_of(answered) ? leaving : leaving & inside_of(answered, 0);
  }
  return out;
}

PacketSet Replies::transmit(const Interface& from, const std::optional<IpAddress>& gateway,
                            const PacketSet& replies, std::size_t reached) {
  const NetModel& model = machines_.model();
  PacketSet out;
  for (const SetMachines::Taken& taken :
       machines_.take(from, gateway, replies, family_, Heading::kBack)) {
    if (!taken.sure && !perhaps_) continue;
    const Segment& segment = model[*model.segment_of(from)];
    const bool past_bridge = segment.bridge && from != *segment.bridge &&
                             taken.to.at != *segment.bridge &&
                             model.filters_bridged(segment, family_);
    out |= past_bridge ? bridge(segment, taken.to, taken.packets, reached)
                       : arrive(taken.to.at, taken.packets, reached);
  }
  return out;
}

PacketSet Replies::bridge(const Segment& segment, const Station& to, const PacketSet& replies,
                          std::size_t reached) {
  const SpaceId space = segment.bridge->space;
  const auto index = crossing_at(space, reached);
  if (!index) return past_strange_bridge(segment, to, replies, reached);
  SetMachine& machine = machines_.at(space, family_);
  const std::string name = name_of_link(machine, segment.bridge->link);
  const PacketSet known = known_again(replies, *index) & pass(space, Hook::kPrerouting, name, {});
  const PacketSet inside = untranslated(known, *index);
  PacketSet good;
  if (trail_[*index]->last->rewrites()) {
    good = through(*index, segment.bridge->link, inside);
  } else {
    const PacketSet passing = inside & pass(space, Hook::kForward, name, name) &
                              pass(space, Hook::kPostrouting, name, name);
    const PacketSet outside = outside_of(passing, *index);
    const PacketSet answered = arrive(to.at, outside, *index);
    good = outside.is_subset_of(answered) ? passing : passing & inside_of(answered, *index);
  }
  const PacketSet back = inside.is_subset_of(good) ? known : known & translated(good, *index);
  return replies & back.on_the_wire();
}

PacketSet Replies::arrive(const Interface& at, const PacketSet& replies, std::size_t reached) {
  const auto index = crossing_at(at.space, reached);
  if (!index) return past_stranger(at.space, at.link, replies, reached);
  SetMachine& machine = machines_.at(at.space, family_);
  const std::string name = name_of_link(machine, at.link);
  const PacketSet known =
      known_again(replies, *index) & pass(at.space, Hook::kPrerouting, name, {});
  const PacketSet inside = untranslated(known, *index);
  const PacketSet good = through(*index, at.link, inside);
  const PacketSet back = inside.is_subset_of(good) ? known : known & translated(good, *index);
  return replies & back.on_the_wire();
}

namespace {

struct StrangeState {
  PacketSet packets;
  OnState::Bit state;
};

// What connection tracking makes of answers to what it has not seen (nf_conntrack_proto_*.c): a
// datagram may open a connection, a SYN-ACK or an echo reply may not.
std::array<StrangeState, 2> by_strange_state(const PacketSet& replies) {
  const PacketSet datagrams = PacketSet::protocol(17);
  return {StrangeState{arriving(replies & datagrams), OnState::kNew},
          StrangeState{arriving(replies - datagrams), OnState::kInvalid}};
}

constexpr int kStrangersMost = 12;

}  // namespace

PacketSet Replies::past_stranger(SpaceId space, std::size_t in, const PacketSet& replies,
                                 std::size_t reached) {
  if (strangers_ >= kStrangersMost) return {};  // they go round in circles
  ++strangers_;
  SetMachine& machine = machines_.at(space, family_);
  const std::string name = name_of_link(machine, in);
  PacketSet good;
  for (const auto& [packets, state] : by_strange_state(replies)) {
    const PacketSet inside = packets & pass(space, Hook::kPrerouting, name, {}, state);
    for (const RoutedPart& part :
         machine.route(machine.admitted(inside, in, Heading::kBack), name, Heading::kBack)) {
      if (part.outcome.kind != RouteOutcome::Kind::kUnicast || !machine.forwards(in)) continue;
      const std::string out = name_of_link(machine, part.outcome.link);
      const PacketSet leaving = part.packets & pass(space, Hook::kForward, name, out, state) &
                                pass(space, Hook::kPostrouting, name, out, state);
      good |= transmit({space, part.outcome.link}, part.outcome.gateway, leaving.on_the_wire(),
                       reached);
    }
  }
  --strangers_;
  return replies & good;
}

PacketSet Replies::past_strange_bridge(const Segment& segment, const Station& to,
                                       const PacketSet& replies, std::size_t reached) {
  const SpaceId space = segment.bridge->space;
  const std::string name = name_of_link(machines_.at(space, family_), segment.bridge->link);
  PacketSet good;
  for (const auto& [packets, state] : by_strange_state(replies)) {
    const PacketSet passing = packets & pass(space, Hook::kPrerouting, name, {}, state) &
                              pass(space, Hook::kForward, name, name, state) &
                              pass(space, Hook::kPostrouting, name, name, state);
    good |= arrive(to.at, passing.on_the_wire(), reached);
  }
  return replies & good;
}

// Of replies inside a machine that go on from there or are its own, those that reach the sender.
PacketSet Replies::through(std::size_t index, std::size_t in, const PacketSet& inside) {
  using Kind = RouteOutcome::Kind;
  const SpaceId space = trail_[index]->space;
  SetMachine& machine = machines_.at(space, family_);
  const std::string name = name_of_link(machine, in);
  PacketSet out;
  for (const RoutedPart& part :
       machine.route(machine.admitted(inside, in, Heading::kBack), name, Heading::kBack)) {
    if (part.outcome.kind == Kind::kLocal && !trail_[index]->in) {
      out |= part.packets & pass(space, Hook::kInput, name, {});
    }
    if (part.outcome.kind == Kind::kUnknown && perhaps_) out |= part.packets;
    if (part.outcome.kind == Kind::kUnicast) out |= onward(index, in, part);
  }
  return out;
}

PacketSet Replies::onward(std::size_t index, std::size_t in, const RoutedPart& part) {
  const SpaceId space = trail_[index]->space;
  SetMachine& machine = machines_.at(space, family_);
  const std::string name = name_of_link(machine, in);
  const std::string out = name_of_link(machine, part.outcome.link);
  const bool same_bridge = part.outcome.link == in && machine.space().link(in).kind == "bridge";
  if (!machine.forwards(in) && !same_bridge) return {};
  const PacketSet passing = part.packets & pass(space, Hook::kForward, name, out) &
                            pass(space, Hook::kPostrouting, name, out);
  if (passing.empty()) return {};
  const PacketSet outside = outside_of(passing, index);
  const PacketSet answered =
      transmit({space, part.outcome.link}, part.outcome.gateway, outside, index);
  return outside.is_subset_of(answered) ? passing : passing & inside_of(answered, index);
}

// Connection tracking: which of the packets that left this machine these are the answers to.
PacketSet Replies::known_again(const PacketSet& replies, std::size_t index) const {
  return reply_to(levels_[index].left) & replies.on_the_wire();
}

// The translation of sources undone: what routing and the filter see.
PacketSet Replies::untranslated(const PacketSet& replies, std::size_t index) const {
  const Crossing& crossing = *trail_[index];
  PacketSet inside = request_of(replies);
  if (crossing.last) inside = crossing.last->before(inside);
  if (crossing.middle) inside = crossing.middle->before(inside);
  return reply_to(inside & levels_[index].inside);
}

PacketSet Replies::translated(const PacketSet& inside, std::size_t index) const {
  const Crossing& crossing = *trail_[index];
  PacketSet out = request_of(inside);
  if (crossing.middle) out = crossing.middle->after(out);
  if (crossing.last) out = crossing.last->after(out);
  return reply_to(out);
}

// The translation of destinations undone: the answers as they leave.
PacketSet Replies::outside_of(const PacketSet& inside, std::size_t index) const {
  return reply_to(trail_[index]->first->before(request_of(inside))).on_the_wire();
}

PacketSet Replies::inside_of(const PacketSet& outside, std::size_t index) const {
  return reply_to(trail_[index]->first->after(request_of(outside)));
}

}  // namespace firebreak
