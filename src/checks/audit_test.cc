// AUD002 and AUD005.
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
      .environment("staging", Tier::kStaging, {"label: env=staging", "name: s-*"});
  return policy;
}

SnapshotBuilder both() {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("web").label("env", "prod");
  b.container("s-web").label("env", "staging");
  return b;
}

TEST(Unplaced, AWorkloadThatNoSelectorMatchesIsFound) {
  SnapshotBuilder b = both();
  b.container("stray");
  const Estate estate = build_estate(b.build(), environments().build());
  EXPECT_THAT(titles_of(estate, Code::kAud002),
              ElementsAre("medium : container stray belongs to no environment"));
  const Finding finding = findings_of(estate, Code::kAud002).at(0);
  EXPECT_THAT(finding.subjects, ElementsAre(Subject{"container", "laptop", "stray", ""}));
  EXPECT_THAT(finding.remedy.at(0).text, HasSubstr("- name: stray"));
}

TEST(Unplaced, PlacedAndSharedWorkloadsAreNot) {
  SnapshotBuilder b = both();
  b.container("metrics").label("role", "metrics");
  PolicyBuilder policy = environments();
  policy.shared("label: role=metrics", {"staging", "production"});
  EXPECT_THAT(titles_of(build_estate(b.build(), policy.build()), Code::kAud002), IsEmpty());
}

TEST(Unplaced, ReplicasAreOneFindingWithTheirServicesSelector) {
  SnapshotBuilder b = both();
  b.compose("tools", "cron", 1).compose("tools", "cron", 2);
  const Estate estate = build_estate(b.build(), environments().build());
  const Findings found = findings_of(estate, Code::kAud002);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title, "service cron of compose project tools belongs to no environment");
  EXPECT_THAT(found[0].remedy.at(0).text, HasSubstr("- {compose: tools, service: cron}"));
}

TEST(Unplaced, OfSeveralHostsTheHostIsNamed) {
  SnapshotBuilder b = both();
  b.host("edge").container("stray");
  EXPECT_THAT(titles_of(build_estate(b.build(), environments().build()), Code::kAud002),
              ElementsAre("medium : container stray on edge belongs to no environment"));
}

TEST(Unplaced, AWorkloadOfTwoEnvironmentsSaysWhichAndWhy) {
  SnapshotBuilder b = both();
  b.container("s-api").label("env", "prod");
  const Estate estate = build_estate(b.build(), environments().build());
  EXPECT_THAT(
      titles_of(estate, Code::kAud002),
      ElementsAre(
          "medium production->staging: container s-api belongs to production and staging at once"));
  const Finding finding = findings_of(estate, Code::kAud002).at(0);
  ASSERT_EQ(finding.path.size(), 2U);
  EXPECT_THAT(finding.path[0].why + " " + finding.path[1].why,
              testing::AllOf(HasSubstr("speaks for production"), HasSubstr("speaks for staging"),
                             HasSubstr("env=prod"), HasSubstr("s-*")));
}

TEST(Unplaced, StoppedCountsOneLess) {
  SnapshotBuilder b = both();
  b.container("stray").stopped();
  EXPECT_THAT(titles_of(build_estate(b.build(), environments().build()), Code::kAud002),
              ElementsAre("low : container stray belongs to no environment"));
}

TEST(Unplaced, WithoutAPolicyOneRemarkSaysItForAll) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("web").label("env", "prod");
  b.container("one");
  b.container("two");
  b.container("torn").label("env", "dev").label("environment", "staging");
  const Estate estate = build_estate(b.build(), Policy());
  EXPECT_THAT(
      titles_of(estate, Code::kAud002),
      ElementsAre(
          "low : nothing shows which environment 3 workloads belong to: one, torn and two"));
  EXPECT_THAT(dump(findings_of(estate, Code::kAud002)),
              testing::AllOf(HasSubstr("torn is torn between staging and development"),
                             HasSubstr("$ firebreak init")));
}

TEST(Unplaced, WithoutAnyEnvironmentThereIsNothingToSay) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("one");
  b.container("two");
  EXPECT_THAT(titles_of(build_estate(b.build(), Policy()), Code::kAud002), IsEmpty());
}

TEST(Selectors, OneThatMatchesNothingIsFoundAtItsPlace) {
  PolicyBuilder policy = environments();
  policy.environment("development", Tier::kDevelopment, {"compose: shopdev"});
  SnapshotBuilder b = both();
  b.compose("shop-dev", "api").label("env", "staging");
  const Estate estate = build_estate(b.build(), policy.build());
  EXPECT_THAT(
      titles_of(estate, Code::kAud005),
      ElementsAre(
          "low : the selector compose: shopdev of environment development matches nothing"));
  const Finding finding = findings_of(estate, Code::kAud005).at(0);
  EXPECT_THAT(finding.place, testing::MatchesRegex("firebreak\\.yaml:[0-9]+:9"));
  EXPECT_THAT(finding.remedy.at(0).text,
              HasSubstr("Did you mean 'shop-dev' instead of 'shopdev'?"));
}

TEST(Selectors, ThoseThatMatchAreNot) {
  EXPECT_THAT(titles_of(build_estate(both().build(), environments().build()), Code::kAud005),
              IsEmpty());
}

TEST(Selectors, AHostThatCouldNotBeAskedIsNamed) {
  PolicyBuilder policy = environments();
  policy.shared("name: metrics", {"staging", "production"});
  SnapshotBuilder b = both();
  b.gap("the host", "connection refused");
  const Findings found = findings_of(build_estate(b.build(), policy.build()), Code::kAud005);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].title, HasSubstr("of shared matches nothing"));
  EXPECT_THAT(found[0].notes, ElementsAre(HasSubstr("may stand on laptop")));
}

TEST(Audit, TheOrderOfTheSnapshotDoesNotMatter) {
  SnapshotBuilder b = both();
  b.container("x").container("y").container("s-z").label("env", "prod");
  const Policy policy = environments().build();
  const std::string forward = dump(run(check_audit, build_estate(b.build(), policy)));
  EXPECT_EQ(forward, dump(run(check_audit, build_estate(reversed(b.build()), policy))));
  EXPECT_THAT(forward, HasSubstr("s-z belongs to"));
}

}  // namespace
}  // namespace firebreak
