// All checks together: cases that a person would recognise, from a snapshot to the report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "checks/checks.h"
#include "checks/testing.h"
#include "estate/testing.h"
#include "findings/assess.h"

namespace firebreak {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Report audit(const Snapshot& snapshot, const Policy& policy = {}) {
  const Estate estate = build_estate(snapshot, policy);
  return assess(estate, run_checks(estate),
                {.now = *parse_timestamp("2026-11-23T10:00:00Z"),
                 .fail_on = Severity::kMedium,
                 .version = "0.1.0"});
}

std::vector<std::string> from_severity(const Report& report, Severity least) {
  std::vector<std::string> out;
  for (const Finding& finding : report.findings) {
    if (finding.severity >= least) out.push_back(dump(finding));
  }
  return out;
}

// Carries out "docker network create|connect|disconnect" as an engine does, and `rm --force`.
class ToyEngine {
 public:
  explicit ToyEngine(Snapshot snapshot) : snapshot_(std::move(snapshot)) {}

  void run(const std::string& command) {
    std::vector<std::string> words;
    for (const std::string_view word : split(command, ' ')) words.emplace_back(word);
    ASSERT_GE(words.size(), 3U) << command;
    Host& host = snapshot_.hosts.front();
    if (words[1] == "rm") {
      EXPECT_EQ(std::erase_if(host.containers,
                              [&](const Container& c) { return c.name == words.back(); }),
                1U)
          << command;
      return;
    }
    ASSERT_EQ(words[1], "network") << command;
    if (words[2] == "create") {
      EXPECT_EQ(find(words.back()), nullptr) << "it exists: " << command;
      Network made;
      made.name = words.back();
      made.id = NetworkKey("new-" + made.name);
      made.driver = "bridge";
      made.scope = "local";
      host.networks.push_back(made);
      return;
    }
    Container& container = container_of(words.back());
    const Network* network = find(words[words.size() - 2]);
    ASSERT_NE(network, nullptr) << command;
    if (words[2] == "connect") {
      Endpoint endpoint;
      endpoint.network = network->id;
      endpoint.network_name = network->name;
      endpoint.names = {container.name};
      container.endpoints.push_back(endpoint);
    } else {
      EXPECT_EQ(std::erase_if(container.endpoints,
                              [&](const Endpoint& e) { return e.network == network->id; }),
                1U)
          << command;
    }
  }

  [[nodiscard]] const Snapshot& snapshot() const { return snapshot_; }

 private:
  const Network* find(const std::string& name) {
    for (const Network& network : snapshot_.hosts.front().networks) {
      if (network.name == name) return &network;
    }
    return nullptr;
  }
  Container& container_of(const std::string& name) {
    const auto found =
        std::ranges::find(snapshot_.hosts.front().containers, name, &Container::name);
    CHECK(found != snapshot_.hosts.front().containers.end());
    return *found;
  }

  Snapshot snapshot_;
};

// Follows the first remedy with commands until none is left above info.
Report after_remedies(const Snapshot& start) {
  ToyEngine engine(start);
  Report report = audit(engine.snapshot());
  for (int round = 0; round < 20; ++round) {
    const Finding* next = nullptr;
    for (const Finding& finding : report.findings) {
      const bool can = !finding.remedy.empty() && !finding.remedy.front().commands.empty();
      if (finding.severity >= Severity::kMedium && can) {
        next = &finding;
        break;
      }
    }
    if (next == nullptr) return report;
    for (const std::string& command : next->remedy.front().commands) engine.run(command);
    report = audit(engine.snapshot());
  }
  ADD_FAILURE() << "the remedies do not come to an end";
  return report;
}

SnapshotBuilder word_for_word() {
  SnapshotBuilder b;
  b.host("laptop").network("shared-net");
  b.container("bold_bohr", "my-api")
      .on("shared-net")
      .env("DATABASE_URL", target("postgres://dev-db:5432/app"));
  b.container("calm_curie", "my-api")
      .on("shared-net")
      .env("DATABASE_URL", target("postgres://prod-db:5432/app"));
  return b;
}

TEST(WordForWord, SharedNetworkIsFoundWithNoPolicy) {
  const Report report = audit(word_for_word().build());
  EXPECT_EQ(report.exit, 1);
  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings[0].code, Code::kNet001);
  EXPECT_EQ(report.findings[0].severity, Severity::kHigh);
  EXPECT_THAT(report.findings[0].environments, ElementsAre("development", "production"));
}

