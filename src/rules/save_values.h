// The values of iptables-save and `ipset save`: addresses with masks, ranges, numbers, names of
// protocols. nullopt: not of that form.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "rules/program.h"

namespace firebreak {

[[nodiscard]] bool is_of(Family family, const IpAddress& address);
[[nodiscard]] std::optional<IpAddress> parse_address(std::string_view text, Family family);
// "10.0.0.0/8", "10.0.0.1" (one address), "10.0.0.0/255.0.0.0".
[[nodiscard]] std::optional<AddressRange> parse_prefix(std::string_view text, Family family);
// As above, and masks with holes ("10.0.0.0/255.0.255.0"), which are several ranges; more than 4096
// of them give an empty list.
[[nodiscard]] std::optional<std::vector<AddressRange>> parse_masked(std::string_view text,
                                                                    Family family);
// "10.0.0.1-10.0.0.9", "10.0.0.1".
[[nodiscard]] std::optional<AddressRange> parse_span(std::string_view text, Family family);
// All addresses that begin with the first `prefix` bits of `address`.
[[nodiscard]] AddressRange range_of(const IpAddress& address, unsigned prefix);

// "80", "1:10", "20:", ":20"; `dash` is what stands between the two.
[[nodiscard]] std::optional<PortRange> parse_ports(std::string_view text, char dash);
[[nodiscard]] std::optional<std::vector<PortRange>> parse_port_list(std::string_view text);

// Decimal, or hexadecimal after "0x".
[[nodiscard]] std::optional<std::uint32_t> parse_u32(std::string_view text);
struct MaskedValue {
  std::uint32_t value = 0;
  std::uint32_t mask = 0xFFFFFFFF;
};
[[nodiscard]] std::optional<MaskedValue> parse_masked_value(std::string_view text);  // "0x1/0xff"

// By number, or by a name of /etc/protocols.
[[nodiscard]] std::optional<std::uint8_t> parse_protocol_number(std::string_view text);

// An interface as iptables writes it: "br-+" is every name that begins with "br-".
[[nodiscard]] NamePattern parse_interface(std::string_view text);

}  // namespace firebreak
