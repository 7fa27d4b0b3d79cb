// Host names, addresses and other short words that may stand in a snapshot as they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"

namespace firebreak {

struct HostPort {
  std::string host;  // lower case, IPv6 without brackets; a path for a unix socket
  std::optional<Port> port;

  [[nodiscard]] std::string text() const;  // "db:5432", "[::1]:5432"
};

// "db", "db:5432", "10.0.0.5:80", "[::1]:5432", "::1", "/run/postgresql". Names that look random
// and have no dot are no hosts.
[[nodiscard]] std::optional<HostPort> parse_host_port(std::string_view text);

// Several, separated by commas, semicolons or white space; nullopt unless all of them parse.
[[nodiscard]] std::optional<std::vector<HostPort>> parse_host_list(std::string_view text);

// A user, database, bucket or vhost name: short, of name characters, not random, no credential.
[[nodiscard]] bool is_plain_name(std::string_view text);
// An absolute or relative path whose parts are plain names.
[[nodiscard]] bool is_plain_path(std::string_view text);

}  // namespace firebreak
