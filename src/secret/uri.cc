// Problem: take a URL apart that people wrote by hand, without ever keeping a part of a secret.
// Method: RFC 3986 where it applies, with two liberties. Several hosts may stand in the authority.
// And a password that was not percent-encoded may hold "/", "?", "#" or "@": then the authority
// ends at the last "@" that a valid host follows. What is kept is not cut out of the text but put
// together again from parts that were recognised, so nothing unknown slips through.
// Cost: linear.
#include "secret/uri.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.h"
#include "secret/chars.h"
#include "secret/encoding.h"
#include "secret/host.h"
#include "secret/names.h"
#include "secret/providers.h"
#include "secret/strength.h"

namespace firebreak {
namespace {

constexpr std::string_view kMore = "…";

struct Parts {
  std::string scheme;  // usual form
  std::string_view userinfo;
  bool has_userinfo = false;
  std::string_view hosts;
  std::string_view path;  // with its slash
  std::string_view query;
};

bool keeps_user(std::string_view scheme) {
  return is_database_scheme(scheme) || scheme.starts_with("amqp") || scheme.starts_with("smtp");
}

// Where userinfo ends, or npos. `rest` is everything after "://".
std::size_t find_at(std::string_view rest, bool web) {
  const std::size_t end = rest.find_first_of("/?#");
  const std::size_t strict = rest.substr(0, end).rfind('@');
  if (web) return strict;
  // A raw password: the last "@" before the query, or anywhere if the strict reading has no host.
  const std::size_t query = rest.find('?');
  const std::size_t last = rest.substr(0, query).rfind('@');
  if (last != std::string_view::npos && last != strict) {
    const std::size_t colon = rest.find(':');
    if (colon < last) return last;
  }
  if (strict != std::string_view::npos) return strict;
  const bool odd = rest.substr(0, end).find(':') != std::string_view::npos &&
                   !parse_host_list(rest.substr(0, end));
  return odd ? rest.rfind('@') : std::string_view::npos;
}

std::optional<Parts> split_uri(std::string_view text) {
  const std::string_view scheme = uri_scheme(text);
  if (scheme.empty()) return std::nullopt;
  Parts out;
  out.scheme = usual_scheme(scheme);
  std::string_view rest = text.substr(scheme.size() + 3);
  const bool web = out.scheme.starts_with("http") || out.scheme.starts_with("ws");
  const std::size_t at = find_at(rest, web);
  if (at != std::string_view::npos) {
    out.has_userinfo = true;
    out.userinfo = rest.substr(0, at);
    rest.remove_prefix(at + 1);
  }
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  out.hosts = rest.substr(0, end);
  rest.remove_prefix(end);
  const std::size_t query = rest.find_first_of("?#");
  out.path = rest.substr(0, query);
  if (query != std::string_view::npos) out.query = rest.substr(query + 1);
  return out;
}

// Reads the userinfo; returns its redacted text with the "@", and the user where it may be kept.
// Sentry's "https://KEY@o1.ingest.sentry.io/42": browsers get it too, and it lets nobody read.
bool is_sentry_key(const Parts& parts) {
  const std::string_view project = std::string_view(parts.path).substr(parts.path.rfind('/') + 1);
  return (parts.scheme == "https" || parts.scheme == "http") && parts.userinfo.size() == 32 &&
         all_of(parts.userinfo, is_hex) && !project.empty() && all_of(project, is_digit);
}

std::pair<std::string, std::string> read_userinfo(const Parts& parts, Harvest& out) {
  if (!parts.has_userinfo || parts.userinfo.empty()) return {};
  const std::size_t colon = parts.userinfo.find(':');
  const std::string user = percent_decoded(parts.userinfo.substr(0, colon));
  if (colon == std::string_view::npos) {
    // Alone it is a token ("https://TOKEN@host"), unless it is a short name.
    if (is_sentry_key(parts)) return {"***@", {}};
    if (user.size() > 20 || !is_plain_name(user)) out.secret(user, SecretKind::kToken);
    return {"***@", {}};
  }
  const std::string password = percent_decoded(parts.userinfo.substr(colon + 1));
  const bool web = !keeps_user(parts.scheme);
  out.secret(password, web && password.size() > 24 ? SecretKind::kToken : SecretKind::kPassword);
  if (provider_of(user) || looks_random(user)) out.secret(user, SecretKind::kToken);
  if (!keeps_user(parts.scheme) || password.empty() || !is_plain_name(user) || user.size() > 40) {
    return {user.empty() ? ":***@" : "***:***@", {}};
  }
  return {user + ":***@", user};
}

// Parts of a web path that are credentials: Slack and Discord webhooks, bot tokens, signed links.
void read_path(std::string_view path, Harvest& out) {
  for (const std::string_view part : split(path, '/')) {
    if (part.size() < 16) continue;
    const std::string plain = percent_decoded(part);
    if (plain.starts_with("bot") && plain.find(':') != std::string::npos) {
      out.secret(plain.substr(3), SecretKind::kToken, "telegram");
    } else if (provider_of(plain) || looks_random(plain)) {
      out.secret(plain, SecretKind::kToken);
    }
  }
}

std::string database_of(const Parts& parts) {
  if (!is_database_scheme(parts.scheme)) return {};
  std::string_view path = parts.path;
  while (path.starts_with('/')) path.remove_prefix(1);
  const std::string name = percent_decoded(path);
  return is_plain_name(name) ? name : std::string();
}

std::string query_value(std::string_view query, std::initializer_list<std::string_view> names) {
  for (const std::string_view pair : split(query, '&')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name = lower(pair.substr(0, equals));
    if (std::ranges::find(names, name) != names.end())
      return percent_decoded(pair.substr(equals + 1));
  }
  return {};
}

struct Hosts {
  std::vector<HostPort> list;
  std::string text;
};

Hosts read_hosts(const Parts& parts) {
  Hosts out;
  const std::string plain = percent_decoded(parts.hosts);
  for (std::string_view item : split(plain, ',')) {
    // Oracle, MySQL and Kafka write "tcp(host:port)" or "PROTOCOL://host" in lists; keep what
    // parses.
    if (auto host = parse_host_port(item)) {
      if (!out.text.empty()) out.text += ',';
      out.text += host->text();
      out.list.push_back(std::move(*host));
    } else if (!trim(item).empty()) {
      if (!out.text.empty()) out.text += ',';
      out.text += "***";
    }
  }
  return out;
}

void read_database_query(const Parts& parts, Hosts& hosts, std::string& database) {
  if (!is_database_scheme(parts.scheme)) return;
  if (database.empty()) {
    std::string name = query_value(parts.query, {"dbname", "database", "db", "databasename"});
    if (is_plain_name(name)) database = std::move(name);
  }
  if (!hosts.list.empty()) return;
  if (auto host = parse_host_list(query_value(parts.query, {"host", "hostaddr"}))) {
    hosts.list = std::move(*host);
  }
}

}  // namespace

std::string_view uri_scheme(std::string_view text) {
  const std::size_t colon = text.substr(0, 40).find("://");
  if (colon == std::string_view::npos || colon == 0) return {};
  const std::string_view scheme = text.substr(0, colon);
  return is_alpha(scheme.front()) && is_made_of_alnum_or(scheme, "+-.") ? scheme
                                                                        : std::string_view();
}

std::string usual_scheme(std::string_view scheme) {
  std::string out = lower(scheme);
  if (const std::size_t plus = out.find('+'); plus != std::string::npos && out != "mongodb+srv") {
    // "postgresql+psycopg2", "mysql+pymysql", "git+https", "docker+unix"
    const std::string first = out.substr(0, plus);
    out = default_port(first) ? first : out.substr(plus + 1);
  }
  constexpr auto kAliases =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"postgresql", "postgres"},
                                                                    {"pgsql", "postgres"},
                                                                    {"postgis", "postgres"},
                                                                    {"psql", "postgres"},
                                                                    {"mysql2", "mysql"},
                                                                    {"mysqli", "mysql"},
                                                                    {"mssql", "sqlserver"},
                                                                    {"cockroach", "cockroachdb"},
                                                                    {"zk", "zookeeper"},
                                                                    {"valkey", "redis"},
                                                                    {"valkeys", "rediss"},
                                                                    {"mongo", "mongodb"},
                                                                    {"rabbitmq", "amqp"}});
  for (const auto& [alias, usual] : kAliases) {
    if (out == alias) return std::string(usual);
  }
  return out;
}

