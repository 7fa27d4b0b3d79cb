// Problem: the source line under an error must not show a password, whatever the error is about,
// and also when the file is not YAML at all, so that nothing but its bytes can be looked at.
// Method: two patterns over single lines, as wide as they can be without hiding policy keys.
// Limits: a password under an innocent name, or written with YAML escapes in a file that does not
// parse, is not recognised. (In a file that parses, load.cc also looks at the decoded values.)
#include "policy/redact.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace firebreak {
namespace {

using Range = std::pair<std::size_t, std::size_t>;

constexpr std::array<std::string_view, 13> kSecretWords = {
    "password", "passwd",     "passphrase", "passwort", "pwd",     "secret",     "token",
    "apikey",   "access_key", "access-key", "api_key",  "api-key", "private_key"};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// `://user:password@host`: everything after the first colon up to the last @ before the URL ends.
void find_userinfo(std::string_view line, std::size_t base, std::vector<Range>& out) {
  std::size_t end = 0;
  for (std::size_t at = line.find("://"); at != std::string_view::npos;
       at = line.find("://", end)) {
    const std::size_t start = at + 3;
    end = std::min(line.find_first_of(" \t\"'`", start), line.size());
    const std::string_view rest = line.substr(start, end - start);
    const std::size_t sign = rest.rfind('@');
    const std::size_t colon = rest.find(':');
    if (sign == std::string_view::npos || colon >= sign) continue;
    out.emplace_back(base + start + colon + 1, base + start + sign);
  }
}

// `password=…`, `"api_key": …`: the rest of the line, since no quoting rule can be relied on.
void find_assignments(std::string_view line, std::size_t base, std::vector<Range>& out) {
  const std::string small = lower(line);
  std::size_t first = std::string::npos;
  for (const std::string_view word : kSecretWords) {
    std::size_t end = 0;
    for (std::size_t at = small.find(word); at != std::string::npos; at = small.find(word, end)) {
      end = at + word.size();
      while (end < line.size() && is_word(line[end])) ++end;
      if (end < line.size() && (line[end] == '"' || line[end] == '\'')) ++end;
      while (end < line.size() && line[end] == ' ') ++end;
      if (end >= line.size() || (line[end] != '=' && line[end] != ':')) continue;
      ++end;
      while (end < line.size() && line[end] == ' ') ++end;
      first = std::min(first, end);
      break;
    }
  }
  if (first < line.size()) out.emplace_back(base + first, base + line.size());
}

}  // namespace

std::vector<Range> secret_ranges(std::string_view text) {
  std::vector<Range> found;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    find_userinfo(line, start, found);
    find_assignments(line, start, found);
    start = end + 1;
  }
  std::ranges::sort(found);
  std::vector<Range> out;
  for (const Range& range : found) {
    if (!out.empty() && range.first <= out.back().second) {
      out.back().second = std::max(out.back().second, range.second);
    } else {
      out.push_back(range);
    }
  }
  return out;
}

void overwrite(std::string& text, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < std::min(last, text.size()); ++i) {
    if (text[i] != '\n') text[i] = '*';
  }
}

bool names_secret(std::string_view name) {
  const std::string small = lower(name);
  return std::ranges::any_of(kSecretWords,
                             [&](std::string_view word) { return small.contains(word); });
}

std::string without_secrets(std::string_view text) {
  std::string out(text);
  for (const auto& [first, last] : secret_ranges(text)) overwrite(out, first, last);
  return out;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string shown = without_secrets(text);
  if (shown.size() > kLongest) {
    std::size_t cut = kLongest;
    while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xC0U) == 0x80) --cut;
    shown = shown.substr(0, cut) + "…";
  }
  return "'" + shown + "'";
}

}  // namespace firebreak
