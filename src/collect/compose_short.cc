#include "collect/compose_short.h"

#include <algorithm>

#include "base/text.h"
#include "collect/parts.h"

namespace firebreak {

namespace {

struct Range {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

std::optional<Range> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = Port::parse(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : Port::parse(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return Range{first->value, last->value};
}

Port port(std::uint32_t number) { return Port{static_cast<std::uint16_t>(number)}; }

}  // namespace

std::vector<std::string> shell_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;  // a word has begun, perhaps an empty one
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < text.size();
    if (escapes) {
      word += text[++i];
      open = true;
    } else if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      open = true;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (open) words.push_back(std::exchange(word, {}));
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (open) words.push_back(std::move(word));
  return words;
}

std::optional<std::vector<PublishedPort>> parse_short_ports(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  Protocol protocol = Protocol::kTcp;
  if (slash != std::string_view::npos) {
    const auto given = parse_protocol(text.substr(slash + 1));
    if (!given) return std::nullopt;
    protocol = *given;
    text = text.substr(0, slash);
  }
  const std::size_t inner = text.rfind(':');
  const auto inside = parse_range(inner == std::string_view::npos ? text : text.substr(inner + 1));
  if (!inside) return std::nullopt;
  std::optional<IpAddress> address;
  std::optional<Range> outside;
  if (inner != std::string_view::npos) {
    std::string_view left = text.substr(0, inner);
    const std::size_t outer = left.rfind(':');
    if (outer != std::string_view::npos) {
      std::string_view ip = left.substr(0, outer);
      if (ip.starts_with('[') && ip.ends_with(']')) ip = ip.substr(1, ip.size() - 2);
      if (!IpAddress::parse(ip)) return std::nullopt;
      address = listen_address(ip);
      left = left.substr(outer + 1);
    }
    outside = parse_range(left);
    if (!outside && !left.empty()) return std::nullopt;
  }
  // "8000-8010:80" means any one of the range.
  const bool paired = outside && outside->last - outside->first == inside->last - inside->first;
  std::vector<PublishedPort> ports;
  for (std::uint32_t offset = 0; inside->first + offset <= inside->last; ++offset) {
    ports.push_back({address, paired ? port(outside->first + offset) : Port{},
                     port(inside->first + offset), protocol});
  }
  return ports;
}

std::string without_escapes(std::string text) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[kept++] = text[i];
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '$') ++i;
  }
  text.resize(kept);
  return text;
}

std::string normalised_project(std::string_view name) {
  std::string normal = lower(name);
  std::erase_if(normal, [](char c) {
    return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_');
  });
  return normal.empty() ? "default" : normal;
}

}  // namespace firebreak
