#include "report/diff.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "report/testing.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kPlain;

std::string text_of(const ReportDiff& change) {
  return render_diff(change, Format::kText, kPlain).value_or("");
}

TEST(Diff, OfAReportWithItselfIsEmpty) {
  const ReportDiff change = diff(testing::mistakes(), testing::mistakes());
  EXPECT_TRUE(change.empty());
  EXPECT_FALSE(change.worse);
  EXPECT_THAT(text_of(change), HasSubstr("nothing changed · exit 0"));
}

TEST(Diff, GetsWorseByANewFinding) {
  Report older = testing::mistakes();
  const Finding gone = older.findings.front();
  older.findings.erase(older.findings.begin());
  const ReportDiff change = diff(older, testing::mistakes());
  EXPECT_TRUE(change.worse);
  ASSERT_EQ(change.added.size(), 1U);
  EXPECT_THAT(change.reasons, ElementsAre("new: " + gone.title));
  const ReportDiff back = diff(testing::mistakes(), older);
  EXPECT_FALSE(back.worse);
  EXPECT_EQ(back.removed.size(), 1U);
}

TEST(Diff, DoesNotGetWorseByWhatIsOnlyInformationAcceptedOrWaived) {
  for (int kind = 0; kind < 3; ++kind) {
    Report newer = testing::nothing();
    Finding come = testing::finding(Code::kHost001, Severity::kLow, "t", "00ff1c52e07b4d02");
    if (kind == 0) come.severity = Severity::kInfo;
    if (kind == 1) come.accepted = true;
    if (kind == 2) come.status = Finding::Status::kWaived;
    newer.findings = {come};
    EXPECT_FALSE(diff(testing::nothing(), newer).worse) << kind;
    newer.findings.front() =
        testing::finding(Code::kHost001, Severity::kLow, "t", "00ff1c52e07b4d02");
    EXPECT_TRUE(diff(testing::nothing(), newer).worse) << kind;
  }
}

TEST(Diff, SeesAWaiverExpire) {
  Report newer = testing::separated();
  newer.findings[1].status = Finding::Status::kOpen;
  const ReportDiff change = diff(testing::separated(), newer);
  ASSERT_EQ(change.changed.size(), 1U);
  EXPECT_EQ(change.changed[0].direction, Direction::kWorse);
  EXPECT_TRUE(change.worse);
  EXPECT_THAT(text_of(change), HasSubstr("waived became medium"));
}

TEST(Diff, ComparesCellsByTheirLevels) {
  const auto with = [](const std::string& level, const std::string& required) {
    Report report = testing::nothing();
    report.matrix = {
        testing::cell("development", "production", Dimension::kNetwork, level, required)};
    return report;
  };
  EXPECT_TRUE(diff(with("separate", "separate"), with("shared", "separate")).worse);
  EXPECT_FALSE(diff(with("shared", "separate"), with("separate", "separate")).worse);
  EXPECT_TRUE(diff(with("separate", "separate"), with("unknown", "separate")).worse);
  // What nothing requires is shown, but no reason to fail.
  const ReportDiff free = diff(with("separate", "any"), with("shared", "any"));
  EXPECT_EQ(free.cells.at(0).direction, Direction::kWorse);
  EXPECT_FALSE(free.worse);
  // A stricter policy is not a worse estate.
  const ReportDiff stricter = diff(with("shared", "any"), with("shared", "separate"));
  EXPECT_FALSE(stricter.worse);
  EXPECT_THAT(text_of(stricter), HasSubstr("required was any, is separate"));
}

TEST(Diff, GetsWorseByABlindSpotThatMatters) {
  const ReportDiff change = diff(testing::separated(), testing::incomplete());
  EXPECT_TRUE(change.worse);
  EXPECT_THAT(change.reasons, ElementsAre(HasSubstr("not seen any more")));
  EXPECT_EQ(change.gaps_added.size(), 1U);
  // A gap that nothing requires is no reason.
  Report newer = testing::separated();
  newer.gaps = {{"volumes", "denied", "prod-1", {"HOST003"}}};
  EXPECT_FALSE(diff(testing::separated(), newer).worse);
}

