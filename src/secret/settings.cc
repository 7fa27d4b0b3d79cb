// Problem: connection strings of many drivers are lists of pairs that differ in separator, quoting
// and in the words for host, port, database, user and password.
// Method: one splitter for all of them, one table of words. What is kept is put together again from
// the recognised parts.
#include "secret/settings.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "secret/chars.h"
#include "secret/host.h"
#include "secret/names.h"
#include "secret/uri.h"

namespace firebreak {
namespace {

enum class Role { kOther, kHost, kPort, kDatabase, kUser, kEndpoint, kAccount, kSqlServer };

constexpr auto kRoles = std::to_array<std::pair<std::string_view, Role>>(
    {{"host", Role::kHost},
     {"hostaddr", Role::kHost},
     {"server", Role::kHost},
     {"servername", Role::kHost},
     {"datasource", Role::kHost},
     {"addr", Role::kHost},
     {"address", Role::kHost},
     {"networkaddress", Role::kHost},
     {"unixsocket", Role::kHost},
     {"port", Role::kPort},
     {"portnumber", Role::kPort},
     {"dbname", Role::kDatabase},
     {"database", Role::kDatabase},
     {"databasename", Role::kDatabase},
     {"db", Role::kDatabase},
     {"initialcatalog", Role::kDatabase},
     {"user", Role::kUser},
     {"userid", Role::kUser},
     {"uid", Role::kUser},
     {"username", Role::kUser},
     {"endpoint", Role::kEndpoint},
     {"accountendpoint", Role::kEndpoint},
     {"blobendpoint", Role::kEndpoint},
     {"queueendpoint", Role::kEndpoint},
     {"tableendpoint", Role::kEndpoint},
     {"accountname", Role::kAccount},
     {"trustedconnection", Role::kSqlServer},
     {"multipleactiveresultsets", Role::kSqlServer},
     {"trustservercertificate", Role::kSqlServer},
     {"integratedsecurity", Role::kSqlServer}});

Role role_of(std::string_view key) {
  for (const auto& [name, role] : kRoles) {
    if (name == key) return role;
  }
  return Role::kOther;
}

std::string normal_key(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (!is_space(c) && c != '_') out += to_lower(c);
  }
  return out;
}

// Reads one value from `at` up to the separator; leaves `at` behind the separator.
std::string read_setting_value(std::string_view text, std::size_t& at, char separator) {
  const auto ends = [&](char c) { return separator == ' ' ? is_space(c) : c == separator; };
  while (at < text.size() && is_space(text[at])) ++at;
  std::string out;
  const char quote = at < text.size() ? text[at] : '\0';
  const char close = quote == '{' ? '}' : quote;
  const bool quoted = quote == '\'' || quote == '"' || quote == '{';
  if (quoted && text.find(close, at + 1) != std::string_view::npos) {
    for (++at; at < text.size(); ++at) {
      if (text[at] == '\\' && separator == ' ' && at + 1 < text.size()) {
        out += text[++at];
      } else if (text[at] == close) {
        if (separator == ' ' || at + 1 >= text.size() || text[at + 1] != close) break;
        out += text[++at];
      } else {
        out += text[at];
      }
    }
    while (at < text.size() && !ends(text[at])) ++at;
  } else {
    while (at < text.size() && !ends(text[at])) {
      if (text[at] == '\\' && separator == ' ' && at + 1 < text.size()) ++at;
      out += text[at++];
    }
    out = std::string(trim(out));
  }
  if (at < text.size()) ++at;
  return out;
}

// In a connection string "Pwd" is the password; elsewhere it is the shell's working folder.
bool is_secret_key(std::string_view key) {
  return key == "pwd" || class_of_name(key) == NameClass::kSecret;
}

void read_one(const Setting& setting, ParsedConnection& connection, Harvest& out) {
  switch (role_of(setting.key)) {
    case Role::kHost: read_server(setting.value, connection); return;
    case Role::kPort: connection.port = Port::parse(setting.value); return;
    case Role::kDatabase:
      if (is_plain_name(setting.value)) connection.database = setting.value;
      return;
    case Role::kUser:
      if (is_plain_name(setting.value) && setting.value.size() <= 40)
        connection.user = setting.value;
      return;
    case Role::kAccount:
      if (is_plain_name(setting.value)) connection.account = setting.value;
      return;
    case Role::kEndpoint: (void)read_uri(setting.value, out); return;
    case Role::kSqlServer:
      if (connection.scheme.empty()) connection.scheme = "sqlserver";
      return;
    case Role::kOther: break;
  }
  if (is_secret_key(setting.key)) {
    const bool azure = setting.key == "accountkey" || setting.key.starts_with("sharedaccess");
    connection.password |=
        azure ? out.secret(setting.value, SecretKind::kApiKey, "azure")
              : out.named_secret(setting.key == "pwd" ? "password" : setting.key, setting.value);
  }
}

std::string text_of(const ParsedConnection& connection) {
  std::vector<std::string> parts;
  std::vector<std::string> hosts;
  hosts.reserve(connection.hosts.size());
  for (const HostPort& host : connection.hosts) hosts.push_back(host.text());
  if (!hosts.empty()) parts.push_back("host=" + join(hosts, ","));
  if (connection.port) parts.push_back("port=" + std::to_string(connection.port->value));
  if (!connection.database.empty()) parts.push_back("dbname=" + connection.database);
  if (!connection.account.empty()) parts.push_back("account=" + connection.account);
  if (!connection.user.empty() && connection.password) parts.push_back("user=" + connection.user);
  if (connection.password) parts.emplace_back("password=***");
  return join(parts, " ");
}

}  // namespace

