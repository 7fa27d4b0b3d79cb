#include "policy/location.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/ip.h"
#include "base/text.h"
#include "policy/redact.h"

namespace firebreak {
namespace {

struct Url {
  std::string scheme;  // lower case
  std::optional<std::string_view> user;
  std::optional<std::string_view> password;
  std::string_view host;  // with the port
  std::string_view rest;  // path, query, fragment
};

// Splits at the last @ before the path, so that no part of a password is taken for the host.
std::optional<Url> split_url(std::string_view text) {
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos || mark == 0) return std::nullopt;
  Url url{
      .scheme = lower(text.substr(0, mark)), .user = {}, .password = {}, .host = {}, .rest = {}};
  text.remove_prefix(mark + 3);
  std::size_t path = std::min(text.find_first_of("/?#"), text.size());
  const std::size_t sign = text.rfind('@');
  if (sign != std::string_view::npos && (sign < path || text.substr(0, sign).contains(':'))) {
    const std::string_view userinfo = text.substr(0, sign);
    const std::size_t colon = userinfo.find(':');
    url.user = userinfo.substr(0, colon);
    if (colon != std::string_view::npos) url.password = userinfo.substr(colon + 1);
    text.remove_prefix(sign + 1);
    path = std::min(text.find_first_of("/?#"), text.size());
  }
  url.host = text.substr(0, path);
  url.rest = text.substr(path);
  return url;
}

constexpr std::string_view kNoPassword = "a policy holds no passwords";

// Passwords anywhere else: `?password=`, `token=`, `password=` of libpq.
bool has_secret(std::string_view text) { return !secret_ranges(text).empty(); }

bool refuse_password(Reader& reader, const YamlNode& node, const std::optional<Url>& url,
                     std::string_view text, std::string_view remedy) {
  if ((url && url->password) || has_secret(text)) {
    reader.error(node, fmt::format("there is a password in this address; {}", kNoPassword),
                 std::string(remedy));
    return true;
  }
  return false;
}

bool check_host_and_port(Reader& reader, const YamlNode& node, std::string_view host) {
  std::string_view port;
  if (host.starts_with('[')) {
    const std::size_t close = host.find(']');
    const bool address = close != std::string_view::npos &&
                         IpAddress::parse(host.substr(1, close - 1)).value_or(IpAddress()).is_v6();
    if (!address) {
      reader.error(node, "there is no IPv6 address between these brackets");
      return false;
    }
    port = host.substr(close + 1);
    host = host.substr(1, close - 1);
  } else if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    port = host.substr(colon);
    host = host.substr(0, colon);
  }
  if (host.empty()) {
    reader.error(node, "this address names no host");
    return false;
  }
  const auto number = port.empty() ? std::nullopt : Port::parse(port.substr(1));
  if (!port.empty() && (port[0] != ':' || !number || number->value == 0)) {
    reader.error(node, "the port of this address must be a number from 1 to 65535");
    return false;
  }
  return true;
}

}  // namespace

bool check_docker_url(Reader& reader, const YamlNode& node, std::string_view text) {
  constexpr std::string_view kForms =
      "unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST or context:NAME";
  constexpr std::string_view kRemedy = "tcp:// signs in with `tls: DIR`, ssh:// with a key";
  constexpr std::array<std::string_view, 3> kSchemes = {"unix", "tcp", "ssh"};
  const auto url = split_url(text);
  if (refuse_password(reader, node, url, text, kRemedy)) return false;
  if (text.starts_with("context:")) {
    if (trim(text.substr(8)).empty()) reader.error(node, "this names no Docker context");
    return false;
  }
  if (!url) {
    reader.error(node, fmt::format("{} is not the address of a Docker engine", quoted(text)),
                 fmt::format("write {}", kForms));
    return false;
  }
  if (std::ranges::find(kSchemes, url->scheme) == kSchemes.end()) {
    reader.error(node, fmt::format("no Docker engine is asked over {}://", url->scheme),
                 reader.suggestion(url->scheme, kSchemes, fmt::format("write {}", kForms)));
  } else if (url->scheme == "unix") {
    const bool home = url->host == "~";  // expanded when it is opened
    if ((!url->host.empty() && !home) || url->user || url->rest.size() < 2) {
      reader.error(node, "unix:// needs an absolute path", "write unix:///var/run/docker.sock");
    }
  } else if (url->scheme == "tcp" && url->user) {
    reader.error(node, "tcp:// has no user", std::string(kRemedy));
  } else {
    check_host_and_port(reader, node, url->host);
  }
  return url->scheme == "tcp";
}

void check_system_url(Reader& reader, const YamlNode& node, std::string_view text) {
  const auto url = split_url(text);
  if (refuse_password(reader, node, url, text, "firebreak asks without it")) return;
  if (!url) {
    reader.error(node, fmt::format("{} is not a URL", quoted(text)), "write scheme://host:port");
  } else if (url->user) {
    reader.error(node, "there is a user in this address; give it without");
  } else {
    check_host_and_port(reader, node, url->host);
  }
}

void check_database_url(Reader& reader, const YamlNode& node, std::string_view text) {
  constexpr std::string_view kRemedy = "use ~/.pgpass, a service file or PGPASSFILE";
  const auto url = split_url(text);
  if (refuse_password(reader, node, url, text, kRemedy)) return;
  if (!url) {
    if (text.contains('=')) return;  // libpq's keyword=value form
    reader.error(node, fmt::format("{} is not a database", quoted(text)),
                 "write postgresql://host/name or \"service=NAME\"");
  } else if (url->scheme != "postgresql" && url->scheme != "postgres") {
    constexpr std::array<std::string_view, 2> kSchemes = {"postgresql", "postgres"};
    reader.error(node, fmt::format("firebreak reads no {} databases", quoted(url->scheme)),
                 reader.suggestion(url->scheme, kSchemes, "write postgresql://host/name"));
  }
}

}  // namespace firebreak
