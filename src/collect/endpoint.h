// Where an engine is, as the docker command line resolves it: --host, policy, DOCKER_HOST,
// DOCKER_CONTEXT, the current context of ~/.docker/config.json, the default socket.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/error.h"
#include "io/http.h"
#include "io/system.h"
#include "io/transport.h"

namespace firebreak {

struct EngineEndpoint {
  std::string name;  // "local", the context's name, or the policy's host name
  std::string
      url;  // "unix:///var/run/docker.sock", "tcp://…", "ssh://…"; no userinfo but ssh's user
  bool tls = false;
  TlsFiles tls_files;
};

// `location` as in HostSource; empty means "as the docker CLI would choose". Errors are kUsage (bad
// URL, unknown context) or kBadData (broken context files).
[[nodiscard]] Result<EngineEndpoint> resolve_endpoint(const std::string& name,
                                                      const std::string& location,
                                                      const std::string& tls_directory,
                                                      Files& files, const GetEnv& env);

// A client for it. kUsage for a scheme that is not known.
[[nodiscard]] Result<std::unique_ptr<HttpClient>> connect(const EngineEndpoint& endpoint,
                                                          HttpLimits limits);

}  // namespace firebreak
