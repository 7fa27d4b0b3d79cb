#include "findings/finding.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/check.h"

namespace firebreak {
namespace {

constexpr std::size_t kDigestBytes = 8;

class Hasher {
 public:
  Hasher() {
    CHECK(crypto_generichash_init(&state_, nullptr, 0, crypto_generichash_BYTES_MIN) == 0);
  }

  // With its length before it, so that ("ab", "c") and ("a", "bc") differ.
  void add(std::string_view part) {
    std::array<unsigned char, 8> length{};
    for (std::size_t i = 0; i < length.size(); ++i) {
      length[i] = static_cast<unsigned char>((part.size() >> (8 * i)) & 0xFFU);
    }
    update(length.data(), length.size());
    update(reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }

  void add_all(std::span<const std::string> parts) {
    add(std::to_string(parts.size()));
    for (const std::string& part : parts) add(part);
  }

  [[nodiscard]] std::string hex() {
    std::array<unsigned char, crypto_generichash_BYTES_MIN> digest{};
    CHECK(crypto_generichash_final(&state_, digest.data(), digest.size()) == 0);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < kDigestBytes; ++i) {
      out += kDigits[digest[i] >> 4U];
      out += kDigits[digest[i] & 0xFU];
    }
    return out;
  }

 private:
  void update(const unsigned char* bytes, std::size_t size) {
    CHECK(crypto_generichash_update(&state_, bytes, size) == 0);
  }

  crypto_generichash_state state_{};
};

}  // namespace

std::string finding_fingerprint(Code code, std::vector<std::string> environments,
                                std::vector<std::string> stable) {
  Hasher hasher;
  hasher.add("firebreak finding 1");
  hasher.add(info(code).name);
  hasher.add_all(environments);  // from, to: their order tells directions apart
  std::ranges::sort(stable);
  hasher.add_all(stable);
  return hasher.hex();
}

}  // namespace firebreak
