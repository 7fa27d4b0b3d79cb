// DATA007.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/testing.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Steps = std::vector<CommandStep>;

PolicyBuilder environments() {
  PolicyBuilder policy;
  policy.environment("production", Tier::kProduction, {"label: env=prod"})
      .environment("staging", Tier::kStaging, {"label: env=staging"});
  return policy;
}

CommandStep step(std::string program, std::initializer_list<std::string_view> urls = {},
                 bool pipes = false) {
  CommandStep made;
  made.program = std::move(program);
  for (const std::string_view url : urls) made.targets.push_back(target(url));
  made.pipes_into_next = pipes;
  return made;
}

// A job of staging, beside a workload of production.
SnapshotBuilder job(const Steps& steps, const std::string& environment = "staging") {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("web").label("env", "prod");
  b.container("site").label("env", "staging");
  b.container("refresh").label("env", environment).edit([&](Container& c) { c.command = steps; });
  return b;
}

Lines found(const SnapshotBuilder& b, const PolicyBuilder& policy = environments()) {
  return titles_of(build_estate(b.build(), policy.build()), Code::kData007);
}

TEST(DataCopies, ADumpOfProductionIntoStagingIsFound) {
  const SnapshotBuilder b = job({step("pg_dump", {"postgres://prod-db/app"}, true),
                                 step("psql", {"postgres://staging-db/app"})});
  const Estate estate = build_estate(b.build(), environments().build());
  EXPECT_THAT(
      titles_of(estate, Code::kData007),
      ElementsAre("critical staging->production: staging/refresh copies production's database "
                  "into staging, unmasked (pg_dump | psql)"));
  const Finding finding = findings_of(estate, Code::kData007).at(0);
  EXPECT_THAT(
      finding.path,
      ElementsAre(Hop{"staging/refresh pg_dump",
                      "reads postgres://prod-db/app: its host name speaks of production"},
                  Hop{"staging/refresh psql",
                      "writes postgres://staging-db/app: its host name speaks of staging"}));
  EXPECT_THAT(finding.subjects,
              ElementsAre(Subject{"container", "laptop", "refresh", "staging"},
                          Subject{"system", "", "postgres://prod-db/app", "production"},
                          Subject{"system", "", "postgres://staging-db/app", "staging"}));
  EXPECT_THAT(dump(finding), HasSubstr("$ docker rm --force refresh"));
  EXPECT_THAT(dump(finding), HasSubstr("mask them between the dump and the load"));
}

TEST(DataCopies, FiltersInBetweenMaskNothing) {
  EXPECT_THAT(found(job({step("pg_dump", {"postgres://prod-db/app"}, true), step("gzip", {}, true),
                         step("", {}, true), step("psql", {"postgres://staging-db/app"})})),
              ElementsAre(HasSubstr("(pg_dump | gzip | … | psql)")));
}

TEST(DataCopies, EveryToolOfAKnownDatabaseCounts) {
  for (const auto& [dump_tool, load_tool] :
       {std::pair("pg_dumpall", "psql"), std::pair("pg_dump", "pg_restore"),
        std::pair("mysqldump", "mysql"), std::pair("mariadb-dump", "mariadb"),
        std::pair("mongodump", "mongorestore"), std::pair("psql", "psql")})
    EXPECT_EQ(found(job({step(dump_tool, {"postgres://prod-db/app"}, true),
                         step(load_tool, {"postgres://staging-db/app"})}))
                  .size(),
              1U)
        << dump_tool;
}

TEST(DataCopies, MaskedRowsAreNoFinding) {
  EXPECT_THAT(
      found(job({step("pg_dump", {"postgres://prod-db/app"}, true), step("firebreak", {}, true),
                 step("psql", {"postgres://staging-db/app"})})),
      IsEmpty());
  EXPECT_THAT(
      found(job({step("firebreak", {"postgres://prod-db/app", "postgres://staging-db/app"})})),
      IsEmpty());
}

TEST(DataCopies, UpwardsOrWithinAnEnvironmentIsNoFinding) {
  EXPECT_THAT(found(job({step("pg_dump", {"postgres://staging-db/app"}, true),
                         step("psql", {"postgres://prod-db/app"})})),
              IsEmpty());
  EXPECT_THAT(found(job({step("pg_dump", {"postgres://prod-db/app"}, true),
                         step("psql", {"postgres://prod-replica/app"})})),
              IsEmpty());
}

TEST(DataCopies, StepsThatAreNotConnectedCopyNothing) {
  EXPECT_THAT(found(job({step("pg_dump", {"postgres://prod-db/app"}),
                         step("psql", {"postgres://staging-db/app"})})),
              IsEmpty());
  EXPECT_THAT(found(job({step("pg_dump", {"postgres://prod-db/app"}, true), step("gzip")})),
              IsEmpty());
}

