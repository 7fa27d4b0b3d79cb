// The request, the processes that take it, and their answers.
#include "reach/trace.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "reach/proxy_source.h"
#include "reach/reach.h"
#include "reach/trace_walk.h"
#include "reach/trace_words.h"

namespace firebreak {
namespace {

using TraceOutcome = PacketTrace::Outcome;
using TraceEnd = TraceWalk::End;

constexpr int kMostProxies = 4;  // one behind the other

bool is_echo(std::uint8_t protocol) { return protocol == 1 || protocol == 58; }

Packet traced_packet(const PacketHeader& header) {
  Packet out;
  out.protocol = header.protocol;
  out.source = header.source;
  out.destination = header.destination;
  out.source_port = header.source_port;
  out.destination_port = header.destination_port;
  out.mark = header.mark;
  if (header.protocol != 6) out.tcp_flags = 0;
  if (is_echo(header.protocol)) {
    out.icmp_type = static_cast<std::uint8_t>(header.destination_port.value >> 8U);
    out.icmp_code = static_cast<std::uint8_t>(header.destination_port.value & 0xFFU);
  }
  return out;
}

PacketHeader traced_header(const Packet& packet) {
  PacketHeader out;
  out.protocol = packet.protocol;
  out.source = packet.source.value_or(IpAddress());
  out.destination = packet.destination;
  out.source_port = packet.source_port.value_or(Port{});
  out.destination_port = packet.destination_port;
  return out;
}

// What the receiver sends back.
Packet traced_answer(const Packet& packet) {
  Packet out;
  out.protocol = packet.protocol;
  out.source = packet.destination;
  out.destination = *packet.source;
  out.source_port = packet.destination_port;
  out.destination_port = packet.source_port.value_or(Port{});
  out.tcp_flags = packet.protocol == 6 ? 18 : 0;  // SYN, ACK
  if (is_echo(packet.protocol)) {
    out.icmp_type = packet.protocol == 1 ? 0 : 129;
    out.source_port = Port{};
    out.destination_port.value = static_cast<std::uint16_t>(out.icmp_type * 256U);
  }
  return out;
}

bool is_answer_to(const Packet& sent, const Packet& answer) {
  if (answer.source != sent.destination || sent.source != answer.destination) return false;
  return !has_ports(sent.protocol) || (answer.source_port == sent.destination_port &&
                                       answer.destination_port == sent.source_port);
}

std::uint8_t traced_protocol(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp: return 6;
    case Protocol::kUdp: return 17;
    case Protocol::kSctp: return 132;
  }
  return 0;
}

class OneTrace {
 public:
  explicit OneTrace(const NetModel& model) : model_(model), walk_(model) {}

  PacketTrace run(const FlowEnd& from, const PacketHeader& header) {
    const auto id = space_of(from);
    if (!id) {
      trace_.hops.push_back({from, "sender", "its network namespace was not read"});
      return trace_;
    }
    Packet packet = traced_packet(header);
    if (packet.source->is_unspecified()) choose_source(*id, packet);
    if (!model_[*id].owns(*packet.source)) {
      trace_.hops.push_back({from, "sender", "it has no address " + packet.source->text()});
      trace_.outcome = TraceOutcome::kStopped;
      return trace_;
    }
    trace_.outcome = request(*id, packet, 0);
    keep_hops();
    return trace_;
  }

 private:
  std::optional<SpaceId> space_of(const FlowEnd& end) const {
    for (std::size_t i = 0; i < model_.spaces.size(); ++i) {
      if (walk_.end_of(SpaceId(i)) == end) return SpaceId(i);
    }
    return std::nullopt;
  }

  // What a socket that is bound to no address sends from.
  void choose_source(SpaceId id, Packet& packet) const {
    const Space& space = model_[id];
    const auto family = static_cast<std::size_t>(packet.destination.family());
    const RouteOutcome route =
        space.routing.at(family).find({.destination = packet.destination, .source = {}});
    packet.source = packet.destination;
    if (route.kind == RouteOutcome::Kind::kLocal) return;
    if (route.source) packet.source = route.source;
    if (route.source || route.link >= space.state->links.size()) return;
    const IpAddress next_hop = route.gateway.value_or(packet.destination);
    packet.source = own_address(space.link(route.link), next_hop);
    for (const NetLink& link : space.state->links) {
      if (!packet.source) packet.source = own_address(link, next_hop);
    }
    if (!packet.source) packet.source = packet.destination;
  }

