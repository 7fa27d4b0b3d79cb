// Which variable stands for which bit of which field.
//
// Fields lie one after the other, most significant bit first, in an order that is chosen when the
// packet space is made; the bits of the two marks alternate, so that copying one to the other is a
// chain of 32 nodes. IPv4 addresses use the first 32 of their field's 128 variables; no function
// depends on the others where the family is IPv4.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "packet/bdd.h"
#include "packet/bits.h"

namespace firebreak {

class PacketLayout {
 public:
  static constexpr int kVariables = 1 + 8 + 2 * 128 + 2 * 16 + 2 * 32 + 3;

  // CHECK: every field once, the marks beside each other. Needs the table (packet/bdd.h).
  explicit PacketLayout(std::span<const PacketField> order);
  [[nodiscard]] std::span<const PacketField> order() const { return order_; }
  // Bit 0 is the most significant one.
  [[nodiscard]] int variable(PacketField field, unsigned bit) const {
    const Place& place = places_[static_cast<std::size_t>(field)];
    return place.first + place.stride * static_cast<int>(bit);
  }
  [[nodiscard]] std::pair<PacketField, unsigned> bit(int variable) const {
    return bits_[static_cast<std::size_t>(variable)];
  }

  // All variables of the field, or all others, as a conjunction. Those that packets of a family use
  // are fewer, and forgotten faster.
  [[nodiscard]] const Bdd& cube(PacketField field, Family family = Family::kV6) const {
    return (family == Family::kV4 ? short_cubes_ : cubes_)[static_cast<std::size_t>(field)];
  }
  [[nodiscard]] const Bdd& other_than(PacketField field) const {
    return others_[static_cast<std::size_t>(field)];
  }

  [[nodiscard]] Bdd family(Family family) const;
  // first <= value <= last, in a field of `width` bits. At most two nodes for each bit.
  [[nodiscard]] Bdd range(PacketField field, unsigned width, FieldBits first, FieldBits last) const;
  // The bits that `mask` selects are those of `value`. For fields that have one width.
  [[nodiscard]] Bdd masked(PacketField field, FieldBits value, FieldBits mask) const;
  [[nodiscard]] Bdd masked_cube(PacketField field, FieldBits mask) const;

 private:
  struct Place {
    int first = 0;
    int stride = 1;
  };
  std::vector<PacketField> order_;
  std::array<Place, kPacketFields> places_;
  std::vector<std::pair<PacketField, unsigned>> bits_;  // by variable
  std::array<Bdd, kPacketFields> cubes_;
  std::array<Bdd, kPacketFields> short_cubes_;
  std::array<Bdd, kPacketFields> others_;
};

}  // namespace firebreak
