// What NAT rules write, as packet sets.
#pragma once

#include <vector>

#include "filter/match.h"
#include "filter/parcel.h"
#include "packet/rewrite.h"

namespace firebreak {

// Packets to which a NAT rule does the same.
struct NatPart {
  PacketSet packets;
  PacketRewrite rewrite;
  Written written;
};

// What a rule does with the packets that meet it. All of them are accepted by the base chain,
// dropped (an interface has no address to take) or lost (it is not known what is written).
struct NatParts {
  std::vector<NatPart> accepted;
  PacketSet dropped;
  PacketSet lost;
  PacketSet chosen;  // for which the kernel chooses one of several addresses or ports
};

[[nodiscard]] NatParts nat_parts(const Dnat& dnat, const FilterPlace& place,
                                 const FilterSurroundings& surroundings, const PacketSet& packets,
                                 const PacketSet& with_ports);
[[nodiscard]] NatParts nat_parts(const Snat& snat, const FilterPlace& place,
                                 const FilterSurroundings& surroundings, const PacketSet& packets,
                                 const PacketSet& with_ports);

}  // namespace firebreak
