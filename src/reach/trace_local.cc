// What a machine knows of addresses, as its rules ask it (net/ipv4/fib_frontend.c: inet_addr_type,
// net/netfilter/xt_addrtype.c, nf_nat_masquerade.c, nf_nat_redirect.c).
#include <algorithm>

#include "reach/trace_machine.h"

namespace firebreak {
namespace {

bool holds_address(const AddressRange& range, const IpAddress& address) {
  return range.first.family() == address.family() && range.first <= address &&
         address <= range.last;
}

bool is_for_many(const IpAddress& address) {
  return address.is_v6() ? address.bytes()[0] == 0xFF : (address.bytes()[0] & 0xF0) == 0xE0;
}

// Loopback's whole subnet belongs to it, of others the address alone.
bool is_own(const NetLink& link, const IpAddress& address) {
  return std::ranges::any_of(link.addresses, [&](const LinkAddress& own) {
    if (link.loopback && !address.is_v6() && !own.address.is_v6()) {
      return Cidr{own.address, own.prefix}.contains(address);
    }
    return own.address == address;
  });
}

OnAddressType::Bit type_in(const NetNamespace& state, const IpAddress& address) {
  if (is_for_many(address)) return OnAddressType::kMulticast;
  const auto owned = [&](const NetLink& link) { return is_own(link, address); };
  if (std::ranges::any_of(state.links, owned)) return OnAddressType::kLocal;
  if (address.is_v6()) return OnAddressType::kUnicast;
  const auto broadcasts = broadcasts_of(state);
  const bool broadcast = std::ranges::any_of(
      broadcasts, [&](const AddressRange& range) { return holds_address(range, address); });
  return broadcast ? OnAddressType::kBroadcast : OnAddressType::kUnicast;
}

const NetLink* own_link_named(const Space& space, std::string_view name) {
  const auto found = std::ranges::find(space.state->links, name, &NetLink::name);
  return found == space.state->links.end() ? nullptr : &*found;
}

}  // namespace

Surroundings trace_surroundings(const Space& space, Family family,
                                const std::optional<IpAddress>& next_hop) {
  Surroundings out;
  out.type_of = [&space](const IpAddress& address, std::string_view interface) {
    if (interface.empty()) return type_in(*space.state, address);
    NetNamespace alone;
    if (const NetLink* const link = own_link_named(space, interface)) alone.links.push_back(*link);
    return type_in(alone, address);
  };
  const IpAddress any = family == Family::kV4 ? IpAddress::v4(0) : IpAddress::v6({});
  out.address_of = [&space, towards = next_hop.value_or(any)](
                       std::string_view interface) -> std::optional<IpAddress> {
    return masquerade_address(*space.state, interface, towards);
  };
  return out;
}

}  // namespace firebreak
