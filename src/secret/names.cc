#include "secret/names.h"

#include <algorithm>
#include <array>

#include "secret/chars.h"

namespace firebreak {
namespace {

using Words = std::vector<std::string>;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& list) {
  return std::ranges::find(list, word) != list.end();
}

// A name that ends in one of these describes a secret, it is none.
constexpr auto kSettings = std::to_array<std::string_view>(
    {"age",       "alg",        "algo",     "algorithm",  "allowed",  "attempts", "audience",
     "backend",   "base64",     "bits",     "charset",    "class",    "column",   "complexity",
     "cost",      "count",      "days",     "delay",      "digits",   "disable",  "disabled",
     "domain",    "driver",     "enable",   "enabled",    "encoding", "endpoint", "engine",
     "env",       "expiration", "expire",   "expires",    "expiry",   "exp",      "field",
     "format",    "grace",      "grant",    "group",      "header",   "history",  "host",
     "hours",     "interval",   "issuer",   "iterations", "label",    "leeway",   "length",
     "level",     "lifespan",   "lifetime", "limit",      "location", "manager",  "max",
     "maxage",    "method",     "methods",  "min",        "minutes",  "mode",     "name",
     "names",     "namespace",  "optional", "period",     "plugin",   "policy",   "port",
     "prefix",    "provider",   "realm",    "region",     "required", "reset",    "role",
     "rotation",  "rounds",     "scheme",   "scope",      "scopes",   "seconds",  "server",
     "service",   "size",       "storage",  "store",      "strategy", "strength", "suffix",
     "threshold", "timeout",    "ttl",      "type",       "uri",      "url",      "user",
     "username",  "users",      "validity", "version",    "window",   "arn",      "ref"});

constexpr auto kFiles =
    std::to_array<std::string_view>({"file", "files", "path", "paths", "dir", "directory", "folder",
                                     "filename", "keystore", "truststore", "mount"});

// One of these anywhere in a name that is not about settings makes it a secret's name.
constexpr auto kStrong = std::to_array<std::string_view>(
    {"password",   "passwords",   "passwd",    "passphrase", "passcode", "secret",   "secrets",
     "credential", "credentials", "creds",     "apikey",     "apikeys",  "token",    "tokens",
     "privatekey", "secretkey",   "accesskey", "authkey",    "htpasswd", "basicauth"});

// One of these as the last word.
constexpr auto kLast = std::to_array<std::string_view>(
    {"pass", "pwd", "pw", "psw", "auth", "salt", "pepper", "dsn", "psk", "bearer", "jwt", "otp",
     "cookie", "authorization", "pat", "sas", "pin"});

// Names that end in "key": what comes before says which.
constexpr auto kSecretKeys = std::to_array<std::string_view>(
    {"api",     "access",    "private",     "secret",       "encryption", "encrypt", "signing",
     "sign",    "signature", "master",      "shared",       "account",    "auth",    "service",
     "session", "app",       "application", "ssh",          "hmac",       "jwt",     "cipher",
     "crypt",   "crypto",    "storage",     "deploy",       "license",    "licence", "admin",
     "root",    "webhook",   "data",        "secure",       "security",   "unseal",  "recovery",
     "host",    "primary",   "secondary",   "subscription", "rsa"});

constexpr auto kHarmlessKeys = std::to_array<std::string_view>(
    {"public", "pub",         "routing", "partition", "cache",      "sort",    "foreign",
     "site",   "publishable", "gpg",     "pgp",       "group",      "message", "object",
     "row",    "index",       "map",     "label",     "annotation", "hot",     "redis"});

constexpr auto kPublic = std::to_array<std::string_view>(
    {"public",      "publishable", "pub",       "cert",   "certs",    "certificate", "ca",
     "fingerprint", "checksum",    "digest",    "hash",   "sha",      "sha1",        "sha256",
     "sha512",      "md5",         "integrity", "commit", "revision", "etag"});

constexpr auto kRunOn = std::to_array<std::string_view>(
    {"password", "passwd", "passphrase", "secret", "apikey", "secretkey", "accesskey", "privatekey",
     "token", "credentials", "encryptionkey", "signingkey"});

constexpr auto kHosts = std::to_array<std::string_view>(
    {"host",     "hosts",     "hostname",  "hostnames", "server",    "servers",  "addr",
     "addrs",    "address",   "addresses", "url",       "urls",      "uri",      "uris",
     "endpoint", "endpoints", "broker",    "brokers",   "bootstrap", "nodes",    "peers",
     "upstream", "upstreams", "domain",    "domains",   "origin",    "origins",  "ip",
     "ips",      "seeds",     "connect",   "proxy",     "sentinels", "registry", "hostport"});

// Host names under these are the container's own, or those of its clients.
constexpr auto kOwnHosts = std::to_array<std::string_view>(
    {"hostname", "virtual",  "letsencrypt", "domain",     "domains",   "listen", "bind",
     "origin",   "origins",  "allowed",     "advertised", "advertise", "cors",   "trusted",
     "public",   "external", "virtualhost", "email",      "mail",      "support"});

constexpr auto kEnvironments = std::to_array<std::string_view>(
    {"env", "environment", "environments", "stage", "tier", "profile", "profiles", "deployment"});

// "DBPASSWORD", "PGPASSWORD", "githubtoken": no border to split at.
bool ends_like_secret(std::string_view word) {
  return std::ranges::any_of(kRunOn, [&](std::string_view end) { return word.ends_with(end); });
}

bool is_strong(std::string_view word) { return is_one_of(word, kStrong) || ends_like_secret(word); }

bool all_digits(std::string_view word) { return all_of(word, is_digit); }

NameClass class_of_key_name(const Words& words) {
  if (words.size() < 2) return NameClass::kMaybeSecret;
  const std::string& before = words[words.size() - 2];
  if (is_one_of(before, kHarmlessKeys)) return NameClass::kPlain;
  return is_one_of(before, kSecretKeys) || is_strong(before) ? NameClass::kSecret
                                                             : NameClass::kMaybeSecret;
}

}  // namespace