TEST(DataCopies, WhereNothingSpeaksTheJobsOwnEnvironmentCounts) {
  EXPECT_THAT(found(job({step("pg_dump", {"postgres://prod-db/app"}, true), step("psql")})),
              ElementsAre(HasSubstr("into staging")));
  EXPECT_THAT(found(job({step("pg_dump", {"postgres://prod-db/app"}, true), step("psql")}, "prod")),
              IsEmpty());
}

TEST(DataCopies, DatabaseNamesTellApartWhatOneServerHolds) {
  EXPECT_THAT(found(job({step("pg_dump", {"postgres:///production_db"}, true),
                         step("psql", {"postgres:///staging_db"})})),
              ElementsAre(HasSubstr("copies production's database into staging")));
  SnapshotBuilder b = job({step("pg_dump", {"postgres://db/production_db"}, true),
                           step("psql", {"postgres://db/staging_db"})});
  b.network("net").on("net");
  b.container("db", "postgres:15").label("env", "prod").on("net");
  EXPECT_THAT(found(b), ElementsAre(HasSubstr("copies production's database into staging")));
}

TEST(DataCopies, TheContainerThatAnswersWinsOverNames) {
  SnapshotBuilder b = job({step("pg_dump", {"postgres://prod-db/app"}, true),
                           step("psql", {"postgres://staging-db/app"})});
  b.network("net").on("net");
  b.container("mock").label("env", "staging").on("net", "", {"prod-db"});
  EXPECT_THAT(found(b), IsEmpty());
}

TEST(DataCopies, ToolsThatCopyByThemselvesNameBothEnds) {
  EXPECT_EQ(found(job({step("pgcopydb", {"postgres://prod-db/app", "postgres://staging-db/app"})}))
                .size(),
            1U);
  EXPECT_THAT(
      found(job({step("pgcopydb", {"postgres://staging-db/app", "postgres://prod-db/app"})})),
      IsEmpty());
  EXPECT_EQ(found(job({step("rsync", {"ssh://prod-files", "ssh://staging-files"})})).size(), 1U);
}

TEST(DataCopies, FilesOfProductionAreBroughtToWhereTheCommandRuns) {
  const Steps fetch = {step("rsync", {"ssh://prod-db", "ssh://"})};
  EXPECT_THAT(found(job(fetch)), ElementsAre("critical staging->production: staging/refresh copies "
                                             "production's files into staging, unmasked (rsync)"));
  EXPECT_THAT(found(job(fetch, "prod")), IsEmpty());
  const Steps push = {step("rsync", {"ssh://", "ssh://staging-db"})};
  EXPECT_THAT(found(job(push)), IsEmpty());
  EXPECT_EQ(found(job(push, "prod")).size(), 1U);
}

TEST(DataCopies, ADumpThatIsFetchedAndLoadedIsACopy) {
  const Steps load = {step("aws", {"s3://prod-backups"}, true), step("", {}, true),
                      step("psql", {"postgres://staging-db/app"})};
  EXPECT_THAT(found(job(load)),
              ElementsAre(HasSubstr("copies production's database into staging, unmasked (aws")));
  EXPECT_THAT(found(job({step("aws", {"s3://prod-backups"})})), IsEmpty());
}

TEST(DataCopies, ASchemaWithoutRowsIsNoCopy) {
  EXPECT_THAT(found(job({step("pg_dump --schema-only", {"postgres://prod-db/app"}, true),
                         step("psql", {"postgres://staging-db/app"})})),
              IsEmpty());
}

TEST(DataCopies, ABaseBackupOfProductionIsWrittenWhereItRuns) {
  EXPECT_THAT(found(job({step("pg_basebackup", {"postgres://prod-db"})})),
              ElementsAre(HasSubstr("(pg_basebackup)")));
  EXPECT_THAT(found(job({step("pg_basebackup", {"postgres://prod-db"})}, "prod")), IsEmpty());
}

TEST(DataCopies, StoppedCountsOneLessAndReplicasCountOnce) {
  const Steps steps = {step("pg_dump", {"postgres://prod-db/app"}, true), step("psql")};
  SnapshotBuilder b = job({});
  for (const int number : {1, 2})
    b.compose("s", "job", number).label("env", "staging").stopped().edit([&](Container& c) {
      c.command = steps;
    });
  EXPECT_THAT(found(b), ElementsAre(HasSubstr("high staging->production")));
}

TEST(DataCopies, TheOrderOfTheSnapshotDoesNotMatter) {
  SnapshotBuilder b = job({step("pg_dump", {"postgres://prod-db/app"}, true), step("psql")});
  b.container("another").label("env", "staging").edit([](Container& c) {
    c.command = {step("mysqldump", {"mysql://prod-my/app"}, true), step("mysql")};
  });
  const Policy policy = environments().build();
  const std::string forward = dump(run(check_data, build_estate(b.build(), policy)));
  EXPECT_EQ(forward, dump(run(check_data, build_estate(reversed(b.build()), policy))));
  EXPECT_THAT(forward, HasSubstr("mysqldump | mysql"));
}

}  // namespace
}  // namespace firebreak
