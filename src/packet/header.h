// One packet's header, as far as packet sets know it.
#pragma once

#include <compare>
#include <cstdint>

#include "base/ip.h"

namespace firebreak {

// What a packet set may constrain. Both addresses are of the packet's family.
//
// Ports belong to TCP, UDP, SCTP, DCCP and UDP-Lite. An ICMP or ICMPv6 packet has its type and code
// in the place of the destination port, type * 256 + code. Packets of other protocols have ports
// that mean nothing: nothing constrains them unless the caller does.
//
// There are no bits for TCP flags or for the state of the connection: packet sets are about packets
// that open one. Whoever evaluates rules knows the state of what it sends through them.
enum class PacketField : std::uint8_t {
  kFamily,
  kProtocol,
  kSource,
  kDestination,
  kSourcePort,
  kDestinationPort,
  kMark,                  // the packet's (fwmark)
  kConnectionMark,        // its connection's (connmark)
  kDestinationRewritten,  // by DNAT
  kSourceRewritten,       // by SNAT
  kUntracked,             // by NOTRACK
};
inline constexpr std::size_t kPacketFields = 11;

struct PacketHeader {
  std::uint8_t protocol = 0;  // IANA: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6, 132 SCTP
  IpAddress source = {};      // both of one family
  IpAddress destination = {};
  Port source_port = {};
  Port destination_port = {};
  std::uint32_t mark = 0;
  std::uint32_t connection_mark = 0;
  bool destination_rewritten = false;
  bool source_rewritten = false;
  bool untracked = false;
  friend auto operator<=>(const PacketHeader&, const PacketHeader&) = default;
};

// Both ends belong to it, first <= last.
struct ProtocolRange {
  std::uint8_t first = 0;
  std::uint8_t last = 255;
  friend auto operator<=>(const ProtocolRange&, const ProtocolRange&) = default;
};

}  // namespace firebreak
