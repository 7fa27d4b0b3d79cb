#include "collect/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace firebreak {

namespace {

std::optional<unsigned> number(std::string_view digits) {
  unsigned value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// Never the body: it may hold what was asked for.
std::string problem_of(int status) {
  constexpr int kUnauthorized = 401;
  constexpr int kForbidden = 403;
  if (status == kUnauthorized || status == kForbidden)
    return fmt::format("not allowed: the engine, or a proxy before it, answered HTTP {}", status);
  return fmt::format("the engine answered HTTP {}", status);
}

}  // namespace

std::optional<ApiVersion> ApiVersion::parse(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 2) return std::nullopt;
  const auto major = number(parts[0]);
  const auto minor = number(parts[1]);
  if (!major || !minor) return std::nullopt;
  return ApiVersion{*major, *minor};
}

std::string ApiVersion::text() const { return fmt::format("{}.{}", major, minor); }

Result<ApiVersion> negotiate(std::string_view server, std::string_view minimum) {
  const auto newest = ApiVersion::parse(server);
  if (!newest) return fail(ErrorKind::kBadData, "ApiVersion is not a version like 1.41");
  if (*newest < kOldestApi) {
    return fail(ErrorKind::kUnsupported,
                fmt::format("the engine speaks API {}, which is too old", newest->text()), {},
                fmt::format("firebreak needs {} or newer: Docker 19.03", kOldestApi.text()));
  }
  const auto oldest = minimum.empty() ? kOldestApi : ApiVersion::parse(minimum);
  if (!oldest) return fail(ErrorKind::kBadData, "MinAPIVersion is not a version like 1.41");
  if (*oldest > kNewestApi) {
    return fail(ErrorKind::kUnsupported,
                fmt::format("the engine speaks no API older than {}", oldest->text()), {},
                fmt::format("this firebreak speaks up to {}: use a newer one", kNewestApi.text()));
  }
  return std::min(*newest, kNewestApi);
}

bool is_plain_id(std::string_view id) {
  constexpr std::size_t kLongest = 255;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-' || c == ':';
  };
  return !id.empty() && id.size() <= kLongest && id.front() != '.' &&
         std::ranges::all_of(id, plain);
}

void Session::failed(GapSubject subject, const std::string& what, const Error& error) {
  gaps_.add(subject, what, why_of(error));
  if (error.kind != ErrorKind::kUnreachable) return;
  if (++unreachable_ < 2) return;
  lost_ = true;
  gaps_.add(GapSubject::kHost, "the host", "it stopped answering: " + error.what);
}

Session::Answer Session::ask(std::string_view path, GapSubject subject, const std::string& what,
                             const Reader& read, bool may_be_gone) {
  if (lost_) return Answer::kNone;
  auto response = client_.get(prefix_ + std::string(path));
  if (!response) {
    failed(subject, what, response.error());
    return Answer::kNone;
  }
  unreachable_ = 0;
  constexpr int kOk = 200;
  constexpr int kNotFound = 404;
  if (may_be_gone && response->status == kNotFound) return Answer::kGone;
  if (response->status != kOk) {
    gaps_.add(subject, what, problem_of(response->status));
    return Answer::kNone;
  }
  const auto document = JsonDocument::parse(std::move(response->body));
  if (!document) {
    gaps_.add(subject, what, document.error().what);
    return Answer::kNone;
  }
  const Json root = (*document)->root();
  if (root.present()) read(root);
  const std::string& trouble = root.present() ? (*document)->trouble() : "the answer is null";
  if (!trouble.empty()) gaps_.add(subject, what, "unexpected answer: " + trouble);
  return Answer::kRead;
}

}  // namespace firebreak
