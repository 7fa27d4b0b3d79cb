#include "base/diagnostic.h"

#include <gtest/gtest.h>

#include <array>

namespace firebreak {
namespace {

Diagnostic at(int line, int column, int length) {
  return {Diagnostic::Level::kError, "firebreak.yaml",         line, column, length,
          "unknown key 'isolte'",    "did you mean 'isolate'?"};
}

TEST(Diagnostic, ShowsPlaceLineCaretAndHint) {
  const std::array diagnostics = {at(2, 3, 6)};
  EXPECT_EQ(render(diagnostics, "version: 1\n  isolte: [prod]\n"),
            "firebreak.yaml:2:3: error: unknown key 'isolte'\n"
            "     2 |   isolte: [prod]\n"
            "       |   ^~~~~~ did you mean 'isolate'?\n");
}

TEST(Diagnostic, SurvivesPlacesOutsideTheSource) {
  const std::array diagnostics = {at(99, 70, 500), at(1, 400, 3), at(0, 0, 0)};
  const std::string text = render(diagnostics, "x");
  EXPECT_NE(text.find(":99:70: error"), std::string::npos);
  EXPECT_NE(text.find("firebreak.yaml: error"), std::string::npos);
}

TEST(Diagnostic, CutsLongLinesAroundTheColumn) {
  const std::string source = std::string(1000, 'a') + "HERE" + std::string(1000, 'b');
  const std::array diagnostics = {at(1, 1001, 4)};
  const std::string text = render(diagnostics, source);
  EXPECT_NE(text.find("HERE"), std::string::npos);
  EXPECT_LT(text.size(), 600U);
  // The caret stands under the H.
  const std::size_t line = text.find("aHERE");
  const std::size_t line_start = text.rfind('\n', line) + 1;
  const std::size_t caret = text.find('^');
  const std::size_t caret_start = text.rfind('\n', caret) + 1;
  EXPECT_EQ(line + 1 - line_start, caret - caret_start);
}

TEST(Diagnostic, ForeignControlCharactersNeverReachTheTerminal) {
  const std::array diagnostics = {at(1, 1, 1)};
  EXPECT_EQ(render(diagnostics, "\x1b[2Jboo").find('\x1b'), std::string::npos);
}

TEST(Diagnostic, CaretStandsUnderTheCharacterWhateverItsBytes) {
  const std::array diagnostics = {at(1, 10, 4)};  // after two letters of two bytes each
  const std::string text = render(diagnostics, "größe: naß");
  EXPECT_NE(text.find("\n       |        ^~~ did"), std::string::npos) << text;
}

TEST(Diagnostic, WideCharactersAndMarksBeforeTheCaretAreCountedAsTheyAreShown) {
  const std::array wide = {at(1, 15, 5)};  // four characters of three bytes and two columns each
  EXPECT_NE(render(wide, "\u751F\u4EA7\u73AF\u5883: bogus").find("\n       |           ^~~~~ did"),
            std::string::npos);
  const std::array marked = {at(1, 6, 5)};  // e and its accent are one column
  EXPECT_NE(render(marked, "e\u0301: bogus").find("\n       |    ^~~~~ did"), std::string::npos);
  const std::array tab = {at(1, 4, 5)};  // a tab is shown as one character
  EXPECT_NE(render(tab, "a:\tbogus").find("\n       |    ^~~~~ did"), std::string::npos);
}

}  // namespace
}  // namespace firebreak
