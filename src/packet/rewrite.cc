// Rewriting as image computation: what is overwritten is quantified away, the new value is
// conjoined. Copies between the marks are relations of neighbouring variables.
#include "packet/rewrite.h"

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

// Bits outside of the mask are flipped where the value has them.
PacketSet with_bits_flipped(const PacketSet& set, PacketField field, std::uint32_t bits) {
  Bdd node = set.node();
  for (unsigned bit = 0; bit < 32; ++bit) {
    if ((bits & 0x80000000U >> bit) != 0)
      node = node.flipped(current_layout().variable(field, bit));
  }
  return PacketSet(std::move(node));
}

PacketSet with_mark_copied(const PacketSet& set, PacketField from, PacketField to,
                           std::uint32_t mask) {
  Bdd equal = Bdd::constant(true);
  for (unsigned bit = 32; bit-- > 0;) {
    if ((mask & 0x80000000U >> bit) == 0) continue;
    equal = equal & Bdd::equal(Bdd::literal(current_layout().variable(from, bit), true),
                               Bdd::literal(current_layout().variable(to, bit), true));
  }
  return PacketSet(set.node().exists(current_layout().masked_cube(to, mask)) & equal);
}

}  // namespace

PacketRewrite& PacketRewrite::write(const Bdd& cube, const Bdd& value) {
  value_ = value_.exists(cube) & value;
  overwritten_ = overwritten_ & cube;
  return *this;
}

PacketRewrite& PacketRewrite::address(PacketField field, const AddressRange& range) {
  const Family family = range.first.family();
  CHECK(family_.value_or(family) == family && range.last.family() == family);
  family_ = family;
  return write(current_layout().cube(field, family),
               current_layout().range(field, width_of(field, family), bits_of(range.first),
                                      bits_of(range.last)));
}

PacketRewrite& PacketRewrite::source(const AddressRange& range) { return address(kSource, range); }

PacketRewrite& PacketRewrite::destination(const AddressRange& range) {
  return address(kDestination, range);
}

PacketRewrite& PacketRewrite::source_port(const PortRange& range) {
  return write(current_layout().cube(kSourcePort), PacketSet::source_port(range).node());
}

PacketRewrite& PacketRewrite::destination_port(const PortRange& range) {
  return write(current_layout().cube(kDestinationPort), PacketSet::destination_port(range).node());
}

PacketRewrite& PacketRewrite::mark(std::uint32_t value, std::uint32_t mask) {
  return write(current_layout().masked_cube(kMark, mask),
               current_layout().masked(kMark, value, mask));
}

PacketRewrite& PacketRewrite::connection_mark(std::uint32_t value, std::uint32_t mask) {
  return write(current_layout().masked_cube(kConnectionMark, mask),
               current_layout().masked(kConnectionMark, value, mask));
}

PacketRewrite& PacketRewrite::flag(PacketField flag, bool value) {
  return write(current_layout().cube(flag), PacketSet::flag(flag, value).node());
}

Bdd PacketRewrite::applied_to(const Bdd& set) const {
  if (!family_) return set.exists(overwritten_) & value_;
  const Bdd family = current_layout().family(*family_);
  return ((set & family).exists(overwritten_) & value_) | (set - family);
}

PacketSet PacketSet::rewritten(const PacketRewrite& rewrite) const {
  return PacketSet(rewrite.applied_to(node_));
}

PacketSet PacketSet::forget(PacketField field) const {
  CHECK(field != kFamily);
  return PacketSet(node_.exists(current_layout().cube(field)));
}

PacketSet PacketSet::on_the_wire() const {
  return forget(kMark)
      .forget(kConnectionMark)
      .forget(kDestinationRewritten)
      .forget(kSourceRewritten)
      .forget(kUntracked);
}

PacketSet PacketSet::with_source(const AddressRange& range) const {
  return rewritten(PacketRewrite().source(range));
}

PacketSet PacketSet::with_destination(const AddressRange& range) const {
  return rewritten(PacketRewrite().destination(range));
}

PacketSet PacketSet::with_source_port(const PortRange& range) const {
  return rewritten(PacketRewrite().source_port(range));
}

PacketSet PacketSet::with_destination_port(const PortRange& range) const {
  return rewritten(PacketRewrite().destination_port(range));
}

PacketSet PacketSet::with_mark(std::uint32_t value, std::uint32_t mask) const {
  return with_bits_flipped(rewritten(PacketRewrite().mark(value, mask)), kMark, value & ~mask);
}

PacketSet PacketSet::with_connection_mark(std::uint32_t value, std::uint32_t mask) const {
  return with_bits_flipped(rewritten(PacketRewrite().connection_mark(value, mask)), kConnectionMark,
                           value & ~mask);
}

PacketSet PacketSet::with_mark_saved(std::uint32_t mask) const {
  return with_mark_copied(*this, kMark, kConnectionMark, mask);
}

PacketSet PacketSet::with_mark_restored(std::uint32_t mask) const {
  return with_mark_copied(*this, kConnectionMark, kMark, mask);
}

PacketSet PacketSet::with_flag(PacketField flag, bool value) const {
  return rewritten(PacketRewrite().flag(flag, value));
}

PacketSet PacketSet::turned_around() const {
  std::vector<std::pair<int, int>> pairs;
  pairs.reserve(128 + 16);
  for (unsigned bit = 0; bit < 128; ++bit) {
    pairs.emplace_back(current_layout().variable(kSource, bit),
                       current_layout().variable(kDestination, bit));
  }
  for (unsigned bit = 0; bit < 16; ++bit) {
    pairs.emplace_back(current_layout().variable(kSourcePort, bit),
                       current_layout().variable(kDestinationPort, bit));
  }
  return PacketSet(node_.swapped(pairs));
}

}  // namespace firebreak
