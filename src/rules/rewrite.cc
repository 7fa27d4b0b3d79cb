#include "rules/rewrite.h"

#include <algorithm>

namespace firebreak {
namespace {

constexpr std::size_t kMost = 16;  // packets that one may become

IpAddress after(const IpAddress& address) {
  std::array<std::uint8_t, 16> bytes = address.bytes();
  for (std::size_t i = address.is_v6() ? 16 : 4; i-- > 0;) {
    if (++bytes[i] != 0) break;
  }
  if (address.is_v6()) return IpAddress::v6(bytes);
  return IpAddress::v4((std::uint32_t{bytes[0]} << 24U) | (std::uint32_t{bytes[1]} << 16U) |
                       (std::uint32_t{bytes[2]} << 8U) | bytes[3]);
}

// All addresses of a range; nullopt: too many.
std::optional<std::vector<IpAddress>> addresses_of(const AddressRange& range) {
  std::vector<IpAddress> out = {range.first};
  while (out.back() != range.last) {
    if (out.size() == kMost) return std::nullopt;
    out.push_back(after(out.back()));
  }
  return out;
}

// A port that is in the range already is kept; the kernel picks another if that is taken, which is
// not followed here.
std::optional<std::vector<Port>> ports_of(const std::optional<PortRange>& range,
                                          const Packet& packet) {
  const Port now = packet.destination_port;
  if (!range || !has_ports(packet.protocol) || (range->first <= now && now <= range->last)) {
    return std::vector{now};
  }
  std::vector<Port> out;
  for (unsigned port = range->first.value; port <= range->last.value; ++port) {
    if (out.size() == kMost) return std::nullopt;
    out.push_back(Port{static_cast<std::uint16_t>(port)});
  }
  return out;
}

// The addresses that DNAT may give; empty: there is none to redirect to; nullopt: not known.
std::optional<std::vector<IpAddress>> destinations(const Dnat& dnat, Hook hook,
                                                   const Packet& packet,
                                                   const Surroundings& surroundings) {
  if (dnat.to) return addresses_of(*dnat.to);
  if (!dnat.redirect) return std::vector{packet.destination};
  if (hook == Hook::kOutput) {
    return std::vector{packet.destination.is_v6() ? *IpAddress::parse("::1")
                                                  : IpAddress::v4(0x7F000001)};
  }
  if (!surroundings.address_of) return std::nullopt;
  const auto own = surroundings.address_of(packet.in_interface);
  return own ? std::vector{*own} : std::vector<IpAddress>{};
}

}  // namespace

Rewritten rewritten(const Dnat& dnat, Hook hook, const Packet& packet,
                    const Surroundings& surroundings) {
  const auto addresses = destinations(dnat, hook, packet, surroundings);
  const auto ports = ports_of(dnat.ports, packet);
  if (!addresses || !ports || addresses->size() * ports->size() > kMost) return std::nullopt;
  std::vector<Packet> out;
  for (const IpAddress& address : *addresses) {
    for (const Port port : *ports) {
      Packet changed = packet;
      changed.destination = address;
      changed.destination_port = port;
      if (changed != packet) {
        changed.state |= OnState::kDestinationRewritten;
        if (!packet.original_destination) changed.original_destination = packet.destination;
        if (!packet.original_port) changed.original_port = packet.destination_port;
      }
      out.push_back(std::move(changed));
    }
  }
  return out;
}

Rewritten rewritten(const Snat& snat, Hook /*hook*/, const Packet& packet,
                    const Surroundings& surroundings) {
  Packet changed = packet;
  if (snat.masquerade) {
    changed.source.reset();
    if (surroundings.address_of) {
      changed.source = surroundings.address_of(packet.out_interface);
      if (!changed.source) return std::vector<Packet>{};
    }
  } else if (snat.to) {
    const bool one = snat.to->first == snat.to->last;
    changed.source = one ? std::optional(snat.to->first) : std::nullopt;
  }
  if (snat.ports && has_ports(packet.protocol)) {
    const bool kept = packet.source_port && snat.ports->first <= *packet.source_port &&
                      *packet.source_port <= snat.ports->last;
    const bool one = snat.ports->first == snat.ports->last;
    if (!kept) changed.source_port = one ? std::optional(snat.ports->first) : std::nullopt;
  }
  if (changed != packet) changed.state |= OnState::kSourceRewritten;
  return std::vector{std::move(changed)};
}

void set_mark(const SetMark& action, bool tracked, Packet& packet) {
  if (action.connection && !tracked) return;
  std::uint32_t& mark = action.connection ? packet.connection_mark : packet.mark;
  mark = (mark & ~action.mask) ^ action.value;
}

void copy_mark(const CopyMark& action, bool tracked, Packet& packet) {
  if (!tracked) return;
  const std::uint32_t from = action.to_connection ? packet.mark : packet.connection_mark;
  std::uint32_t& to = action.to_connection ? packet.connection_mark : packet.mark;
  to = (to & ~action.mask) ^ (from & action.mask);
}

}  // namespace firebreak
