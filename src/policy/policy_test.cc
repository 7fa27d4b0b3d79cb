#include "policy/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebreak {
namespace {

using testing::ElementsAre;

constexpr Side kProd{.environment = "production", .tier = Tier::kProduction};
constexpr Side kBlue{.environment = "blue", .tier = Tier::kProduction};
constexpr Side kStage{.environment = "staging", .tier = Tier::kStaging};
constexpr Side kDev{.environment = "development", .tier = Tier::kDevelopment};

Requirement entry(std::string first, std::string second, std::map<Dimension, Level> levels) {
  Requirement out;
  out.first = std::move(first);
  out.second = std::move(second);
  out.levels = std::move(levels);
  return out;
}

TEST(Tiers, RoundTripByName) {
  for (const Tier tier : {Tier::kDevelopment, Tier::kStaging, Tier::kProduction}) {
    EXPECT_EQ(parse_tier(name_of(tier)), tier);
  }
  EXPECT_EQ(parse_tier("Production"), std::nullopt);
  EXPECT_EQ(parse_tier(""), std::nullopt);
}

TEST(Levels, EndWithAnyInEveryDimension) {
  for (const Dimension dimension : kDimensions) {
    EXPECT_EQ(levels_of(dimension).back(), Level::kAny) << name_of(dimension);
  }
  EXPECT_THAT(levels_of(Dimension::kRegistry),
              ElementsAre(Level::kSeparateRegistries, Level::kSeparateCredentials,
                          Level::kSeparateNamespaces, Level::kAny));
  EXPECT_THAT(levels_of(Dimension::kData),
              ElementsAre(Level::kSynthetic, Level::kMasked, Level::kAny));
}

TEST(RequiredLevel, WithoutEntriesIsNetworkAndValuesBetweenTiers) {
  const Policy policy;
  for (const Dimension dimension : kDimensions) {
    const Required required = required_level(policy, kDev, kProd, dimension);
    EXPECT_FALSE(required.stated);
    const Level expected = dimension == Dimension::kNetwork       ? Level::kSeparate
                           : dimension == Dimension::kCredentials ? Level::kSeparateValues
                                                                  : Level::kAny;
    EXPECT_EQ(required.level, expected) << name_of(dimension);
  }
}

TEST(RequiredLevel, WithoutEntriesIsNothingBetweenEqualTiers) {
  for (const Dimension dimension : kDimensions) {
    const Required required = required_level(Policy{}, kBlue, kProd, dimension);
    EXPECT_EQ(required.level, Level::kAny);
    EXPECT_FALSE(required.stated);
  }
}

TEST(RequiredLevel, LastEntryThatNamesThePairWins) {
  Policy policy;
  policy.require = {entry("production", "*", {{Dimension::kHost, Level::kSeparate}}),
                    entry("staging", "production", {{Dimension::kNetwork, Level::kSeparate}}),
                    entry("staging", "development", {{Dimension::kHost, Level::kSeparate}})};
  EXPECT_EQ(required_level(policy, kProd, kStage, Dimension::kHost).level, Level::kAny);
  EXPECT_EQ(required_level(policy, kProd, kStage, Dimension::kNetwork).level, Level::kSeparate);
  EXPECT_EQ(required_level(policy, kStage, kProd, Dimension::kNetwork).level, Level::kSeparate);
  EXPECT_EQ(required_level(policy, kDev, kProd, Dimension::kHost).level, Level::kSeparate);
  EXPECT_EQ(required_level(policy, kBlue, kProd, Dimension::kHost).level, Level::kSeparate);
}

TEST(RequiredLevel, LeftOutDimensionsAndUnnamedPairsAreStatedAny) {
  Policy policy;
  policy.require = {entry("production", "staging", {{Dimension::kHost, Level::kSeparate}})};
  for (const Side& other : {kStage, kDev}) {
    const Required network = required_level(policy, kProd, other, Dimension::kNetwork);
    EXPECT_EQ(network.level, Level::kAny);
    EXPECT_TRUE(network.stated);
  }
  EXPECT_EQ(required_level(policy, kProd, kDev, Dimension::kHost).level, Level::kAny);
}

}  // namespace
}  // namespace firebreak
