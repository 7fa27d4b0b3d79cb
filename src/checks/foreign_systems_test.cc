// CRED005: whose system a configuration points at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/testing.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PolicyBuilder environments() {
  PolicyBuilder policy;
  policy.environment("production", Tier::kProduction, {"label: env=prod"})
      .environment("development", Tier::kDevelopment, {"label: env=dev"});
  return policy;
}

Lines found(const SnapshotBuilder& b, const PolicyBuilder& policy = environments()) {
  return titles_of(build_estate(b.build(), policy.build()), Code::kCred005);
}

TEST(ForeignSystems, ADevContainerThatPointsAtProductionsHostIsFound) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api")
      .label("env", "dev")
      .env("DATABASE_URL", target("postgres://app@prod-db:5432/app"));
  b.container("web").label("env", "prod");
  const Estate estate = build_estate(b.build(), environments().build());
  EXPECT_THAT(titles_of(estate, Code::kCred005),
              ElementsAre("high development->production: development/api is configured with "
                          "production's postgres://prod-db:5432/app (DATABASE_URL)"));
  const Finding finding = findings_of(estate, Code::kCred005).at(0);
  EXPECT_THAT(
      finding.subjects,
      testing::IsSupersetOf({Subject{"variable", "laptop", "api DATABASE_URL", "development"},
                             Subject{"system", "", "prod-db:5432", "production"}}));
  EXPECT_THAT(finding.path, ElementsAre(Hop{"development/api DATABASE_URL",
                                            "points at postgres://prod-db:5432/app"},
                                        Hop{"prod-db:5432", "its host name speaks of production"}));
  EXPECT_THAT(dump(finding), HasSubstr("$ docker rm --force api"));
}

struct Twin {
  std::string name;
  std::string url;
};
class NearTwin : public testing::TestWithParam<Twin> {};

TEST_P(NearTwin, IsNotFound) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api").label("env", "dev").env("URL", target(GetParam().url));
  b.container("web").label("env", "prod");
  EXPECT_THAT(found(b), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(ForeignSystems, NearTwin,
                         testing::Values(Twin{"OwnHost", "postgres://dev-db:5432/app"},
                                         Twin{"NobodysHost", "postgres://db.example.com:5432/app"},
                                         Twin{"WordInsideAWord", "https://product-api.example.com"},
                                         Twin{"Itself", "postgres://localhost:5432/production"},
                                         Twin{"TwoNames", "postgres://dev-to-prod:5432/app"}),
                         [](const auto& each) { return each.param.name; });

TEST(ForeignSystems, ADatabaseNameSpeaksWhereTheHostDoesNot) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api")
      .label("env", "dev")
      .env("URL", target("postgres://db.example.com/production_shop"));
  b.container("web").label("env", "prod");
  EXPECT_THAT(found(b),
              ElementsAre(HasSubstr("production's postgres://db.example.com/production_shop")));
}

TEST(ForeignSystems, TheHostsNameWinsOverTheDatabases) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api")
      .label("env", "dev")
      .env("URL", target("postgres://dev-db.example.com/production_copy"));
  b.container("web").label("env", "prod");
  EXPECT_THAT(found(b), IsEmpty());
}

TEST(ForeignSystems, TheContainerThatAnswersWinsOverItsName) {
  SnapshotBuilder b;
  b.host("laptop").network("net");
  b.container("api")
      .label("env", "dev")
      .env("URL", target("postgres://prod-db:5432/app"))
      .on("net");
  b.container("mock").label("env", "dev").on("net", "", {"prod-db"});
  b.container("web").label("env", "prod");
  EXPECT_THAT(found(b), IsEmpty());
}

TEST(ForeignSystems, AContainerOfAnotherEnvironmentIsFoundWhateverItIsCalled) {
  SnapshotBuilder b;
  b.host("laptop").network("net");
  b.container("api").label("env", "dev").env("URL", target("redis://cache")).on("net");
  b.container("cache").label("env", "prod").on("net");
  const Estate estate = build_estate(b.build(), environments().build());
  EXPECT_THAT(titles_of(estate, Code::kCred005),
              ElementsAre("high development->production: development/api is configured with "
                          "production/cache (URL)"));
  EXPECT_THAT(dump(findings_of(estate, Code::kCred005)),
              HasSubstr("production/cache: answers to cache on network net"));
}

