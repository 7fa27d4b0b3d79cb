#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "report/render.h"
#include "report/testing.h"

namespace firebreak {
namespace {

using nlohmann::json;

json run_of(const Report& report) { return json::parse(to_sarif(report)).at("runs").at(0); }

TEST(Sarif, PointsEachResultAtItsRule) {
  const json run = run_of(testing::mistakes());
  ASSERT_EQ(run.at("results").size(), 5U);
  for (const json& result : run.at("results")) {
    const json& rule =
        run.at("tool").at("driver").at("rules").at(result.at("ruleIndex").get<std::size_t>());
    EXPECT_EQ(rule.at("id"), result.at("ruleId"));
  }
}

TEST(Sarif, MapsSeveritiesToLevels) {
  const json results = run_of(testing::mistakes()).at("results");
  EXPECT_EQ(results.at(0).at("level"), "error");    // high
  EXPECT_EQ(results.at(2).at("level"), "warning");  // medium
  EXPECT_EQ(results.at(3).at("level"), "note");     // low
  EXPECT_EQ(results.at(4).at("level"), "none");     // info
  EXPECT_EQ(results.at(4).at("kind"), "informational");
}

TEST(Sarif, KeepsFingerprintPathAndRemedy) {
  const json result = run_of(testing::mistakes()).at("results").at(0);
  EXPECT_EQ(result.at("partialFingerprints").at("firebreak/1"), "3f9a1c52e07b4d68");
  EXPECT_EQ(result.at("codeFlows").at(0).at("threadFlows").at(0).at("locations").size(), 3U);
  EXPECT_THAT(result.at("message").at("text").get<std::string>(),
              ::testing::HasSubstr("docker network disconnect shared-net api"));
}

TEST(Sarif, SuppressesWhatIsWaived) {
  const json results = run_of(testing::separated()).at("results");
  EXPECT_TRUE(results.at(0).at("suppressions").empty());
  EXPECT_EQ(results.at(1).at("suppressions").at(0).at("kind"), "external");
}

TEST(Sarif, StandsAtThePolicyOrAtTheHost) {
  const json results = run_of(testing::incomplete()).at("results");
  EXPECT_EQ(
      results.at(0).at("locations").at(0).at("physicalLocation").at("artifactLocation").at("uri"),
      "docker-host/prod-1");
  const json place = results.at(2).at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(place.at("artifactLocation").at("uri"), "firebreak.yaml");
  EXPECT_EQ(place.at("region").at("startLine"), 6);
  EXPECT_EQ(place.at("region").at("startColumn"), 3);
}

TEST(Sarif, NeverCallsARunWithABlindSpotSuccessful) {
  const json blind = run_of(testing::incomplete()).at("invocations").at(0);
  EXPECT_EQ(blind.at("executionSuccessful"), false);
  EXPECT_EQ(blind.at("toolExecutionNotifications").at(0).at("level"), "error");
  // A gap that nothing requires is a warning.
  const json fine = run_of(testing::mistakes()).at("invocations").at(0);
  EXPECT_EQ(fine.at("executionSuccessful"), true);
  EXPECT_EQ(fine.at("toolExecutionNotifications").at(0).at("level"), "warning");
}

}  // namespace
}  // namespace firebreak
