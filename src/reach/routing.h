// How one machine routes: the rules of policy routing and the tables they choose, for one family.
//
// Linux: fib_rules(7), fib_lookup (net/ipv4/fib_rules.c, fib_trie.c): rules by priority, in each
// table the longest prefix, then the lowest metric; a table without a route sends on to the next
// rule. The table "local" is made of the addresses. Multicast and link-local IPv6 are left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "snapshot/kernel.h"

namespace firebreak {

struct RouteOutcome {
  enum class Kind : std::uint8_t {
    kLocal,      // to this machine
    kUnicast,    // out by `link`
    kNone,       // no route, or one that refuses
    kBroadcast,  // to a broadcast or multicast address: opens no connection
    kUnknown,    // a route or rule that is not understood, or several to choose from
  };
  Kind kind = Kind::kNone;
  std::size_t link = 0;              // an index into NetNamespace::links; of a local address: its
  std::optional<IpAddress> gateway;  // kUnicast; nullopt: the destination is on the link
  std::optional<IpAddress> source;   // preferred
  std::string text;                  // "default route via 10.81.1.1", "10.81.1.0/24 on eth0"
  friend auto operator<=>(const RouteOutcome&, const RouteOutcome&) = default;
};

struct RouteEntry {
  Cidr destination;
  std::uint32_t metric = 0;
  RouteOutcome outcome;
  friend auto operator<=>(const RouteEntry&, const RouteEntry&) = default;
};

// One rule of policy routing with its table: the first entry that holds decides.
struct RouteLookup {
  std::optional<Cidr> from;
  std::optional<Cidr> to;
  std::string incoming;  // interface name; empty: any. "lo": the machine's own packets
  std::uint32_t mark = 0;
  std::uint32_t mark_mask = 0;
  std::vector<RouteEntry> entries;
};

struct Routing {
  Family family = Family::kV4;
  std::vector<RouteLookup> lookups;

  struct Question {
    IpAddress destination;
    std::optional<IpAddress> source;  // nullopt: not chosen yet; meets rules that ask for none
    std::uint32_t mark = 0;
    std::string_view incoming = "lo";
  };
  [[nodiscard]] RouteOutcome find(const Question& question) const;
};

[[nodiscard]] Routing routing_of(const NetNamespace& state, Family family);

// Broadcast addresses of the interfaces, and all that are not for one receiver.
[[nodiscard]] std::vector<AddressRange> broadcasts_of(const NetNamespace& state);

// The address that the machine takes for packets that leave by this interface to `destination`
// (inet_select_addr): the first of a subnet that holds it, else the first.
[[nodiscard]] std::optional<IpAddress> own_address(const NetLink& link, const IpAddress& towards);

// The address that MASQUERADE and REDIRECT take of an interface (inet_select_addr): those of the
// loopback interface are for the machine alone, so that there, and on an interface without any,
// the first one of any other interface is taken. nullopt: there is none, or no such interface.
[[nodiscard]] std::optional<IpAddress> masquerade_address(const NetNamespace& state,
                                                          std::string_view interface,
                                                          const IpAddress& towards);

}  // namespace firebreak
