#include "collect/collect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "collect/testing.h"
#include "snapshot/json.h"

namespace firebreak {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Timestamp kNow{std::chrono::seconds{1'795'500'000}};

HostSource source(const std::string& name, const std::string& location) {
  HostSource made;
  made.name = name;
  made.location = location;
  return made;
}

// The engines behind the endpoints of a plan, by URL.
class Collecting : public ::testing::Test {
 protected:
  void engine(const std::string& url, const std::string& recording) {
    recordings_[url] = load_recording(recording);
  }
  Snapshot run() {
    CollectTools tools{
        .files = files,
        .processes = processes,
        .env = scripted_environment({}),
        .connect = [this](const EngineEndpoint& endpoint,
                          HttpLimits) -> Result<std::unique_ptr<HttpClient>> {
          const auto found = recordings_.find(endpoint.url);
          if (found == recordings_.end())
            return fail(ErrorKind::kUnreachable, "connection refused", endpoint.url);
          return std::make_unique<ScriptedHttpClient>(client_of(found->second));
        },
        .progress =
            [this](std::string_view line) {
              EXPECT_FALSE(talking.exchange(true)) << "two lines at once";
              lines.emplace_back(line);
              talking = false;
            },
    };
    return collect(plan, test_keys(), true, kNow, tools);
  }

  CollectPlan plan;
  ScriptedFiles files;
  ScriptedProcesses processes;
  std::vector<std::string> lines;
  std::atomic<bool> talking = false;

 private:
  std::map<std::string, Recording> recordings_;
};

std::vector<std::string> host_names(const Snapshot& snapshot) {
  std::vector<std::string> names;
  names.reserve(snapshot.hosts.size());
  for (const Host& host : snapshot.hosts) names.push_back(host.name);
  return names;
}

TEST_F(Collecting, AsksEveryHostOfThePlan) {
  engine("unix:///a.sock", "docker-20.10");
  engine("unix:///b.sock", "podman-4.3");
  plan.hosts = {source("b", "unix:///b.sock"), source("a", "unix:///a.sock")};
  const Snapshot snapshot = run();
  EXPECT_THAT(snapshot.gaps, IsEmpty());
  EXPECT_THAT(host_names(snapshot), ElementsAre("a", "b"));
  EXPECT_EQ(snapshot.taken, kNow);
  EXPECT_EQ(snapshot.key_id, test_keys().lasting.id());
  EXPECT_TRUE(snapshot.key_lasting);
  EXPECT_FALSE(snapshot.tool_version.empty());
  EXPECT_THAT(lines, Contains(HasSubstr("a: docker 20.10.24")));
}

TEST_F(Collecting, GivesTheSameBytesHoweverManyThreadsAsk) {
  for (int i = 0; i < 12; ++i) {
    const std::string url = "unix:///" + std::to_string(i) + ".sock";
    engine(url, i % 2 == 0 ? "docker-20.10" : "podman-4.3");
    plan.hosts.push_back(source("h" + std::to_string(i), url));
  }
  plan.at_once = 1;
  const std::string bytes = to_json(run());
  plan.at_once = 5;
  std::ranges::reverse(plan.hosts);
  EXPECT_EQ(to_json(run()), bytes);
  plan.at_once = 0;  // as good as one
  EXPECT_EQ(to_json(run()), bytes);
}

TEST_F(Collecting, AHostThatCannotBeReachedOrResolvedIsAGapBesideTheOthers) {
  engine("unix:///a.sock", "docker-20.10");
  plan.hosts = {source("a", "unix:///a.sock"), source("down", "tcp://down:2375"),
                source("odd", "gopher://x"), source("none", "context:nobody")};
  const Snapshot snapshot = run();
  EXPECT_THAT(host_names(snapshot), ElementsAre("a", "down", "none", "odd"));
  ASSERT_EQ(snapshot.gaps.size(), 3U);
  for (const Gap& gap : snapshot.gaps) {
    EXPECT_EQ(gap.what, "the host");
    EXPECT_THAT(gap.needed_by, Contains("NET001"));
    EXPECT_NE(gap.host, "a");
  }
}

TEST_F(Collecting, SnapshotsInThePlanAreNotItsBusiness) {
  plan.hosts = {source("old", "old.json")};
  plan.hosts[0].kind = HostSource::Kind::kSnapshot;
  const Snapshot snapshot = run();
  EXPECT_THAT(snapshot.hosts, IsEmpty());
  EXPECT_THAT(snapshot.gaps, IsEmpty());
}

TEST_F(Collecting, ComposeFilesStandBesideTheEngines) {
  engine("unix:///a.sock", "docker-20.10");
  plan.hosts = {source("a", "unix:///a.sock")};
  plan.compose = {{{"x.yml"}}};
  const Snapshot snapshot = run();
  EXPECT_THAT(host_names(snapshot), ElementsAre("a", "compose"));
  ASSERT_EQ(snapshot.gaps.size(), 1U);  // no tool here
  EXPECT_EQ(snapshot.gaps[0].host, "compose");
}

class AWorker : public Collecting {
 protected:
  void worker(const std::string& url, const std::string& node) {
    Recording recording = load_recording("docker-20.10");
    recording["/v1.41/info"]["Swarm"] = {
        {"NodeID", node}, {"LocalNodeState", "active"}, {"ControlAvailable", false}};
    workers_[url] = recording;
  }
  std::map<std::string, Recording> workers_;
};

TEST_F(AWorker, WithoutItsManagerLeavesServicesUnseen) {
  worker("unix:///w.sock", "node2");
  plan.hosts = {source("w", "unix:///w.sock")};
  CollectTools tools{
      files,
      processes,
      scripted_environment({}),
      nullptr,
      [this](const EngineEndpoint& endpoint, HttpLimits) -> Result<std::unique_ptr<HttpClient>> {
        return std::make_unique<ScriptedHttpClient>(client_of(workers_.at(endpoint.url)));
      },
      {}};
  const Snapshot alone = collect(plan, test_keys(), false, kNow, tools);
  ASSERT_EQ(alone.gaps.size(), 1U);
  EXPECT_EQ(alone.gaps[0].what, "services of the Swarm");
  EXPECT_THAT(alone.gaps[0].why, HasSubstr("no manager was asked"));

  Recording manager = load_recording("swarm-20.10");
  manager["/v1.41/nodes"].push_back(
      {{"ID", "node2"}, {"Spec", {{"Role", "worker"}}}, {"Description", {{"Hostname", "w"}}}});
  workers_["unix:///m.sock"] = manager;
  plan.hosts.push_back(source("m", "unix:///m.sock"));
  EXPECT_THAT(collect(plan, test_keys(), false, kNow, tools).gaps, IsEmpty());
}

}  // namespace
}  // namespace firebreak
