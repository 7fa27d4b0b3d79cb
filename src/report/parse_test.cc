#include "report/parse.h"

#include <gmock/gmock.h>

#include "report/render.h"
#include "report/testing.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string error_of(const std::string& json) {
  const auto report = parse_report(json, "old.json");
  return report ? "" : report.error().text();
}

TEST(ParseReport, ReadsWhatWasWritten) {
  for (const Report& report : {testing::mistakes(), testing::separated(), testing::nothing(),
                               testing::incomplete(), testing::large(500)}) {
    const std::string json = to_json(report);
    const auto back = parse_report(json, "old.json");
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(to_json(*back), json);
  }
}

TEST(ParseReport, KeepsForeignNamesAsFarAsTheyAreText) {
  const auto back = parse_report(to_json(testing::hostile()), "old.json");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->workloads[0].name, testing::hostile().workloads[0].name);
}

// The contract of the first version, without what was added to it.
TEST(ParseReport, ReadsTheSmallestReport) {
  const auto report = parse_report(
      R"({"schema": "firebreak/report/1", "generated": "2026-11-23T10:00:00Z", "version": "0.1.0",
 "policy": {"file": "firebreak.yaml", "inferred": false, "digest": "sha256:9c1e"},
 "summary": {"result": "findings", "exit": 1, "open": {"high": 1}, "waived": 0, "gaps": 0},
 "environments": [{"name": "production", "tier": "production", "workloads": 3, "networks": []}],
 "matrix": [{"from": "development", "to": "production", "dimension": "network", "level": "open", "required": "separate", "findings": ["3f9a1c52e07b4d68"]}],
 "findings": [{"code": "NET003", "severity": "high", "status": "open", "fingerprint": "3f9a1c52e07b4d68",
   "title": "t", "environments": ["development", "production"],
   "subjects": [{"kind": "container", "host": "laptop", "name": "api", "environment": "development"}],
   "path": [], "remedy": [{"text": "x", "commands": []}], "controls": ["ISO27001:A.8.31"]}],
 "gaps": [{"what": "rules", "why": "denied", "host": "laptop", "needed_by": ["NET002"]}], "newer": 1})",
      "old.json");
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_FALSE(report->matrix.at(0).met);
  EXPECT_EQ(report->fail_on, Severity::kMedium);
  EXPECT_EQ(report->findings.at(0).code, Code::kNet003);
}

TEST(ParseReport, SaysWhereItIsWrong) {
  const std::string good = to_json(testing::mistakes());
  EXPECT_THAT(error_of(replaced(good, "report/1", "report/2")), HasSubstr("old.json: $.schema"));
  EXPECT_THAT(error_of(replaced(good, "2026-11-23T10", "2026-11-23 10")), HasSubstr("$.generated"));
  EXPECT_THAT(error_of(replaced(good, "\"exit\": 1", "\"exit\": 2")), HasSubstr("$.summary"));
  EXPECT_THAT(error_of(replaced(good, "\"exit\": 1", "\"exit\": -1")),
              HasSubstr("$.summary.exit: must be a whole number"));
  EXPECT_THAT(error_of(replaced(good, "NET001", "NET999")), HasSubstr("is no finding code"));
  EXPECT_THAT(error_of(replaced(good, "\"severity\": \"high\"", "\"severity\": 3")),
              HasSubstr("$.findings[0].severity: must be text"));
  EXPECT_THAT(error_of(replaced(good, "\"fingerprint\": \"3f9a", "\"fingerprint\": \"XXXX")),
              HasSubstr("16 hex digits"));
  EXPECT_THAT(error_of(replaced(good, "\"dimension\": \"host\"", "\"dimension\": \"hosts\"")),
              HasSubstr("$.matrix[0].dimension: is no dimension"));
  EXPECT_THAT(error_of(replaced(good, "\"gaps\": [", "\"gapz\": [")),
              HasSubstr("$.gaps: is missing"));
}

TEST(ParseReport, RefusesWhatIsNotOneWholeDocument) {
  const std::string good = to_json(testing::mistakes());
  EXPECT_THAT(error_of(""), HasSubstr("is no JSON"));
  EXPECT_THAT(error_of("[]"), HasSubstr("must be an object"));
  EXPECT_THAT(error_of(good + "{}"), HasSubstr("is no JSON"));
  EXPECT_THAT(error_of(std::string(2000, '[')), HasSubstr("is no JSON"));
  EXPECT_NE(error_of(good.substr(0, good.size() / 2)), "");
}

TEST(IsReport, TellsReportsFromSnapshots) {
  EXPECT_TRUE(is_report(to_json(testing::nothing())));
  EXPECT_TRUE(is_report(R"({"schema": "firebreak/report/7"})"));
  EXPECT_FALSE(is_report(R"({"schema": "firebreak/snapshot/1"})"));
  EXPECT_FALSE(is_report("not json"));
  EXPECT_FALSE(is_report("[1]"));
}

}  // namespace
}  // namespace firebreak
