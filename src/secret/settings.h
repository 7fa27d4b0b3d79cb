// ParsedConnection strings made of "key=value" pairs: libpq ("host=db dbname=app"), ADO.NET and
// ODBC
// ("Server=db;Database=app;Pwd=…"), PDO ("pgsql:host=db;dbname=app"), Azure ("AccountName=…;
// AccountKey=…"), StackExchange.Redis ("cache:6379,password=…"); and the forms that stand alone:
// JDBC, Go ("user:pw@tcp(db:3306)/app"), Oracle ("user/pw@//db:1521/app").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "secret/harvest.h"
#include "secret/host.h"

namespace firebreak {

struct Setting {
  std::string key;  // lower case, without spaces and underscores
  std::string value;
};

// Splits at `separator` (';', ',' or '&'; ' ' for libpq) outside quotes ('…', "…", {…}) and undoes
// them. Items without "=" have an empty key.
[[nodiscard]] std::vector<Setting> parse_settings(std::string_view text, char separator);

// What the pairs say, before it becomes targets.
struct ParsedConnection {
  std::vector<HostPort> hosts;
  std::optional<Port> port;
  std::string scheme;
  std::string database;
  std::string user;
  std::string account;
  bool password = false;
};

// Adds the secrets among the settings; the rest is in the answer.
[[nodiscard]] ParsedConnection read_connection(const std::vector<Setting>& settings, Harvest& out);
// Hosts as drivers write them: "tcp:db.example.com,1433", "db\INSTANCE", "h1:1,h2:2".
void read_server(std::string_view value, ParsedConnection& out);
// The scheme of a database whose usual port it is; "" if none.
[[nodiscard]] std::string scheme_of_port(std::optional<Port> port);

// What the settings name; returns the redacted text.
[[nodiscard]] std::string read_settings(const std::vector<Setting>& settings, std::string scheme,
                                        Harvest& out);

// Each adds targets and secrets and returns the redacted text; nullopt if it is another form.
[[nodiscard]] std::optional<std::string> read_settings_text(std::string_view text, Harvest& out);
[[nodiscard]] std::optional<std::string> read_jdbc(std::string_view text, Harvest& out);
[[nodiscard]] std::optional<std::string> read_go_dsn(std::string_view text, Harvest& out);
// "user:password@host:port/database" without a scheme.
[[nodiscard]] std::optional<std::string> read_bare_dsn(std::string_view text, Harvest& out);

}  // namespace firebreak
