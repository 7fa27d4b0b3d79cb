#include <algorithm>

#include "reach/propagate.h"

namespace firebreak {
namespace {

PacketSet to_addresses(const Space& space, std::optional<std::size_t> only_link, Family family,
                       Heading heading) {
  std::vector<AddressRange> ranges;
  for (std::size_t i = 0; i < space.state->links.size(); ++i) {
    if (only_link.value_or(i) != i || space.link(i).loopback) continue;
    for (const LinkAddress& own : space.link(i).addresses) {
      if (own.address.family() == family) ranges.push_back({own.address, own.address});
    }
  }
  if (ranges.empty()) return {};
  return heading == Heading::kForth ? PacketSet::destination(ranges) : PacketSet::source(ranges);
}

PacketSet to_address(const IpAddress& address, Heading heading) {
  const AddressRange range{address, address};
  return heading == Heading::kForth ? PacketSet::destination(range) : PacketSet::source(range);
}

// Packets that several stations take are sure of none of them.
void note_conflicts(std::vector<SetMachines::Taken>& taken) {
  PacketSet seen;
  PacketSet twice;
  for (const SetMachines::Taken& each : taken) {
    twice |= seen & each.packets;
    seen |= each.packets;
  }
  if (twice.empty()) return;
  for (SetMachines::Taken& each : taken) each.sure = !each.packets.overlaps(twice);
}

}  // namespace

SetMachine& SetMachines::at(SpaceId space, Family family) {
  const auto found = machines_.find({space, family});
  if (found != machines_.end()) return found->second;
  return machines_.emplace(std::pair(space, family), SetMachine(model_, space, family))
      .first->second;
}

const std::vector<SetMachines::Claim>& SetMachines::claims(SegmentId segment, Family family,
                                                           Heading heading) {
  const auto [found, fresh] = claims_.try_emplace({segment, family, heading});
  if (!fresh) return found->second;
  for (const Station& station : model_[segment].stations) {
    const Space& space = model_[station.at.space];
    Claim claim{station, to_addresses(space, station.at.link, family, heading), {}};
    // arp_ignore = 0: a machine answers for all its addresses; in IPv6 for the interface's only.
    if (family == Family::kV4 && !space.folded) {
      claim.also = to_addresses(space, std::nullopt, family, heading) - claim.exactly;
    }
    found->second.push_back(std::move(claim));
  }
  return found->second;
}

std::vector<SetMachines::Taken> SetMachines::take(const Interface& from,
                                                  const std::optional<IpAddress>& gateway,
                                                  const PacketSet& packets, Family family,
                                                  Heading heading) {
  std::vector<Taken> out;
  const auto segment = model_.segment_of(from);
  const Station* sender = model_.station_of(from);
  if (!segment || sender == nullptr) return out;
  PacketSet left = packets;
  const auto claim_by = [&](PacketSet Claim::* addresses, SegmentId on, bool by_gateway) {
    PacketSet taken;
    for (const Claim& claim : claims(on, family, heading)) {
      if (!model_.passes(model_[on], *sender, claim.station)) continue;
      const PacketSet& own = claim.*addresses;
      PacketSet part;
      if (!by_gateway) {
        part = left & own;
      } else if (own.overlaps(to_address(*gateway, heading))) {
        part = left;
      }
      if (part.empty()) continue;
      taken |= part;
      out.push_back({claim.station, part, true});
    }
    left -= taken;
  };
  claim_by(&Claim::exactly, *segment, gateway.has_value());
  claim_by(&Claim::also, *segment, gateway.has_value());
  const Segment& own = model_[*segment];
  if (own.uplinked || own.kind == Segment::Kind::kUnderlay) {
    // Beyond routers that are not in sight: to the host that has the address on its outside.
    for (std::size_t i = 0; i < model_.segments.size(); ++i) {
      if (model_.segments[i].kind == Segment::Kind::kUnderlay) {
        claim_by(&Claim::exactly, SegmentId(i), false);
      }
    }
  }
  note_conflicts(out);
  return out;
}

}  // namespace firebreak
