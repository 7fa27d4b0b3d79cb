#include "io/child_words.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace firebreak {
namespace {

constexpr std::size_t kKept = 600;
constexpr std::string_view kStars = "***";

bool ends_word(char c) {
  return c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '<' || c == '>' || c == ')';
}

std::size_t word_end(std::string_view text, std::size_t from) {
  while (from < text.size() && !ends_word(text[from])) ++from;
  return from;
}

// "tcp://user:secret@host" -> "tcp://***@host". A mere user name stays.
void hide_userinfo(std::string& line) {
  for (std::size_t at = line.find("://"); at != std::string::npos; at = line.find("://", at + 3)) {
    const std::size_t begin = at + 3;
    const std::string_view word(line.data() + begin, word_end(line, begin) - begin);
    const std::size_t end = word.rfind('@');
    if (end == std::string_view::npos || !word.substr(0, end).contains(':')) continue;
    line.replace(begin, end, kStars);
  }
}

// "password=x", "Token: x" -> "password=***".
void hide_values(std::string& line) {
  constexpr std::array<std::string_view, 8> kNames = {
      "password", "passwd", "passphrase", "token", "secret", "api_key", "apikey", "authorization"};
  const std::string low = lower(line);
  std::size_t from = line.size();
  for (const auto name : kNames) {
    for (std::size_t at = low.find(name); at != std::string::npos; at = low.find(name, at + 1)) {
      std::size_t end = at + name.size();
      if (end < low.size() && (low[end] == '"' || low[end] == '\'')) ++end;
      while (end < low.size() && low[end] == ' ') ++end;
      if (end >= low.size() || (low[end] != '=' && low[end] != ':')) continue;
      from = std::min(from, end + 1);
    }
  }
  // The value may have spaces ("Authorization: Basic …"): nothing after it is worth the risk.
  if (!trim(std::string_view(line).substr(from)).empty())
    line.replace(from, std::string::npos, kStars);
}

}  // namespace

std::string child_words(std::string_view bytes) {
  std::string words;
  for (auto line : split(bytes, '\n')) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    std::string text = printable(trim(line));
    if (text.empty()) continue;
    hide_userinfo(text);
    hide_values(text);
    words += (words.empty() ? "" : "; ") + text;
  }
  if (words.size() <= kKept) return words;
  std::size_t cut = words.size() - kKept;
  while (cut < words.size() && (static_cast<unsigned char>(words[cut]) & 0xC0U) == 0x80U) ++cut;
  return "…" + words.substr(cut);
}

}  // namespace firebreak
