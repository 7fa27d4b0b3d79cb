#include "base/text.h"

#include <gtest/gtest.h>

#include <array>

namespace firebreak {
namespace {

TEST(Text, TrimsAsciiWhiteSpaceOnly) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim("\xC2\xA0x"), "\xC2\xA0x");
}

TEST(Text, SplitsKeepingEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
}

TEST(Text, GlobMatchesRunsAndSingleCharacters) {
  EXPECT_TRUE(glob_match("db-*", "db-main"));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("a*b*c", "axxbyyc"));
  EXPECT_TRUE(glob_match("?x", "ax"));
  EXPECT_FALSE(glob_match("db-*", "db"));
  EXPECT_FALSE(glob_match("a*b*c", "axxbyy"));
  EXPECT_FALSE(glob_match("?", ""));
}

TEST(Text, GlobIsNotExponential) {
  EXPECT_FALSE(glob_match(std::string(200, '*') + "b", std::string(20000, 'a')));
}

TEST(Text, PrintableHidesControlCharactersAndBadUtf8) {
  EXPECT_EQ(printable("api\x1b[31m"), "api\xEF\xBF\xBD[31m");
  EXPECT_EQ(printable("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\xA5"),
            "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\xA5");
  EXPECT_EQ(printable("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");          // overlong
  EXPECT_EQ(printable("\xED\xA0\x80").find('\xED'), std::string::npos);  // surrogate
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\xEF\xBF\xBD"
            "31m");                                              // C1 control sequence introducer
  EXPECT_EQ(printable("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");  // cut short
}

TEST(Text, ShellQuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(shell_quoted("shared-net"), "shared-net");
  EXPECT_EQ(shell_quoted("a b"), "'a b'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted("$(rm -rf x)"), "'$(rm -rf x)'");
  EXPECT_EQ(shell_quoted(""), "''");
}

TEST(Text, NearestSuggestsTypingMistakesAndNothingElse) {
  const std::array<std::string_view, 3> words = {"environments", "networks", "host"};
  EXPECT_EQ(nearest("enviroments", words), "environments");
  EXPECT_EQ(nearest("hsot", words), "host");
  EXPECT_EQ(nearest("banana", words), std::nullopt);
  EXPECT_EQ(nearest("", words), std::nullopt);
}

TEST(Text, NearestSeesThroughCapitalsAndCompletesAStart) {
  const std::array<std::string_view, 4> words = {"NET001", "production", "--snapshot", "--shell"};
  EXPECT_EQ(nearest("net001", words), "NET001");
  EXPECT_EQ(nearest("PRODUCTION", words), "production");
  EXPECT_EQ(nearest("prod", words), "production");
  EXPECT_EQ(nearest("--sn", words), "--snapshot");
  EXPECT_EQ(nearest("--s", words), std::nullopt);  // of two
}

TEST(Text, PrintableHidesWhatLetsTextBeReadInAnotherOrder) {
  for (const std::string_view bad : {"\u202E", "\u2066", "\u2069", "\u200F", "\u061C", "\u2028"}) {
    EXPECT_EQ(printable("a" + std::string(bad) + "b"), "a\uFFFDb");
  }
  EXPECT_EQ(printable("a\u200Db \u2013 \u2192"), "a\u200Db \u2013 \u2192");
}

TEST(Text, ContainsIgnoringCase) {
  EXPECT_TRUE(contains_ignoring_case("DATABASE_URL", "base_u"));
  EXPECT_TRUE(contains_ignoring_case("x", ""));
  EXPECT_FALSE(contains_ignoring_case("abc", "abd"));
}

}  // namespace
}  // namespace firebreak
