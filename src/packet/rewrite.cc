// Rewriting as image computation: what is overwritten is quantified away, the new value is
// conjoined. Copies between the marks are relations of neighbouring variables.
#include <utility>
#include <vector>

#include "base/check.h"
#include "packet/bits.h"
#include "packet/layout.h"
#include "packet/set.h"
#include "packet/space.h"

namespace firebreak {
namespace {

using enum PacketField;

const PacketLayout& layout() { return PacketSpace::current().layout(); }

PacketSet overwritten(const PacketSet& set, PacketField field, const PacketSet& value) {
  return PacketSet(set.node().exists(layout().cube(field)) & value.node());
}

PacketSet with_address(const PacketSet& set, PacketField field, const PacketSet& value,
                       Family family) {
  const PacketSet other = set - PacketSet::of(family);
  return overwritten(set & PacketSet::of(family), field, value) | other;
}

PacketSet with_mark_bits(const PacketSet& set, PacketField field, std::uint32_t value,
                         std::uint32_t mask) {
  Bdd node =
      set.node().exists(layout().masked_cube(field, mask)) & layout().masked(field, value, mask);
  for (unsigned bit = 0; bit < 32; ++bit) {
    const std::uint32_t place = 0x80000000U >> bit;
    if ((value & ~mask & place) != 0) node = node.flipped(layout().variable(field, bit));
  }
  return PacketSet(std::move(node));
}

PacketSet with_mark_copied(const PacketSet& set, PacketField from, PacketField to,
                           std::uint32_t mask) {
  Bdd equal = Bdd::constant(true);
  for (unsigned bit = 32; bit-- > 0;) {
    if ((mask & 0x80000000U >> bit) == 0) continue;
    equal = equal & Bdd::equal(Bdd::literal(layout().variable(from, bit), true),
                               Bdd::literal(layout().variable(to, bit), true));
  }
  return PacketSet(set.node().exists(layout().masked_cube(to, mask)) & equal);
}

}  // namespace

PacketSet PacketSet::forget(PacketField field) const {
  CHECK(field != kFamily);
  return PacketSet(node_.exists(layout().cube(field)));
}

PacketSet PacketSet::on_the_wire() const {
  return forget(kMark)
      .forget(kConnectionMark)
      .forget(kDestinationRewritten)
      .forget(kSourceRewritten)
      .forget(kUntracked);
}

PacketSet PacketSet::with_source(const AddressRange& range) const {
  return with_address(*this, kSource, source(range), range.first.family());
}

PacketSet PacketSet::with_destination(const AddressRange& range) const {
  return with_address(*this, kDestination, destination(range), range.first.family());
}

PacketSet PacketSet::with_source_port(const PortRange& range) const {
  return overwritten(*this, kSourcePort, source_port(range));
}

PacketSet PacketSet::with_destination_port(const PortRange& range) const {
  return overwritten(*this, kDestinationPort, destination_port(range));
}

PacketSet PacketSet::with_mark(std::uint32_t value, std::uint32_t mask) const {
  return with_mark_bits(*this, kMark, value, mask);
}

PacketSet PacketSet::with_connection_mark(std::uint32_t value, std::uint32_t mask) const {
  return with_mark_bits(*this, kConnectionMark, value, mask);
}

PacketSet PacketSet::with_mark_saved(std::uint32_t mask) const {
  return with_mark_copied(*this, kMark, kConnectionMark, mask);
}

PacketSet PacketSet::with_mark_restored(std::uint32_t mask) const {
  return with_mark_copied(*this, kConnectionMark, kMark, mask);
}

PacketSet PacketSet::with_flag(PacketField flag, bool value) const {
  return overwritten(*this, flag, PacketSet::flag(flag, value));
}

PacketSet PacketSet::turned_around() const {
  std::vector<std::pair<int, int>> pairs;
  for (unsigned bit = 0; bit < 128; ++bit) {
    pairs.emplace_back(layout().variable(kSource, bit), layout().variable(kDestination, bit));
  }
  for (unsigned bit = 0; bit < 16; ++bit) {
    pairs.emplace_back(layout().variable(kSourcePort, bit),
                       layout().variable(kDestinationPort, bit));
  }
  return PacketSet(node_.swapped(pairs));
}

}  // namespace firebreak
