#include "kernel/words.h"

namespace firebreak {
namespace {

constexpr auto kNone = std::string_view::npos;

// Where the word at `from` ends.
std::size_t end_of_word(std::string_view text, std::size_t from) {
  if (text[from] != '"') return text.find_first_of(" \n", from);
  for (std::size_t at = from + 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return kNone;
}

}  // namespace

std::optional<std::vector<std::string_view>> take_line(std::string_view& text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\n') {
      text.remove_prefix(at + 1);
      return words;
    }
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const std::size_t end = end_of_word(text, at);
    if (end == kNone) return std::nullopt;
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return std::nullopt;
}

}  // namespace firebreak
