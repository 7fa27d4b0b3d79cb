// What NAT and marks do to a packet (net/netfilter/nf_nat_core.c, xt_mark.c, xt_connmark.c).
#pragma once

#include <optional>
#include <vector>

#include "rules/packet.h"

namespace firebreak {

// The packets that DNAT or SNAT can make of this one. Empty: it is dropped, as the interface has no
// address to take. nullopt: not known, or too many to list.
using Rewritten = std::optional<std::vector<Packet>>;
[[nodiscard]] Rewritten rewritten(const Dnat& dnat, Hook hook, const Packet& packet,
                                  const Surroundings& surroundings);
[[nodiscard]] Rewritten rewritten(const Snat& snat, Hook hook, const Packet& packet,
                                  const Surroundings& surroundings);

// Marks of a connection stay as they are where there is none (`tracked` false).
void set_mark(const SetMark& action, bool tracked, Packet& packet);
void copy_mark(const CopyMark& action, bool tracked, Packet& packet);

}  // namespace firebreak
