// The meaning is that of rules/rewrite.cc, which answers for one packet.
#include "filter/nat.h"

#include <array>

namespace firebreak {
namespace {

using enum PacketField;

template <class Range>
bool is_one(const std::optional<Range>& range) {
  return !range || range->first == range->last;
}

// One end of a packet, and what is written there.
struct NatEnd {
  End end = End::kDestination;
  std::optional<AddressRange> to;  // empty: stays
  std::optional<PortRange> ports;  // empty: stay

  [[nodiscard]] PacketSet at_address() const {
    return end == End::kSource ? PacketSet::source(*to) : PacketSet::destination(*to);
  }
  [[nodiscard]] PacketSet at_ports() const {
    return end == End::kSource ? PacketSet::source_port(*ports)
                               : PacketSet::destination_port(*ports);
  }

  [[nodiscard]] NatPart part(PacketSet packets, bool with_port) const {
    NatPart part{.packets = std::move(packets), .rewrite = {}, .written = {}};
    part.written.by_nat = true;
    const bool source = end == End::kSource;
    if (to) {
      source ? part.rewrite.source(*to) : part.rewrite.destination(*to);
      (source ? part.written.source : part.written.destination) = to;
    }
    if (with_port) {
      source ? part.rewrite.source_port(*ports) : part.rewrite.destination_port(*ports);
      (source ? part.written.source_port : part.written.destination_port) = ports;
    }
    part.rewrite.flag(source ? kSourceRewritten : kDestinationRewritten, true);
    (source ? part.written.source_rewritten : part.written.destination_rewritten) = true;
    return part;
  }
};

// A port that is in the range already is kept; the kernel picks another if that is taken, which is
// not followed here.
NatParts parts_of(const NatEnd& nat, const PacketSet& packets, const PacketSet& with_ports) {
  NatParts out;
  if (nat.to && !nat.to->first.is_v6() != packets.is_subset_of(PacketSet::of(Family::kV4))) {
    out.lost = packets;
    return out;
  }
  const auto add = [&](NatPart part) {
    if (!part.packets.empty()) out.accepted.push_back(std::move(part));
  };
  const PacketSet other_port =
      nat.ports ? (packets & with_ports) - nat.at_ports() : PacketSet::none();
  PacketSet other_address = packets - other_port;
  // What would be written stands there already: not counted as rewritten.
  NatPart same{.packets = nat.to ? other_address & nat.at_address() : other_address,
               .rewrite = {},
               .written = {}};
  same.written.by_nat = true;
  if (is_one(nat.to)) other_address -= same.packets;
  add(std::move(same));
  add(nat.part(other_address, false));
  if (nat.ports) add(nat.part(other_port, true));
  if (!is_one(nat.ports)) out.chosen |= other_port;
  if (!is_one(nat.to)) out.chosen |= packets;
  return out;
}

// The address that an interface lends, or what becomes of the packets without one.
std::optional<NatParts> lend(std::string_view interface, const FilterSurroundings& surroundings,
                             const PacketSet& packets, std::optional<AddressRange>& to) {
  NatParts out;
  if (!surroundings.address_of) {
    out.lost = packets;
    return out;
  }
  const std::optional<IpAddress> own = surroundings.address_of(interface);
  if (!own) {
    out.dropped = packets;
    return out;
  }
  to = AddressRange{*own, *own};
  return std::nullopt;
}

AddressRange loopback_like(const PacketSet& packets) {
  const bool v4 = packets.is_subset_of(PacketSet::of(Family::kV4));
  const IpAddress address = v4 ? IpAddress::v4(0x7F000001) : *IpAddress::parse("::1");
  return {address, address};
}

}  // namespace

NatParts nat_parts(const Dnat& dnat, const FilterPlace& place,
                   const FilterSurroundings& surroundings, const PacketSet& packets,
                   const PacketSet& with_ports) {
  NatEnd nat{.end = End::kDestination, .to = dnat.to, .ports = dnat.ports};
  if (!dnat.to && dnat.redirect && place.hook == Hook::kOutput) {
    nat.to = loopback_like(packets);
  } else if (!dnat.to && dnat.redirect) {
    if (auto without = lend(place.at.in, surroundings, packets, nat.to)) return *without;
  }
  return parts_of(nat, packets, with_ports);
}

NatParts nat_parts(const Snat& snat, const FilterPlace& place,
                   const FilterSurroundings& surroundings, const PacketSet& packets,
                   const PacketSet& with_ports) {
  NatEnd nat{.end = End::kSource, .to = snat.to, .ports = snat.ports};
  if (snat.masquerade) {
    nat.to.reset();
    if (auto without = lend(place.at.out, surroundings, packets, nat.to)) return *without;
  }
  return parts_of(nat, packets, with_ports);
}

}  // namespace firebreak
