#include "packet/bits.h"

#include "base/check.h"

namespace firebreak {

FieldBits get(const PacketHeader& header, PacketField field) {
  switch (field) {
    case PacketField::kFamily: return header.source.is_v6() ? 1 : 0;
    case PacketField::kProtocol: return header.protocol;
    case PacketField::kSource: return bits_of(header.source);
    case PacketField::kDestination: return bits_of(header.destination);
    case PacketField::kSourcePort: return header.source_port.value;
    case PacketField::kDestinationPort: return header.destination_port.value;
    case PacketField::kMark: return header.mark;
    case PacketField::kConnectionMark: return header.connection_mark;
    case PacketField::kDestinationRewritten: return header.destination_rewritten ? 1 : 0;
    case PacketField::kSourceRewritten: return header.source_rewritten ? 1 : 0;
    case PacketField::kUntracked: return header.untracked ? 1 : 0;
  }
  CHECK(false);
}

void set(PacketHeader& header, PacketField field, FieldBits bits) {
  const Family family = header.source.family();
  switch (field) {
    case PacketField::kFamily: CHECK(false);
    case PacketField::kProtocol: header.protocol = static_cast<std::uint8_t>(bits); return;
    case PacketField::kSource: header.source = address_of(bits, family); return;
    case PacketField::kDestination: header.destination = address_of(bits, family); return;
    case PacketField::kSourcePort:
      header.source_port.value = static_cast<std::uint16_t>(bits);
      return;
    case PacketField::kDestinationPort:
      header.destination_port.value = static_cast<std::uint16_t>(bits);
      return;
    case PacketField::kMark: header.mark = static_cast<std::uint32_t>(bits); return;
    case PacketField::kConnectionMark:
      header.connection_mark = static_cast<std::uint32_t>(bits);
      return;
    case PacketField::kDestinationRewritten: header.destination_rewritten = bits != 0; return;
    case PacketField::kSourceRewritten: header.source_rewritten = bits != 0; return;
    case PacketField::kUntracked: header.untracked = bits != 0; return;
  }
}

}  // namespace firebreak
