// Helpers for this folder's tests.
#pragma once

#include <string>
#include <string_view>

#include "secret/key.h"
#include "secret/scan.h"

namespace firebreak {

inline FingerprintKeys test_keys() {
  std::array<std::uint8_t, 32> lasting{};
  std::array<std::uint8_t, 32> fleeting{};
  lasting.fill(1);
  fleeting.fill(2);
  return {FingerprintKey(lasting), FingerprintKey(fleeting)};
}

inline Value scanned(std::string_view name, std::string_view value) {
  return scan_value(name, value, test_keys());
}

// What the secret scanner makes of the plain secret alone, under a password's name.
inline Fingerprint fingerprint_of(std::string_view plain) {
  const Value value = scanned("PASSWORD", plain);
  return value.secrets.empty() ? Fingerprint{} : value.secrets.front().fingerprint;
}

}  // namespace firebreak
