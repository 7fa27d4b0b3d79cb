// How hard a secret is to guess, and whether a text looks as if a machine had drawn it at random.
#pragma once

#include <string_view>

namespace firebreak {

// An estimate, from below, of the guesses needed, as bits: words of the small dictionary, keyboard
// and number sequences and repetitions count little, other characters by the classes in use.
// Looks at the first 128 bytes.
[[nodiscard]] double estimated_bits(std::string_view secret);

// Under 40 bits: whoever holds a fingerprint and its key finds the secret by trying.
[[nodiscard]] bool is_guessable(std::string_view secret);

// A run of at least 20 characters without separators that no one chose by hand: mixed classes in
// an order that words and identifiers do not have. UUIDs, digests, versions, dates are not.
[[nodiscard]] bool looks_random(std::string_view text);

}  // namespace firebreak
