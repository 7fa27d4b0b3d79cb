// Connection strings made of "key=value" pairs: libpq ("host=db dbname=app"), ADO.NET and ODBC
// ("Server=db;Database=app;Pwd=…"), PDO ("pgsql:host=db;dbname=app"), Azure ("AccountName=…;
// AccountKey=…"), StackExchange.Redis ("cache:6379,password=…"); and the forms that stand alone:
// JDBC, Go ("user:pw@tcp(db:3306)/app"), Oracle ("user/pw@//db:1521/app").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "secret/harvest.h"

namespace firebreak {

struct Setting {
  std::string key;  // lower case, without spaces and underscores
  std::string value;
};

// Splits at `separator` (';', ',' or '&'; ' ' for libpq) outside quotes ('…', "…", {…}) and undoes
// them. Items without "=" have an empty key.
[[nodiscard]] std::vector<Setting> parse_settings(std::string_view text, char separator);

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
