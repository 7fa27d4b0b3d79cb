#include "paths/refusals.h"

#include <algorithm>
#include <optional>
#include <set>

#include "checks/flow_words.h"

namespace firebreak {
namespace {

constexpr std::size_t kMostPairs = 25;
constexpr std::size_t kMostPackets = 6;  // of one pair
constexpr Port kSenderPort{40000};
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kSctp = 132;

std::uint8_t protocol_number(Protocol protocol) {
  return protocol == Protocol::kUdp ? kUdp : protocol == Protocol::kSctp ? kSctp : kTcp;
}

struct Aim {
  IpAddress address;
  std::uint8_t protocol = kTcp;
  Port port;
  friend auto operator<=>(const Aim&, const Aim&) = default;
};

std::string_view outcome_word(PacketTrace::Outcome outcome) {
  switch (outcome) {
    case PacketTrace::Outcome::kDelivered: return "delivered";
    case PacketTrace::Outcome::kNoAnswer: return "no-answer";
    case PacketTrace::Outcome::kStopped: return "stopped";
    case PacketTrace::Outcome::kLeft: return "left";
    case PacketTrace::Outcome::kUnknown: return "unknown";
  }
  return "unknown";
}

class RefusalFinder {
 public:
  RefusalFinder(const Estate& estate, const FlowEnds& ends, const PacketFlows& flows,
                const PathQuestion& question)
      : estate_(estate), ends_(ends), flows_(flows), question_(question) {}

  void explain(const FlowEnd& from, const FlowEnd& to, std::vector<PathRefusal>& out) const {
    std::size_t sent = 0;
    for (const Aim& target : aims_of(to)) {
      const auto source = source_of(from, target.address);
      if (!source || sent == kMostPackets) continue;
      ++sent;
      const PacketHeader packet{.protocol = target.protocol,
                                .source = *source,
                                .destination = target.address,
                                .source_port = kSenderPort,
                                .destination_port = target.port};
      const PacketTrace trace = flows_.trace(from, packet);
      const std::string address = target.address.text();
      out.push_back({.from = ends_.name_of(from),
                     .to = ends_.name_of(to),
                     .packet = protocol_text(target.protocol) + " " +
                               (target.address.is_v6() ? "[" + address + "]" : address) + ":" +
                               std::to_string(target.port.value),
                     .outcome = std::string(outcome_word(trace.outcome)),
                     .hops = hops_of(estate_, ends_, trace)});
    }
  }

 private:
  [[nodiscard]] const NetNamespace* state_of(const FlowEnd& end) const {
    const auto& kernel = estate_[end.host].kernel;
    if (!kernel) return nullptr;
    if (!end.container) return &kernel->host;
    for (const ContainerNamespace& inside : kernel->containers) {
      if (inside.container == estate_[*end.container].id.value) return &inside.state;
    }
    return nullptr;
  }

  [[nodiscard]] std::vector<IpAddress> addresses_of(const FlowEnd& end) const {
    std::set<IpAddress> out;
    if (end.container) {
      for (const Endpoint& endpoint : estate_[*end.container].endpoints) {
        if (endpoint.ipv4) out.insert(*endpoint.ipv4);
        if (endpoint.ipv6) out.insert(*endpoint.ipv6);
      }
    }
    if (const NetNamespace* state = state_of(end)) {
      for (const NetLink& link : state->links) {
        for (const LinkAddress& one : link.addresses) {
          if (!one.address.is_loopback() && link.up) out.insert(one.address);
        }
      }
    }
    return {out.begin(), out.end()};
  }

  // Protocols and ports at which something may answer there.
  [[nodiscard]] std::set<std::pair<std::uint8_t, Port>> services_of(const FlowEnd& end) const {
    std::set<std::pair<std::uint8_t, Port>> out;
    if (question_.to.port) {
      return {{question_.to.protocol.value_or(kTcp), *question_.to.port}};
    }
    if (const NetNamespace* state = state_of(end)) {
      for (const Listener& listener : state->listeners) {
        if (listener.address.is_loopback()) continue;
        out.emplace(protocol_number(listener.protocol), listener.port);
      }
    }
    if (!end.container) return out;
    for (const PublishedPort& port : estate_[*end.container].ports) {
      out.emplace(protocol_number(port.protocol), port.container_port);
    }
    return out;
  }

  [[nodiscard]] std::vector<Aim> aims_of(const FlowEnd& end) const {
    std::vector<Aim> out;
    if (question_.to.address && question_.to.port) {
      return {{*question_.to.address, question_.to.protocol.value_or(kTcp), *question_.to.port}};
    }
    const auto services = services_of(end);
    for (const IpAddress& address : addresses_of(end)) {
      for (const auto& [protocol, port] : services) out.push_back({address, protocol, port});
    }
    if (end.container) add_published(end, out);
    return out;
  }

  void add_published(const FlowEnd& end, std::vector<Aim>& out) const {
    const auto host = addresses_of({.host = end.host, .container = std::nullopt});
    for (const PublishedPort& port : estate_[*end.container].ports) {
      if (port.host_port.value == 0) continue;
      if (question_.to.port && *question_.to.port != port.host_port &&
          *question_.to.port != port.container_port) {
        continue;
      }
      for (const IpAddress& address : host) {
        const bool there = !port.address || port.address->is_unspecified()
                               ? !port.address || port.address->family() == address.family()
                               : *port.address == address;
        if (there) out.push_back({address, protocol_number(port.protocol), port.host_port});
      }
    }
  }

  // The sender's address that is nearest to where it sends.
  [[nodiscard]] std::optional<IpAddress> source_of(const FlowEnd& from,
                                                   const IpAddress& destination) const {
    std::optional<IpAddress> best;
    std::size_t most = 0;
    for (const IpAddress& address : addresses_of(from)) {
      if (address.family() != destination.family()) continue;
      const auto& one = address.bytes();
      const auto& other = destination.bytes();
      const auto common =
          static_cast<std::size_t>(std::ranges::mismatch(one, other).in1 - one.begin());
      if (best && common <= most) continue;
      best = address;
      most = common;
    }
    return best;
  }

  const Estate& estate_;
  const FlowEnds& ends_;
  const PacketFlows& flows_;
  const PathQuestion& question_;
};

}  // namespace

std::vector<PathRefusal> refusals_of(const Estate& estate, const FlowEnds& ends,
                                     const PacketFlows& flows, const PathQuestion& question,
                                     const std::vector<PathFlow>& told) {
  std::set<std::pair<FlowEnd, FlowEnd>> joined;
  for (const PathFlow& each : told) joined.emplace(each.flow.from, each.flow.to);
  const RefusalFinder finder(estate, ends, flows, question);
  std::vector<PathRefusal> out;
  std::size_t pairs = 0;
  for (const FlowEnd& from : question.from.ends) {
    for (const FlowEnd& to : question.to.ends) {
      if (from == to || joined.contains({from, to})) continue;
      if (pairs++ == kMostPairs) return out;
      finder.explain(from, to, out);
    }
  }
  return out;
}

}  // namespace firebreak
