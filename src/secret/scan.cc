// Problem: decide for one value what it is, and keep no more of it than is harmless.
// Method: the forms in order of how sure they are: PEM, JSON, URL, JDBC, connection strings, a
// provider's credential; then the name; then harmless words and hosts; then free text and entropy.
// What remains is opaque. Documents are taken apart and their parts scanned in turn.
// Cost: linear; nesting (a URL in JSON in base64) is followed three levels deep, each level's text
// being a part of the one above.
#include "secret/scan.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "secret/chars.h"
#include "secret/document.h"
#include "secret/encoding.h"
#include "secret/free_text.h"
#include "secret/harmless.h"
#include "secret/harvest.h"
#include "secret/host.h"
#include "secret/names.h"
#include "secret/pem.h"
#include "secret/providers.h"
#include "secret/settings.h"
#include "secret/strength.h"
#include "secret/uri.h"

namespace firebreak {
namespace {

constexpr int kDeepest = 3;

using Text = std::optional<std::string>;  // nullopt: opaque

Text scan(std::string_view name, std::string_view value, Harvest& out, int depth);

ScanPart part_scanner(Harvest& out, int depth) {
  return [&out, depth](std::string_view name, std::string_view value) {
    (void)scan(name, value, out, depth + 1);
  };
}

// "http://a:1,http://b:2", "redis://a redis://b": every item a URL. A comma may also part the hosts
// of one URL; then what follows it has no scheme.
std::optional<std::string> scan_urls(std::string_view value, Harvest& out) {
  if (uri_scheme(value).empty()) return std::nullopt;
  std::string kept;
  std::size_t from = 0;
  while (from < value.size()) {
    std::size_t end = from;
    while (end < value.size()) {
      end = std::min(value.find_first_of(", \t\n", end), value.size());
      std::size_t next = end;
      while (next < value.size() && (value[next] == ',' || is_space(value[next]))) ++next;
      if (next >= value.size() || !uri_scheme(value.substr(next)).empty()) break;
      end = next;
    }
    const auto text = read_uri(value.substr(from, end - from), out);
    if (!text) return std::nullopt;
    if (!kept.empty()) kept += ',';
    kept += *text;
    from = end;
    while (from < value.size() && (value[from] == ',' || is_space(value[from]))) ++from;
  }
  return kept;
}

void add_spans(std::string_view name, std::string_view value, Harvest& out) {
  for (const SecretSpan& span : find_secret_spans(value, !names_public(name))) {
    const std::string_view plain = value.substr(span.begin, span.size);
    out.secret(span.encoded ? percent_decoded(plain) : std::string(plain), span.kind);
  }
}

std::optional<std::string> scan_hosts(std::string_view name, std::string_view value, Harvest& out) {
  const bool by_name = names_host(name);
  auto hosts = parse_host_list(value);
  if (!hosts) return std::nullopt;
  std::string kept;
  for (const HostPort& host : *hosts) {
    const auto address = IpAddress::parse(host.host);
    if (!by_name && !address) return std::nullopt;
    if (!kept.empty()) kept += ',';
    kept += host.text();
    const bool bind = address && address->is_unspecified();
    if (by_name && !bind && !names_own_host(name)) out.target({"", host.host, host.port, {}, {}});
  }
  return kept;
}

// Addresses, and words that container names are made of.
bool may_look_harmless(std::string_view value) {
  constexpr auto kWords =
      std::to_array<std::string_view>({"dev", "preprod", "prd", "prod", "production", "qa", "stage",
                                       "staging", "stg", "test", "uat"});
  return IpAddress::parse(value).has_value() || std::ranges::find(kWords, value) != kWords.end();
}

// ParsedConnection strings, which may stand under any name. nullopt: none.
std::optional<std::string> scan_connection(std::string_view name, std::string_view value,
                                           Harvest& out) {
  if (auto text = scan_urls(value, out)) return text;
  if (auto text = read_jdbc(value, out)) return text;
  if (auto text = read_go_dsn(value, out)) return text;
  if (auto text = read_settings_text(value, out)) return text;
  if (names_host(name) || class_of_name(name) == NameClass::kSecret)
    return read_bare_dsn(value, out);
  return std::nullopt;
}

// The value of a secret's name.
void scan_secret(std::string_view name, std::string_view value, Harvest& out) {
  for (const std::string_view scheme : {"Bearer ", "bearer ", "Token "}) {
    if (value.starts_with(scheme)) value.remove_prefix(scheme.size());
  }
  for (const std::string_view scheme : {"Basic ", "basic "}) {
    if (value.starts_with(scheme) && read_basic_auth(value.substr(scheme.size()), out)) return;
  }
  if (contains_ignoring_case(name, "neo4j") && value.starts_with("neo4j/")) {
    value.remove_prefix(6);  // NEO4J_AUTH=neo4j/password
  }
  out.named_secret(name, value);
}

// A document or a wrapping: its parts are scanned, nothing of it is kept.
bool scan_document(std::string_view name, std::string_view value, Harvest& out, int depth) {
  if (has_pem(value)) {
    if (const auto key = find_private_key(value)) out.secret(value, SecretKind::kPrivateKey);
    if (value.front() != '{') return true;
  }
  if (depth >= kDeepest) return false;
  if (read_json(value, out, part_scanner(out, depth))) return true;
  if (value.find('\n') != std::string_view::npos) {
    if (read_lines(value, out, part_scanner(out, depth))) return true;
  }
  if (value.size() < 24 || class_of_name(name) == NameClass::kSecret) return false;
  const auto decoded = decode_base64(value);
  if (!decoded || !is_plain_text(*decoded)) return false;
  Harvest inner = out.fresh();
  (void)scan(name, *decoded, inner, depth + 1);
  if (inner.empty()) return false;
  out.adopt(inner.secrets);
  for (Target& target : inner.targets) out.target(std::move(target));
  return true;
}

Text scan(std::string_view name, std::string_view value, Harvest& out, int depth) {
  value = trim(value);
  if (value.empty()) return std::string();
  if (scan_document(name, value, out, depth)) return std::nullopt;
  if (auto text = scan_connection(name, value, out)) return text;
  if (const auto match = provider_of(value)) {
    // Google's keys for maps are meant for browsers where the name says so.
    const bool shown = match->provider == "google" && names_public(name);
    if (!shown) out.secret(value, match->kind);
    return std::nullopt;
  }
  const NameClass kind = class_of_name(name);
  if (kind == NameClass::kSecret) {
    if (!can_be_secret(value)) {
      if (is_harmless("", value) || is_plain_path(value)) return std::string(value);
      return std::nullopt;
    }
    scan_secret(name, value, out);
    return std::nullopt;
  }
  // "10.0.0.5" could be a version and "prod" a mode, but not of a host.
  const bool may_be_host = names_host(name) && may_look_harmless(value);
  if (!may_be_host && is_harmless(name, value)) return std::string(value);
  if (auto text = scan_hosts(name, value, out)) return text;
  if (kind == NameClass::kMaybeSecret && value.size() >= 16 && can_be_secret(value) &&
      !is_guessable(value)) {
    out.secret(value, SecretKind::kToken);
    return std::nullopt;
  }
  add_spans(name, value, out);
  return std::nullopt;
}

Value finished(Text text, Harvest&& harvest) {
  Value out;
  out.opaque = !text.has_value();
  if (text) out.text = std::move(*text);
  out.secrets = std::move(harvest.secrets);
  out.targets = std::move(harvest.targets);
  return out;
}

// Labels that tell where the software comes from: their URLs are nothing that it connects to.
bool describes_software(std::string_view label) {
  constexpr auto kPrefixes =
      std::to_array<std::string_view>({"org.opencontainers.", "org.label-schema.", "com.docker.",
                                       "io.k8s.", "io.buildah.", "desktop.docker.io"});
  return std::ranges::any_of(kPrefixes, [&](std::string_view p) { return label.starts_with(p); });
}

}  // namespace

Value scan_value(std::string_view name, std::string_view value, const FingerprintKeys& keys) {
  Harvest harvest(keys);
  Text text = scan(name, value, harvest, 0);
  return finished(std::move(text), std::move(harvest));
}

Value scan_label(std::string_view name, std::string_view value, const FingerprintKeys& keys) {
  Harvest harvest(keys);
  Text text = scan(name, value, harvest, 0);
  // Labels are there to be read: without a secret in it the text stays as it is.
  if (harvest.secrets.empty() && class_of_name(name) != NameClass::kSecret &&
      find_secret_spans(value, !names_public(name)).empty()) {
    text = std::string(value);
  }
  if (describes_software(name)) harvest.targets.clear();
  return finished(std::move(text), std::move(harvest));
}

}  // namespace firebreak
