#include "io/scripted.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace firebreak {
namespace {

// "/v1.41/info" -> "/info"; anything else stays.
std::string without_version(std::string_view path) {
  if (!path.starts_with("/v")) return std::string(path);
  const auto end = path.find('/', 1);
  if (end == std::string_view::npos) return std::string(path);
  const bool version = std::ranges::all_of(
      path.substr(2, end - 2), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  return std::string(version ? path.substr(end) : path);
}

}  // namespace

std::optional<Error> error_of(const Fault& fault, const std::string& where) {
  switch (fault.kind()) {
    case Fault::Kind::kUnreachable:
      return Error{ErrorKind::kUnreachable, "the connection was lost", where, {}};
    case Fault::Kind::kTimeout:
      return Error{ErrorKind::kUnreachable, "no answer within 30 seconds", where, {}};
    case Fault::Kind::kDenied: return Error{ErrorKind::kDenied, "permission denied", where, {}};
    case Fault::Kind::kBadData:
      return Error{ErrorKind::kBadData, "the answer was cut short after 3 bytes", where, {}};
    case Fault::Kind::kHalfBody:
    case Fault::Kind::kEmptyBody:
    case Fault::Kind::kWrongShape:
    case Fault::Kind::kServerError:
    case Fault::Kind::kRateLimited: return std::nullopt;
  }
  return std::nullopt;
}

void damage(std::string& body, const Fault& fault) {
  const Fault::Kind kind = fault.kind();
  if (kind == Fault::Kind::kHalfBody) body.resize(body.size() / 2);
  if (kind == Fault::Kind::kEmptyBody) body.clear();
  if (kind == Fault::Kind::kWrongShape) body = "null";
}

Result<std::string> ScriptedFiles::read(const std::string& path, std::size_t limit) {
  if (const auto broken = broken_.find(path); broken != broken_.end()) {
    return std::unexpected(broken->second);
  }
  const auto found = content_.find(path);
  if (found == content_.end()) return fail(ErrorKind::kIo, "no such file or directory", path);
  if (found->second.size() > limit) return fail(ErrorKind::kBadData, "the file is too big", path);
  return found->second;
}

Result<void> ScriptedFiles::write(const std::string& path, std::string_view content, bool secret) {
  if (const auto broken = broken_.find(path); broken != broken_.end()) {
    return std::unexpected(broken->second);
  }
  content_[path] = std::string(content);
  if (secret) secret_[path] = true;
  return {};
}

bool ScriptedFiles::exists(const std::string& path) {
  return content_.contains(path) || broken_.contains(path);
}

Result<std::vector<std::string>> ScriptedFiles::list(const std::string& folder) {
  if (const auto broken = broken_.find(folder); broken != broken_.end()) {
    return std::unexpected(broken->second);
  }
  const std::string prefix = folder.ends_with('/') ? folder : folder + "/";
  std::vector<std::string> names;
  for (const auto& [path, content] : content_) {
    if (!path.starts_with(prefix)) continue;
    std::string name = path.substr(prefix.size());
    name.resize(std::min(name.find('/'), name.size()));
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  if (names.empty()) return fail(ErrorKind::kIo, "no such file or directory", folder);
  std::ranges::sort(names);
  return names;
}

Result<ProcessResult> ScriptedProcesses::run(const std::vector<std::string>& argv,
                                             std::chrono::milliseconds /*timeout*/) {
  const std::string command = join(argv, " ");
  calls_.push_back(command);
  const auto found = answers_.find(command);
  if (found == answers_.end()) {
    return fail(ErrorKind::kUnsupported, "no such program", argv.empty() ? "" : argv.front());
  }
  return found->second;
}

GetEnv scripted_environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

Randomness scripted_randomness() {
  return [] {
    std::array<std::uint8_t, 32> bytes{};
    std::uint8_t next = 0;
    for (auto& byte : bytes) byte = next++;
    return bytes;
  };
}

Result<HttpResponse> ScriptedHttpClient::get(std::string_view path) {
  asked_.emplace_back(path);
  auto found = answers_.find(std::string(path));
  if (found == answers_.end()) found = answers_.find(without_version(path));
  if (found == answers_.end()) {
    return HttpResponse{404, api_version_, R"({"message":"page not found"})"};
  }
  return found->second;
}

Result<HttpResponse> FailingHttpClient::get(std::string_view path) {
  if (!fault_.strikes()) return inner_.get(path);
  if (auto error = error_of(fault_, std::string(path))) {
    return std::unexpected(*std::move(error));
  }
  if (fault_.kind() == Fault::Kind::kServerError) {
    return HttpResponse{500, "1.41", R"({"message":"scripted failure"})"};
  }
  if (fault_.kind() == Fault::Kind::kRateLimited) {
    return HttpResponse{429, "1.41", R"({"message":"too many requests"})"};
  }
  HttpResponse response = TRY(inner_.get(path));
  damage(response.body, fault_);
  return response;
}

Result<std::string> FailingFiles::read(const std::string& path, std::size_t limit) {
  if (!fault_.strikes()) return inner_.read(path, limit);
  if (auto error = error_of(fault_, path)) return std::unexpected(*std::move(error));
  std::string content = TRY(inner_.read(path, limit));
  damage(content, fault_);
  return content;
}

Result<void> FailingFiles::write(const std::string& path, std::string_view content, bool secret) {
  if (!fault_.strikes()) return inner_.write(path, content, secret);
  // There is no half-written file: a write fails as a whole.
  if (auto error = error_of(fault_, path)) return std::unexpected(*std::move(error));
  return fail(ErrorKind::kIo, "no space left on device", path);
}

Result<std::vector<std::string>> FailingFiles::list(const std::string& folder) {
  if (!fault_.strikes()) return inner_.list(folder);
  if (auto error = error_of(fault_, folder)) return std::unexpected(*std::move(error));
  return fail(ErrorKind::kIo, "input/output error", folder);
}

Result<ProcessResult> FailingProcesses::run(const std::vector<std::string>& argv,
                                            std::chrono::milliseconds timeout) {
  if (!fault_.strikes()) return inner_.run(argv, timeout);
  const std::string where = argv.empty() ? std::string() : argv.front();
  if (auto error = error_of(fault_, where)) return std::unexpected(*std::move(error));
  if (fault_.kind() == Fault::Kind::kServerError || fault_.kind() == Fault::Kind::kRateLimited) {
    return ProcessResult{1, {}, "scripted failure\n"};
  }
  ProcessResult result = TRY(inner_.run(argv, timeout));
  damage(result.out, fault_);
  return result;
}

}  // namespace firebreak
