// Ways to an engine: unix socket, TCP, TCP with TLS, and `docker system dial-stdio` through ssh.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/http.h"

namespace firebreak {

struct TlsFiles {
  std::string ca;    // PEM file; empty: the system's authorities
  std::string cert;  // empty: no client certificate
  std::string key;
  bool verify = true;       // false: DOCKER_TLS without verification
  std::string server_name;  // empty: the host name
};

// Nothing is opened before the first request; a connection is kept between requests and opened anew
// when the server closed it.
[[nodiscard]] std::unique_ptr<HttpClient> unix_client(std::string socket_path, HttpLimits limits);
[[nodiscard]] std::unique_ptr<HttpClient> tcp_client(std::string host, std::string port,
                                                     HttpLimits limits);
[[nodiscard]] std::unique_ptr<HttpClient> tls_client(std::string host, std::string port,
                                                     TlsFiles tls, HttpLimits limits);
// Speaks HTTP over the standard input and output of a program (ssh -- host docker system
// dial-stdio).
[[nodiscard]] std::unique_ptr<HttpClient> process_client(std::vector<std::string> argv,
                                                         std::string where, HttpLimits limits);

}  // namespace firebreak
