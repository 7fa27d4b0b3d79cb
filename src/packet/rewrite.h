// What a rule writes into a packet, made once and applied to many sets.
//
//   const PacketRewrite dnat = PacketRewrite().destination(container).destination_port(http);
//   reached |= matching.rewritten(dnat);
//
// Two operations for each application, however many fields it writes.
#pragma once

#include <optional>

#include "base/ip.h"
#include "packet/bdd.h"
#include "packet/header.h"

namespace firebreak {

class PacketRewrite {
 public:
  // Writes nothing. Lives in the thread's PacketSpace, as PacketSet does.
  PacketRewrite() = default;

  // NAT to any address or port of the range: the kernel's choice. Then only packets of the range's
  // family are rewritten, ports and flags included; others stay as they are. CHECK: of one family,
  // and of the same family as an address that was given before.
  PacketRewrite& source(const AddressRange& range);
  PacketRewrite& destination(const AddressRange& range);
  PacketRewrite& source_port(const PortRange& range);
  PacketRewrite& destination_port(const PortRange& range);
  // The bits of `mask` become those of `value`.
  PacketRewrite& mark(std::uint32_t value, std::uint32_t mask = 0xFFFFFFFF);
  PacketRewrite& connection_mark(std::uint32_t value, std::uint32_t mask = 0xFFFFFFFF);
  // CHECK: kDestinationRewritten, kSourceRewritten or kUntracked.
  PacketRewrite& flag(PacketField flag, bool value);

  // For packet/.
  [[nodiscard]] Bdd applied_to(const Bdd& set) const;

 private:
  PacketRewrite& address(PacketField field, const AddressRange& range);
  PacketRewrite& write(const Bdd& cube, const Bdd& value);

  std::optional<Family> family_;
  Bdd overwritten_ = Bdd::constant(true);  // the variables, as a conjunction
  Bdd value_ = Bdd::constant(true);
};

}  // namespace firebreak