void read_server(std::string_view value, ParsedConnection& out) {
  value = trim(value);
  for (const std::string_view prefix : {"tcp:", "np:", "lpc:", "admin:"}) {
    if (value.starts_with(prefix)) value.remove_prefix(prefix.size());
  }
  const std::size_t comma = value.find(',');
  if (comma != std::string_view::npos) {
    if (const auto port = Port::parse(trim(value.substr(comma + 1)))) {
      out.port = port;
      value = value.substr(0, comma);
      if (out.scheme.empty()) out.scheme = "sqlserver";
    }
  }
  value = value.substr(0, value.find('\\'));
  if (auto list = parse_host_list(value)) {
    out.hosts.insert(out.hosts.end(), list->begin(), list->end());
  }
}

std::string scheme_of_port(std::optional<Port> port) {
  if (!port) return {};
  for (const std::string_view scheme :
       {"postgres", "mysql", "sqlserver", "oracle", "redis", "mongodb"}) {
    if (default_port(scheme) == port) return std::string(scheme);
  }
  return {};
}

ParsedConnection read_connection(const std::vector<Setting>& settings, Harvest& out) {
  ParsedConnection connection;
  for (const Setting& setting : settings) read_one(setting, connection, out);
  return connection;
}

std::vector<Setting> parse_settings(std::string_view text, char separator) {
  std::vector<Setting> out;
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t from = at;
    while (at < text.size() && text[at] != '=' && text[at] != separator &&
           !(separator == ' ' && is_space(text[at]))) {
      ++at;
    }
    std::size_t equals = at;
    while (separator == ' ' && equals < text.size() && is_space(text[equals])) ++equals;
    if (equals < text.size() && text[equals] == '=') {
      Setting setting{normal_key(text.substr(from, at - from)), {}};
      at = equals + 1;
      setting.value = read_setting_value(text, at, separator);
      out.push_back(std::move(setting));
    } else if (at < text.size()) {
      if (at > from) out.push_back({{}, std::string(trim(text.substr(from, at - from)))});
      ++at;
    } else if (at > from) {
      out.push_back({{}, std::string(trim(text.substr(from)))});
    }
  }
  return out;
}

std::string read_settings(const std::vector<Setting>& settings, std::string scheme, Harvest& out) {
  ParsedConnection connection = read_connection(settings, out);
  if (!scheme.empty()) connection.scheme = std::move(scheme);
  if (connection.scheme.empty()) {
    connection.scheme = scheme_of_port(connection.port);
    if (connection.scheme.empty() && connection.hosts.size() == 1) {
      connection.scheme = scheme_of_port(connection.hosts[0].port);
    }
  }
  if (!connection.account.empty()) {
    out.account(connection.account);
    out.target(
        {"https", lower(connection.account) + ".blob.core.windows.net", std::nullopt, {}, {}});
  }
  const std::string user = connection.password ? connection.user : std::string();
  for (const HostPort& host : connection.hosts) {
    out.target({connection.scheme, host.host, host.port ? host.port : connection.port,
                connection.database, user});
  }
  return text_of(connection);
}

