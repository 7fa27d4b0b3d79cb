// Problem. A rule of a packet filter maps every packet to a verdict or to another packet; the
// question is about all of the 2^363 headers at once. Sets of headers must be joined, met,
// subtracted, rewritten and compared, thousands of times, and what is left must be exact.
//
// Method. A set is the Boolean function of the header's bits that is true for its members, kept as
// a reduced ordered binary decision diagram (Bryant, "Graph-Based Algorithms for Boolean Function
// Manipulation", IEEE ToC 1986). Equal sets are the same node. Set algebra is `apply`; rewriting is
// existential quantification of what is overwritten and a conjunction with what is written. That is
// how Batfish keeps packet sets (Fogel et al., "A General Approach to Network Configuration
// Analysis", NSDI 2015; with BDDs since Brown et al., "Lessons from the Evolution of the Batfish
// Configuration Analysis Tool", SIGCOMM 2023). The alternative is to number the classes of packets
// that no rule tells apart (Yang & Lam, "Real-Time Verification of Network Properties Using Atomic
// Predicates", ICNP 2013): sets of small integers, faster once they are known. But finding them
// takes the same diagrams, every new question (a port that somebody asks about, an address that is
// probed) splits them again, and NAT maps classes to pieces of others.
//
// An IPv4 address is the first 32 of its field's 128 variables. The others are left free, not
// fixed: a conjunct that fixes 2 * 96 variables would be part of every set.
//
// Order of variables: family, flags, protocol, destination port, destination, source, source port,
// marks. `packet_bench --orders`, one host of 30 networks and 1,000 published ports, every
// network's packets through DNAT and filter (60,000 rule steps), nodes made in millions and the
// larger of the two result sets, for IPv4 and IPv6:
//                                                IPv4            IPv6
//   flags protocol port destination source        6.7   4,650    14.1  15,432   used
//   port protocol destination source              7.5   5,058    16.9  15,840
//   protocol port destination source              8.0   4,650    17.4  15,432
//   destination protocol port source              9.1   5,426    34.8   8,350
//   destination source port protocol (Batfish)    9.6   4,613    37.9  13,989
//   protocol port source destination              9.7   5,923    22.2  23,467
//   protocol destination port source             10.2   3,994    35.9   6,918
//   source destination protocol port             10.7   8,140    39.2  21,262
// Time follows the nodes made: a rule names one port, and one that is tested early leaves the rest
// of a large set alone. With the destination above, sets are smaller but are rebuilt all the time.
//
// Cost. A range is at most two nodes for each bit, a rule some 50 to 200, so that sets of whole
// rule sets have thousands (see above). An operation costs at worst the product of its operands'
// nodes, in practice about the nodes that it makes, at 0.1 to 0.3 microseconds each; a repeated one
// is found in a cache. `packet_bench --tables`: a cache entry for every 16 nodes is better than for
// every 4 or 1 (by a tenth to a third: each garbage collection empties six caches), and the first
// size of the table does not matter.
//
// Limits. Sets that tie two fields to each other bit by bit (source equals destination) need
// exponentially many nodes unless their bits alternate, as those of the marks do. Lists of ranges
// and rectangles can be long for sets made with masks that are not prefixes. Both end in
// PacketSpaceFull.
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

Bdd addresses(PacketField field, const AddressRange& range) {
  const Family family = range.first.family();
  CHECK(family == range.last.family());
  return current_layout().family(family) & current_layout().range(field, width_of(field, family),
                                                                  bits_of(range.first),
                                                                  bits_of(range.last));
}

Bdd ports(PacketField field, const PortRange& range) {
  return current_layout().range(field, 16, range.first.value, range.last.value);
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

PacketSet PacketSet::of(Family family) { return PacketSet(current_layout().family(family)); }

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
  return PacketSet(current_layout().range(kProtocol, 8, range.first, range.last));
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
  return PacketSet(current_layout().range(kDestinationPort, 16, first, last));
}

PacketSet PacketSet::mark(std::uint32_t value, std::uint32_t mask) {
  return PacketSet(current_layout().masked(kMark, value, mask));
}

PacketSet PacketSet::connection_mark(std::uint32_t value, std::uint32_t mask) {
  return PacketSet(current_layout().masked(kConnectionMark, value, mask));
}

PacketSet PacketSet::flag(PacketField flag, bool value) {
  check_flag(flag);
  return PacketSet(Bdd::literal(current_layout().variable(flag, 0), value));
}

PacketSet PacketSet::one(const PacketHeader& header) {
  CHECK(header.source.family() == header.destination.family());
  const Family family = header.source.family();
  Bdd node = current_layout().family(family);
  for (const PacketField field : current_layout().order()) {
    if (field == kFamily) continue;
    const FieldBits value = get(header, field);
    node = node & current_layout().range(field, width_of(field, family), value, value);
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
  for (const PacketField field : current_layout().order()) {
    values[static_cast<std::size_t>(field)] = get(header, field);
  }
  const Family family = header.source.family();
  BddView at = node_.view();
  while (!at.is_constant()) {
    const auto [field, bit] = current_layout().bit(at.variable());
    const unsigned shift = width_of(field, family) - 1 - bit;
    at = (values[static_cast<std::size_t>(field)] >> shift & 1U) != 0 ? at.high() : at.low();
  }
  return at.is_true();
}

std::optional<PacketHeader> PacketSet::smallest() const {
  const Family family = (*this & of(Family::kV4)).empty() ? Family::kV6 : Family::kV4;
  const Bdd node = node_ & current_layout().family(family);
  BddView at = node.view();
  if (at.is_false()) return std::nullopt;
  std::array<FieldBits, kPacketFields> values{};
  for (; !at.is_constant();) {
    const auto [field, bit] = current_layout().bit(at.variable());
    const bool one = at.low().is_false();
    if (one) {
      values[static_cast<std::size_t>(field)] |= FieldBits{1}
                                                 << (width_of(field, family) - 1 - bit);
    }
    at = one ? at.high() : at.low();
  }
  PacketHeader header;
  header.source = header.destination = address_of(0, family);
  for (const PacketField field : current_layout().order()) {
    if (field != kFamily) set(header, field, values[static_cast<std::size_t>(field)]);
  }
  return header;
}

double PacketSet::count() const {
  const double v4 = (node_ & current_layout().family(Family::kV4)).assignments() * kUnusedByIpv4;
  return v4 + (node_ & current_layout().family(Family::kV6)).assignments();
}

}  // namespace firebreak
