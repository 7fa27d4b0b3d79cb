// The keys under which secrets are fingerprinted (BLAKE2b, libsodium's crypto_generichash).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "snapshot/secret.h"

namespace firebreak {

// 32 secret bytes; wiped when it goes out of scope. Never printed.
class FingerprintKey {
 public:
  explicit FingerprintKey(const std::array<std::uint8_t, 32>& bytes) : bytes_(bytes) {}
  ~FingerprintKey();
  FingerprintKey(const FingerprintKey&) = default;
  FingerprintKey& operator=(const FingerprintKey&) = default;

  // 32 raw bytes or 64 hex digits (a trailing newline is allowed).
  [[nodiscard]] static Result<FingerprintKey> parse(std::string_view content,
                                                    std::string_view where);

  // Keyed hash of `purpose` and `canonical`.
  [[nodiscard]] Fingerprint fingerprint(std::string_view purpose, std::string_view canonical) const;
  // A name for the key that does not tell it: 16 hex digits.
  [[nodiscard]] std::string id() const;

 private:
  std::array<std::uint8_t, 32> bytes_;
};

// The two keys of one collection: `lasting` (given by the user, or as fresh as the other one) for
// strong secrets, `fleeting` for guessable ones (see Secret::weak).
struct FingerprintKeys {
  FingerprintKey lasting;
  FingerprintKey fleeting;
};

}  // namespace firebreak
