#include "report/page.h"

#include <gmock/gmock.h>

#include "base/columns.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TextStyle narrow(int width) { return {.colour = false, .width = width, .verbose = false}; }

TEST(Page, WrapsAtSpacesAndHangsTheRest) {
  Page page(narrow(20));
  page.paragraph({{"one two three four five six seven"}}, 2, 4);
  EXPECT_EQ(page.finish(), "  one two three four\n    five six seven\n");
}

TEST(Page, CountsCodePointsNotBytes) {
  EXPECT_EQ(columns_of("→ü"), 2U);
  Page page(narrow(7));
  page.paragraph({{"üüü üüü üüü"}}, 0, 0);
  EXPECT_EQ(page.finish(), "üüü üüü\nüüü\n");
}

TEST(Page, BreaksWordsThatAreLongerThanALine) {
  Page page(narrow(8));
  page.paragraph({{"ab üüüüüüüüüüüü"}}, 0, 2);
  EXPECT_EQ(page.finish(), "ab\n  üüüüüü\n  üüüüüü\n");
}

TEST(Page, NeverWrapsWhatIsToBeCopied) {
  Page page(narrow(10));
  page.verbatim("docker network disconnect shared-net dev-api", 4);
  EXPECT_EQ(page.finish(), "    docker network disconnect shared-net dev-api\n");
}

TEST(Page, PutsTextBesideItsLabel) {
  Page page(narrow(20));
  page.labelled("fix", {{"do this and then that"}}, 2, 6);
  EXPECT_EQ(page.finish(), "  fix   do this and\n        then that\n");
}

TEST(Page, LetsNoForeignByteReachTheTerminal) {
  Page page(narrow(80));
  page.paragraph({{"a\x1b[31mred\xff\nnext"}}, 0, 0);
  page.verbatim("b\x1b]0;title\x07", 0);
  page.row({{"c\r"}, {"d\x9b"}}, {4, 4}, 0);
  const std::string out = page.finish();
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 3);
  EXPECT_THAT(out, Not(HasSubstr("\r")));
}

TEST(Page, ColoursOnlyWhenAsked) {
  Page plain(narrow(80));
  plain.paragraph({{"bad", Ink::kBad}}, 0, 0);
  EXPECT_EQ(plain.finish(), "bad\n");
  Page coloured({.colour = true, .width = 80, .verbose = false});
  coloured.paragraph({{"bad", Ink::kBad}, {"plain"}}, 0, 0);
  EXPECT_EQ(coloured.finish(), "\x1b[31mbad\x1b[0m plain\n");
}

}  // namespace
}  // namespace firebreak
