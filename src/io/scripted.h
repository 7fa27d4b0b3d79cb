// The outside world as a script: what tests (and nothing else) give to code that takes Files,
// Processes, a Clock or an HttpClient. `Fault` makes the n-th outside call fail, so that a test can
// run a job once for every n.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "io/http.h"
#include "io/system.h"

namespace firebreak {

// Files in a map. Every path that is not in it does not exist (kIo). "-" is an ordinary key.
class ScriptedFiles : public Files {
 public:
  void put(const std::string& path, std::string content) { content_[path] = std::move(content); }
  // Reading and writing `path` fail with `error`.
  void break_path(const std::string& path, Error error) { broken_[path] = std::move(error); }
  [[nodiscard]] const std::map<std::string, std::string>& content() const { return content_; }
  [[nodiscard]] bool was_secret(const std::string& path) const { return secret_.contains(path); }

  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) override;
  [[nodiscard]] Result<std::string> read_secret(const std::string& path,
                                                std::size_t limit) override {
    return read(path, limit);
  }
  [[nodiscard]] Result<void> write(const std::string& path, std::string_view content,
                                   bool secret) override;
  [[nodiscard]] bool exists(const std::string& path) override;
  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& folder) override;

 private:
  std::map<std::string, std::string> content_;
  std::map<std::string, bool> secret_;
  std::map<std::string, Error> broken_;
};

// Programs by their arguments, joined with spaces: "docker compose version". One that is not
// scripted is not installed (kUnsupported).
class ScriptedProcesses : public Processes {
 public:
  void answer(const std::string& command, Result<ProcessResult> result) {
    answers_.insert_or_assign(command, std::move(result));
  }
  void answer(const std::string& command, std::string out) {
    answer(command, ProcessResult{0, std::move(out), {}});
  }
  [[nodiscard]] const std::vector<std::string>& calls() const { return calls_; }

  [[nodiscard]] Result<ProcessResult> run(const std::vector<std::string>& argv,
                                          std::chrono::milliseconds timeout) override;

 private:
  std::map<std::string, Result<ProcessResult>> answers_;
  std::vector<std::string> calls_;
};

// Stands still until told.
class ScriptedClock : public Clock {
 public:
  explicit ScriptedClock(Timestamp time) : now_(time) {}
  void set(Timestamp time) { now_ = time; }
  [[nodiscard]] Timestamp now() override { return now_; }

 private:
  Timestamp now_;
};

// Environment variables from a map.
[[nodiscard]] GetEnv scripted_environment(std::map<std::string, std::string> variables);
// Always the same 32 bytes: 0, 1, 2, …
[[nodiscard]] Randomness scripted_randomness();

// Answers by path: the path as asked ("/v1.41/info"), else without its version ("/info"), else
// 404 as an engine says it.
class ScriptedHttpClient : public HttpClient {
 public:
  void answer(const std::string& path, std::string body, int status = 200) {
    answer(path, HttpResponse{status, api_version_, std::move(body)});
  }
  void answer(const std::string& path, Result<HttpResponse> result) {
    answers_.insert_or_assign(path, std::move(result));
  }
  // The Api-Version header of the answers that are added afterwards.
  void set_api_version(std::string version) { api_version_ = std::move(version); }
  [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }

  [[nodiscard]] Result<HttpResponse> get(std::string_view path) override;

 private:
  std::map<std::string, Result<HttpResponse>> answers_;
  std::vector<std::string> asked_;
  std::string api_version_ = "1.41";
};

// Which outside call fails, counted over everything that shares the value; may be shared by
// threads.
class Fault {
 public:
  enum class Kind {
    kUnreachable,  // the connection was lost
    kTimeout,      // kUnreachable, after the deadline
    kDenied,       // permission denied
    kBadData,      // the transport noticed that the answer was cut short
    kHalfBody,     // success, but only half of the body arrived: what a lying proxy would do
    kEmptyBody,    // success without a body
    kWrongShape,   // success with JSON of another shape: null
    kServerError,  // HTTP status 500 with a message; exit code 1
    kRateLimited,  // HTTP status 429; exit code 1
  };
  static constexpr std::array kAll = {Kind::kUnreachable, Kind::kTimeout,     Kind::kDenied,
                                      Kind::kBadData,     Kind::kHalfBody,    Kind::kEmptyBody,
                                      Kind::kWrongShape,  Kind::kServerError, Kind::kRateLimited};

  // `nth`: 1 is the first call, 0 is none (then calls() tells how many there are to fail).
  Fault(int nth, Kind kind) : nth_(nth), kind_(kind) {}

  [[nodiscard]] int calls() const { return calls_.load(); }
  [[nodiscard]] bool happened() const { return nth_ > 0 && calls() >= nth_; }
  // Counts one call; true if it is the one to fail.
  [[nodiscard]] bool strikes() { return ++calls_ == nth_; }
  [[nodiscard]] Kind kind() const { return kind_; }

 private:
  int nth_;
  Kind kind_;
  std::atomic<int> calls_ = 0;
};

// The error of the kinds of fault that are one; for the others the call goes on…
[[nodiscard]] std::optional<Error> error_of(const Fault& fault, const std::string& where);
// …and what it brought is damaged.
void damage(std::string& body, const Fault& fault);

// Passes every call on, except the one that the fault strikes.
class FailingHttpClient : public HttpClient {
 public:
  FailingHttpClient(HttpClient& inner, Fault& fault) : inner_(inner), fault_(fault) {}
  [[nodiscard]] Result<HttpResponse> get(std::string_view path) override;

 private:
  HttpClient& inner_;
  Fault& fault_;
};

class FailingFiles : public Files {
 public:
  FailingFiles(Files& inner, Fault& fault) : inner_(inner), fault_(fault) {}
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) override;
  [[nodiscard]] Result<std::string> read_secret(const std::string& path,
                                                std::size_t limit) override {
    return read(path, limit);
  }
  [[nodiscard]] Result<void> write(const std::string& path, std::string_view content,
                                   bool secret) override;
  // Not a call that can fail; not counted.
  [[nodiscard]] bool exists(const std::string& path) override { return inner_.exists(path); }
  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& folder) override;

 private:
  Files& inner_;
  Fault& fault_;
};

class FailingProcesses : public Processes {
 public:
  FailingProcesses(Processes& inner, Fault& fault) : inner_(inner), fault_(fault) {}
  [[nodiscard]] Result<ProcessResult> run(const std::vector<std::string>& argv,
                                          std::chrono::milliseconds timeout) override;

 private:
  Processes& inner_;
  Fault& fault_;
};

}  // namespace firebreak
