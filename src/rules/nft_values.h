// Values on the right side of nft's matches and in its sets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/nft_json.h"
#include "rules/program.h"

namespace firebreak {

// nullopt: not a value of that kind, or not understood.
[[nodiscard]] std::optional<AddressRange> nft_address(NftJson value, Family family);
[[nodiscard]] std::optional<PortRange> nft_port(NftJson value);
[[nodiscard]] std::optional<NamePattern> nft_interface(NftJson value);
// One, or all of a range.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> nft_protocols(NftJson value);
[[nodiscard]] std::optional<std::uint8_t> nft_icmp_type(NftJson value, bool v6);
[[nodiscard]] std::optional<std::uint8_t> nft_icmp_code(NftJson value, bool v6);
[[nodiscard]] std::optional<std::uint8_t> nft_address_type(NftJson value);  // OnAddressType::Bit

// One flag, a list of flags, or {"|": […]}.
[[nodiscard]] std::optional<std::uint8_t> nft_tcp_flags(NftJson value);
[[nodiscard]] std::optional<std::uint8_t> nft_states(NftJson value);  // OnState::Bit
[[nodiscard]] std::optional<std::uint8_t> nft_status(NftJson value);  // those of NAT

// Marks, as pairs of value and mask of which one must fit.
struct NftMark {
  std::uint32_t value = 0;
  std::uint32_t mask = 0xFFFFFFFF;
};
[[nodiscard]] std::optional<std::vector<NftMark>> nft_marks(NftJson value);
[[nodiscard]] std::vector<NftMark> nft_marks_between(std::uint32_t first, std::uint32_t last);

}  // namespace firebreak
