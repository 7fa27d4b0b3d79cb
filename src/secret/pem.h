// Private keys in PEM form, and what identifies them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firebreak {

struct PemKey {
  std::string spki;  // DER SubjectPublicKeyInfo; empty if only the text is known (encrypted keys)
  std::string body;  // the base64 text without white space
};

// The first private key block in `text`. Line ends may be real, escaped ("\n"), or missing.
[[nodiscard]] std::optional<PemKey> find_private_key(std::string_view text);

// Whether a PEM block of any sort stands in the text.
[[nodiscard]] bool has_pem(std::string_view text);

// From "-----BEGIN" to the end of the END line, in bytes from the start of `text`, which must start
// with "-----BEGIN"; the whole text if the END line is missing.
[[nodiscard]] std::size_t pem_block_size(std::string_view text);

}  // namespace firebreak
