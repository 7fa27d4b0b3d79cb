#include "secret/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "secret/chars.h"
#include "secret/encoding.h"

namespace firebreak {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kLargestKey = 65536;  // no key is larger; OpenSSL need not see more

template <auto Function>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    Function(pointer);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Free<BIO_free>>;

std::string to_spki(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

int no_passphrase(char*, int, int, void*) { return -1; }

std::string spki_of_pem(const std::string& pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  return key ? to_spki(key.get()) : std::string();
}

// OpenSSH's own container: "openssh-key-v1\0", cipher, kdf, options (each a string with a 32-bit
// length), the number of keys, then the public key as a string.
std::string spki_of_openssh(std::string_view blob) {
  constexpr std::string_view kMagic("openssh-key-v1\0", 15);
  if (!blob.starts_with(kMagic)) return {};
  blob.remove_prefix(kMagic.size());
  const auto number = [&]() -> std::optional<std::size_t> {
    if (blob.size() < 4) return std::nullopt;
    std::size_t out = 0;
    for (int i = 0; i < 4; ++i)
      out = (out << 8U) | static_cast<unsigned char>(blob[static_cast<std::size_t>(i)]);
    blob.remove_prefix(4);
    return out;
  };
  const auto string = [&]() -> std::optional<std::string_view> {
    const auto size = number();
    if (!size || *size > blob.size()) return std::nullopt;
    const std::string_view out = blob.substr(0, *size);
    blob.remove_prefix(*size);
    return out;
  };
  if (!string() || !string() || !string() || !number()) return {};
  const auto key = string();
  if (!key) return {};
  blob = *key;
  const auto type = string();
  const auto point = string();
  if (!type || !point || *type != "ssh-ed25519" || point->size() != 32) return std::string(*key);
  const KeyPtr made(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(point->data()),
      point->size()));
  return made ? to_spki(made.get()) : std::string();
}

// Base64 characters of the block's body. Header lines ("Proc-Type: …") hold a colon.
std::string body_of(std::string_view block) {
  std::string out;
  std::string line;
  const auto flush = [&] {
    if (line.find(':') == std::string::npos) out += line;
    line.clear();
  };
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool escaped =
        block[i] == '\\' && i + 1 < block.size() && (block[i + 1] == 'n' || block[i + 1] == 'r');
    if (escaped || block[i] == '\n' || block[i] == '\r') {
      flush();
      if (escaped) ++i;
    } else if (is_alnum(block[i]) || block[i] == '+' || block[i] == '/' || block[i] == '=' ||
               block[i] == ':') {
      line += block[i];
    }
  }
  flush();
  return out;
}

std::string wrapped(std::string_view label, std::string_view body) {
  std::string out = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t at = 0; at < body.size(); at += 64) {
    out += body.substr(at, 64);
    out += '\n';
  }
  return out + "-----END " + std::string(label) + "-----\n";
}

}  // namespace

bool has_pem(std::string_view text) { return text.find(kBegin) != std::string_view::npos; }

std::size_t pem_block_size(std::string_view text) {
  const std::size_t end = text.find("-----END ");
  if (end == std::string_view::npos) return text.size();
  const std::size_t dashes = text.find(kDashes, end + 9);
  return dashes == std::string_view::npos ? text.size() : dashes + kDashes.size();
}

std::optional<PemKey> find_private_key(std::string_view text) {
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos;) {
    const std::string_view block = text.substr(at, pem_block_size(text.substr(at)));
    const std::size_t label_end = block.find(kDashes, kBegin.size());
    if (label_end != std::string_view::npos) {
      const std::string_view label = block.substr(kBegin.size(), label_end - kBegin.size());
      if (label.size() < 40 && label.find("PRIVATE KEY") != std::string_view::npos) {
        std::string_view inner = block.substr(label_end + kDashes.size());
        inner = inner.substr(0, inner.find("-----END "));
        PemKey out{{}, body_of(inner)};
        if (out.body.size() > kLargestKey) return out;
        if (label == "OPENSSH PRIVATE KEY") {
          if (const auto blob = decode_base64(out.body)) out.spki = spki_of_openssh(*blob);
        } else if (block.find("Proc-Type:") == std::string_view::npos) {
          out.spki = spki_of_pem(wrapped(label, out.body));
        }
        return out;
      }
    }
    at = text.find(kBegin, at + block.size());
  }
  return std::nullopt;
}

}  // namespace firebreak