TEST(ForeignSystems, APublishedPortLeadsToItsContainer) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api")
      .label("env", "dev")
      .env("URL", target("postgres://host.docker.internal:5433/app"));
  b.container("db").label("env", "prod").publish(5433, 5432);
  EXPECT_THAT(found(b),
              ElementsAre(HasSubstr("development/api is configured with production/db (URL)")));
}

TEST(ForeignSystems, TwoVariablesForOneSystemAreOneFinding) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api")
      .label("env", "dev")
      .env("READ_URL", target("postgres://prod-db:5432/app"))
      .env("WRITE_URL", target("postgres://prod-db/app"));
  b.container("web").label("env", "prod");
  EXPECT_THAT(found(b), ElementsAre(HasSubstr("(READ_URL and WRITE_URL)")));
}

TEST(ForeignSystems, AVaultOfAnotherEnvironmentIsFoundByThePolicy) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api")
      .label("env", "dev")
      .env("VAULT_ADDR", target("https://secrets.example.com:8200"));
  b.container("web").label("env", "prod");
  EXPECT_THAT(found(b), IsEmpty());
  PolicyBuilder policy = environments();
  policy.system("vault", "production", "https://secrets.example.com:8200");
  EXPECT_THAT(found(b, policy),
              ElementsAre(HasSubstr("production's https://secrets.example.com:8200")));
}

TEST(ForeignSystems, TheLoopbackOfASharedNamespaceIsAnothersMatter) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("db").label("env", "prod");
  const std::string owner = b.id();
  b.container("api")
      .label("env", "dev")
      .env("URL", target("postgres://localhost/production"))
      .network_mode("container:" + owner);
  EXPECT_THAT(found(b), IsEmpty());
}

TEST(ForeignSystems, ASharedServiceIsNobodysSystem) {
  SnapshotBuilder b;
  b.host("laptop").network("net");
  b.container("api").label("env", "dev").env("URL", target("http://prod-metrics:9090")).on("net");
  b.container("prod-metrics").label("role", "metrics").on("net");
  b.container("web").label("env", "prod");
  PolicyBuilder policy = environments();
  policy.shared("label: role=metrics", {"development", "production"});
  EXPECT_THAT(found(b, policy), IsEmpty());
}

TEST(ForeignSystems, AVariableOfTheImageIsNoConfiguration) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api")
      .label("env", "dev")
      .env("URL", target("postgres://prod-db:5432/app"))
      .from_image();
  b.container("web").label("env", "prod");
  EXPECT_THAT(found(b), IsEmpty());
}

TEST(ForeignSystems, WhatTheEnvironmentWasInferredFromIsItsOwn) {
  SnapshotBuilder b;
  b.host("laptop").network("shared-net");
  b.container("cranky_euler")
      .env("DATABASE_URL", target("postgres://dev-db:5432/app"))
      .on("shared-net");
  b.container("happy_turing")
      .env("DATABASE_URL", target("postgres://prod-db:5432/app"))
      .on("shared-net");
  EXPECT_THAT(titles_of(build_estate(b.build(), Policy()), Code::kCred005), IsEmpty());
}

TEST(ForeignSystems, ProductionThatUsesALowerSystemIsFoundInThatDirection) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api").label("env", "prod").env("URL", target("postgres://dev-db:5432/app"));
  b.container("web").label("env", "dev");
  EXPECT_THAT(found(b),
              ElementsAre(HasSubstr("production->development: production/api is configured")));
}

TEST(ForeignSystems, StoppedCountsOneLess) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api")
      .label("env", "dev")
      .env("URL", target("postgres://prod-db:5432/app"))
      .stopped();
  b.container("web").label("env", "prod");
  EXPECT_THAT(found(b), ElementsAre(HasSubstr("medium development->production")));
}

TEST(ForeignSystems, TheOrderOfTheSnapshotDoesNotMatter) {
  SnapshotBuilder b;
  b.host("laptop").network("net");
  b.container("api")
      .label("env", "dev")
      .env("B", target("postgres://prod-db:5432/app"))
      .env("A", target("redis://cache"))
      .on("net");
  b.container("cache").label("env", "prod").on("net");
  b.container("web").label("env", "dev").env("A", target("redis://cache")).on("net");
  const Policy policy = environments().build();
  EXPECT_EQ(dump(findings_of(build_estate(b.build(), policy), Code::kCred005)),
            dump(findings_of(build_estate(reversed(b.build()), policy), Code::kCred005)));
  EXPECT_EQ(found(b).size(), 3U);
}

}  // namespace
}  // namespace firebreak
