#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "estate/testing.h"

namespace firebreak {
namespace {

TEST(Inference, FindsTheTwoSidesOfASharedNetworkByTheirDatabases) {
  SnapshotBuilder b;
  b.host("laptop").network("shared-net");
  b.container("epic_hopper", "my-api")
      .env("DATABASE_URL", target("postgres://dev-db:5432/app"))
      .on("shared-net");
  b.container("loving_wing", "my-api")
      .env("DATABASE_URL", target("postgres://prod-db:5432/app"))
      .on("shared-net");
  const Estate estate = build_estate(b.build(), {});
  EXPECT_EQ(environment_of(estate, "epic_hopper"), "development");
  EXPECT_EQ(environment_of(estate, "loving_wing"), "production");
  EXPECT_EQ(network(estate, "shared-net").members.size(), 2U);
  EXPECT_EQ(network(estate, "shared-net").owner, std::nullopt);
  EXPECT_EQ(workload(estate, "loving_wing").evidence.front().reason,
            "variable DATABASE_URL names host prod-db");
}

TEST(Policy, AssignsBySelectors) {
  SnapshotBuilder b;
  b.host("prod-1").container("db-1").container("other");
  b.host("laptop").container("db-1").label("env", "dev").compose("shop-prod", "api");
  const Estate estate = build_estate(
      b.build(),
      PolicyBuilder()
          .environment("production", Tier::kProduction,
                       {"compose: shop-prod", "host: prod-1, name: db-*"})
          .environment("development", Tier::kDevelopment, {"label: env=dev", "label: env=nothing"})
          .build());
  ASSERT_EQ(estate.environments().size(), 2U);
  EXPECT_EQ(estate.environments()[0].name, "production");
  EXPECT_EQ(estate.environments()[0].workloads.size(), 2U);
  EXPECT_EQ(estate.environments()[1].workloads.size(), 1U);
  EXPECT_EQ(environment_of(estate, "other"), "");
  ASSERT_EQ(estate.unmatched_selectors().size(), 1U);
  EXPECT_EQ(estate.unmatched_selectors()[0]->text, "label: env=nothing");
}

}  // namespace
}  // namespace firebreak
