// What an expression of nft asks of a packet: the left side of a match, the key of a map.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/nft_json.h"
#include "rules/program.h"

namespace firebreak {

struct NftKey {
  enum class Kind : std::uint8_t {
    kUnknown,
    kInterface,
    kAddress,
    kProtocol,
    kPort,
    kTcpFlags,
    kIcmpType,
    kIcmpCode,
    kState,   // of the connection: one bit is set
    kStatus,  // of the connection: several bits may be set
    kMark,
    kOriginalAddress,
    kOriginalPort,
    kAddressType,
    kFamily,  // of the packet: known here and now
  };

  Kind kind = Kind::kUnknown;
  OnInterface::Side side = OnInterface::Side::kIn;
  End end = End::kSource;                  // of address, port, address type
  std::optional<OnInterface::Side> limit;  // of an address type
  bool connection = false;                 // the connection's mark
  bool v6_types = false;                   // of ICMP
  std::optional<NftJson> mask;             // {"&": [key, mask]}
  // What nft has the kernel check before it looks at the key, also where the match is negated.
  std::vector<Condition> needs;
  bool never = false;  // packets of the program's family do not have it
};

[[nodiscard]] NftKey nft_key(NftJson expression, Family family);
// The parts of {"concat": […]}, or the one key.
[[nodiscard]] std::vector<NftKey> nft_keys(NftJson expression, Family family);

// The packet belongs to a connection.
[[nodiscard]] Condition nft_has_connection();

}  // namespace firebreak
