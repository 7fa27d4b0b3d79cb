#include "base/columns.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

TEST(Columns, OneForEachOrdinaryCharacter) {
  EXPECT_EQ(columns_of(""), 0U);
  EXPECT_EQ(columns_of("prod-db"), 7U);
  EXPECT_EQ(columns_of("größe → ✓ ·"), 11U);
}

TEST(Columns, TwoForWideOnesAndNoneForMarks) {
  EXPECT_EQ(columns_of("生产"), 4U);
  EXPECT_EQ(columns_of("🚀x"), 3U);
  EXPECT_EQ(columns_of("e\u0301a"), 2U);
  EXPECT_EQ(columns_of("한국어"), 6U);
}

TEST(Columns, BrokenBytesEndNothing) {
  EXPECT_EQ(columns_of("\xE7\x94"), 1U);
  EXPECT_EQ(columns_of("\x80\x80"), 2U);
}

TEST(Columns, HeadsEndBetweenCharacters) {
  EXPECT_EQ(head_of("abc", 2), "ab");
  EXPECT_EQ(head_of("abc", 9), "abc");
  EXPECT_EQ(head_of("生产", 3), "生");
  EXPECT_EQ(head_of("生产", 1), "生");           // at least one
  EXPECT_EQ(head_of("e\u0301a", 1), "e\u0301");  // a mark stays with its letter
}

}  // namespace
}  // namespace firebreak
