// DATA006.
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
      .environment("staging", Tier::kStaging, {"label: env=staging"});
  return policy;
}

Lines found(const SnapshotBuilder& b, const PolicyBuilder& policy = environments()) {
  return titles_of(build_estate(b.build(), policy.build()), Code::kData006);
}

SnapshotBuilder clients(const std::string& staging, const std::string& production) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-staging").label("env", "staging").env("URL", target(staging));
  b.container("api-prod").label("env", "prod").env("URL", target(production));
  return b;
}

TEST(DatabaseServers, OneOutsideServerForTwoEnvironmentsIsFound) {
  const SnapshotBuilder b =
      clients("postgres://db.example.com/app_s", "postgresql://db.example.com:5432/app_p");
  const Estate estate = build_estate(b.build(), environments().build());
  EXPECT_THAT(titles_of(estate, Code::kData006),
              ElementsAre("medium staging->production: one database server, db.example.com:5432, "
                          "serves staging and production"));
  const Finding finding = findings_of(estate, Code::kData006).at(0);
  EXPECT_THAT(finding.subjects,
              ElementsAre(Subject{"system", "", "db.example.com:5432", ""},
                          Subject{"container", "laptop", "api-prod", "production"},
                          Subject{"container", "laptop", "api-staging", "staging"}));
  EXPECT_THAT(
      finding.path,
      ElementsAre(
          Hop{"staging/api-staging URL",
              "connects to postgres://db.example.com/app_s, which is db.example.com:5432"},
          Hop{"production/api-prod URL",
              "connects to postgresql://db.example.com:5432/app_p, which is db.example.com:5432"}));
  EXPECT_THAT(finding.notes, ElementsAre(HasSubstr("different databases")));
  EXPECT_FALSE(finding.remedy.empty());
}

TEST(DatabaseServers, TheSameDatabaseIsSaidToBeTheSame) {
  const SnapshotBuilder b =
      clients("postgres://db.example.com/app", "postgres://db.example.com/app");
  const Estate estate = build_estate(b.build(), environments().build());
  EXPECT_THAT(findings_of(estate, Code::kData006).at(0).notes,
              ElementsAre("Both use the same database there: app."));
}

struct Twin {
  std::string name;
  std::string staging;
  std::string production;
};
class SeparateServers : public testing::TestWithParam<Twin> {};

TEST_P(SeparateServers, AreNotFound) {
  EXPECT_THAT(found(clients(GetParam().staging, GetParam().production)), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    DatabaseServers, SeparateServers,
    testing::Values(Twin{"TwoHosts", "postgres://a.example.com/app",
                         "postgres://b.example.com/app"},
                    Twin{"TwoPorts", "postgres://db.example.com:5433/app",
                         "postgres://db.example.com:5432/app"},
                    Twin{"NoDatabase", "https://api.example.com", "https://api.example.com"},
                    Twin{"Loopback", "postgres://localhost/app", "postgres://localhost/app"},
                    Twin{"ShortNameNobodyAnswers", "postgres://db/app", "postgres://db/app"},
                    Twin{"Socket", "postgres:///app", "postgres:///app"}),
    [](const auto& each) { return each.param.name; });

TEST(DatabaseServers, ABareHostCountsByItsPort) {
  EXPECT_EQ(found(clients("10.0.0.5:5432", "10.0.0.5:5432")).size(), 1U);
  EXPECT_THAT(found(clients("10.0.0.5:8080", "10.0.0.5:8080")), IsEmpty());
}

TEST(DatabaseServers, EqualNamesOfTwoContainersAreTwoServers) {
  SnapshotBuilder b;
  b.host("laptop").network("s").network("p");
  b.container("api-s").label("env", "staging").env("URL", target("postgres://db/app")).on("s");
  b.container("db-s", "postgres:15").label("env", "staging").on("s", "", {"db"});
  b.container("api-p").label("env", "prod").env("URL", target("postgres://db/app")).on("p");
  b.container("db-p", "postgres:15").label("env", "prod").on("p", "", {"db"});
  EXPECT_THAT(found(b), IsEmpty());
}

TEST(DatabaseServers, OneContainerUnderTwoNamesIsOneServer) {
  SnapshotBuilder b;
  b.host("laptop").network("net");
  b.container("api-s").label("env", "staging").env("URL", target("postgres://db/app")).on("net");
  b.container("api-p")
      .label("env", "prod")
      .env("URL", target("postgres://host.docker.internal:5433/app"));
  b.container("db", "postgres:15").on("net").publish(5433, 5432);
  EXPECT_THAT(
      found(b),
      ElementsAre(
          "medium staging->production: one database server, db, serves staging and production"));
}

TEST(DatabaseServers, AServerServesItsOwnEnvironmentToo) {
  SnapshotBuilder b;
  b.host("laptop").network("net");
  b.container("api-s").label("env", "staging").env("DB_HOST", target("db")).on("net");
  b.container("db", "bitnami/postgresql:15").label("env", "prod").on("net");
  EXPECT_THAT(found(b), ElementsAre(HasSubstr("production/db, serves staging and production")));
}

TEST(DatabaseServers, AServerOfItsOwnEnvironmentAloneIsNotFound) {
  SnapshotBuilder b;
  b.host("laptop").network("net");
  b.container("api").label("env", "prod").env("URL", target("postgres://db/app")).on("net");
  b.container("db", "postgres:15").label("env", "prod").on("net");
  b.container("other").label("env", "staging");
  EXPECT_THAT(found(b), IsEmpty());
}

TEST(DatabaseServers, AWebServiceIsNoDatabase) {
  SnapshotBuilder b;
  b.host("laptop").network("net");
  b.container("api-s").label("env", "staging").env("URL", target("http://exporter:9187")).on("net");
  b.container("api-p").label("env", "prod").env("URL", target("http://exporter:9187")).on("net");
  b.container("exporter", "prometheuscommunity/postgres-exporter").on("net");
  EXPECT_THAT(found(b), IsEmpty());
}

TEST(DatabaseServers, ADatabaseThatIsSharedOnPurposeIsNotFound) {
  SnapshotBuilder b;
  b.host("laptop").network("net");
  b.container("api-s").label("env", "staging").env("URL", target("postgres://db/app")).on("net");
  b.container("api-p").label("env", "prod").env("URL", target("postgres://db/app")).on("net");
  b.container("db", "postgres:15").label("role", "db").on("net");
  PolicyBuilder policy = environments();
  policy.shared("label: role=db", {"staging", "production"});
  EXPECT_THAT(found(b, policy), IsEmpty());
}

TEST(DatabaseServers, StoppedCountsOneLess) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("a").label("env", "staging").env("URL", target("redis://c.example.com")).stopped();
  b.container("b").label("env", "prod").env("URL", target("redis://c.example.com")).stopped();
  EXPECT_THAT(found(b), ElementsAre(HasSubstr("low staging->production")));
}

TEST(DatabaseServers, TheOrderOfTheSnapshotDoesNotMatter) {
  SnapshotBuilder b = clients("postgres://db.example.com/app", "postgres://db.example.com/app");
  b.container("worker")
      .label("env", "prod")
      .env("B", target("redis://r.example.com"))
      .env("A", target("postgres://db.example.com/x"));
  b.container("cron").label("env", "staging").env("R", target("redis://r.example.com"));
  const Policy policy = environments().build();
  const std::string forward = dump(run(check_data, build_estate(b.build(), policy)));
  EXPECT_EQ(forward, dump(run(check_data, build_estate(reversed(b.build()), policy))));
  EXPECT_THAT(forward, HasSubstr("r.example.com:6379"));
}

}  // namespace
}  // namespace firebreak
