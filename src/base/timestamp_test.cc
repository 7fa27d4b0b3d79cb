#include "base/timestamp.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

TEST(Timestamp, RoundTrips) {
  for (const char* text :
       {"1970-01-01T00:00:00Z", "2026-11-23T10:05:09Z", "2028-02-29T23:59:59Z"}) {
    ASSERT_TRUE(parse_timestamp(text)) << text;
    EXPECT_EQ(to_text(*parse_timestamp(text)), text);
  }
}

TEST(Timestamp, RefusesOtherForms) {
  for (const char* text :
       {"", "2026-11-23", "2026-11-23T10:00:00", "2026-11-23T10:00:00.5Z", "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23 10:00:00Z"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(Date, OnlyDaysThatExist) {
  EXPECT_EQ(date_text(*parse_date("2027-03-31")), "2027-03-31");
  EXPECT_FALSE(parse_date("2027-02-29"));
  EXPECT_FALSE(parse_date("2027-3-31"));
  EXPECT_FALSE(parse_date("soon"));
}

}  // namespace
}  // namespace firebreak
