#include "secret/canonical.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "secret/chars.h"
#include "secret/encoding.h"
#include "secret/names.h"
#include "secret/pem.h"
#include "secret/providers.h"
#include "secret/strength.h"

namespace firebreak {
namespace {

constexpr std::size_t kMostRounds = 4;
constexpr std::size_t kShortestDecoded = 4;
constexpr std::size_t kLongestReference = 1024;

std::string_view unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == text.back() &&
      (text.front() == '"' || text.front() == '\'')) {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

// What the text stands for, if it is an encoding of other text, or of a key's raw bytes: then the
// bytes get a mark, so that they differ from a text.
std::optional<std::string> unwrapped(std::string_view text) {
  constexpr std::array<std::size_t, 5> kKeySizes{16, 24, 32, 48, 64};
  const auto accept = [&](std::optional<std::string> decoded) -> std::optional<std::string> {
    if (!decoded || decoded->size() < kShortestDecoded) return std::nullopt;
    if (is_plain_text(*decoded)) return decoded;
    if (std::ranges::find(kKeySizes, decoded->size()) == kKeySizes.end()) return std::nullopt;
    return std::string(1, '\0') + *decoded;
  };
  if (text.starts_with("base64:")) return accept(decode_base64(text.substr(7)));
  if (auto out = accept(decode_hex(text))) return out;
  if (auto out = accept(decode_base64(text))) return out;
  std::string decoded = percent_decoded(text);
  if (decoded.size() == text.size() || !is_plain_text(decoded)) return std::nullopt;
  return decoded;
}

}  // namespace

Canonical canonical_form(std::string_view plain) {
  Canonical out;
  out.bytes = std::string(unquoted(plain));
  for (std::size_t round = 0; round < kMostRounds; ++round) {
    if (has_pem(out.bytes)) {
      if (auto key = find_private_key(out.bytes)) {
        out.strong = true;
        if (!key->spki.empty()) out.purpose = "spki";
        out.bytes = key->spki.empty() ? std::move(key->body) : std::move(key->spki);
        return out;
      }
    }
    if (provider_of(out.bytes)) break;
    auto inner = unwrapped(out.bytes);
    if (!inner) break;
    out.bytes = inner->starts_with('\0') ? std::move(*inner) : std::string(unquoted(*inner));
    if (out.bytes.starts_with('\0')) break;
  }
  return out;
}

bool is_reference(std::string_view value) {
  value = trim(value);
  if (value.size() < 3 || value.size() > kLongestReference) return false;
  const auto between = [&](std::string_view open, std::string_view close) {
    return value.starts_with(open) && value.ends_with(close);
  };
  if (between("${", "}") || between("{{", "}}") || between("$(", ")") || between("<", ">") ||
      between("__", "__") || between("[[", "]]")) {
    return true;
  }
  constexpr auto kSchemes = std::to_array<std::string_view>({"vault:",
                                                             "ref+",
                                                             "op://",
                                                             "arn:aws:secretsmanager:",
                                                             "arn:aws:ssm:",
                                                             "file:",
                                                             "gcp:secret:",
                                                             "projects/",
                                                             "ssm:",
                                                             "secretsmanager:",
                                                             "sops:",
                                                             "env:",
                                                             "docker-secret:",
                                                             "secret://",
                                                             "aws-sm://",
                                                             "gcpsm://",
                                                             "akv://",
                                                             "/run/secrets/",
                                                             "/etc/",
                                                             "/var/",
                                                             "/opt/",
                                                             "/home/",
                                                             "/secrets/",
                                                             "/mnt/",
                                                             "/usr/",
                                                             "/root/",
                                                             "/vault/",
                                                             "~/",
                                                             "./",
                                                             "../"});
  return std::ranges::any_of(kSchemes, [&](std::string_view s) { return value.starts_with(s); });
}

// Never secrets, whatever their name says: the words below.
bool can_be_secret(std::string_view plain) {
  const std::string_view value = unquoted(plain);
  if (value.empty() || is_reference(value)) return false;
  if (value.size() < 4 && all_of(value, is_digit)) return false;
  if (value.starts_with("pk_live_") || value.starts_with("pk_test_")) return false;  // for browsers
  constexpr auto kWords = std::to_array<std::string_view>(
      {"true",          "false",         "yes",      "no",         "on",
       "off",           "enabled",       "disabled", "null",       "nil",
       "none",          "undefined",     "optional", "required",   "always",
       "never",         "auto",          "basic",    "bearer",     "digest",
       "md5",           "scram-sha-256", "trust",    "peer",       "oauth",
       "oauth2",        "oidc",          "ldap",     "saml",       "jwt",
       "x-oauth-basic", "x-token-auth",  "***",      "****",       "*****",
       "******",        "********",      "redacted", "[redacted]", "n/a",
       "unset"});
  const std::string word = lower(value.substr(0, 16));
  return value.size() > 16 || std::ranges::find(kWords, word) == kWords.end();
}

namespace {

// Stands where a token must stand and is none: "xxx", "dummy", "id".
bool is_stand_in(std::string_view value) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"dummy", "fake", "notused", "not-used", "placeholder", "tbd", "todo", "unused"});
  const std::string word = lower(value.substr(0, 16));
  return value.size() < 4 || std::ranges::find(kWords, word) != kWords.end() ||
         word.find_first_not_of('x') == std::string::npos;
}

}  // namespace

std::optional<Secret> make_secret(std::string_view plain, const SecretHint& hint,
                                  const FingerprintKeys& keys) {
  const std::string_view value = unquoted(plain);
  if (!can_be_secret(value)) return std::nullopt;
  if (hint.kind == SecretKind::kToken && is_stand_in(value)) return std::nullopt;
  const Canonical canonical = canonical_form(value);
  Secret out;
  out.kind = hint.kind;
  out.provider = std::string(hint.provider);
  if (canonical.strong) {
    out.kind = SecretKind::kPrivateKey;
  } else if (auto match = provider_of(canonical.bytes)) {
    out.kind = match->kind;
    if (match->provider != "jwt") out.provider = std::string(match->provider);
    out.live = match->live;
    out.account = std::move(match->account);
  }
  out.length = length_class(canonical.strong ? value.size() : canonical.bytes.size());
  out.weak = !canonical.strong && is_guessable(canonical.bytes);
  const FingerprintKey& key = out.weak ? keys.fleeting : keys.lasting;
  out.fingerprint = key.fingerprint(canonical.purpose, canonical.bytes);
  return out;
}

}  // namespace firebreak
