#include "reach/trace_words.h"

#include <algorithm>

namespace firebreak {
namespace {

std::optional<Protocol> protocol_with_listeners(std::uint8_t number) {
  switch (number) {
    case 6: return Protocol::kTcp;
    case 17: return Protocol::kUdp;
    case 132: return Protocol::kSctp;
    default: return std::nullopt;
  }
}

bool takes_packet(const Listener& listener, const std::string& link, const Packet& packet) {
  if (listener.port != packet.destination_port) return false;
  if (!listener.link.empty() && listener.link != link) return false;
  if (listener.address == packet.destination) return true;
  if (!listener.address.is_unspecified()) return false;
  if (listener.address.family() == packet.destination.family()) return true;
  return listener.address.is_v6() && !listener.v6_only;
}

}  // namespace

std::string trace_place(Hook hook, const Packet& packet) {
  switch (hook) {
    case Hook::kPrerouting: return "PREROUTING";
    case Hook::kInput: return "INPUT";
    case Hook::kOutput: return "OUTPUT";
    case Hook::kPostrouting: return "POSTROUTING";
    case Hook::kForward: break;
  }
  if (packet.bridge_in && packet.bridge_out) {
    return "FORWARD " + packet.in_interface + ", port " + *packet.bridge_in + " to " +
           *packet.bridge_out;
  }
  return "FORWARD " + packet.in_interface + " to " + packet.out_interface;
}

std::size_t trace_loopback(const Space& space) {
  const auto& links = space.state->links;
  const auto found = std::ranges::find(links, true, &NetLink::loopback);
  return found == links.end() ? 0 : static_cast<std::size_t>(found - links.begin());
}

std::string trace_link(const Space& space, const RouteOutcome& route) {
  return route.kind == RouteOutcome::Kind::kLocal ? "lo" : space.link(route.link).name;
}

std::string trace_socket(std::uint8_t protocol, const IpAddress& address, Port port) {
  if (!has_ports(protocol)) return address.text();
  const std::string text = address.is_v6() ? "[" + address.text() + "]" : address.text();
  return text + ":" + std::to_string(port.value);
}

std::optional<bool> trace_listening(const Space& space, std::size_t link, const Packet& packet) {
  const auto protocol = protocol_with_listeners(packet.protocol);
  const bool unread = std::ranges::any_of(space.state->unread, [](const Unread& gap) {
    return gap.what.find("sockets") != std::string::npos;
  });
  if (!protocol || unread) return std::nullopt;
  return std::ranges::any_of(space.state->listeners, [&](const Listener& listener) {
    return listener.protocol == *protocol && takes_packet(listener, space.link(link).name, packet);
  });
}

}  // namespace firebreak
