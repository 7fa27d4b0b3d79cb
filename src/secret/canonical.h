// A secret's canonical form and its fingerprint: the one place where plain text becomes a tag.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "secret/key.h"
#include "snapshot/secret.h"

namespace firebreak {

struct Canonical {
  // "secret", or "spki" for a key whose public half is known: then `bytes` is its DER form, which a
  // certificate of that key has, too.
  std::string_view purpose = "secret";
  std::string bytes;
  bool strong = false;  // known to be strong by its form (a key)
};

// Trims white space at the ends and one pair of quotes; undoes base64 and hex where text comes out;
// replaces PEM keys by their public key (SubjectPublicKeyInfo).
[[nodiscard]] Canonical canonical_form(std::string_view plain);

// What a place (a name, a position in a URL) says about a secret before its form is looked at.
struct SecretHint {
  SecretKind kind = SecretKind::kPassword;
  std::string_view provider = {};
};

// Not: empty, boolean words, fewer than four digits, references.
[[nodiscard]] bool can_be_secret(std::string_view plain);

// nullopt for what cannot be a secret: empty, boolean words, fewer than four digits, references to
// a place where a secret stands ("${DB_PASSWORD}", "vault:…", "/run/secrets/x").
[[nodiscard]] std::optional<Secret> make_secret(std::string_view plain, const SecretHint& hint,
                                                const FingerprintKeys& keys);

// Whether the value only says where a secret stands, or is a placeholder for one.
[[nodiscard]] bool is_reference(std::string_view value);

}  // namespace firebreak