Words words_of(std::string_view name) {
  Words out;
  bool open = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_alnum(c)) {
      open = false;
      continue;
    }
    if (is_upper(c) && i > 0 && is_lower(name[i - 1])) open = false;
    if (!open) out.emplace_back();
    open = true;
    out.back() += to_lower(c);
  }
  return out;
}

namespace {

// Build tools put variables of these names into what browsers load.
bool is_for_browsers(const Words& words) {
  const auto starts = [&](std::string_view first, std::string_view second) {
    return words.size() > 2 && words[0] == first && words[1] == second;
  };
  return (words.size() > 1 && words[0] == "vite") || starts("next", "public") ||
         starts("nuxt", "public") || starts("expo", "public") || starts("react", "app");
}

}  // namespace

NameClass class_of_name(std::string_view name) {
  Words words = words_of(name.substr(0, 256));
  if (is_for_browsers(words)) return NameClass::kPlain;
  while (words.size() > 1 && all_digits(words.back())) words.pop_back();  // PASSWORD_1
  if (words.empty()) return NameClass::kPlain;
  const std::string& last = words.back();
  if (words.size() == 1 && (last == "pwd" || last == "oldpwd")) return NameClass::kPlain;
  if (is_one_of(last, kFiles)) return NameClass::kPlain;
  const bool strong = std::ranges::any_of(words, is_strong);
  if (last == "id") {  // ACCESS_KEY_ID, VAULT_SECRET_ID; not CLIENT_ID, TOKEN_ID of others
    const bool secret_id = words.size() > 1 && words[words.size() - 2] == "secret";
    return secret_id ? NameClass::kSecret : NameClass::kPlain;
  }
  if (is_one_of(last, kSettings)) return NameClass::kPlain;
  if (last == "key" || last == "keys") return class_of_key_name(words);
  if (strong) return NameClass::kSecret;
  if (words.size() > 2 && last == "base" && words[words.size() - 2] == "key") {
    return NameClass::kSecret;
  }
  if (is_one_of(last, kLast) || last.ends_with("pwd")) return NameClass::kSecret;
  return last.ends_with("key") ? NameClass::kMaybeSecret : NameClass::kPlain;
}

bool names_password(std::string_view name) {
  const Words words = words_of(name.substr(0, 256));
  return std::ranges::any_of(words, [](std::string_view word) {
    return word.starts_with("pass") || word.ends_with("password") || word.ends_with("passwd") ||
           word.ends_with("pwd") || word.ends_with("pass") || word == "pw";
  });
}

bool names_host(std::string_view name) {
  Words words = words_of(name.substr(0, 256));
  while (words.size() > 1 && all_digits(words.back())) words.pop_back();
  if (words.empty()) return false;
  const std::string& last = words.back();
  return is_one_of(last, kHosts) || last.ends_with("host") || last.ends_with("addr") ||
         last.ends_with("url") || last.ends_with("uri");
}

bool names_own_host(std::string_view name) {
  const Words words = words_of(name.substr(0, 256));
  return std::ranges::any_of(words,
                             [](std::string_view word) { return is_one_of(word, kOwnHosts); });
}

bool names_environment(std::string_view name) {
  if (name == "DJANGO_SETTINGS_MODULE") return true;
  const Words words = words_of(name.substr(0, 256));
  if (words.empty()) return false;
  const std::string& last = words.back();
  if (is_one_of(last, kEnvironments)) return true;
  if (words.size() > 1 && is_one_of(words[words.size() - 2], kEnvironments)) {
    return last == "name" || last == "active" || last == "type" || last == "tier";
  }
  return false;
}

bool names_public(std::string_view name) {
  const Words words = words_of(name.substr(0, 256));
  if (words.empty()) return false;
  // RECAPTCHA_SITE_KEY, KAFKA_CLUSTER_ID
  const bool site_key =
      words.size() > 1 && words.back() == "key" && words[words.size() - 2] == "site";
  const bool cluster_id =
      words.size() > 1 && words.back() == "id" && words[words.size() - 2] == "cluster";
  return site_key || cluster_id || is_for_browsers(words) ||
         std::ranges::any_of(words, [](std::string_view word) { return is_one_of(word, kPublic); });
}

bool names_database(std::string_view name) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"MARIADB_DATABASE", "MONGO_INITDB_DATABASE",
                                       "MYSQL_DATABASE", "POSTGRESQL_DATABASE", "POSTGRES_DB"});
  return std::ranges::find(kNames, name) != kNames.end();
}

bool names_file(std::string_view name) {
  const Words words = words_of(name.substr(0, 256));
  return !words.empty() && is_one_of(words.back(), kFiles);
}

}  // namespace firebreak
