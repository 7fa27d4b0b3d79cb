#include "secret/key.h"

#include <sodium.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "secret/encoding.h"

namespace firebreak {
namespace {

// Length-prefixed parts, so that ("ab", "c") and ("a", "bc") differ.
void update(crypto_generichash_state& state, std::string_view part) {
  std::array<std::uint8_t, 8> size{};
  for (std::size_t i = 0; i < size.size(); ++i) {
    size[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(part.size()) >> (8 * i));
  }
  crypto_generichash_update(&state, size.data(), size.size());
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                            part.size());
}

}  // namespace

FingerprintKey::~FingerprintKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

Result<FingerprintKey> FingerprintKey::parse(std::string_view content, std::string_view where) {
  std::array<std::uint8_t, 32> bytes{};
  std::string_view digits = content;
  while (digits.ends_with('\n') || digits.ends_with('\r')) digits.remove_suffix(1);
  std::optional<std::string> raw;
  if (content.size() == bytes.size()) {
    raw = std::string(content);
  } else if (digits.size() == 2 * bytes.size()) {
    raw = decode_hex(digits);
  }
  if (!raw) {
    return fail(ErrorKind::kBadData, "a fingerprint key is 32 raw bytes or 64 hex digits",
                std::string(where), "make one with: firebreak key new FILE");
  }
  std::ranges::copy(*raw, bytes.begin());
  sodium_memzero(raw->data(), raw->size());
  FingerprintKey key(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

Fingerprint FingerprintKey::fingerprint(std::string_view purpose,
                                        std::string_view canonical) const {
  Fingerprint out;
  crypto_generichash_state state;
  CHECK(crypto_generichash_init(&state, bytes_.data(), bytes_.size(), out.bytes.size()) == 0);
  update(state, purpose);
  update(state, canonical);
  crypto_generichash_final(&state, out.bytes.data(), out.bytes.size());
  return out;
}

std::string FingerprintKey::id() const {
  return fingerprint("firebreak key id", "").hex().substr(0, 16);
}

}  // namespace firebreak
