// The requests of one collection: the API version both sides speak, and a gap for every answer that
// did not come or is not what it should be.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "collect/gaps.h"
#include "collect/json.h"
#include "io/http.h"

namespace firebreak {

// "1.41"; nullopt for anything else.
struct ApiVersion {
  unsigned major = 0;
  unsigned minor = 0;

  [[nodiscard]] static std::optional<ApiVersion> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  friend auto operator<=>(const ApiVersion&, const ApiVersion&) = default;
};

inline constexpr ApiVersion kOldestApi{1, 40};  // Docker 19.03
inline constexpr ApiVersion kNewestApi{1, 52};  // Docker 29

// What both speak: the older of the server's and our newest. kUnsupported, in clear words, when
// there is none. `minimum` may be empty (nothing said).
[[nodiscard]] Result<ApiVersion> negotiate(std::string_view server, std::string_view minimum);

// Whether `id` can be part of a request's path as it is: an id or a name of an engine's making.
[[nodiscard]] bool is_plain_id(std::string_view id);

class Session {
 public:
  enum class Answer { kRead, kGone, kNone };
  using Reader = std::function<void(const Json&)>;

  Session(HttpClient& client, GapList& gaps) : client_(client), gaps_(gaps) {}

  void speak(ApiVersion version) { prefix_ = "/v" + version.text(); }

  // GETs `path` ("/info"; the version is put before it) and lets `read` have the answer. Trouble in
  // it, or no answer, is a gap named `what`. kGone: the engine knows no such thing (404), which is
  // no gap where `may_be_gone`. After two connections in a row failed the host counts as lost:
  // nothing more is asked of it, and one gap says so.
  Answer ask(std::string_view path, GapSubject subject, const std::string& what, const Reader& read,
             bool may_be_gone = false);

  [[nodiscard]] bool lost() const { return lost_; }

 private:
  void failed(GapSubject subject, const std::string& what, const Error& error);

  HttpClient& client_;
  GapList& gaps_;
  std::string prefix_;
  int unreachable_ = 0;  // in a row
  bool lost_ = false;
};

}  // namespace firebreak
