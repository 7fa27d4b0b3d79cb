// Where hosts, systems and databases are: the forms that a policy may give, and no password in any.
#pragma once

#include <string_view>

#include "policy/reader.h"

namespace firebreak {

// Each reports what is wrong with the address `text` at `node`; messages never contain a password.

// unix:///path, tcp://host[:port], ssh://[user@]host[:port], context:NAME. True if it is tcp.
bool check_docker_url(Reader& reader, const YamlNode& node, std::string_view text);
// scheme://host…, without userinfo.
void check_system_url(Reader& reader, const YamlNode& node, std::string_view text);
// postgresql://… or "keyword=value …" of libpq.
void check_database_url(Reader& reader, const YamlNode& node, std::string_view text);

}  // namespace firebreak
