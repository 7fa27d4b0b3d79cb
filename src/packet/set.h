// Sets of packets, exact, whatever their size: "TCP to 172.18.0.0/16, ports 80 and 8000-8999, not
// from 10.0.0.5". A value; copying is cheap. Lives in the thread's PacketSpace (packet/space.h;
// CHECK for everything but `none` and an empty set's copies: there is one).
//
// Equal sets compare equal however they were made, and print the same: nothing here depends on the
// order of operations. Every operation may throw PacketSpaceFull (packet/full.h).
//
// Packets are headers of packets that open a connection; which fields there are says
// packet/header.h. Method, cost and limits: packet/set.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ip.h"
#include "packet/bdd.h"
#include "packet/header.h"

namespace firebreak {

class PacketRewrite;  // packet/rewrite.h

class PacketSet {
 public:
  PacketSet() = default;  // none

  // ---- making ----
  [[nodiscard]] static PacketSet none() { return {}; }
  [[nodiscard]] static PacketSet all();
  [[nodiscard]] static PacketSet of(Family family);
  // Addresses imply their family. CHECK for ranges: first <= last, of one family.
  [[nodiscard]] static PacketSet source(const AddressRange& range);
  [[nodiscard]] static PacketSet source(std::span<const AddressRange> any_of);
  [[nodiscard]] static PacketSet destination(const AddressRange& range);
  [[nodiscard]] static PacketSet destination(std::span<const AddressRange> any_of);
  [[nodiscard]] static PacketSet protocol(std::uint8_t number);
  [[nodiscard]] static PacketSet protocol(const ProtocolRange& range);
  // Whatever the protocol: intersect with one that has ports.
  [[nodiscard]] static PacketSet source_port(const PortRange& range);
  [[nodiscard]] static PacketSet destination_port(const PortRange& range);
  // Whatever the protocol: intersect with ICMP (1) or ICMPv6 (58). Without a code: any.
  [[nodiscard]] static PacketSet icmp(std::uint8_t type, std::optional<std::uint8_t> code = {});
  // mark & mask == value & mask.
  [[nodiscard]] static PacketSet mark(std::uint32_t value, std::uint32_t mask = 0xFFFFFFFF);
  [[nodiscard]] static PacketSet connection_mark(std::uint32_t value,
                                                 std::uint32_t mask = 0xFFFFFFFF);
  // CHECK for flags: kDestinationRewritten, kSourceRewritten or kUntracked.
  [[nodiscard]] static PacketSet flag(PacketField flag, bool value);
  // One packet. CHECK: its addresses are of one family.
  [[nodiscard]] static PacketSet one(const PacketHeader& header);
  // The union of many, faster than one after the other.
  [[nodiscard]] static PacketSet any_of(std::span<const PacketSet> sets);

  // ---- algebra; ~ is all packets but these ----
  friend PacketSet operator&(const PacketSet& left, const PacketSet& right);
  friend PacketSet operator|(const PacketSet& left, const PacketSet& right);
  friend PacketSet operator-(const PacketSet& left, const PacketSet& right);
  [[nodiscard]] PacketSet operator~() const;
  PacketSet& operator&=(const PacketSet& other) { return *this = *this & other; }
  PacketSet& operator|=(const PacketSet& other) { return *this = *this | other; }
  PacketSet& operator-=(const PacketSet& other) { return *this = *this - other; }
  friend bool operator==(const PacketSet& left, const PacketSet& right) = default;
  [[nodiscard]] bool empty() const { return node_.view().is_false(); }
  [[nodiscard]] bool is_subset_of(const PacketSet& other) const;
  [[nodiscard]] bool overlaps(const PacketSet& other) const;
  [[nodiscard]] bool contains(const PacketHeader& header) const;

  // ---- rewriting: the packets that come out when each of these is rewritten ----
  // The field may then be anything. CHECK: not the family.
  [[nodiscard]] PacketSet forget(PacketField field) const;
  // Marks and flags may be anything: what a sender or a receiver knows of its packets.
  [[nodiscard]] PacketSet on_the_wire() const;
  // Several fields at once (packet/rewrite.h). Those below are short for one.
  [[nodiscard]] PacketSet rewritten(const PacketRewrite& rewrite) const;
  // NAT to any address or port of a range: the kernel's choice. Packets of the other family are not
  // rewritten. Which packets were rewritten is not noted: see with_flag.
  [[nodiscard]] PacketSet with_source(const AddressRange& range) const;
  [[nodiscard]] PacketSet with_destination(const AddressRange& range) const;
  [[nodiscard]] PacketSet with_source_port(const PortRange& range) const;
  [[nodiscard]] PacketSet with_destination_port(const PortRange& range) const;
  // mark = (mark & ~mask) ^ value, as xt_MARK and xt_CONNMARK do.
  [[nodiscard]] PacketSet with_mark(std::uint32_t value, std::uint32_t mask = 0xFFFFFFFF) const;
  [[nodiscard]] PacketSet with_connection_mark(std::uint32_t value,
                                               std::uint32_t mask = 0xFFFFFFFF) const;
  // The bits of `mask` copied from one mark to the other (CONNMARK --save-mark, --restore-mark).
  [[nodiscard]] PacketSet with_mark_saved(std::uint32_t mask = 0xFFFFFFFF) const;
  [[nodiscard]] PacketSet with_mark_restored(std::uint32_t mask = 0xFFFFFFFF) const;
  // CHECK: as in `flag`.
  [[nodiscard]] PacketSet with_flag(PacketField flag, bool value) const;
  // Source and destination change places, addresses and ports. That makes replies of packets that
  // have ports; an ICMP reply has a type of its own (forget the source port, set the destination
  // port).
  [[nodiscard]] PacketSet turned_around() const;

  // ---- looking at ----
  // The values that a field takes in this set: sorted, merged, exact; IPv4 before IPv6.
  [[nodiscard]] std::vector<AddressRange> sources() const;
  [[nodiscard]] std::vector<AddressRange> destinations() const;
  [[nodiscard]] std::vector<ProtocolRange> protocols() const;
  [[nodiscard]] std::vector<PortRange> source_ports() const;
  [[nodiscard]] std::vector<PortRange> destination_ports() const;
  // A packet of the set, the same for equal sets: the smallest, by family, then bit by bit in
  // the order of the space. nullopt for the empty set.
  [[nodiscard]] std::optional<PacketHeader> smallest() const;
  // How many headers: up to 2^363. Exact up to 2^53.
  [[nodiscard]] double count() const;
  [[nodiscard]] std::size_t node_count() const { return node_.node_count(); }

  // For packet/.
  explicit PacketSet(Bdd node) : node_(std::move(node)) {}
  [[nodiscard]] const Bdd& node() const { return node_; }

 private:
  Bdd node_;
};

}  // namespace firebreak
