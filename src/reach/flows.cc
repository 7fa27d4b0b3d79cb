#include "reach/flows.h"

#include <algorithm>
#include <array>

#include "reach/proxy_source.h"

namespace firebreak {
namespace {

constexpr Port kUsualSourcePort{40000};

bool is_icmp(std::uint8_t protocol) { return protocol == 1 || protocol == 58; }

PacketSet to_any_of(const std::vector<AddressRange>& addresses) {
  return addresses.empty() ? PacketSet::none() : PacketSet::destination(addresses);
}

// Adjoining addresses of a list of single ones make a range: take it apart again.
std::vector<AddressRange> single(const std::vector<AddressRange>& ranges) {
  constexpr int kMost = 64;
  std::vector<AddressRange> out;
  for (const AddressRange& range : ranges) {
    std::array<std::uint8_t, 16> bytes = range.first.bytes();
    std::vector<AddressRange> parts;
    const std::size_t last = range.first.is_v6() ? 15 : 3;
    while (parts.size() <= kMost) {
      const IpAddress at = IpAddress::of(range.first.family(), bytes);
      parts.push_back({at, at});
      if (at == range.last) break;
      for (std::size_t i = last;; --i) {
        if (++bytes.at(i) != 0 || i == 0) break;
      }
    }
    if (parts.size() > kMost) parts = {range};
    out.insert(out.end(), parts.begin(), parts.end());
  }
  return out;
}

bool was_forwarded(const Crossing& last) {
  for (const Crossing* at = &last; at != nullptr; at = at->previous.get()) {
    if (at->in && at->out && !at->bridged) return true;
  }
  return false;
}

PacketHeader example_of(const PacketSet& sent, const std::vector<PortRange>& ports) {
  PacketSet some = sent;
  if (!ports.empty()) some &= PacketSet::destination_port({ports[0].first, ports[0].first});
  const PacketSet usual = some & PacketSet::source_port({kUsualSourcePort, kUsualSourcePort});
  return usual.empty() ? some.smallest().value_or(PacketHeader{}) : *usual.smallest();
}

}  // namespace

void FlowWriter::add(SpaceId from, Family family, const Arrival& arrival,
                     const Answered& answered) {
  const NetModel& model = machines_.model();
  Course course{from, arrival.crossing->space, family, true, false, FlowVia::kRouted};
  for (const Crossing* at = arrival.crossing.get(); at != nullptr; at = at->previous.get()) {
    course.derived = course.derived || model[at->space].derived;
  }
  const bool forwarded = was_forwarded(*arrival.crossing);
  for (const bool open : {true, false}) {
    course.open = open;
    const PacketSet& arrived = open ? answered.surely : answered.perhaps;
    if (arrived.empty()) continue;
    for (const SentAndDelivered& pair : pairs_of(*arrival.crossing, arrived)) {
      course.via = model[course.to].is_host()     ? FlowVia::kHostService
                   : pair.redirected              ? FlowVia::kPublishedPort
                   : model[course.from].is_host() ? FlowVia::kFromHost
                   : forwarded                    ? FlowVia::kRouted
                                                  : FlowVia::kSameNetwork;
      add_pair(course, pair);
      if (model[course.to].is_host()) add_relayed(course, pair);
    }
  }
}

void FlowWriter::add_pair(const Course& course, const SentAndDelivered& pair) {
  const std::vector<NamedEnd> receivers = ends_.of(course.to, course.family);
  for (const NamedEnd& to : receivers) {
    // Alone in its space it takes all; of folded ones each its own.
    const bool alone = receivers.size() == 1;
    const PacketSet own = alone ? PacketSet::of(course.family) : to_any_of(to.addresses);
    const PacketSet delivered = pair.delivered & own;
    if (delivered.empty()) continue;
    const PacketSet sent = pair.redirected ? pair.sent : pair.sent & own;
    for (const NamedEnd& from : ends_.of(course.from, course.family)) {
      add_ends(course, from, to.end, sent, {sent, delivered, pair.redirected});
    }
  }
}

void FlowWriter::add_relayed(Course course, const SentAndDelivered& pair) {
  const SpaceId host = course.to;
  course.via = FlowVia::kUserlandProxy;
  const bool open = course.open;
  for (const RelayLeg& leg : relays_.of(host, course.family)) {
    const PacketSet taken = relays_.taken_by(host, leg.proxy);
    const PacketSet sent = pair.redirected
                               ? (pair.delivered.overlaps(taken) ? pair.sent : PacketSet())
                               : pair.sent & taken;
    if (sent.empty()) continue;
    course.open = open && leg.open;
    // What the container sees: the family may differ from what was sent.
    const PacketSet delivered =
        PacketSet::destination(leg.delivered) &
        PacketSet::destination_port({leg.delivered_port, leg.delivered_port}) &
        PacketSet::protocol(number_of(leg.proxy.protocol));
    for (const NamedEnd& from : ends_.of(course.from, course.family)) {
      const PacketSet heard = answered_by_proxy(host, leg.proxy, from, sent);
      add_ends(course, from, leg.to, heard, {heard, delivered, true});
    }
  }
}

// Those of the packets that the proxy answers from the address that they were sent to.
PacketSet FlowWriter::answered_by_proxy(SpaceId host, const UserlandProxy& proxy,
                                        const NamedEnd& from, const PacketSet& sent) const {
  PacketSet out = sent;
  for (const AddressRange& client : from.addresses) {
    const auto source = answers_from(machines_.model(), host, proxy, client.first);
    if (!source) continue;
    out -= PacketSet::source(client) - PacketSet::destination(AddressRange{*source, *source});
  }
  return out;
}

void FlowWriter::add_ends(const Course& course, const NamedEnd& from, const FlowEnd& to,
                          const PacketSet& sent, const SentAndDelivered& pair) {
  if (from.end == to || (!options_.all && !ends_.crosses(from.end, to))) return;
  Flow outline;
  outline.from = from.end;
  outline.to = to;
  outline.via = course.via;
  outline.open = course.open;
  outline.derived = course.derived;
  for (const AddressRange& source : from.addresses) {
    const PacketSet mine = sent & PacketSet::source(source);
    if (mine.empty()) continue;
    outline.sources = {source};
    add_source(outline, mine, pair);
  }
}

void FlowWriter::add_source(const Flow& outline, const PacketSet& sent,
                            const SentAndDelivered& pair) {
  for (const ProtocolRange& range : sent.protocols()) {
    for (int protocol = range.first; protocol <= range.last; ++protocol) {
      Flow flow = outline;
      flow.protocol = static_cast<std::uint8_t>(protocol);
      const PacketSet alike = sent & PacketSet::protocol(flow.protocol);
      for (const AddressRange& address : single(alike.destinations())) {
        flow.address = address;
        add_address(flow, alike & PacketSet::destination(address), pair);
      }
    }
  }
}

void FlowWriter::add_address(Flow flow, const PacketSet& sent, const SentAndDelivered& pair) {
  if (!is_icmp(flow.protocol)) flow.ports = sent.destination_ports();
  flow.delivered = flow.address;
  flow.delivered_ports = flow.ports;
  if (pair.redirected) {
    const PacketSet delivered = pair.delivered & PacketSet::protocol(flow.protocol);
    const std::vector<AddressRange> addresses = delivered.destinations();
    if (addresses.empty()) return;
    flow.delivered = addresses.front();
    if (!is_icmp(flow.protocol)) flow.delivered_ports = delivered.destination_ports();
  }
  add_ports(std::move(flow), sent);
}

void FlowWriter::add_ports(Flow flow, const PacketSet& sent) {
  const IpAddress& at = flow.delivered.first;
  if (flow.ports.empty()) {
    flow.example = example_of(sent, {});
    flows_.push_back(std::move(flow));
    return;
  }
  if (flow.delivered_ports == flow.ports) {
    for (const auto& [listening, ports] :
         ends_.by_listening(flow.to, flow.protocol, at, flow.ports)) {
      flow.ports = flow.delivered_ports = ports;
      flow.listening = listening;
      flow.example = example_of(sent, ports);
      flows_.push_back(flow);
    }
    return;
  }
  const auto groups = ends_.by_listening(flow.to, flow.protocol, at, flow.delivered_ports);
  flow.listening = groups.size() == 1 ? groups.front().first : std::nullopt;
  flow.example = example_of(sent, flow.ports);
  flows_.push_back(std::move(flow));
}

std::vector<Flow> FlowWriter::take() { return merge_flows(std::move(flows_)); }

}  // namespace firebreak
