// One packet as a rule sees it, and what it does not carry itself.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "rules/program.h"

namespace firebreak {

struct Packet {
  std::string in_interface;   // empty: none, it is the machine's own
  std::string out_interface;  // empty: none yet
  // The ports of the bridges, where br_netfilter knows them; `bridge_out` only of a packet that is
  // bridged, not routed.
  std::optional<std::string> bridge_in;
  std::optional<std::string> bridge_out;
  std::uint8_t protocol = 6;
  // What the kernel will choose may not be known: unset then, and conditions on it are unknown.
  std::optional<IpAddress> source = IpAddress();
  IpAddress destination;
  std::optional<Port> source_port = Port{};  // of protocols with ports
  Port destination_port;
  std::uint8_t tcp_flags = 2;  // SYN
  std::uint8_t icmp_type = 0;
  std::uint8_t icmp_code = 0;
  std::uint32_t mark = 0;
  std::uint32_t connection_mark = 0;
  // One of invalid, established, related, new, untracked, and whether addresses were rewritten.
  std::uint8_t state = OnState::kNew;
  // The destination before DNAT; unset: it is the destination still.
  std::optional<IpAddress> original_destination;
  std::optional<Port> original_port;

  [[nodiscard]] bool has_connection() const {
    return (state & (OnState::kInvalid | OnState::kUntracked)) == 0;
  }
  friend bool operator==(const Packet&, const Packet&) = default;
};

// Whether OnPort applies: TCP, UDP, SCTP, DCCP, UDP-Lite.
[[nodiscard]] bool has_ports(std::uint8_t protocol);

// What the machine knows of addresses. A function that is not set: not known.
struct Surroundings {
  // The type of an address; with an interface, as seen from it alone (--limit-iface-in).
  std::function<OnAddressType::Bit(const IpAddress&, std::string_view interface)> type_of;
  // The address that REDIRECT and MASQUERADE take from an interface; nullopt: it has none.
  std::function<std::optional<IpAddress>(std::string_view interface)> address_of;
};

}  // namespace firebreak
