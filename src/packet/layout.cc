#include "packet/layout.h"

#include <algorithm>

#include "base/check.h"

namespace firebreak {
namespace {

constexpr std::array kAll = {PacketField::kFamily,
                             PacketField::kProtocol,
                             PacketField::kSource,
                             PacketField::kDestination,
                             PacketField::kSourcePort,
                             PacketField::kDestinationPort,
                             PacketField::kMark,
                             PacketField::kConnectionMark,
                             PacketField::kDestinationRewritten,
                             PacketField::kSourceRewritten,
                             PacketField::kUntracked};
static_assert(kAll.size() == kPacketFields);

bool is_mark(PacketField field) {
  return field == PacketField::kMark || field == PacketField::kConnectionMark;
}

}  // namespace

PacketLayout::PacketLayout(std::span<const PacketField> order)
    : order_(order.begin(), order.end()), bits_(kVariables) {
  CHECK(std::ranges::is_permutation(order_, kAll));
  int next = 0;
  for (std::size_t at = 0; at < order_.size(); ++at) {
    const PacketField field = order_[at];
    const int width = static_cast<int>(width_of(field, Family::kV6));
    const bool second_mark = is_mark(field) && at > 0 && is_mark(order_[at - 1]);
    const bool first_mark = is_mark(field) && !second_mark;
    CHECK(!first_mark || (at + 1 < order_.size() && is_mark(order_[at + 1])));
    Place& place = places_[static_cast<std::size_t>(field)];
    place.stride = is_mark(field) ? 2 : 1;
    place.first = second_mark ? next - 2 * width + 1 : next;
    if (!second_mark) next += width * place.stride;
    for (unsigned bit = 0; bit < static_cast<unsigned>(width); ++bit) {
      bits_[static_cast<std::size_t>(variable(field, bit))] = {field, bit};
    }
  }
  CHECK(next == kVariables);
  for (const PacketField field : kAll) {
    const unsigned width = width_of(field, Family::kV4);
    short_cubes_[static_cast<std::size_t>(field)] =
        range(field, width, largest(width), largest(width));
    const unsigned full = width_of(field, Family::kV6);
    cubes_[static_cast<std::size_t>(field)] = range(field, full, largest(full), largest(full));
  }
  for (const PacketField field : kAll) {
    Bdd& others = others_[static_cast<std::size_t>(field)];
    others = Bdd::constant(true);
    for (const PacketField other : kAll) {
      if (other != field) others = others & cube(other);
    }
  }
}

Bdd PacketLayout::family(Family family) const {
  return Bdd::literal(variable(PacketField::kFamily, 0), family == Family::kV6);
}

Bdd PacketLayout::range(PacketField field, unsigned width, FieldBits first, FieldBits last) const {
  CHECK(first <= last && last <= largest(width));
  unsigned bit = width;
  // From the last bit to the first one in which the ends differ: between them.
  Bdd at_least = Bdd::constant(true);
  Bdd at_most = Bdd::constant(true);
  for (; first != last; first >>= 1U, last >>= 1U) {
    --bit;
    const Bdd one = Bdd::literal(variable(field, bit), true);
    const Bdd zero = Bdd::literal(variable(field, bit), false);
    at_least = (first & 1U) != 0 ? one & at_least : one | at_least;
    at_most = (last & 1U) != 0 ? zero | at_most : zero & at_most;
  }
  // Above it: as both ends have it.
  Bdd all = at_least & at_most;
  for (; bit-- > 0; first >>= 1U) {
    all = Bdd::literal(variable(field, bit), (first & 1U) != 0) & all;
  }
  return all;
}

Bdd PacketLayout::masked(PacketField field, FieldBits value, FieldBits mask) const {
  Bdd all = Bdd::constant(true);
  for (unsigned bit = width_of(field, Family::kV6); bit-- > 0; value >>= 1U, mask >>= 1U) {
    if ((mask & 1U) != 0) all = all & Bdd::literal(variable(field, bit), (value & 1U) != 0);
  }
  return all;
}

Bdd PacketLayout::masked_cube(PacketField field, FieldBits mask) const {
  return masked(field, largest(128), mask);
}

}  // namespace firebreak
