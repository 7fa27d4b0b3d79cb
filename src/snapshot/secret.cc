#include "snapshot/secret.h"

#include <algorithm>
#include <array>
#include <utility>

namespace firebreak {
namespace {

constexpr std::array<std::pair<SecretKind, std::string_view>, 5> kKinds{{
    {SecretKind::kPassword, "password"},
    {SecretKind::kToken, "token"},
    {SecretKind::kApiKey, "api-key"},
    {SecretKind::kPrivateKey, "private-key"},
    {SecretKind::kAccessKeyId, "access-key-id"},
}};

constexpr std::array<std::pair<LengthClass, std::string_view>, 5> kLengths{{
    {LengthClass::kUnder8, "under-8"},
    {LengthClass::k8To15, "8-15"},
    {LengthClass::k16To31, "16-31"},
    {LengthClass::k32To63, "32-63"},
    {LengthClass::k64OrMore, "64-or-more"},
}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
  for (const auto& [key, name] : table) {
    if (key == value) return name;
  }
  return "?";
}

template <class Table>
auto value_in(const Table& table, std::string_view wanted)
    -> std::optional<typename Table::value_type::first_type> {
  for (const auto& [key, name] : table) {
    if (name == wanted) return key;
  }
  return std::nullopt;
}

struct Scheme {
  std::string_view name;
  std::uint16_t port;  // 0: none
  bool database;
};

// Sorted by name. Aliases stand beside the usual name: values keep what was written.
constexpr std::array<Scheme, 57> kSchemes{{
    {"amqp", 5672, false},
    {"amqps", 5671, false},
    {"bolt", 7687, true},
    {"bolts", 7687, true},
    {"cassandra", 9042, true},
    {"clickhouse", 9000, true},
    {"cockroach", 26257, true},
    {"cockroachdb", 26257, true},
    {"consul", 8500, false},
    {"couchbase", 11210, true},
    {"couchdb", 5984, true},
    {"db2", 50000, true},
    {"elasticsearch", 9200, true},
    {"etcd", 2379, false},
    {"ftp", 21, false},
    {"ftps", 990, false},
    {"grpc", 0, false},
    {"http", 80, false},
    {"https", 443, false},
    {"influxdb", 8086, true},
    {"kafka", 9092, false},
    {"ldap", 389, false},
    {"ldaps", 636, false},
    {"mariadb", 3306, true},
    {"memcached", 11211, false},
    {"mongodb", 27017, true},
    {"mongodb+srv", 0, true},
    {"mqtt", 1883, false},
    {"mqtts", 8883, false},
    {"mssql", 1433, true},
    {"mysql", 3306, true},
    {"mysql2", 3306, true},
    {"nats", 4222, false},
    {"neo4j", 7687, true},
    {"opensearch", 9200, true},
    {"oracle", 1521, true},
    {"pgsql", 5432, true},
    {"postgis", 5432, true},
    {"postgres", 5432, true},
    {"postgresql", 5432, true},
    {"redis", 6379, true},
    {"rediss", 6379, true},
    {"redshift", 5439, true},
    {"sftp", 22, false},
    {"smtp", 25, false},
    {"smtps", 465, false},
    {"sqlserver", 1433, true},
    {"ssh", 22, false},
    {"stomp", 61613, false},
    {"tls", 0, false},
    {"valkey", 6379, true},
    {"valkeys", 6379, true},
    {"vault", 8200, false},
    {"ws", 80, false},
    {"wss", 443, false},
    {"zk", 2181, false},
    {"zookeeper", 2181, false},
}};

static_assert(std::ranges::is_sorted(kSchemes, {}, &Scheme::name));

const Scheme* find_scheme(std::string_view name) {
  const auto* const at = std::ranges::lower_bound(kSchemes, name, {}, &Scheme::name);
  return at != kSchemes.end() && at->name == name ? &*at : nullptr;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string Fingerprint::hex() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

std::optional<Fingerprint> Fingerprint::parse(std::string_view hex) {
  Fingerprint out;
  if (hex.size() != 2 * out.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    const int high = hex_digit(hex[2 * i]);
    const int low = hex_digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return out;
}

std::string_view name_of(SecretKind kind) { return name_in(kKinds, kind); }
std::optional<SecretKind> parse_secret_kind(std::string_view name) {
  return value_in(kKinds, name);
}
std::string_view name_of(LengthClass length) { return name_in(kLengths, length); }
std::optional<LengthClass> parse_length_class(std::string_view name) {
  return value_in(kLengths, name);
}

LengthClass length_class(std::size_t bytes) {
  if (bytes < 8) return LengthClass::kUnder8;
  if (bytes < 16) return LengthClass::k8To15;
  if (bytes < 32) return LengthClass::k16To31;
  return bytes < 64 ? LengthClass::k32To63 : LengthClass::k64OrMore;
}

std::optional<Port> default_port(std::string_view scheme) {
  const Scheme* found = find_scheme(scheme);
  return found != nullptr && found->port != 0 ? std::optional(Port{found->port}) : std::nullopt;
}

bool is_database_scheme(std::string_view scheme) {
  const Scheme* found = find_scheme(scheme);
  return found != nullptr && found->database;
}

}  // namespace firebreak
