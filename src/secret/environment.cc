// Problem: DB_HOST, DB_PORT, DB_NAME and DB_USER are one connection in four variables.
// Method: each variable that ends in a host word gives a prefix; its siblings are looked up under
// the same prefix. The prefix, a sibling like DB_CONNECTION, or the port tells the scheme.
// Cost: one hash look-up for each suffix and host variable.
#include <array>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "secret/chars.h"
#include "secret/host.h"
#include "secret/names.h"
#include "secret/scan.h"
#include "secret/settings.h"
#include "secret/uri.h"

namespace firebreak {
namespace {

using Index = std::unordered_map<std::string, std::size_t>;

// Longest first: "DB_HOSTNAME" is not "DB_HOST" with something behind it, but
// "KAFKA_BOOTSTRAP_SERVERS" has the prefix "KAFKA_".
constexpr auto kHostSuffixes = std::to_array<std::string_view>(
    {"BOOTSTRAP_SERVERS", "BROKER_LIST", "SERVICE_HOST", "HOSTNAME", "ENDPOINTS", "ADDRESSES",
     "SERVERS", "BROKERS", "ADDRESS", "SERVER", "CONNECT", "HOSTS", "NODES", "ADDR", "HOST"});
constexpr auto kPortSuffixes = std::to_array<std::string_view>({"PORT", "SERVICE_PORT"});
constexpr auto kDatabaseSuffixes =
    std::to_array<std::string_view>({"DATABASE", "DBNAME", "DB_NAME", "DB", "NAME", "SCHEMA"});
constexpr auto kUserSuffixes =
    std::to_array<std::string_view>({"USERNAME", "USER_NAME", "USER", "LOGIN"});
constexpr auto kDriverSuffixes = std::to_array<std::string_view>(
    {"CONNECTION", "DRIVER", "ENGINE", "TYPE", "DIALECT", "CLIENT", "ADAPTER", "VENDOR"});

constexpr auto kPrefixes = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{"pg", "postgres"},
     {"postgres", "postgres"},
     {"postgresql", "postgres"},
     {"pgsql", "postgres"},
     {"psql", "postgres"},
     {"timescale", "postgres"},
     {"mysql", "mysql"},
     {"mariadb", "mariadb"},
     {"redis", "redis"},
     {"valkey", "redis"},
     {"mongo", "mongodb"},
     {"mongodb", "mongodb"},
     {"rabbitmq", "amqp"},
     {"rabbit", "amqp"},
     {"amqp", "amqp"},
     {"kafka", "kafka"},
     {"elasticsearch", "elasticsearch"},
     {"elastic", "elasticsearch"},
     {"opensearch", "opensearch"},
     {"memcached", "memcached"},
     {"memcache", "memcached"},
     {"smtp", "smtp"},
     {"mail", "smtp"},
     {"ldap", "ldap"},
     {"clickhouse", "clickhouse"},
     {"mssql", "sqlserver"},
     {"sqlserver", "sqlserver"},
     {"oracle", "oracle"},
     {"couchdb", "couchdb"},
     {"cassandra", "cassandra"},
     {"influxdb", "influxdb"},
     {"influx", "influxdb"},
     {"nats", "nats"},
     {"zookeeper", "zookeeper"},
     {"etcd", "etcd"},
     {"neo4j", "neo4j"},
     {"mqtt", "mqtt"},
     {"cockroach", "cockroachdb"},
     {"db2", "db2"}});

std::string upper_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (is_alnum(c)) {
      out += is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  return out;
}

class Joiner {
 public:
  Joiner(std::span<const PlainVariable> variables, std::vector<EnvVar>& out)
      : variables_(variables), out_(out) {
    for (std::size_t i = 0; i < variables.size(); ++i) index_[upper_name(variables[i].name)] = i;
  }

  void run() {
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      const std::string name = upper_name(variables_[i].name);
      for (const std::string_view suffix : kHostSuffixes) {
        if (!name.ends_with(suffix)) continue;
        const std::string prefix = name.substr(0, name.size() - suffix.size());
        if (!prefix.empty() && prefix != "_") join(i, prefix);
        break;
      }
    }
  }

 private:
  template <std::size_t N>
  std::string_view sibling(const std::string& prefix,
                           const std::array<std::string_view, N>& suffixes) const {
    for (const std::string_view suffix : suffixes) {
      const auto found = index_.find(prefix + std::string(suffix));
      if (found != index_.end()) return trim(variables_[found->second].value);
    }
    return {};
  }

  std::string scheme_of(const std::string& prefix, std::optional<Port> port) const {
    for (const std::string& word : words_of(prefix)) {
      for (const auto& [name, scheme] : kPrefixes) {
        if (word == name) return std::string(scheme);
      }
    }
    for (const std::string& word : words_of(sibling(prefix, kDriverSuffixes))) {
      std::string scheme = usual_scheme(word);
      if (is_database_scheme(scheme)) return scheme;
    }
    return scheme_of_port(port);
  }

  void join(std::size_t at, const std::string& prefix) {
    std::vector<Target>& targets = out_[at].value.targets;
    const std::optional<Port> port = Port::parse(sibling(prefix, kPortSuffixes));
    for (Target& target : targets) {
      if (!target.scheme.empty()) continue;  // a URL says it all itself
      if (!target.port) target.port = port;
      target.scheme = scheme_of(prefix, target.port);
      // NAME and USER mean a database's only where there is one: "MAIL_NAME" does not.
      const bool database = target.scheme.empty() || is_database_scheme(target.scheme);
      const std::string_view name = sibling(prefix, kDatabaseSuffixes);
      if (database && is_plain_name(name)) target.database = std::string(name);
      const std::string_view user = sibling(prefix, kUserSuffixes);
      if (is_plain_name(user) && user.size() <= 40) target.user = std::string(user);
    }
  }

  std::span<const PlainVariable> variables_;
  std::vector<EnvVar>& out_;
  Index index_;
};

}  // namespace

std::vector<EnvVar> scan_environment(std::span<const PlainVariable> variables,
                                     const FingerprintKeys& keys) {
  std::vector<EnvVar> out;
  out.reserve(variables.size());
  for (const PlainVariable& variable : variables) {
    out.push_back(
        {std::string(variable.name), scan_value(variable.name, variable.value, keys), false});
  }
  Joiner(variables, out).run();
  return out;
}

}  // namespace firebreak
