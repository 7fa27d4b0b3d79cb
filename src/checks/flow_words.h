// Flows in words, the same in findings and in `firebreak paths`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reach/flow.h"

namespace firebreak {

inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kIcmpV6 = 58;

[[nodiscard]] inline bool is_echo(std::uint8_t protocol) {
  return protocol == kIcmp || protocol == kIcmpV6;
}

// Whether something may answer there. SCTP's sockets are not read: as nothing is ever known of
// them, they count only where something is known.
[[nodiscard]] bool may_be_answered(const Flow& flow);

// "tcp", "icmp"; the number in digits for protocols without a name here.
[[nodiscard]] std::string protocol_text(std::uint8_t protocol);
// "80,5000-5010"; empty for none.
[[nodiscard]] std::string ports_text(std::span<const PortRange> ports);
// "10.0.0.1", or "10.0.0.1-10.0.0.9".
[[nodiscard]] std::string range_text(const AddressRange& range);
// "published-port": the word of JSON.
[[nodiscard]] std::string_view name_of(FlowVia via);
// "through a published port": behind a name.
[[nodiscard]] std::string_view phrase_of(FlowVia via);
// "tcp 10.0.0.1:5433", "tcp [fd00::1]:80,443", "icmp 10.0.0.1": what the sender connects to.
[[nodiscard]] std::string destination_text(const Flow& flow);
// What the receiver sees, in the same form without the protocol.
[[nodiscard]] std::string delivered_text(const Flow& flow);
// Sorted, overlapping and adjacent ranges joined.
[[nodiscard]] std::vector<PortRange> merged(std::vector<PortRange> ports);

}  // namespace firebreak
