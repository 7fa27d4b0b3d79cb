// The values that a field takes in a set: the other fields are quantified away, the rest is walked.
#include <algorithm>

#include "packet/layout.h"
#include "packet/set.h"
#include "packet/slices.h"
#include "packet/space.h"

namespace firebreak {
namespace {

using enum PacketField;

template <class Range, class Make>
void append(std::vector<Range>& ranges, const Bdd& projected, PacketField field, Family family,
            const Make& make) {
  for (const FieldSlice& slice : slices_of(projected.view(), field, family)) {
    ranges.push_back({make(slice.first), make(slice.last)});
  }
}

std::vector<AddressRange> addresses(const PacketSet& set, PacketField field) {
  const PacketLayout& layout = PacketSpace::current().layout();
  std::vector<AddressRange> ranges;
  for (const Family family : {Family::kV4, Family::kV6}) {
    const Bdd projected = (set.node() & layout.family(family)).exists(layout.other_than(field));
    append(ranges, projected, field, family,
           [family](FieldBits bits) { return address_of(bits, family); });
  }
  return ranges;
}

std::vector<PortRange> ports(const PacketSet& set, PacketField field) {
  const PacketLayout& layout = PacketSpace::current().layout();
  std::vector<PortRange> ranges;
  append(ranges, set.node().exists(layout.other_than(field)), field, Family::kV4,
         [](FieldBits bits) { return Port{static_cast<std::uint16_t>(bits)}; });
  return ranges;
}

}  // namespace

std::vector<AddressRange> PacketSet::sources() const { return addresses(*this, kSource); }

std::vector<AddressRange> PacketSet::destinations() const { return addresses(*this, kDestination); }

std::vector<PortRange> PacketSet::source_ports() const { return ports(*this, kSourcePort); }

std::vector<PortRange> PacketSet::destination_ports() const {
  return ports(*this, kDestinationPort);
}

std::vector<ProtocolRange> PacketSet::protocols() const {
  const PacketLayout& layout = PacketSpace::current().layout();
  std::vector<ProtocolRange> ranges;
  append(ranges, node_.exists(layout.other_than(kProtocol)), kProtocol, Family::kV4,
         [](FieldBits bits) { return static_cast<std::uint8_t>(bits); });
  return ranges;
}

}  // namespace firebreak
