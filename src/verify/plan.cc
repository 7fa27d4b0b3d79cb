#include "verify/plan.h"

#include <algorithm>
#include <tuple>

#include "checks/flow_words.h"

namespace firebreak {
namespace {

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::size_t kPortsOfAFlow = 6;
constexpr std::size_t kSourcesOfAFlow = 3;
// Of all pairs together: an estate of a thousand containers has a million pairs.
constexpr std::size_t kClosedInAll = 200'000;
constexpr std::size_t kListenersInAll = 400;  // each takes a file descriptor

// As packet sets have it: type * 256 + code.
Port echo_port(Family family) {
  return Port{static_cast<std::uint16_t>(family == Family::kV6 ? 128U * 256U : 8U * 256U)};
}
std::uint8_t echo_protocol(Family family) { return family == Family::kV6 ? kIcmpV6 : kIcmp; }

struct PortList {
  std::vector<Port> ports;
  void add(Port port, std::size_t most) {
    if (port.value == 0 || ports.size() >= most) return;
    if (std::ranges::find(ports, port) == ports.end()) ports.push_back(port);
  }
};

using Packets = std::map<std::pair<FlowEnd, PacketHeader>, FlowEnd>;  // to: whose address it is

class Planner {
 public:
  Planner(const std::vector<VerifyPlace>& places, const std::vector<Flow>& flows,
          const ProbePlanOptions& options)
      : places_(places), flows_(flows), options_(options), predictor_(flows) {
    std::set<std::pair<std::uint8_t, Port>> named;
    for (const VerifyPlace& place : places_) {
      by_end_[place.end] = &place;
      for (const IpAddress& address : place.addresses) owned_.insert(address);
      named.insert(place.named.begin(), place.named.end());
    }
    named_.assign(named.begin(), named.end());
  }

  ProbePlan plan() {
    for (const Flow& flow : flows_) ask_flow(flow);
    sample_closed();
    ProbePlan out;
    for (const auto& [asked, owner] : packets_) out.probes.push_back(probe(asked, owner));
    if (options_.listeners) {
      std::size_t room = kListenersInAll;
      for (const PlannedProbe& one : out.probes) add_listener(one, room, out);
    }
    return out;
  }

 private:
  PlannedProbe probe(const std::pair<FlowEnd, PacketHeader>& asked, const FlowEnd& owner) const {
    PlannedProbe out{.from = asked.first, .to = owner, .packet = asked.second, .flows = {}};
    out.flows = predictor_.flows_of(asked.first, asked.second);
    if (out.flows.empty()) return out;
    out.to = out.flows.front()->to;
    out.prediction = out.flows.front()->open ? Prediction::kOpen : Prediction::kUnknown;
    return out;
  }

  void ask(const FlowEnd& from, const FlowEnd& to, PacketHeader packet) {
    packet.source_port = {};
    packets_.try_emplace({from, packet}, to);
  }

  // Flows.

  void ask_flow(const Flow& flow) {
    const bool ports = flow.protocol == kTcp || flow.protocol == kUdp;
    if ((!ports && !is_echo(flow.protocol)) || !by_end_.contains(flow.from)) return;
    // Only as the estate's own addresses: what is sent over loopback stays where it is.
    const IpAddress& to = flow.example.destination;
    if (!owned_.contains(to) && !to.is_loopback()) return;
    if (ports) note_edges(flow);
    PacketHeader packet{.protocol = flow.protocol, .destination = to};
    for (const IpAddress& source : sources_of(flow)) {
      packet.source = source;
      if (!ports) {
        packet.destination_port = echo_port(to.family());
        ask(flow.from, flow.to, packet);
      }
      for (const Port port : ports_of(flow)) {
        packet.destination_port = port;
        ask(flow.from, flow.to, packet);
      }
    }
  }

  static std::vector<IpAddress> sources_of(const Flow& flow) {
    std::vector<IpAddress> out = {flow.example.source};
    for (const AddressRange& range : flow.sources) {
      if (out.size() < kSourcesOfAFlow && range.first != out.front()) out.push_back(range.first);
    }
    return out;
  }

  // What listens or is published there, then one port of each range, then where ranges end.
  std::vector<Port> ports_of(const Flow& flow) const {
    PortList out;
    if (is_echo(flow.protocol)) return {};
    const auto receiver = by_end_.find(flow.to);
    for (const PortRange& range : flow.ports) {
      if (receiver == by_end_.end()) break;
      const auto& named = receiver->second->named;
      for (auto at = named.lower_bound({flow.protocol, range.first});
           at != named.end() && *at <= std::pair(flow.protocol, range.last); ++at) {
        out.add(at->second, kPortsOfAFlow);
      }
    }
    for (const PortRange& range : flow.ports) out.add(range.first, kPortsOfAFlow);
    for (const PortRange& range : flow.ports) out.add(range.last, kPortsOfAFlow);
    return std::move(out.ports);
  }

  // What no flow holds.