namespace {

// Enough known words to believe that this is a connection string.
bool is_connection(const std::vector<Setting>& settings) {
  std::size_t known = 0;
  bool anchor = false;
  for (const Setting& setting : settings) {
    const Role role = role_of(setting.key);
    const bool secret = is_secret_key(setting.key);
    if (role != Role::kOther || secret) ++known;
    anchor = anchor || role == Role::kHost || role == Role::kDatabase || role == Role::kEndpoint ||
             role == Role::kAccount;
  }
  return anchor && known >= 2;
}

}  // namespace

std::optional<std::string> read_settings_text(std::string_view text, Harvest& out) {
  if (text.size() > 65536 || text.find('=') == std::string_view::npos) return std::nullopt;
  if (text.find('\n') != std::string_view::npos) return std::nullopt;
  std::string scheme;
  // PDO: "mysql:host=…"; Rails and others: "sqlserver:server=…"
  const std::size_t colon = text.find(':');
  if (colon < 12 && text.find('=') > colon) {
    std::string prefix = usual_scheme(text.substr(0, colon));
    if (is_database_scheme(prefix)) {
      scheme = std::move(prefix);
      text.remove_prefix(colon + 1);
    }
  }
  if (text.find(';') != std::string_view::npos || !scheme.empty()) {
    const auto settings = parse_settings(text, ';');
    if (is_connection(settings) || !scheme.empty()) return read_settings(settings, scheme, out);
  }
  const auto libpq = parse_settings(text, ' ');
  if (is_connection(libpq)) {
    const bool postgres = std::ranges::any_of(libpq, [](const Setting& s) {
      return s.key == "dbname" || s.key == "hostaddr" || s.key == "sslmode";
    });
    return read_settings(libpq, postgres ? "postgres" : "", out);
  }
  auto list = parse_settings(text, ',');
  if (list.size() < 2 || !list[0].key.empty()) return std::nullopt;
  const auto host = parse_host_port(list[0].value);
  if (!host || !host->port) return std::nullopt;
  for (Setting& setting : list) {
    if (setting.key.empty()) setting.key = "host";
  }
  return read_settings(list, "redis", out);
}

std::optional<std::string> read_go_dsn(std::string_view text, Harvest& out) {
  text = trim(text);
  std::size_t net = std::string_view::npos;
  for (const std::string_view form : {"@tcp(", "@tcp6(", "@unix("}) {
    const std::size_t found = text.rfind(form);
    if (found != std::string_view::npos) net = found;
  }
  if (net == std::string_view::npos) return std::nullopt;
  const std::size_t open = text.find('(', net);
  const std::size_t close = text.find(')', open);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view userinfo = text.substr(0, net);
  const std::size_t colon = userinfo.find(':');
  std::vector<Setting> settings{{"host", std::string(text.substr(open + 1, close - open - 1))},
                                {"user", std::string(userinfo.substr(0, colon))}};
  if (colon != std::string_view::npos)
    settings.push_back({"password", std::string(userinfo.substr(colon + 1))});
  std::string_view rest = text.substr(close + 1);
  const std::size_t query = rest.find('?');
  if (query != std::string_view::npos) read_query(rest.substr(query + 1), out);
  rest = rest.substr(0, query);
  if (rest.starts_with('/')) settings.push_back({"database", std::string(rest.substr(1))});
  return read_settings(settings, "mysql", out);
}

std::optional<std::string> read_bare_dsn(std::string_view text, Harvest& out) {
  const std::size_t at = text.rfind('@');
  const std::size_t colon = text.find(':');
  if (at == std::string_view::npos || colon >= at || text.size() > 4096) return std::nullopt;
  if (!is_plain_name(text.substr(0, colon))) return std::nullopt;
  const std::string_view rest = text.substr(at + 1);
  const std::size_t slash = rest.find_first_of("/?");
  const auto host = parse_host_port(rest.substr(0, slash));
  if (!host || !host->port) return std::nullopt;
  std::vector<Setting> settings{{"host", host->text()},
                                {"user", std::string(text.substr(0, colon))},
                                {"password", std::string(text.substr(colon + 1, at - colon - 1))}};
  if (slash != std::string_view::npos && rest[slash] == '/') {
    settings.push_back(
        {"database", std::string(rest.substr(slash + 1, rest.find('?', slash) - slash - 1))});
  }
  return read_settings(settings, "", out);
}

}  // namespace firebreak
