// Raw ICMP and ICMPv6 sockets: echo requests, their replies, and the errors that packets meet on
// their way (RFC 792, RFC 4443). A TCP socket tells a reset and "port unreachable" by the same
// errno, and never who sent it; this does.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/ip.h"
#include "io/descriptor.h"
#include "io/probe_sockets.h"

namespace firebreak {

// What tells one packet that was sent from all others. Echo requests have their identifier and
// sequence number in the place of the ports, and no source.
struct SentPacket {
  std::uint8_t protocol = 0;  // IANA
  IpAddress source;
  IpAddress destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  friend auto operator<=>(const SentPacket&, const SentPacket&) = default;
};

// A message about a packet that was sent.
struct IcmpNote {
  SentPacket about;
  std::optional<IcmpError> error;  // nullopt: it is the reply to an echo request
  std::string_view payload;        // of the reply
};

class IcmpSocket {
 public:
  // In the calling thread's namespace. kDenied without the right; kUnsupported if the kernel does
  // not have this family.
  [[nodiscard]] static Result<IcmpSocket> open(Family family);

  [[nodiscard]] int fd() const { return socket_.get(); }
  // Sends an echo request. 0 or an errno.
  [[nodiscard]] int send(const SentPacket& packet, const std::optional<IpAddress>& source,
                         std::string_view payload);
  // Calls `take` with all that has come. Never waits. What is no such message is passed over.
  void receive(const std::function<void(const IcmpNote&)>& take);

 private:
  IcmpSocket(Descriptor socket, Family family) : socket_(std::move(socket)), family_(family) {}
  Descriptor socket_;
  Family family_;
};

// One message as a raw socket hands it out: of IPv4 with its IP header, of IPv6 without. nullopt if
// it is not a message about a packet that was sent. Views `bytes`.
[[nodiscard]] std::optional<IcmpNote> read_icmp(Family family, std::string_view bytes,
                                                const IpAddress& from);

// The protocol number of ICMP in that family.
[[nodiscard]] std::uint8_t icmp_protocol(Family family);

}  // namespace firebreak