TEST(WordForWord, IsCleanAfterTheRemedy) {
  const Report report = after_remedies(word_for_word().build());
  EXPECT_EQ(report.exit, 0);
  EXPECT_EQ(report.outcome, Outcome::kSeparated);
  EXPECT_THAT(from_severity(report, Severity::kMedium), IsEmpty());
}

// Five unrelated projects, public images and the usual tools; nothing speaks of an environment.
SnapshotBuilder ordinary_machine() {
  SnapshotBuilder b;
  b.host("laptop").network("proxy");
  for (const std::string project : {"blog", "shop", "wiki", "photos", "backstage"}) {
    const std::string own = project + "_default";
    b.network(own);
    b.compose(project, "db").edit([](Container& c) { c.image = "postgres:15"; });
    b.on(own, "", {"db"}).env("POSTGRES_PASSWORD", secret("postgres"));
    b.volume(project + "_data", "/var/lib/postgresql/data")
        .bind("/etc/localtime", "/etc/localtime", false);
    b.compose(project, "web").edit([](Container& c) { c.image = "nginx:latest"; });
    b.on(own)
        .on("proxy")
        .env("NODE_ENV", "production")
        .env("DATABASE_URL", target("postgres://db:5432/app"));
  }
  b.container("traefik", "traefik:2.10").on("proxy").publish(80, 80);
  b.bind("/var/run/docker.sock", "/var/run/docker.sock", false);
  b.container("node-exporter", "prom/node-exporter").network_mode("host").bind("/", "/host", false);
  b.container("dind", "docker:dind").edit([](Container& c) { c.isolation.privileged = true; });
  return b;
}

TEST(OrdinaryMachine, GivesNothingAboveInfo) {
  const Report report = audit(ordinary_machine().build());
  EXPECT_THAT(from_severity(report, Severity::kLow), IsEmpty());
  EXPECT_EQ(report.exit, 0);
}

// Something for every family.
SnapshotBuilder bad_machine() {
  SnapshotBuilder b;
  b.host("laptop").network("shared-net").network("dev-net").network("prod-net");
  b.container("api").label("env", "dev").on("shared-net", "", {"app"}).on("dev-net");
  b.volume("data", "/data")
      .bind("/var/run/docker.sock", "/s")
      .env("TOKEN", secret("long-secret-x"));
  b.container("web").label("env", "dev").on("dev-net");
  b.container("db")
      .label("env", "production")
      .on("shared-net", "", {"app"})
      .volume("data", "/data");
  b.env("TOKEN", secret("long-secret-x"));
  b.container("cache").label("env", "production").on("prod-net");
  b.container("proxy").on("dev-net").on("prod-net");
  b.container("agent").label("env", "staging").network_mode("host").edit([](Container& c) {
    c.isolation.pid_mode = "host";
  });
  b.container("debug").label("env", "dev").network_mode("container:cache");
  return b;
}

TEST(BadMachine, ShowsAllOfIt) {
  const Report report = audit(bad_machine().build());
  std::vector<std::string_view> codes;
  codes.reserve(report.findings.size());
  for (const Finding& finding : report.findings) codes.push_back(info(finding.code).name);
  for (const std::string_view code : {"HOST001", "HOST002", "HOST003", "HOST004", "NET001",
                                      "NET004", "NET005", "NET007", "CRED001"}) {
    EXPECT_THAT(codes, Contains(code));
  }
}

TEST(BadMachine, HasOneFingerprintForEachFinding) {
  std::vector<std::string> prints;
  for (const Finding& finding : audit(bad_machine().build()).findings) {
    prints.push_back(finding.fingerprint);
    EXPECT_THAT(finding.fingerprint, SizeIs(16));
    EXPECT_FALSE(finding.title.empty());
    EXPECT_FALSE(finding.path.empty()) << finding.title;
    EXPECT_FALSE(finding.remedy.empty()) << finding.title;
  }
  const std::size_t all = prints.size();
  std::ranges::sort(prints);
  const auto repeated = std::ranges::unique(prints);
  EXPECT_EQ(all, all - repeated.size());
}

TEST(BadMachine, SaysTheSameInAnyOrder) {
  const Report one = audit(bad_machine().build());
  const Report other = audit(reversed(bad_machine().build()));
  EXPECT_EQ(dump(one.findings), dump(other.findings));
}

TEST(BadMachine, ComesCleanByItsRemedies) {
  const Report report = after_remedies(bad_machine().build());
  for (const Finding& finding : report.findings) {
    const bool by_command = !finding.remedy.empty() && !finding.remedy.front().commands.empty();
    EXPECT_FALSE(finding.severity >= Severity::kMedium && by_command) << dump(finding);
  }
}

}  // namespace
}  // namespace firebreak
