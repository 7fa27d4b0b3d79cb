#include "paths/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "paths/testing.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace testing_paths;

std::vector<std::string> pairs(const PathReport& report) {
  std::vector<std::string> out;
  out.reserve(report.flows.size());
  for (const PathFlow& one : report.flows) out.push_back(one.from.name + " -> " + one.to.name);
  return out;
}

std::vector<std::string> routes(const PathReport& report) {
  std::vector<std::string> out;
  for (const PathChain& chain : report.chains) {
    std::string text;
    for (const Hop& step : chain.steps) text += step.at + " > ";
    out.push_back(text + chain.to);
  }
  return out;
}

Flows sorted(std::vector<Flow> flows) {
  std::ranges::sort(flows);
  return {.flows = std::move(flows), .gaps = {}};
}

TEST(Paths, TellWhatCrossesAndNothingElse) {
  const Estate estate = build_estate(shop().build(), policy());
  const Flows flows = sorted({flow(estate, "api", "db", "10.81.2.2", 5432),
                              flow(estate, "api", "ci", "10.81.1.3", 22),
                              flow(estate, "api", "proxy", "10.81.1.4", 80),
                              flow(estate, "api", "@laptop", "10.81.1.1", 22)});
  EXPECT_THAT(pairs(find(estate, flows, {})), ElementsAre("development/api -> production/db"));
  EXPECT_THAT(pairs(find(estate, flows, {.from = "", .to = "", .all = true})), SizeIs(4));
  EXPECT_THAT(pairs(find(estate, flows, {.from = "development/api", .to = ""})), SizeIs(4));
  EXPECT_THAT(pairs(find(estate, flows, {.from = "", .to = "@laptop"})),
              ElementsAre("development/api -> @laptop"));
  EXPECT_THAT(pairs(find(estate, flows, {.from = "development", .to = "development"})),
              ElementsAre("development/api -> development/ci"));
}

TEST(Paths, ReadTheEnginesSocketAsAnInfluence) {
  const Estate estate = build_estate(shop().build(), policy());
  const PathReport out = find(estate, {}, {.from = "development", .to = "production"});
  ASSERT_THAT(out.influences, SizeIs(1));
  EXPECT_EQ(out.influences[0].code, Code::kHost002);
  EXPECT_EQ(out.exit(), 1);
  // Not the other way, and not from its neighbour.
  EXPECT_THAT(find(estate, {}, {.from = "production", .to = "development"}).influences, IsEmpty());
  EXPECT_THAT(find(estate, {}, {.from = "development/api", .to = "production"}).influences,
              IsEmpty());
}

TEST(Paths, GoOverWhatIsOnNeitherSide) {
  const Estate estate = build_estate(shop().build(), policy());
  const Flows flows = sorted({flow(estate, "api", "proxy", "10.81.1.4", 80),
                              flow(estate, "proxy", "db", "10.81.2.2", 5432)});
  EXPECT_THAT(routes(find(estate, flows, {.from = "development", .to = "production"})),
              ElementsAre("development/api > proxy > production/db"));
  EXPECT_THAT(routes(find(estate, flows, {})),
              ElementsAre("development/api > proxy > production/db"));
  EXPECT_THAT(routes(find(estate, flows, {.from = "production", .to = "development"})), IsEmpty());
}

TEST(Paths, MixFlowsAndInfluences) {
  const Estate estate = build_estate(shop().build(), policy());
  const Flows flows = sorted({flow(estate, "api", "ci", "10.81.1.3", 8080)});
  const PathReport out = find(estate, flows, {.from = "development/api", .to = "production/db"});
  ASSERT_THAT(routes(out), ElementsAre("development/api > development/ci > production/db"));
  EXPECT_THAT(out.chains[0].steps[0].why, HasSubstr("opens tcp 10.81.1.3:8080"));
  EXPECT_THAT(out.chains[0].steps[1].why, HasSubstr("HOST002"));
}

TEST(Paths, OverOthersNeedSomethingThatListens) {
  const Estate estate = build_estate(shop().build(), policy());
  Flow idle = flow(estate, "api", "proxy", "10.81.1.4", 80);
  idle.listening = false;
  Flow unknown = idle;
  unknown.listening = true;
  unknown.open = false;
  const Flow last = flow(estate, "proxy", "db", "10.81.2.2", 5432);
  EXPECT_THAT(find(estate, sorted({idle, unknown, last}), {}).chains, IsEmpty());
}

