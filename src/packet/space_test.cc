#include "packet/space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "packet/rectangles.h"
#include "packet/set.h"

namespace firebreak {
namespace {

PacketSpaceOptions tiny() {
  PacketSpaceOptions options;
  options.nodes_first = 2000;
  options.nodes_most = 20'000;
  options.cache_entries = 500;
  return options;
}

PacketSet pair_of(std::uint32_t source, std::uint32_t destination) {
  const IpAddress from = IpAddress::v4(source);
  const IpAddress to = IpAddress::v4(destination);
  return PacketSet::source(AddressRange{from, from}) & PacketSet::destination(AddressRange{to, to});
}

// Unrelated pairs of addresses share nothing: about 60 nodes each.
PacketSet pairs(std::size_t count, unsigned seed) {
  std::mt19937 dice(seed);
  PacketSet set;
  for (std::size_t made = 0; made < count; ++made) {
    const auto source = static_cast<std::uint32_t>(dice());
    set |= pair_of(source, static_cast<std::uint32_t>(dice()));
  }
  return set;
}

TEST(PacketSpace, AFullSpaceIsAnErrorAndNoWrongSet) {
  const PacketSpace space(tiny());
  const PacketSet before = pairs(20, 1);
  const PacketSet answer = pairs(20, 2) | before;
  for (int round = 0; round < 5; ++round) {
    const Result<PacketSet> large = within_space([] { return pairs(2000, 3); });
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().kind, ErrorKind::kUnsupported);
    EXPECT_THAT(large.error().what, testing::HasSubstr("19997 BDD nodes"));
    // What there was is sound, and so is what is made of it.
    EXPECT_EQ(pairs(20, 1), before);
    EXPECT_EQ(pairs(20, 2) | before, answer);
    EXPECT_EQ(answer - pairs(20, 2), before - pairs(20, 2));
    EXPECT_EQ(before.count(), 20 * 0x1p107);
  }
}

TEST(PacketSpace, GrowsUntilItIsFull) {
  const PacketSpace space(tiny());
  const std::size_t first = space.stats().allocated;
  const PacketSet set = pairs(150, 4);
  EXPECT_GT(space.stats().allocated, first);
  EXPECT_GT(space.stats().collections, 0);
  EXPECT_EQ(set.count(), 150 * 0x1p107);
}

TEST(PacketSpace, AListTooLongIsAnError) {
  PacketSpaceOptions options;
  options.ranges_most = 100;
  const PacketSpace space(options);
  std::vector<PacketSet> even;
  for (std::uint16_t port = 0; port < 202; port += 2) {
    even.push_back(PacketSet::destination_port({Port{port}, Port{port}}));
  }
  const PacketSet few = PacketSet::any_of(std::span(even).first(100));
  EXPECT_EQ(within_space([&] { return few.destination_ports(); })->size(), 100);
  const PacketSet many = PacketSet::any_of(even);
  EXPECT_FALSE(within_space([&] { return many.destination_ports(); }));
  EXPECT_FALSE(within_space([&] { return rectangles_of(many); }));
}

TEST(PacketSpace, OneAfterTheOther) {
  std::optional<PacketHeader> first;
  for (int round = 0; round < 3; ++round) {
    const PacketSpace space;
    const auto smallest = pairs(5, 6).smallest();
    if (round == 0) first = smallest;
    EXPECT_EQ(smallest, first);
  }
}

using PacketSpaceDeathTest = testing::Test;

TEST(PacketSpaceDeathTest, MisuseIsFound) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH({ (void)PacketSet::protocol(6); }, "CHECK");
  EXPECT_DEATH(
      {
        const PacketSpace space;
        const PacketSpace second;
      },
      "CHECK");
  EXPECT_DEATH(
      {
        auto space = std::make_unique<PacketSpace>();
        const PacketSet set = PacketSet::protocol(6);
        space.reset();
      },
      "CHECK.*references == 0");
  EXPECT_DEATH(
      {
        const PacketSpace space;
        const PacketSet set = PacketSet::protocol(6);
        std::thread([&] {
          PacketSet copy;
          copy = set;
        }).join();
      },
      "CHECK.*owner");
}

}  // namespace
}  // namespace firebreak
