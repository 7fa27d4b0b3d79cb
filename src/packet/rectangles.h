// Packet sets in a form that people read, and the packets at their edges.
#pragma once

#include <cstddef>
#include <vector>

#include "packet/set.h"

namespace firebreak {

// Every packet that takes one of the values of each list, whatever its marks and flags. All lists
// are sorted, merged and not empty; both address lists are of one family.
struct PacketRectangle {
  std::vector<AddressRange> sources;
  std::vector<AddressRange> destinations;
  std::vector<ProtocolRange> protocols;
  std::vector<PortRange> source_ports;
  std::vector<PortRange> destination_ports;
  friend auto operator<=>(const PacketRectangle&, const PacketRectangle&) = default;

  [[nodiscard]] PacketSet packets() const;
};

// Disjoint rectangles that together are set.on_the_wire(); the same for equal sets; sorted. Few,
// but not always as few as can be (that is NP-hard). Throws PacketSpaceFull when there are more
// than the space allows.
[[nodiscard]] std::vector<PacketRectangle> rectangles_of(const PacketSet& set);

// Two packets that differ in one address or port, by one: where a set ends.
struct PacketEdge {
  PacketHeader inside;   // in the set, on the wire; marks and flags are zero
  PacketHeader outside;  // not in it
  friend auto operator<=>(const PacketEdge&, const PacketEdge&) = default;
};

// Edges of the set's rectangles, in source, destination, source port and destination port, at most
// `most`, spread evenly over all that there are; the same for equal sets; sorted.
[[nodiscard]] std::vector<PacketEdge> edges_of(const PacketSet& set, std::size_t most);

}  // namespace firebreak
