// The names that a waiver may give are those of the code table.
#include <gtest/gtest.h>

#include "findings/code.h"
#include "policy/codes.h"

namespace firebreak {
namespace {

TEST(PolicyCodes, AreTheCodesOfTheTable) {
  ASSERT_EQ(all_codes().size(), kCodeNames.size());
  for (std::size_t i = 0; i < kCodeNames.size(); ++i) {
    EXPECT_EQ(all_codes()[i].name, kCodeNames[i]);
  }
}

}  // namespace
}  // namespace firebreak
