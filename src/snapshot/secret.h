// What a snapshot knows of a configuration value: never the secret itself.
//
// Redacted by construction: a value's text is kept only where the scanner (secret/scan.h) can show
// that it is harmless, or with every secret part replaced by "***".
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"

namespace firebreak {

// The first 128 bits of a keyed hash over the canonical form of a secret: the same secret under the
// same key gives the same fingerprint, whatever wrapping (URL, base64, PEM, newline) it came in.
struct Fingerprint {
  std::array<std::uint8_t, 16> bytes{};

  [[nodiscard]] std::string hex() const;  // 32 lower-case digits
  [[nodiscard]] static std::optional<Fingerprint> parse(std::string_view hex);
  friend auto operator<=>(const Fingerprint&, const Fingerprint&) = default;
};

enum class SecretKind : std::uint8_t {
  kPassword,     // by its name, or by its place in a connection string
  kToken,        // an opaque credential: bearer, webhook, high-entropy value
  kApiKey,       // a credential of a known provider, told by its form
  kPrivateKey,   // PEM or raw private key; equal to its certificate's key
  kAccessKeyId,  // the public half of a pair (an AWS access key id): names an account
};

enum class LengthClass : std::uint8_t { kUnder8, k8To15, k16To31, k32To63, k64OrMore };

struct Secret {
  Fingerprint fingerprint;
  SecretKind kind = SecretKind::kPassword;
  LengthClass length = LengthClass::kUnder8;
  // Guessable (under about 40 bits, or in the list of common passwords). Its fingerprint is made
  // with a key that lives only as long as one collection, so it compares within one snapshot only:
  // whoever holds a lasting key could otherwise guess it from the file.
  bool weak = false;
  std::string provider;      // "stripe", "aws", …; empty if not known
  std::optional<bool> live;  // the credential's own form says live (true) or test (false)
  std::string account;       // what the credential names and is not secret: an AWS account id

  friend auto operator<=>(const Secret&, const Secret&) = default;
};

// One system that a value points at, from a URL or connection string, or from HOST/PORT variables.
struct Target {
  std::string scheme;        // lower case: "postgres", "redis", "https", …; "" for a bare host
  std::string host;          // lower case name or address text; a path for a unix socket
  std::optional<Port> port;  // as written; default_port(scheme) fills it in where needed
  std::string database;      // "app"; empty if none
  std::string user;          // only where it is plainly a name

  friend auto operator<=>(const Target&, const Target&) = default;
};

struct Value {
  std::string text;     // harmless or redacted text; empty when `opaque`
  bool opaque = false;  // nothing shows that the text is harmless: it was not kept
  std::vector<Secret> secrets;
  std::vector<Target> targets;

  friend auto operator<=>(const Value&, const Value&) = default;
};

// Names as written in snapshots and reports ("api-key", "16-31").
[[nodiscard]] std::string_view name_of(SecretKind kind);
[[nodiscard]] std::optional<SecretKind> parse_secret_kind(std::string_view name);
[[nodiscard]] std::string_view name_of(LengthClass length);
[[nodiscard]] std::optional<LengthClass> parse_length_class(std::string_view name);
[[nodiscard]] LengthClass length_class(std::size_t bytes);

// The port that a client of this scheme uses by default (5432 for postgres); nullopt if unknown.
[[nodiscard]] std::optional<Port> default_port(std::string_view scheme);
// Whether the scheme is that of a database server (postgres, mysql, mongodb, redis, …).
[[nodiscard]] bool is_database_scheme(std::string_view scheme);

}  // namespace firebreak
