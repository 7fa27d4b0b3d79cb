#include "collect/engine_url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/text.h"

namespace firebreak {
namespace {

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_host(std::string_view host, bool bracketed) {
  if (host.empty() || host.front() == '-') return false;
  const std::string_view others = bracketed ? ":.%-_" : "-._+";
  return std::ranges::all_of(host, [&](char c) { return is_alnum(c) || others.contains(c); });
}

bool is_user(std::string_view user) {
  return !user.empty() && user.front() != '-' &&
         std::ranges::all_of(user, [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_port(std::string_view port) {
  std::uint16_t number = 0;
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), number);
  return parsed.ec == std::errc{} && parsed.ptr == port.data() + port.size() && number > 0;
}

// Neither in a request line nor in an argument of ssh may there be anything invisible.
bool is_path(std::string_view path, bool spaces) {
  return std::ranges::all_of(path, [&](char c) {
    return (static_cast<unsigned char>(c) > ' ' && c != '\x7f') || (spaces && c == ' ');
  });
}

// "%41" -> "A"; nullopt for a broken escape.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || parsed.ptr != digits.data() + 2) return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

std::unexpected<Error> wrong(const std::string& where, std::string what, std::string remedy = {}) {
  return fail(ErrorKind::kUsage, std::move(what), where, std::move(remedy));
}

struct Authority {
  std::string_view host;
  std::string_view port;
  bool bracketed = false;
};

// "host:port", "host", "[::1]:port", ":port"; the parts are not yet checked.
std::optional<Authority> split_authority(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return std::nullopt;
    if (!rest.empty()) rest.remove_prefix(1);
    return Authority{text.substr(1, end - 1), rest, true};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return Authority{text, {}};
  return Authority{text.substr(0, colon), text.substr(colon + 1)};
}

Result<void> take_authority(std::string_view text, EngineUrl& url, const std::string& where) {
  const auto parts = split_authority(text);
  if (!parts || !is_host(parts->host, parts->bracketed)) {
    return wrong(where, "the URL has no proper host name",
                 "an IPv6 address stands in brackets: tcp://[::1]:2376");
  }
  if (!parts->port.empty() && !is_port(parts->port)) {
    return wrong(where, "the URL's port is not a number from 1 to 65535");
  }
  url.host = parts->host;
  if (const std::size_t zone = url.host.find("%25"); zone != std::string::npos) {
    url.host.erase(zone + 1, 2);  // "fe80::1%25eth0" is how a URL writes "fe80::1%eth0"
  }
  if (!parts->port.empty()) url.port = parts->port;
  return {};
}

Result<EngineUrl> parse_tcp(std::string_view rest, std::string_view default_port,
                            const std::string& where) {
  EngineUrl url{EngineUrl::Scheme::kTcp, {}, "localhost", std::string(default_port), {}};
  if (rest.contains('@')) {
    return wrong(where, "the URL holds a user name or password, which an engine does not take",
                 "leave it away; an engine knows its clients by certificate");
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  url.path = rest.substr(slash);
  while (url.path.ends_with('/')) url.path.pop_back();
  if (rest.find_first_of("?#") != std::string_view::npos || rest.contains("://") ||
      !is_path(url.path, false)) {
    return wrong(where, "the URL has more than a host, a port and a path");
  }
  const bool named = !authority.empty() && authority.front() != ':';  // ":2375" is this machine's
  const std::string local = named ? std::string() : "localhost" + std::string(authority);
  TRY(take_authority(named ? authority : std::string_view(local), url, where));
  return url;
}

Result<EngineUrl> parse_ssh(std::string_view rest, const std::string& where) {
  EngineUrl url{EngineUrl::Scheme::kSsh, {}, {}, {}, {}};
  const std::size_t at = rest.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user = rest.substr(0, at);
    if (user.contains(':')) {
      return wrong(where, "the URL holds a password, which ssh does not take from there",
                   "leave it away, and load a key into ssh-agent");
    }
    const auto plain = unescaped(user);
    if (!plain || !is_user(*plain)) return wrong(where, "the URL has no proper user name");
    url.user = *plain;
    rest.remove_prefix(at + 1);
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const auto path = unescaped(rest.substr(slash));
  if (!path || rest.find_first_of("?#") != std::string_view::npos || !is_path(*path, true)) {
    return wrong(where, "the URL has more than a user, a host, a port and a socket's path");
  }
  url.path = *path == "/" ? "" : *path;
  TRY(take_authority(rest.substr(0, slash), url, where));
  return url;
}

// What would be read as something else is written as an escape.
std::string escaped(std::string_view text, std::string_view also) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_alnum(c) || std::string_view("-._~!$&'()*+,;=\\").contains(c) || also.contains(c)) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4U], kHex[byte & 0xFU]};
    }
  }
  return out;
}

std::unexpected<Error> unknown_scheme(std::string_view scheme, const std::string& where) {
  constexpr std::array<std::string_view, 4> kKnown = {"unix", "tcp", "ssh", "context"};
  if (scheme == "npipe") {
    return fail(ErrorKind::kUnsupported, "pipes of Windows cannot be asked", where,
                "let the engine listen on tcp with TLS, or go through ssh");
  }
  if (scheme == "http" || scheme == "https") {
    return wrong(where, "an engine's URL does not start with " + std::string(scheme) + "://",
                 "write tcp:// instead; with certificates it is TLS");
  }
  std::string what = "not a location of an engine";
  if (scheme.size() <= 16 && std::ranges::all_of(scheme, is_alnum)) {
    what = "unknown scheme " + std::string(scheme) + "://";
    if (const auto near = nearest(scheme, kKnown)) {
      return wrong(where, what,
                   "did you mean " + std::string(*near) + (*near == "context" ? ":NAME?" : "://?"));
    }
  }
  return wrong(where, what, "use unix://PATH, tcp://HOST:PORT, ssh://USER@HOST or context:NAME");
}

}  // namespace

std::string EngineUrl::text() const {
  if (scheme == Scheme::kUnix) return "unix://" + path;
  std::string out = scheme == Scheme::kTcp ? "tcp://" : "ssh://";
  if (!user.empty()) out += escaped(user, "") + "@";
  out += host.contains(':') ? "[" + host + "]" : host;
  if (!port.empty()) out += ":" + port;
  return out + (scheme == Scheme::kSsh ? escaped(path, "/:") : path);
}

Result<EngineUrl> parse_engine_url(std::string_view text, std::string_view default_tcp_port,
                                   const std::string& where) {
  text = trim(text);
  const std::size_t colon = text.find("://");
  std::string_view scheme = "tcp";
  std::string_view rest = text;
  if (colon != std::string_view::npos) {
    scheme = text.substr(0, colon);
    rest = text.substr(colon + 3);
  } else if (text.starts_with('/') || text.starts_with("./")) {
    scheme = "unix";
  }
  if (scheme == "unix") {
    if (rest.contains("://") || rest.contains('\0')) {
      return wrong(where, "not the path of a socket");
    }
    const std::string path(rest.empty() ? std::string_view("/var/run/docker.sock") : rest);
    return EngineUrl{EngineUrl::Scheme::kUnix, {}, {}, {}, path};
  }
  if (scheme == "tcp") return parse_tcp(rest, default_tcp_port, where);
  if (scheme == "ssh") return parse_ssh(rest, where);
  return unknown_scheme(scheme, where);
}

}  // namespace firebreak
