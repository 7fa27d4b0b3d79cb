// A connection as bytes with a deadline: what the HTTP client needs from a transport.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "io/http.h"

namespace firebreak {

using Deadline = std::chrono::steady_clock::time_point;

// After any error the wire is closed. Past the deadline every call fails; the caller, who knows
// what was asked, finds the words for that.
class Wire {
 public:
  virtual ~Wire() = default;
  // Connects. Errors are complete: kind, place, remedy.
  [[nodiscard]] virtual Result<void> open(Deadline deadline) = 0;
  [[nodiscard]] virtual Result<void> write(std::string_view bytes, Deadline deadline) = 0;
  // At least one byte, or 0 when the other side has properly ended its half.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<char> into, Deadline deadline) = 0;
  // Nothing has arrived and the other side has not ended since the last answer: an idle wire that
  // can be used for the next request.
  [[nodiscard]] virtual bool quiet() = 0;
  // Called after the other side ended or failed where it should not have: what is known about the
  // reason beyond that (a child's stderr), else nothing.
  [[nodiscard]] virtual std::optional<Error> last_words(Deadline /*deadline*/) { return {}; }
  // Idempotent.
  virtual void close() = 0;
};

// HTTP/1.1 over a wire, which is opened at the first request and kept while both sides agree.
// `where` names the place in errors; `host` is the Host header.
[[nodiscard]] std::unique_ptr<HttpClient> http_over(std::unique_ptr<Wire> wire, std::string where,
                                                    std::string host, HttpLimits limits);

// "host:2376", "[::1]:2376".
[[nodiscard]] std::string authority_of(const std::string& host, const std::string& port);
// "30 seconds", "1.5 seconds", "200 ms".
[[nodiscard]] std::string duration_text(std::chrono::milliseconds time);

}  // namespace firebreak
