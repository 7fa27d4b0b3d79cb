#include "packet/set.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "packet/bits.h"
#include "packet/layout.h"
#include "packet/space.h"

namespace firebreak {
namespace {

using enum PacketField;

const PacketLayout& layout() { return PacketSpace::current().layout(); }

Bdd addresses(PacketField field, const AddressRange& range) {
  const Family family = range.first.family();
  CHECK(family == range.last.family());
  return layout().family(family) &
         layout().range(field, width_of(field, family), bits_of(range.first), bits_of(range.last));
}

Bdd ports(PacketField field, const PortRange& range) {
  return layout().range(field, 16, range.first.value, range.last.value);
}

// Halves, so that large unions are made of few large ones and many small ones.
template <class Part>
Bdd union_of(std::size_t first, std::size_t last, const Part& part) {
  if (first == last) return {};
  if (last - first == 1) return part(first);
  const std::size_t middle = first + (last - first) / 2;
  return union_of(first, middle, part) | union_of(middle, last, part);
}

void check_flag(PacketField field) {
  CHECK(field == kDestinationRewritten || field == kSourceRewritten || field == kUntracked);
}

// IPv4 addresses leave 96 variables unused, twice: no function depends on them.
constexpr double kUnusedByIpv4 = 0x1p-192;

}  // namespace

PacketSet PacketSet::all() { return PacketSet(Bdd::constant(true)); }

PacketSet PacketSet::of(Family family) { return PacketSet(layout().family(family)); }

PacketSet PacketSet::source(const AddressRange& range) {
  return PacketSet(addresses(kSource, range));
}

PacketSet PacketSet::destination(const AddressRange& range) {
  return PacketSet(addresses(kDestination, range));
}

PacketSet PacketSet::source(std::span<const AddressRange> any_of) {
  return PacketSet(
      union_of(0, any_of.size(), [&](std::size_t at) { return addresses(kSource, any_of[at]); }));
}

PacketSet PacketSet::destination(std::span<const AddressRange> any_of) {
  return PacketSet(union_of(0, any_of.size(),
                            [&](std::size_t at) { return addresses(kDestination, any_of[at]); }));
}

PacketSet PacketSet::protocol(std::uint8_t number) {
  return protocol(ProtocolRange{number, number});
}

PacketSet PacketSet::protocol(const ProtocolRange& range) {
  return PacketSet(layout().range(kProtocol, 8, range.first, range.last));
}

PacketSet PacketSet::source_port(const PortRange& range) {
  return PacketSet(ports(kSourcePort, range));
}

PacketSet PacketSet::destination_port(const PortRange& range) {
  return PacketSet(ports(kDestinationPort, range));
}

PacketSet PacketSet::icmp(std::uint8_t type, std::optional<std::uint8_t> code) {
  const unsigned first = type * 256U + code.value_or(0);
  const unsigned last = type * 256U + code.value_or(255);
  return PacketSet(layout().range(kDestinationPort, 16, first, last));
}

PacketSet PacketSet::mark(std::uint32_t value, std::uint32_t mask) {
  return PacketSet(layout().masked(kMark, value, mask));
}

PacketSet PacketSet::connection_mark(std::uint32_t value, std::uint32_t mask) {
  return PacketSet(layout().masked(kConnectionMark, value, mask));
}

PacketSet PacketSet::flag(PacketField flag, bool value) {
  check_flag(flag);
  return PacketSet(Bdd::literal(layout().variable(flag, 0), value));
}

PacketSet PacketSet::one(const PacketHeader& header) {
  CHECK(header.source.family() == header.destination.family());
  const Family family = header.source.family();
  Bdd node = layout().family(family);
  for (const PacketField field : layout().order()) {
    if (field == kFamily) continue;
    const FieldBits value = get(header, field);
    node = node & layout().range(field, width_of(field, family), value, value);
  }
  return PacketSet(std::move(node));
}

PacketSet PacketSet::any_of(std::span<const PacketSet> sets) {
  return PacketSet(union_of(0, sets.size(), [&](std::size_t at) { return sets[at].node_; }));
}

PacketSet operator&(const PacketSet& left, const PacketSet& right) {
  return PacketSet(left.node_ & right.node_);
}

PacketSet operator|(const PacketSet& left, const PacketSet& right) {
  return PacketSet(left.node_ | right.node_);
}

PacketSet operator-(const PacketSet& left, const PacketSet& right) {
  return PacketSet(left.node_ - right.node_);
}

PacketSet PacketSet::operator~() const { return PacketSet(!node_); }

bool PacketSet::is_subset_of(const PacketSet& other) const { return (*this - other).empty(); }

bool PacketSet::overlaps(const PacketSet& other) const { return !(*this & other).empty(); }

bool PacketSet::contains(const PacketHeader& header) const {
  CHECK(header.source.family() == header.destination.family());
  std::array<FieldBits, kPacketFields> values{};
  for (const PacketField field : layout().order()) {
    values[static_cast<std::size_t>(field)] = get(header, field);
  }
  const Family family = header.source.family();
  BddView at = node_.view();
  while (!at.is_constant()) {
    const auto [field, bit] = layout().bit(at.variable());
    const unsigned shift = width_of(field, family) - 1 - bit;
    at = (values[static_cast<std::size_t>(field)] >> shift & 1U) != 0 ? at.high() : at.low();
  }
  return at.is_true();
}

std::optional<PacketHeader> PacketSet::smallest() const {
  const Family family = (*this & of(Family::kV4)).empty() ? Family::kV6 : Family::kV4;
  const Bdd node = node_ & layout().family(family);
  BddView at = node.view();
  if (at.is_false()) return std::nullopt;
  std::array<FieldBits, kPacketFields> values{};
  for (; !at.is_constant();) {
    const auto [field, bit] = layout().bit(at.variable());
    const bool one = at.low().is_false();
    if (one) {
      values[static_cast<std::size_t>(field)] |= FieldBits{1}
                                                 << (width_of(field, family) - 1 - bit);
    }
    at = one ? at.high() : at.low();
  }
  PacketHeader header;
  header.source = header.destination = address_of(0, family);
  for (const PacketField field : layout().order()) {
    if (field != kFamily) set(header, field, values[static_cast<std::size_t>(field)]);
  }
  return header;
}

double PacketSet::count() const {
  const double v4 = (node_ & layout().family(Family::kV4)).assignments() * kUnusedByIpv4;
  return v4 + (node_ & layout().family(Family::kV6)).assignments();
}

}  // namespace firebreak
