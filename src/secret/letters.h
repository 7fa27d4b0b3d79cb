// How surprising one letter is behind another in the words people write.
#pragma once

namespace firebreak {

// -log2 of the chance that `second` follows `first` in English words and program identifiers, 1
// to 9. Both are ASCII letters of either case.
[[nodiscard]] int letter_pair_bits(char first, char second);

}  // namespace firebreak
