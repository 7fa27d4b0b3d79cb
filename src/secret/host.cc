#include "secret/host.h"

#include <algorithm>

#include "base/text.h"
#include "secret/chars.h"
#include "secret/providers.h"
#include "secret/strength.h"

namespace firebreak {
namespace {

constexpr std::size_t kLongestHost = 253;
constexpr std::size_t kLongestList = 8192;

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > kLongestHost) return false;
  if (!is_alnum(text.front()) && text.front() != '_') return false;
  if (!is_made_of_alnum_or(text, "-_.")) return false;
  if (all_of(text, is_digit) || provider_of(text)) return false;
  // Cloud load balancers have random labels, but then a domain follows.
  return text.find('.') != std::string_view::npos || !looks_random(text);
}

std::optional<HostPort> parse_bracketed(std::string_view text) {
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos) return std::nullopt;
  const auto address = IpAddress::parse(text.substr(1, close - 1));
  if (!address) return std::nullopt;
  HostPort out{address->text(), std::nullopt};
  const std::string_view rest = text.substr(close + 1);
  if (rest.empty()) return out;
  if (!rest.starts_with(':')) return std::nullopt;
  out.port = Port::parse(rest.substr(1));
  return out.port ? std::optional(out) : std::nullopt;
}

bool is_separator(char c) { return c == ',' || c == ';' || is_space(c); }

}  // namespace

std::string HostPort::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  std::string out = v6 ? "[" + host + "]" : host;
  if (port) out += ":" + std::to_string(port->value);
  return out;
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  text = trim(text);
  if (text.size() > kLongestHost + 8) return std::nullopt;
  if (text.starts_with('/')) {
    return is_plain_path(text) ? std::optional(HostPort{std::string(text), std::nullopt})
                               : std::nullopt;
  }
  if (text.starts_with('[')) return parse_bracketed(text);
  if (const auto address = IpAddress::parse(text)) return HostPort{address->text(), std::nullopt};
  const std::size_t colon = text.find(':');
  HostPort out;
  if (colon != std::string_view::npos) {
    out.port = Port::parse(text.substr(colon + 1));
    if (!out.port) return std::nullopt;
    text = text.substr(0, colon);
  }
  if (!is_host_name(text)) return std::nullopt;
  out.host = lower(text);
  while (out.host.ends_with('.')) out.host.pop_back();
  return out.host.empty() ? std::nullopt : std::optional(out);
}

std::optional<std::vector<HostPort>> parse_host_list(std::string_view text) {
  if (text.size() > kLongestList) return std::nullopt;
  std::vector<HostPort> out;
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && is_separator(text[at])) ++at;
    std::size_t end = at;
    while (end < text.size() && !is_separator(text[end])) ++end;
    if (end > at) {
      auto host = parse_host_port(text.substr(at, end - at));
      if (!host) return std::nullopt;
      out.push_back(std::move(*host));
    }
    at = end;
  }
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

bool is_plain_name(std::string_view text) {
  if (text.empty() || text.size() > 63) return false;
  if (!is_alnum(text.front()) && text.front() != '_') return false;
  if (!is_made_of_alnum_or(text, "-_.")) return false;
  if (text.size() >= 24 && all_of(text, is_hex)) return false;
  return !looks_random(text) && !provider_of(text);
}

bool is_plain_path(std::string_view text) {
  if (text.size() < 2 || text.size() > 1024) return false;
  if (!text.starts_with('/') && !text.starts_with("./") && !text.starts_with("../") &&
      !text.starts_with("~/")) {
    return false;
  }
  std::size_t longest = 0;
  for (const std::string_view part : split(text, '/')) {
    if (part.empty() || part == "." || part == ".." || part == "~") continue;
    const std::string_view name = part.starts_with('.') ? part.substr(1) : part;
    if (!is_plain_name(name)) return false;
    longest = std::max(longest, part.size());
  }
  return longest > 1;
}

}  // namespace firebreak
