#include "collect/docker_context.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "collect/json.h"
#include "secret/scan.h"

namespace firebreak {
namespace {

constexpr std::size_t kMaxConfig = 16U << 20U;
constexpr std::size_t kMaxMeta = 1U << 20U;

// The store names a context's folders by the SHA-256 of its name.
std::string folder_name(const std::string& context) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  std::vector<unsigned char> bytes(context.begin(), context.end());
  crypto_hash_sha256(digest.data(), bytes.data(), bytes.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return hex.data();
}

// The names that docker accepts: [a-zA-Z0-9][a-zA-Z0-9_.+-]+
bool is_context_name(std::string_view name) {
  const auto alnum = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return name.size() > 1 && alnum(name.front()) && std::ranges::all_of(name, [&](char c) {
           return alnum(c) || std::string_view("_.+-").contains(c);
         });
}

Result<std::unique_ptr<JsonDocument>> read_json(Files& files, const std::string& path,
                                                std::size_t limit) {
  auto document = JsonDocument::parse(TRY(files.read(path, limit)));
  if (!document) {
    return fail(ErrorKind::kBadData, "not valid JSON, or cut short", path,
                "repair or remove the file");
  }
  return document;
}

Result<void> untroubled(const JsonDocument& document, const std::string& path) {
  if (document.trouble().empty()) return {};
  return fail(ErrorKind::kBadData, document.trouble(), path, "repair or remove the file");
}

std::vector<std::string> context_names(Files& files, const std::string& store) {
  std::vector<std::string> names = {"default"};
  const auto folders = files.list(store);
  if (!folders) return names;
  for (const auto& folder : *folders) {
    const auto meta = read_json(files, fmt::format("{}/{}/meta.json", store, folder), kMaxMeta);
    if (!meta) continue;
    std::string name = (*meta)->root()["Name"].text();
    if (is_context_name(name)) names.push_back(std::move(name));
  }
  return names;
}

std::unexpected<Error> unknown_context(const std::string& name, Files& files,
                                       const std::string& store) {
  const auto names = context_names(files, store);
  const std::vector<std::string_view> views(names.begin(), names.end());
  std::string remedy = "docker context ls shows those that there are";
  if (const auto near = nearest(name, views)) {
    remedy = "did you mean " + std::string(*near) + "?";
  }
  // Who takes DOCKER_CONTEXT for DOCKER_HOST writes a URL there.
  return fail(ErrorKind::kUsage, "no such Docker context: " + redacted(printable(name)), "context",
              remedy);
}

}  // namespace

std::string expand_home(const std::string& path, const GetEnv& env) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const auto home = env("HOME");
  return home && !home->empty() ? *home + path.substr(1) : path;
}

std::string docker_folder(const GetEnv& env) {
  if (auto folder = env("DOCKER_CONFIG"); folder && !folder->empty()) return *folder;
  const auto home = env("HOME");
  return home && !home->empty() ? *home + "/.docker" : std::string();
}

Result<std::string> current_context(Files& files, const std::string& folder) {
  const std::string path = folder + "/config.json";
  if (folder.empty() || !files.exists(path)) return std::string();
  const auto document = TRY(read_json(files, path, kMaxConfig));
  std::string name = document->root()["currentContext"].text();
  TRY(untroubled(*document, path));
  return name;
}

Result<DockerContext> load_context(const std::string& name, Files& files,
                                   const std::string& folder) {
  if (folder.empty()) {
    return fail(ErrorKind::kUsage, "Docker's contexts cannot be found", "context",
                "set HOME or DOCKER_CONFIG");
  }
  const std::string store = folder + "/contexts/meta";
  const std::string hash = folder_name(name);
  const std::string path = store + "/" + hash + "/meta.json";
  if (!is_context_name(name) || !files.exists(path)) return unknown_context(name, files, store);
  const auto document = TRY(read_json(files, path, kMaxMeta));
  const Json endpoint = document->root().required("Endpoints").required("docker");
  if (!endpoint.present() && document->trouble().empty()) {
    return fail(ErrorKind::kBadData, "no Docker endpoint in it", path, "repair or remove the file");
  }
  DockerContext context;
  context.host = endpoint["Host"].text();
  context.skip_verify = endpoint["SkipTLSVerify"].flag();
  TRY(untroubled(*document, path));
  const std::string tls = folder + "/contexts/tls/" + hash + "/docker/";
  const auto if_there = [&](const std::string& file) {
    return files.exists(tls + file) ? tls + file : std::string();
  };
  context.ca = if_there("ca.pem");
  context.cert = if_there("cert.pem");
  context.key = if_there("key.pem");
  return context;
}

}  // namespace firebreak