  TraceOutcome request(SpaceId from, const Packet& packet, int proxies) {
    const TraceEnd end = walk_.send(from, packet);
    switch (end.kind) {
      case TraceEnd::Kind::kStopped: return TraceOutcome::kStopped;
      case TraceEnd::Kind::kLeft: return TraceOutcome::kLeft;
      case TraceEnd::Kind::kUnknown: return TraceOutcome::kUnknown;
      case TraceEnd::Kind::kDelivered: break;
    }
    Packet answer = traced_answer(end.packet);
    if (const UserlandProxy* const proxy = proxy_at(end)) {
      const TraceOutcome behind = handed_on(*proxy, end, proxies);
      if (behind != TraceOutcome::kDelivered) return behind;
      const auto source = answers_from(model_, end.at.space, *proxy, answer.destination);
      if (source) answer.source = source;
    } else {
      arrived(end);
    }
    return answered(end, answer, from, packet);
  }

  void arrived(const TraceEnd& end) {
    const Space& space = model_[end.at.space];
    const auto listening = trace_listening(space, end.at.link, end.packet);
    trace_.to = walk_.end_of(end.at.space);
    trace_.delivered = traced_header(end.packet);
    const std::string socket =
        trace_socket(end.packet.protocol, end.packet.destination, end.packet.destination_port);
    walk_.add_hop(end.at.space, space.link(end.at.link).name + " " + socket,
                  is_echo(end.packet.protocol) ? "reached"
                  : !listening                 ? "not known whether something listens there"
                  : *listening                 ? "listening"
                                               : "nothing listens there");
  }

  const UserlandProxy* proxy_at(const TraceEnd& end) const {
    const Packet& packet = end.packet;
    for (const UserlandProxy& proxy : model_[end.at.space].proxies) {
      const bool here = proxy.host_address == packet.destination ||
                        (proxy.host_address.is_unspecified() &&
                         proxy.host_address.family() == packet.destination.family());
      if (here && traced_protocol(proxy.protocol) == packet.protocol &&
          proxy.host_port == packet.destination_port) {
        return &proxy;
      }
    }
    return nullptr;
  }

  TraceOutcome handed_on(const UserlandProxy& proxy, const TraceEnd& end, int proxies) {
    const std::string place = "docker-proxy :" + std::to_string(proxy.host_port.value);
    Packet packet;
    packet.protocol = end.packet.protocol;
    packet.tcp_flags = end.packet.tcp_flags;
    packet.destination = proxy.container_address;
    packet.destination_port = proxy.container_port;
    packet.source_port = end.packet.source_port;
    choose_source(end.at.space, packet);
    walk_.add_hop(
        end.at.space, place,
        "publishes " + trace_socket(packet.protocol, packet.destination, packet.destination_port));
    if (proxies < kMostProxies) return request(end.at.space, packet, proxies + 1);
    walk_.add_hop(end.at.space, place, "proxies hand it on in circles");
    return TraceOutcome::kStopped;
  }

  // Follows the answer; its stops are told only if it does not come back.
  TraceOutcome answered(const TraceEnd& end, const Packet& answer, SpaceId sender,
                        const Packet& sent) {
    keep_hops();
    walk_.add_hop(end.at.space, "answer", "to " + answer.destination.text());
    const TraceEnd back = walk_.send(end.at.space, answer);
    if (back.kind == TraceEnd::Kind::kDelivered) {
      if (back.at.space == sender && is_answer_to(sent, back.packet)) {
        walk_.take_hops();
        return TraceOutcome::kDelivered;
      }
      walk_.add_hop(back.at.space, model_[back.at.space].link(back.at.link).name,
                    "nobody here waits for an answer from " +
                        trace_socket(sent.protocol, *back.packet.source,
                                     back.packet.source_port.value_or(Port{})));
    }
    return back.kind == TraceEnd::Kind::kUnknown ? TraceOutcome::kUnknown : TraceOutcome::kNoAnswer;
  }

  void keep_hops() { std::ranges::move(walk_.take_hops(), std::back_inserter(trace_.hops)); }

  const NetModel& model_;
  TraceWalk walk_;
  PacketTrace trace_;
};

}  // namespace

PacketTrace Tracer::trace(const FlowEnd& from, const PacketHeader& packet) const {
  return OneTrace(model_).run(from, packet);
}

PacketTrace trace_packet(const Estate& estate, const FlowEnd& from, const PacketHeader& packet) {
  return Tracer(estate).trace(from, packet);
}

}  // namespace firebreak
