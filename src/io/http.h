// HTTP/1.1 requests to an engine over one of its transports. Beast stays out of this header.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace firebreak {

struct HttpResponse {
  int status = 0;
  std::string api_version;  // the Api-Version header; may be empty
  std::string body;
};

struct HttpLimits {
  std::chrono::milliseconds timeout{30'000};  // for one whole request, connecting included
  std::size_t max_body = 512U << 20U;         // bytes
};

// One place that answers requests. Used by one thread at a time.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // GET `path` ("/v1.41/info"). Any status is a success here; no complete answer is an error:
  // kUnreachable (nobody there, timed out), kDenied (no permission on the socket, bad certificate),
  // kBadData (not HTTP, cut short, over max_body).
  [[nodiscard]] virtual Result<HttpResponse> get(std::string_view path) = 0;
};

}  // namespace firebreak
