// URLs: what they point at, the secrets in them, and the text that may be kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "secret/harvest.h"

namespace firebreak {

// The scheme of a URL at the start of `text` ("postgres" of "postgres://…"), as written; empty if
// there is none.
[[nodiscard]] std::string_view uri_scheme(std::string_view text);

// Lower case, without SQLAlchemy's driver ("postgresql+psycopg2"), aliases replaced by the usual
// name ("postgresql" by "postgres").
[[nodiscard]] std::string usual_scheme(std::string_view scheme);

// Reads one whole URL with an authority ("SCHEME://…"). Adds its targets (one for each host) and
// secrets; returns the redacted text: scheme, user where it is plainly a name, "***" for all that
// is secret, hosts, ports, and a database's name. nullopt if it is no URL.
[[nodiscard]] std::optional<std::string> read_uri(std::string_view text, Harvest& out);

// The parameters of a query ("a=b&c=d", also separated by ';'): adds the secrets among them.
void read_query(std::string_view query, Harvest& out);

}  // namespace firebreak
