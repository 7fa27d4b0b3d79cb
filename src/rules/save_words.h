// The words of a line that iptables-save or `ipset save` printed.
//
// Words are separated by spaces; a word in double quotes may hold spaces and line ends. In quotes
// iptables escapes quotes and backslashes by a backslash (xtables_save_string); ipset allows no
// quotes there, and a backslash is a character like others.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firebreak {

enum class Escapes : bool { kNo, kYes };

struct SaveWord {
  std::string text;      // without quotes and escapes
  std::string_view raw;  // as printed; a view of the source
  int column = 0;        // of the line, from 1, in bytes
  bool quoted = false;   // "-j" in quotes is no option

  // Not quoted, and this text: a keyword, an option, "!".
  [[nodiscard]] bool is(std::string_view word) const { return !quoted && text == word; }
};

struct SaveLine {
  int number = 0;         // of the source's line that it begins on, from 1
  std::string_view text;  // the whole, without the line end
  bool closed = true;     // false: the source ends within quotes
};

// Takes the next line off the front of `source`, past line ends inside quotes. `number` counts the
// lines taken so far. nullopt at the end of the source.
[[nodiscard]] std::optional<SaveLine> next_line(std::string_view& source, int& number,
                                                Escapes escapes = Escapes::kYes);

[[nodiscard]] std::vector<SaveWord> words_of(std::string_view line,
                                             Escapes escapes = Escapes::kYes);

}  // namespace firebreak