void read_query(std::string_view query, Harvest& out) {
  std::size_t at = 0;
  while (at < query.size()) {
    const std::size_t end = std::min(query.find_first_of("&;#", at), query.size());
    const std::string_view pair = query.substr(at, end - at);
    at = end + 1;
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name = percent_decoded(pair.substr(0, equals));
    const std::string value = percent_decoded(pair.substr(equals + 1));
    const bool signature =
        name == "sig" || name == "signature" || name == "X-Amz-Signature" || name == "key";
    if (class_of_name(name) == NameClass::kSecret) {
      out.named_secret(name, value);
    } else if ((signature && value.size() >= 16) || provider_of(value) || looks_random(value)) {
      out.secret(value, SecretKind::kToken);
    }
  }
}

std::optional<std::string> read_uri(std::string_view text, Harvest& out) {
  text = trim(text);
  const auto parts = split_uri(text);
  if (!parts) return std::nullopt;
  const auto [userinfo, user] = read_userinfo(*parts, out);
  Hosts hosts = read_hosts(*parts);
  std::string database = database_of(*parts);
  read_database_query(*parts, hosts, database);
  const bool is_database = is_database_scheme(parts->scheme);
  if (!is_database) read_path(parts->path, out);
  read_query(parts->query, out);
  if (hosts.list.empty() && !database.empty()) {
    out.target({parts->scheme, {}, std::nullopt, database, user});
  }
  for (HostPort& host : hosts.list) {
    out.target({parts->scheme, std::move(host.host), host.port, database, user});
  }
  std::string kept = lower(uri_scheme(text)) + "://" + userinfo + hosts.text;
  if (!database.empty()) kept += "/" + database;
  const bool more =
      is_database ? database.empty() ? parts->path.size() > 1 : false : parts->path.size() > 1;
  if (more) kept += "/" + std::string(kMore);
  if (!parts->query.empty()) kept += "?" + std::string(kMore);
  return kept;
}

}  // namespace firebreak
