#include "reach/trace_machine.h"

#include <algorithm>
#include <utility>

namespace firebreak {
namespace {

constexpr int kNatDestination = -100;  // NF_IP_PRI_NAT_DST
constexpr int kNatSource = 100;        // NF_IP_PRI_NAT_SRC
constexpr std::uint8_t kRewrittenBits = OnState::kSourceRewritten | OnState::kDestinationRewritten;

bool sets_destination(Hook hook) { return hook == Hook::kPrerouting || hook == Hook::kOutput; }

bool is_icmp_protocol(std::uint8_t protocol) { return protocol == 1 || protocol == 58; }

// What a packet looks like that opens no connection and belongs to none that is known. A UDP packet
// always opens one.
std::uint8_t state_of_stranger(const Packet& packet) {
  constexpr std::uint8_t kSyn = 2;
  constexpr std::uint8_t kUdp = 17;
  const bool request = packet.icmp_type == 8 || packet.icmp_type == 128;
  const bool opens = packet.protocol == kUdp ||
                     (is_icmp_protocol(packet.protocol) ? request : packet.tcp_flags == kSyn);
  return opens ? OnState::kNew : OnState::kInvalid;
}

// The half of the address translation that is done at this hook.
void translate(Hook hook, const TraceTuple& wanted, Packet& packet) {
  const bool ports = has_ports(packet.protocol);
  if (sets_destination(hook)) {
    packet.destination = wanted.destination;
    if (ports) packet.destination_port = wanted.destination_port;
  } else {
    packet.source = wanted.source;
    if (ports) packet.source_port = wanted.source_port;
  }
}

bool keeps_ends(const Packet& a, const Packet& b) {
  return a.source == b.source && a.destination == b.destination && a.source_port == b.source_port &&
         a.destination_port == b.destination_port;
}

// The step that decided: the rule that rewrote the packet if one did, else the last rule or policy
// (those of NAT chains accept all). nullptr: none did.
const Step* deciding_step(const Program& program, const std::vector<Step>& steps, bool rewritten) {
  const auto decides = [&](const Step& step) {
    const auto& rules = program.chains[step.chain.index()].rules;
    if (step.rule < rules.size()) {
      const Action& action = rules[step.rule].action;
      return !rewritten || std::holds_alternative<Dnat>(action) ||
             std::holds_alternative<Snat>(action);
    }
    const auto base = std::ranges::find(program.base_chains, step.chain, &BaseChain::chain);
    return !rewritten && base->kind != BaseChain::Kind::kNat;
  };
  const auto found = std::ranges::find_if(steps.rbegin(), steps.rend(), decides);
  return found == steps.rend() ? nullptr : &*found;
}

std::string text_of(const Program& program, const Step* step, bool rewritten) {
  if (step != nullptr) return text_of(program, *step);
  return rewritten ? "its connection's address translation" : "no rules";
}

bool is_rule(const Program& program, const Step* step) {
  return step != nullptr && step->rule < program.chains[step->chain.index()].rules.size();
}

}  // namespace

TraceTuple tuple_of(const Packet& packet) {
  TraceTuple out{packet.protocol, packet.source.value_or(IpAddress()), packet.destination, {}, {}};
  if (has_ports(packet.protocol)) {
    out.source_port = packet.source_port.value_or(Port{});
    out.destination_port = packet.destination_port;
  } else if (is_icmp_protocol(packet.protocol)) {
    out.destination_port.value = static_cast<std::uint16_t>(packet.icmp_type * 256U);
  }
  return out;
}

TraceTuple inverted(const TraceTuple& tuple) {
  TraceTuple out = tuple;
  std::swap(out.source, out.destination);
  if (!is_icmp_protocol(tuple.protocol)) {
    std::swap(out.source_port, out.destination_port);
    return out;
  }
  constexpr std::pair<unsigned, unsigned> kEchoes[] = {{8, 0}, {128, 129}};
  for (const auto& [request, reply] : kEchoes) {
    const unsigned type = tuple.destination_port.value / 256U;
    if (type != request && type != reply) continue;
    const unsigned other = type == request ? reply : request;
    out.destination_port.value = static_cast<std::uint16_t>(other * 256U);
  }
  return out;
}

void TraceMachine::track(TracePacket& it) const {
  it.connection.reset();
  it.answers = false;
  it.packet.state = state_of_stranger(it.packet);
  it.packet.connection_mark = 0;
  it.packet.original_destination.reset();
  it.packet.original_port.reset();
  const TraceTuple tuple = tuple_of(it.packet);
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    const TraceConnection& known = connections_[i];
    if (tuple != known.original && tuple != known.answer) continue;
    it.connection = i;
    it.answers = tuple != known.original;
    const auto state = it.answers ? OnState::kEstablished : OnState::kNew;
    it.packet.state = static_cast<std::uint8_t>(state | known.rewritten);
    it.packet.connection_mark = known.mark;
    it.packet.original_destination = known.original.destination;
    it.packet.original_port = known.original.destination_port;
  }
}