  void sample_closed() {
    const std::size_t pairs = places_.size() * places_.size();
    const std::size_t all = std::min(pairs * options_.most, kClosedInAll);
    std::size_t pair = 0;
    for (const VerifyPlace& from : places_) {
      for (const VerifyPlace& to : places_) {
        const std::size_t share = ((pair + 1) * all / pairs) - (pair * all / pairs);
        ++pair;
        if (from.end != to.end && share > 0) sample_pair(from, to, share, pair);
      }
    }
  }

  void sample_pair(const VerifyPlace& from, const VerifyPlace& to, std::size_t most,
                   std::size_t turn) {
    std::size_t found = 0;
    const auto ask_if_closed = [&](const IpAddress& address, std::uint8_t protocol, Port port) {
      if (found >= most || std::ranges::binary_search(from.addresses, address)) return;
      const auto source = source_of(from, address.family(), found);
      if (!source) return;
      const PacketHeader packet{.protocol = protocol,
                                .source = *source,
                                .destination = address,
                                .destination_port = port};
      if (!predictor_.flows_of(from.end, packet).empty()) return;
      if (packets_.try_emplace({from.end, packet}, to.end).second) ++found;
    };
    for (const IpAddress& address : to.addresses) {
      ask_if_closed(address, echo_protocol(address.family()), echo_port(address.family()));
    }
    for (const auto& [protocol, port] : doubtful_ports(from, to, turn)) {
      for (const IpAddress& address : to.addresses) ask_if_closed(address, protocol, port);
      if (found >= most) return;
    }
  }

  // The sender's addresses take turns.
  static std::optional<IpAddress> source_of(const VerifyPlace& from, Family family,
                                            std::size_t turn) {
    std::vector<IpAddress> own;
    for (const IpAddress& address : from.addresses) {
      if (address.family() == family) own.push_back(address);
    }
    if (own.empty()) return std::nullopt;
    return own[turn % own.size()];
  }

  // The receiver's own ports; the neighbours of what is open to this sender; then the ports of
  // everybody, each pair beginning at another one; then both ends of the range.
  std::vector<std::pair<std::uint8_t, Port>> doubtful_ports(const VerifyPlace& from,
                                                            const VerifyPlace& to,
                                                            std::size_t turn) const {
    std::vector<std::pair<std::uint8_t, Port>> out(to.named.begin(), to.named.end());
    const auto edges = edges_.find({from.end, to.end});
    if (edges != edges_.end()) out.insert(out.end(), edges->second.begin(), edges->second.end());
    for (std::size_t i = 0; i < named_.size() && i < options_.most; ++i) {
      out.push_back(named_[(turn + i) % named_.size()]);
    }
    for (const std::uint8_t protocol : {kTcp, kUdp}) {
      out.emplace_back(protocol, Port{1});
      out.emplace_back(protocol, Port{65535});
    }
    std::erase_if(out, [](const auto& one) { return one.first != kTcp && one.first != kUdp; });
    return out;
  }

  void note_edges(const Flow& flow) {
    auto& edges = edges_[{flow.from, flow.to}];
    for (const PortRange& range : flow.ports) {
      if (edges.size() > options_.most) return;
      if (range.first.value > 1) {
        edges.emplace(flow.protocol, Port{static_cast<std::uint16_t>(range.first.value - 1)});
      }
      if (range.last.value < 65535) {
        edges.emplace(flow.protocol, Port{static_cast<std::uint16_t>(range.last.value + 1)});
      }
    }
  }

  // Listeners.

  // Never where somebody's port is, whether he is there or not.
  void add_listener(const PlannedProbe& one, std::size_t& room, ProbePlan& plan) const {
    const std::uint8_t protocol = one.packet.protocol;
    const auto landing = one.landing();
    const auto place = by_end_.find(one.to);
    if (is_echo(protocol) || !landing || place == by_end_.end()) return;
    if (!std::ranges::binary_search(place->second->addresses, landing->first)) return;
    if (place->second->named.contains({protocol, landing->second})) return;
    if (room == 0) return;
    auto& there = plan.listeners[one.to];
    if (there.insert({protocol, landing->first, landing->second}).second) --room;
  }

  const std::vector<VerifyPlace>& places_;
  const std::vector<Flow>& flows_;
  const ProbePlanOptions& options_;
  Predictor predictor_;
  std::map<FlowEnd, const VerifyPlace*> by_end_;
  std::set<IpAddress> owned_;
  std::vector<std::pair<std::uint8_t, Port>> named_;  // by anybody; sorted, each once
  std::map<std::pair<FlowEnd, FlowEnd>, std::set<std::pair<std::uint8_t, Port>>> edges_;
  Packets packets_;
};

}  // namespace

ProbePlan plan_probes(const std::vector<VerifyPlace>& places, const std::vector<Flow>& flows,
                      const ProbePlanOptions& options) {
  return Planner(places, flows, options).plan();
}

}  // namespace firebreak
