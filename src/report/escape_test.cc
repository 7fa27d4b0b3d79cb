#include "report/escape.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

TEST(Markup, EscapesForContentAndAttributes) {
  EXPECT_EQ(markup("<a href='x'>\"&\"</a>"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
  EXPECT_EQ(markup("a\x01\xff"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(markup("\xEF\xBF\xBE\xEF\xBF\xBF"), "\xEF\xBF\xBD\xEF\xBF\xBD");  // no XML characters
}

TEST(Markdown, EscapesWhatFormats) {
  EXPECT_EQ(markdown("a|b*c_d`e[f](g)<h>"), "a\\|b\\*c\\_d\\`e\\[f\\](g)&lt;h&gt;");
  EXPECT_EQ(markdown_code("shop-api"), "`shop-api`");
  EXPECT_EQ(markdown_code("a|`b<"), "<code>a&#124;&#96;b&lt;</code>");
  EXPECT_EQ(markdown_code(""), "");
}

TEST(Markdown, FencesBlocksByWhatTheyHold) {
  EXPECT_EQ(markdown_block("echo a"), "```sh\necho a\n```\n");
  EXPECT_EQ(markdown_block("echo ````"), "`````sh\necho ````\n`````\n");
}

TEST(Uri, EncodesEverythingButUnreservedCharacters) {
  EXPECT_EQ(uri_segment("prod-1.example_~"), "prod-1.example_~");
  EXPECT_EQ(uri_segment("a b/ü"), "a%20b%2F%C3%BC");
}

}  // namespace
}  // namespace firebreak