bool TraceMachine::remembers(Hook hook, const TracePacket& it) const {
  if (!it.connection || hook == Hook::kForward) return false;
  const TraceConnection& known = connections_[*it.connection];
  return it.answers || (sets_destination(hook) ? known.destination_set : known.source_set);
}

// The program with only those of its base chains that are no NAT chains and stand before or after
// the place of NAT.
const Program& TraceMachine::without_nat(Hook hook, Family family, bool before) {
  const Program& whole = space_.programs.at(static_cast<std::size_t>(family));
  std::optional<Program>& part = parts_.at(static_cast<std::size_t>(family));
  if (!part) part = whole;
  const int nat = sets_destination(hook) ? kNatDestination : kNatSource;
  part->base_chains.clear();
  for (const BaseChain& base : whole.base_chains) {
    const bool wanted = base.kind != BaseChain::Kind::kNat && (base.priority < nat) == before;
    if (wanted) part->base_chains.push_back(base);
  }
  return *part;
}

// NAT chains see a connection's first packet once; after that the connection knows. It is done
// where those chains stand among the others.
PacketOutcome TraceMachine::run_remembered(Hook hook, const TracePacket& it,
                                           const Surroundings& around) {
  const Family family = it.packet.destination.family();
  const TraceConnection& known = connections_[*it.connection];
  const TraceTuple wanted = inverted(it.answers ? known.original : known.answer);
  Packet translated = it.packet;
  translate(hook, wanted, translated);
  if (it.answers && translated == it.packet) {  // NAT chains are skipped by its state
    return evaluate(space_.programs.at(static_cast<std::size_t>(family)), hook, it.packet, around);
  }
  PacketOutcome first = evaluate(without_nat(hook, family, true), hook, it.packet, around);
  if (first.kind != PacketOutcome::Kind::kAccepted) return first;
  Packet packet = first.packets.front();
  if (packet.has_connection()) translate(hook, wanted, packet);
  PacketOutcome second = evaluate(without_nat(hook, family, false), hook, packet, around);
  second.steps.insert(second.steps.begin(), first.steps.begin(), first.steps.end());
  return second;
}

void TraceMachine::note(Hook hook, const Packet& before, TracePacket& it) {
  const Packet& after = it.packet;
  if (!after.has_connection()) {
    it.connection.reset();
    return;
  }
  if (!it.connection) {
    it.connection = connections_.size();
    connections_.push_back({.original = tuple_of(before), .answer = {}});
  }
  TraceConnection& known = connections_[*it.connection];
  known.mark = after.connection_mark;
  if (it.answers) return;
  known.answer = inverted(tuple_of(after));
  known.rewritten = after.state & kRewrittenBits;
  if (hook != Hook::kForward)
    (sets_destination(hook) ? known.destination_set : known.source_set) = true;
}

TraceVerdict TraceMachine::run(Hook hook, TracePacket& it,
                               const std::optional<IpAddress>& next_hop) {
  const Family family = it.packet.destination.family();
  const Program& program = space_.programs.at(static_cast<std::size_t>(family));
  const Surroundings around = trace_surroundings(space_, family, next_hop);
  PacketOutcome outcome = remembers(hook, it) ? run_remembered(hook, it, around)
                                              : evaluate(program, hook, it.packet, around);
  if (outcome.kind == PacketOutcome::Kind::kUnknown) {
    const std::string rule =
        outcome.steps.empty() ? "a rule" : text_of(program, outcome.steps.front());
    return {outcome.kind, "not known what it does: " + rule, true};
  }
  if (outcome.kind != PacketOutcome::Kind::kAccepted) {
    const Step* const step = deciding_step(program, outcome.steps, false);
    return {outcome.kind, text_of(program, step, false), true};
  }
  const Packet before = it.packet;
  it.packet = outcome.packets.front();
  const bool changed = !keeps_ends(before, it.packet);
  const Step* const step = deciding_step(program, outcome.steps, changed);
  std::string why = text_of(program, step, changed);
  if (!it.packet.source) {
    return {PacketOutcome::Kind::kUnknown, "not known which address it takes: " + why, true};
  }
  // Any port of the range would do.
  if (!it.packet.source_port) it.packet.source_port = before.source_port;
  if (outcome.packets.size() > 1) {
    why += " (this is one of " + std::to_string(outcome.packets.size()) + " outcomes)";
  }
  note(hook, before, it);
  return {outcome.kind, why, changed || is_rule(program, step)};
}

}  // namespace firebreak