TEST(Paths, OverOthersAreAtMostFourSteps) {
  SnapshotBuilder b = shop();
  for (const char* name : {"one", "two", "three"}) b.container(name).on("dev-net");
  const Estate estate = build_estate(b.build(), policy());
  std::vector<Flow> flows = {
      flow(estate, "api", "one", "10.0.0.1", 80), flow(estate, "one", "two", "10.0.0.2", 80),
      flow(estate, "two", "three", "10.0.0.3", 80), flow(estate, "three", "db", "10.0.0.4", 80)};
  EXPECT_THAT(routes(find(estate, sorted(flows), {})),
              ElementsAre("development/api > one > two > three > production/db"));
  flows[3] = flow(estate, "three", "proxy", "10.0.0.4", 80);
  flows.push_back(flow(estate, "proxy", "db", "10.0.0.5", 80));
  EXPECT_THAT(routes(find(estate, sorted(flows), {})), IsEmpty());
}

TEST(Paths, SayNoOnlyWhenEverythingWasDecided) {
  SnapshotBuilder b;
  b.host("laptop").network("dev-net");
  b.container("api").label("env", "dev").on("dev-net");
  b.container("db").label("env", "prod").on("dev-net");
  const Asked asked{.from = "development", .to = "production"};
  const Estate blind = build_estate(b.build(), policy());
  const PathReport out = find(blind, {}, asked);
  EXPECT_EQ(out.exit(), 3);
  ASSERT_THAT(out.gaps, SizeIs(1));
  EXPECT_EQ(out.gaps[0].what, "kernel state");

  b.edit_host([](Host& host) { host.kernel.emplace(); });
  const Estate estate = build_estate(b.build(), policy());
  EXPECT_EQ(find(estate, {}, asked).exit(), 0);
  Flow unknown = flow(estate, "api", "db", "10.0.0.1", 80);
  unknown.open = false;
  EXPECT_EQ(find(estate, sorted({unknown}), asked).exit(), 3);
  Flows gap;
  gap.gaps = {{.host = HostId(0),
               .container = std::nullopt,
               .what = "rule of the packet filter",
               .why = "filter FORWARD: -m recent"}};
  EXPECT_EQ(find(estate, gap, asked).exit(), 3);
}

TEST(Paths, AGapOfAnotherHostHidesNothing) {
  SnapshotBuilder b = shop();
  b.host("far");
  const Estate estate = build_estate(b.build(), policy());
  EXPECT_THAT(find(estate, {}, {.from = "development", .to = "production"}).gaps, IsEmpty());
  EXPECT_THAT(find(estate, {}, {}).gaps, SizeIs(1));
}

TEST(Paths, ExplainWhatStopsAPair) {
  const Estate estate = build_estate(shop().build(), policy());
  const PathReport out =
      find(estate, {}, {.from = "development/api", .to = "production/db", .explain = true});
  ASSERT_THAT(out.refusals, SizeIs(1));
  EXPECT_EQ(out.refusals[0].packet, "tcp 10.81.2.2:5432");
  EXPECT_EQ(out.refusals[0].outcome, "stopped");
  ASSERT_THAT(out.refusals[0].hops, SizeIs(2));
  EXPECT_EQ(out.refusals[0].hops[1].at, "laptop FORWARD br-a to br-b");
  // Where a flow leads there is nothing to say.
  const Flows open = sorted({flow(estate, "api", "db", "10.81.2.2", 5432)});
  const PathReport told =
      find(estate, open, {.from = "development/api", .to = "production/db", .explain = true});
  EXPECT_THAT(told.refusals, IsEmpty());
  EXPECT_THAT(told.flows[0].hops, SizeIs(2));
}

TEST(Paths, NameAllThatShareANamespace) {
  SnapshotBuilder b = shop();
  b.container("sidecar").label("env", "dev").network_mode("container:db");
  const Estate estate = build_estate(b.build(), policy());
  const Flows flows = sorted({flow(estate, "api", "db", "10.81.2.2", 5432)});
  const PathReport out = find(estate, flows, {});
  ASSERT_THAT(out.flows, SizeIs(1));
  EXPECT_EQ(out.flows[0].to.container, "db");
  EXPECT_EQ(out.flows[0].to.environment, "");
  EXPECT_THAT(out.flows[0].to.workloads, ElementsAre("production/db", "development/sidecar"));
}

}  // namespace
}  // namespace firebreak
