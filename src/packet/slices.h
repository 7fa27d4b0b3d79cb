// A function taken apart by the value of one field.
#pragma once

#include <cstddef>
#include <vector>

#include "packet/bdd.h"
#include "packet/bits.h"

namespace firebreak {

// Throws PacketSpaceFull when a list grows past what the space allows.
void check_listable(std::size_t parts);

struct FieldSlice {
  FieldBits first;  // both ends belong to it
  FieldBits last;
  BddView rest;  // what the other fields must be, for all values of the slice; never false
};

// Sorted, disjoint, neighbours with equal rests merged: unique. `node` tests no variable above the
// field's, which are the only ones between its first and its last. Valid while a Bdd above `node`
// lives. Time and length: the number of ranges.
[[nodiscard]] std::vector<FieldSlice> slices_of(BddView node, PacketField field, Family family);

}  // namespace firebreak
