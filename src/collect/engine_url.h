// The URL of an engine, as the docker command line reads it.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace firebreak {

struct EngineUrl {
  enum class Scheme { kUnix, kTcp, kSsh };

  Scheme scheme = Scheme::kUnix;
  std::string user;  // ssh only; may be empty
  std::string host;  // without brackets; letters, digits and "-._+:%" only, never starting with '-'
  std::string port;  // a number; empty only for ssh: its own default
  std::string path;  // unix: the socket; tcp: before every request; ssh: the socket over there

  // "unix:///var/run/docker.sock", "tcp://[::1]:2375", "ssh://ops@edge".
  [[nodiscard]] std::string text() const;
};

// "unix://PATH", "tcp://HOST[:PORT][/PATH]", "ssh://[USER@]HOST[:PORT][/PATH]"; without a scheme a
// path is a unix socket and everything else tcp. Errors are kUsage, or kUnsupported for pipes of
// Windows; they never repeat the text, which may hold a password. `where` names it instead.
[[nodiscard]] Result<EngineUrl> parse_engine_url(std::string_view text,
                                                 std::string_view default_tcp_port,
                                                 const std::string& where);

}  // namespace firebreak
