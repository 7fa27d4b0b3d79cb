// Messages for the author of a file, with the place they speak of. All of a file's diagnostics are
// collected and printed at once.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace firebreak {

struct Diagnostic {
  enum class Level { kError, kWarning };

  Level level = Level::kError;
  std::string file;
  int line = 0;    // 1-based; 0: the file as a whole
  int column = 0;  // 1-based, in bytes
  int length = 1;  // bytes to underline, at least one
  std::string message;
  std::string hint;  // "did you mean 'isolate'?"; may be empty
};

// As compilers print them, one after the other:
//   firebreak.yaml:12:9: error: unknown key 'isolte'
//      12 |         isolte: [prod]
//         |         ^~~~~~ did you mean 'isolate'?
// `source` is the whole text of the file, from which the line is taken. Foreign bytes are made
// printable; lines over 160 bytes are cut around the column.
[[nodiscard]] std::string render(std::span<const Diagnostic> diagnostics, std::string_view source);

}  // namespace firebreak