TEST(Diff, IsNotGreenWhileTheNewerReportIsBlind) {
  const ReportDiff same = diff(testing::incomplete(), testing::incomplete());
  EXPECT_FALSE(same.worse);
  EXPECT_TRUE(same.incomplete);
  EXPECT_EQ(same.exit(), 3);
  EXPECT_THAT(text_of(same), HasSubstr("nothing changed, but something that is required could not "
                                       "be checked · exit 3"));
  EXPECT_EQ(diff(testing::incomplete(), testing::separated()).exit(), 0);
  EXPECT_EQ(diff(testing::separated(), testing::incomplete()).exit(), 1);
}

TEST(Diff, AHostThatIsMissingIsNotTakenForOneThatIsClean) {
  Report newer = testing::separated();
  const std::string gone = newer.hosts.back().name;
  newer.hosts.pop_back();
  EXPECT_THAT(diff(testing::separated(), newer).notes,
              ElementsAre(HasSubstr("only the first report knows the host " + gone)));
}

TEST(Diff, FollowsWorkloadsAndEnvironments) {
  Report older = testing::separated();
  older.workloads[0].project = "shop";
  Report newer = older;
  newer.workloads[0].environment = "staging";
  newer.workloads[1].name = "grafana";
  newer.environments[1].name = "testing";
  const ReportDiff change = diff(older, newer);
  ASSERT_EQ(change.workloads_moved.size(), 1U);
  EXPECT_EQ(change.workloads_added.at(0).name, "grafana");
  EXPECT_EQ(change.workloads_removed.at(0).name, "prometheus");
  EXPECT_THAT(change.environments_added, ElementsAre("testing"));
  EXPECT_THAT(change.environments_removed, ElementsAre("staging"));
  EXPECT_THAT(text_of(change), HasSubstr("api on prod-1 moved from production to staging"));
  EXPECT_FALSE(change.worse);
}

TEST(Diff, DoesNotDependOnTheOrderOfItsReports) {
  Report shuffled = testing::mistakes();
  std::ranges::reverse(shuffled.findings);
  std::ranges::reverse(shuffled.workloads);
  std::ranges::reverse(shuffled.matrix);
  EXPECT_TRUE(diff(testing::mistakes(), shuffled).empty());
  EXPECT_EQ(render_diff(diff(testing::nothing(), shuffled), Format::kJson, kPlain),
            render_diff(diff(testing::nothing(), testing::mistakes()), Format::kJson, kPlain));
}

TEST(Diff, SaysWhatMakesTheTwoHardToCompare) {
  EXPECT_THAT(diff(testing::mistakes(), testing::separated()).notes,
              ElementsAre(HasSubstr("inferred in one"), HasSubstr("the host laptop")));
  Report newer = testing::separated();
  newer.policy_digest = "sha256:other";
  EXPECT_THAT(diff(testing::separated(), newer).notes,
              ElementsAre("the policy changed between the two"));
  EXPECT_THAT(diff(newer, newer).notes, IsEmpty());
}

TEST(Diff, HasThreeFormats) {
  const ReportDiff change = diff(testing::nothing(), testing::hostile());
  EXPECT_THAT(*render_diff(change, Format::kMarkdown, kPlain),
              HasSubstr("❌ firebreak: separation got worse"));
  EXPECT_THAT(*render_diff(change, Format::kMarkdown, kPlain),
              ::testing::Not(HasSubstr("<script")));
  EXPECT_THAT(*render_diff(change, Format::kJson, kPlain), HasSubstr("\"worse\": true"));
  EXPECT_THAT(text_of(change), ::testing::Not(HasSubstr("\x1b")));
  EXPECT_FALSE(render_diff(change, Format::kHtml, kPlain));
}

}  // namespace
}  // namespace firebreak
