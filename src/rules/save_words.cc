#include "rules/save_words.h"

#include <algorithm>

namespace firebreak {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// The offset of the line end that is not inside quotes. A quote counts only where a word begins, so
// that a stray one inside a word does not swallow the lines that follow.
struct LineEnd {
  std::size_t offset = 0;
  bool closed = true;
};
LineEnd end_of_line(std::string_view source, Escapes escapes) {
  bool quoted = false;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (quoted && source[i] == '\\' && escapes == Escapes::kYes) {
      ++i;
    } else if (source[i] == '"' && (quoted || i == 0 || is_space(source[i - 1]))) {
      quoted = !quoted;
    } else if (source[i] == '\n' && !quoted) {
      return {i, true};
    }
  }
  return {source.size(), !quoted};
}

// Reads a quoted word from behind its opening quote; the offset behind the closing one.
std::size_t read_quoted(std::string_view line, std::size_t from, Escapes escapes,
                        std::string& into) {
  for (; from < line.size() && line[from] != '"'; ++from) {
    if (line[from] == '\\' && escapes == Escapes::kYes && from + 1 < line.size()) ++from;
    into += line[from];
  }
  return std::min(from + 1, line.size());
}

}  // namespace

std::optional<SaveLine> next_line(std::string_view& source, int& number, Escapes escapes) {
  if (source.empty()) return std::nullopt;
  // Outside rules a quote is only a character (comments of the tool, in words of its own).
  const bool comment = source.front() == '#';
  const LineEnd end = comment ? LineEnd{std::min(source.find('\n'), source.size()), true}
                              : end_of_line(source, escapes);
  SaveLine line{number + 1, source.substr(0, end.offset), end.closed};
  number += 1 + static_cast<int>(std::ranges::count(line.text, '\n'));
  source.remove_prefix(std::min(end.offset + 1, source.size()));
  return line;
}

std::vector<SaveWord> words_of(std::string_view line, Escapes escapes) {
  std::vector<SaveWord> out;
  std::size_t at = 0;
  while (true) {
    while (at < line.size() && is_space(line[at])) ++at;
    if (at == line.size()) return out;
    const std::size_t start = at;
    SaveWord word;
    word.column = static_cast<int>(start) + 1;
    word.quoted = line[at] == '"';
    if (word.quoted) {
      at = read_quoted(line, at + 1, escapes, word.text);
    } else {
      while (at < line.size() && !is_space(line[at])) ++at;
      word.text = line.substr(start, at - start);
    }
    word.raw = line.substr(start, at - start);
    out.push_back(std::move(word));
  }
}

}  // namespace firebreak
