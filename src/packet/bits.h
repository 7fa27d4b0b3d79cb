// Header fields as numbers of up to 128 bits.
#pragma once

#include <array>
#include <cstdint>

#include "base/ip.h"
#include "packet/header.h"

namespace firebreak {

__extension__ using FieldBits = unsigned __int128;

// Bits that a field has in packets of a family: 32 or 128 for addresses.
[[nodiscard]] constexpr unsigned width_of(PacketField field, Family family) {
  switch (field) {
    case PacketField::kProtocol: return 8;
    case PacketField::kSource:
    case PacketField::kDestination: return family == Family::kV6 ? 128 : 32;
    case PacketField::kSourcePort:
    case PacketField::kDestinationPort: return 16;
    case PacketField::kMark:
    case PacketField::kConnectionMark: return 32;
    case PacketField::kFamily:
    case PacketField::kDestinationRewritten:
    case PacketField::kSourceRewritten:
    case PacketField::kUntracked: return 1;
  }
  return 0;
}

[[nodiscard]] constexpr FieldBits largest(unsigned width) {
  return width == 128 ? ~FieldBits{0} : (FieldBits{1} << width) - 1;
}

[[nodiscard]] inline FieldBits bits_of(const IpAddress& address) {
  FieldBits bits = 0;
  for (std::size_t byte = 0; byte < (address.is_v6() ? 16U : 4U); ++byte) {
    bits = bits << 8U | address.bytes()[byte];
  }
  return bits;
}

[[nodiscard]] inline IpAddress address_of(FieldBits bits, Family family) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t byte = family == Family::kV6 ? 16 : 4; byte > 0; --byte) {
    bytes[byte - 1] = static_cast<std::uint8_t>(bits & 0xFFU);
    bits >>= 8U;
  }
  return IpAddress::of(family, bytes);
}

[[nodiscard]] FieldBits get(const PacketHeader& header, PacketField field);
// CHECK: the field is not the family, which its addresses have.
void set(PacketHeader& header, PacketField field, FieldBits bits);

}  // namespace firebreak
