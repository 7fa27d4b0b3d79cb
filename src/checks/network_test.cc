#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/checks.h"
#include "checks/testing.h"
#include "estate/testing.h"

namespace firebreak {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

SnapshotBuilder laptop() {
  SnapshotBuilder b;
  b.host("laptop");
  return b;
}

// Development's api and production's db on one network.
SnapshotBuilder shared_network() {
  SnapshotBuilder b = laptop();
  b.network("shared-net");
  b.container("api").label("env", "dev").on("shared-net", "172.20.0.2");
  b.container("db").label("env", "production").on("shared-net", "172.20.0.3");
  return b;
}

Estate estate_of(const SnapshotBuilder& b, const Policy& policy = {}) {
  return build_estate(b.build(), policy);
}

PolicyBuilder tiers(std::initializer_list<std::string> production_networks = {}) {
  PolicyBuilder p;
  p.environment("production", Tier::kProduction, {"label: env=production"}, production_networks);
  p.environment("staging", Tier::kStaging, {"label: env=staging"});
  p.environment("development", Tier::kDevelopment, {"label: env=dev"});
  return p;
}

Finding only(const Estate& estate, Code code) {
  Findings found = findings_of(estate, code);
  EXPECT_THAT(found, SizeIs(1)) << dump(found);
  return found.empty() ? Finding{} : found.front();
}

TEST(SharedNetwork, IsFoundWithProof) {
  const Finding f = only(estate_of(shared_network()), Code::kNet001);
  EXPECT_EQ(f.title, "network shared-net joins development and production");
  EXPECT_THAT(f.environments, ElementsAre("development", "production"));
  EXPECT_EQ(f.severity, Severity::kHigh);
  ASSERT_THAT(f.path, SizeIs(3));
  EXPECT_EQ(f.path[0].at, "development/api 172.20.0.2");
  EXPECT_EQ(f.path[1].at, "network shared-net (bridge)");
  EXPECT_THAT(f.path[1].why, HasSubstr("its DNS answers"));
  EXPECT_EQ(f.path[2].at, "production/db 172.20.0.3");
}

// A VPN client of no environment, whose network namespace development's downloader uses.
TEST(SharedNetwork, IsFoundThroughTheNamespaceOfAnUnassignedContainer) {
  SnapshotBuilder b = laptop();
  b.network("shared-net");
  b.container("vpn").on("shared-net", "172.20.0.2");
  b.container("downloader").label("env", "dev").network_mode("container:vpn");
  b.container("db").label("env", "production").on("shared-net");
  const Finding f = only(estate_of(b), Code::kNet001);
  EXPECT_EQ(f.path[0].at, "development/downloader 172.20.0.2");
  EXPECT_THAT(f.remedy[0].commands,
              AllOf(Contains("docker network connect development-network vpn"),
                    Contains("docker network disconnect shared-net vpn")));
  EXPECT_THAT(titles_of(estate_of(b), Code::kNet001),
              titles_of(build_estate(reversed(b.build()), {}), Code::kNet001));

  SnapshotBuilder apart = laptop();
  apart.network("vpn-net").network("prod-net");
  apart.container("vpn").on("vpn-net");
  apart.container("downloader").label("env", "dev").network_mode("container:vpn");
  apart.container("db").label("env", "production").on("prod-net");
  EXPECT_THAT(findings_of(estate_of(apart), Code::kNet001), IsEmpty());
}

TEST(SharedNetwork, RemedyMakesANetworkForEachAndLeavesTheSharedOne) {
  const Finding f = only(estate_of(shared_network()), Code::kNet001);
  ASSERT_THAT(f.remedy, SizeIs(1));
  EXPECT_THAT(f.remedy[0].commands,
              UnorderedElementsAre("docker network create development-network",
                                   "docker network create production-network",
                                   "docker network connect development-network api",
                                   "docker network connect production-network db",
                                   "docker network disconnect shared-net api",
                                   "docker network disconnect shared-net db"));
}

TEST(SharedNetwork, RemedyReachesTheEngineThatWasAsked) {
  SnapshotBuilder b = shared_network();
  b.edit_host([](Host& host) { host.endpoint = "unix:///tmp/x y.sock"; });
  EXPECT_THAT(only(estate_of(b), Code::kNet001).remedy[0].commands,
              Contains("docker --host 'unix:///tmp/x y.sock' network disconnect shared-net api"));
  b.edit_host([](Host& host) {
    host.endpoint = "tcp://prod-1:2376";
    host.tls = true;
  });
  EXPECT_THAT(only(estate_of(b), Code::kNet001).remedy[0].commands,
              Contains("docker --host tcp://prod-1:2376 --tlsverify network disconnect shared-net "
                       "api"));
  b.edit_host([](Host& host) {
    host.endpoint = "unix:///run/podman/podman.sock";
    host.engine.product = "podman";
  });
  EXPECT_THAT(only(estate_of(b), Code::kNet001).remedy[0].commands,
              Contains("podman network disconnect shared-net api"));
}

TEST(SharedNetwork, RemedyKeepsAliasesAndUsesWhatIsThere) {
  SnapshotBuilder b = laptop();
  b.network("shared-net").network("development-network").network("production-network");
  b.compose("shop", "api").label("env", "dev").on("shared-net").on("development-network");
  b.container("db").label("env", "production").on("shared-net", "", {"database"});
  b.container("other").label("env", "staging").on("production-network");
  const auto commands = only(estate_of(b), Code::kNet001).remedy[0].commands;
  EXPECT_THAT(commands, UnorderedElementsAre(
                            "docker network create shared-net-production",
                            "docker network connect --alias database shared-net-production db",
                            "docker network disconnect shared-net shop-api-1",
                            "docker network disconnect shared-net db"));
}

TEST(SharedNetwork, OfReplicasIsOneSubject) {
  SnapshotBuilder b = laptop();
  b.network("shared-net");
  b.compose("shop", "api", 1).label("env", "dev").on("shared-net");
  b.compose("shop", "api", 2).label("env", "dev").on("shared-net");
  b.container("db").label("env", "production").on("shared-net");
  const Finding f = only(estate_of(b), Code::kNet001);
  EXPECT_THAT(f.subjects, SizeIs(3));  // api, db, the network
  EXPECT_THAT(f.remedy[0].commands, Contains("docker network disconnect shared-net shop-api-2"));
  EXPECT_THAT(f.remedy[0].text, HasSubstr("service api of compose project shop"));
}

TEST(SharedNetwork, IsReportedForEveryPair) {
  SnapshotBuilder b = shared_network();
  b.container("web").label("env", "staging").on("shared-net");
  EXPECT_THAT(
      titles_of(estate_of(b), Code::kNet001),
      UnorderedElementsAre(
          "high development->production: network shared-net joins development and production",
          "high development->staging: network shared-net joins development and staging",
          "high staging->production: network shared-net joins staging and production"));
}

TEST(SharedNetwork, OfStoppedContainersIsOneLess) {
  SnapshotBuilder b = laptop();
  b.network("shared-net");
  b.container("api").label("env", "dev").on("shared-net").stopped();
  b.container("db").label("env", "production").on("shared-net").stopped();
  EXPECT_EQ(only(estate_of(b), Code::kNet001).severity, Severity::kMedium);
}

TEST(SharedNetwork, NeedsMembersOfTwoEnvironments) {
  SnapshotBuilder b = laptop();
  b.network("dev-net").network("prod-net");
  b.container("api").label("env", "dev").on("dev-net");
  b.container("db").label("env", "production").on("prod-net");
  b.container("traefik").on("prod-net");
  EXPECT_THAT(findings_of(estate_of(b), Code::kNet001), IsEmpty());
}

TEST(SharedNetwork, DefaultBridgeCountsButAnswersNoNames) {
  SnapshotBuilder b = laptop();
  b.container("api").label("env", "dev").on("bridge");
  b.container("db").label("env", "production").on("bridge");
  const Finding f = only(estate_of(b), Code::kNet001);
  EXPECT_THAT(f.path[1].why, Not(HasSubstr("DNS")));
  EXPECT_THAT(f.remedy[0].commands, Contains("docker network disconnect bridge api"));
}

class BuiltinNetwork : public testing::TestWithParam<std::string> {};

TEST_P(BuiltinNetwork, JoinsNobody) {
  SnapshotBuilder b = laptop();
  if (GetParam() == "ingress") {
    b.network("ingress", "overlay").edit_network("ingress", [](Network& n) { n.ingress = true; });
  } else if (GetParam() == "docker_gwbridge") {
    b.network("docker_gwbridge");
  }
  b.container("api").label("env", "dev").on(GetParam());
  b.container("db").label("env", "production").on(GetParam());
  EXPECT_THAT(findings_of(estate_of(b), Code::kNet001), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Names, BuiltinNetwork,
                         testing::Values("none", "host", "ingress", "docker_gwbridge"));

TEST(SharedNetwork, WithIccForbiddenIsOneLessWhereTheFilterSeesIt) {
  const auto forbid = [](Network& n) {
    n.options = {{"com.docker.network.bridge.enable_icc", "false"}};
  };
  SnapshotBuilder b = shared_network();
  b.edit_network("shared-net", forbid);
  EXPECT_EQ(only(estate_of(b), Code::kNet001).severity, Severity::kMedium);
  EXPECT_THAT(findings_of(estate_of(b), Code::kNet006), IsEmpty());
  b.edit_host([](Host& host) { host.engine.bridge_nf_iptables = false; });
  EXPECT_EQ(only(estate_of(b), Code::kNet001).severity, Severity::kHigh);
  EXPECT_EQ(only(estate_of(b), Code::kNet006).severity, Severity::kHigh);
}

TEST(OwnedNetwork, LetsNobodyElseIn) {
  SnapshotBuilder b = laptop();
  b.network("production-network");
  b.container("api").label("env", "dev").on("production-network");
  const Finding f = only(estate_of(b, tiers({"production-network"}).build()), Code::kNet001);
  EXPECT_THAT(f.environments, ElementsAre("development", "production"));
  EXPECT_THAT(f.path[2].why, HasSubstr("owns production-network"));
  EXPECT_THAT(f.remedy[0].commands,
              ElementsAre("docker network create development-network",
                          "docker network connect development-network api",
                          "docker network disconnect production-network api"));
  // Without the policy's word a network's name says nothing about whose it is.
  EXPECT_THAT(findings_of(estate_of(b, tiers().build()), Code::kNet001), IsEmpty());
}

TEST(OwnedNetwork, KeepsItsOwnMembersWhenOthersMoveOut) {
  SnapshotBuilder b = laptop();
  b.network("production-network");
  b.container("api").label("env", "dev").on("production-network");
  b.container("db").label("env", "production").on("production-network");
  const Finding f = only(estate_of(b, tiers({"production-network"}).build()), Code::kNet001);
  EXPECT_THAT(f.remedy[0].commands,
              Not(Contains("docker network disconnect production-network db")));
}

TEST(OwnedNetwork, ReportsMembersOfNoEnvironment) {
  SnapshotBuilder b = laptop();
  b.network("production-network");
  b.container("db").label("env", "production").on("production-network");
  b.container("stray").on("production-network");
  const Finding f = only(estate_of(b, tiers({"production-network"}).build()), Code::kNet001);
  EXPECT_THAT(f.environments, ElementsAre("production"));
  EXPECT_THAT(f.remedy[0].commands,
              ElementsAre("docker network disconnect production-network stray"));
}

TEST(SharedService, ThatServesBothSidesJoinsNothing) {
  SnapshotBuilder b = laptop();
  b.network("dev-net").network("prod-net");
  b.container("api").label("env", "dev").on("dev-net");
  b.container("db").label("env", "production").on("prod-net");
  b.container("metrics").label("role", "metrics").on("dev-net").on("prod-net");
  const Estate both =
      estate_of(b, tiers().shared("label: role=metrics", {"development", "production"}).build());
  EXPECT_THAT(findings_of(both, Code::kNet001), IsEmpty());
  EXPECT_TRUE(only(both, Code::kNet004).accepted);
  // It serves production only, and stands in development's network.
  const Estate one = estate_of(b, tiers().shared("label: role=metrics", {"production"}).build());
  EXPECT_THAT(findings_of(one, Code::kNet001), SizeIs(1));
}

TEST(Pivot, IsFoundEvenIfItBelongsToNobody) {
  SnapshotBuilder b = laptop();
  b.network("dev-net").network("prod-net");
  b.container("api").label("env", "dev").on("dev-net");
  b.container("db").label("env", "production").on("prod-net");
  b.container("traefik").on("dev-net").on("prod-net");
  const Finding f = only(estate_of(b), Code::kNet004);
  EXPECT_EQ(f.title, "traefik stands in networks of development and of production");
  EXPECT_EQ(f.severity, Severity::kHigh);
  EXPECT_FALSE(f.accepted);
  EXPECT_THAT(f.remedy[0].commands, ElementsAre("docker network disconnect dev-net traefik"));
}

TEST(Pivot, OfAnEnvironmentLeavesTheOtherOne) {
  SnapshotBuilder b = laptop();
  b.network("dev-net").network("prod-net");
  b.container("api").label("env", "dev").on("dev-net");
  b.container("tool").label("env", "dev").on("dev-net").on("prod-net");
  b.container("db").label("env", "production").on("prod-net");
  const Finding f = only(estate_of(b), Code::kNet004);
  EXPECT_EQ(f.title, "development/tool stands in networks of development and of production");
  EXPECT_THAT(f.remedy[0].commands, ElementsAre("docker network disconnect prod-net tool"));
}

TEST(Pivot, NeedsTwoNetworksThatAreApart) {
  SnapshotBuilder b = shared_network();
  b.network("prod-net");
  b.container("traefik").on("shared-net").on("prod-net");
  b.container("cache").label("env", "production").on("prod-net");
  // shared-net joins both already: NET001 says so.
  EXPECT_THAT(findings_of(estate_of(b), Code::kNet004), IsEmpty());
}

TEST(Pivot, InNetworksOfOneEnvironmentIsNone) {
  SnapshotBuilder b = laptop();
  b.network("front").network("back");
  b.container("api").label("env", "dev").on("front");
  b.container("cache").label("env", "dev").on("back");
  b.container("traefik").on("front").on("back");
  b.container("db").label("env", "production");
  EXPECT_THAT(findings_of(estate_of(b), Code::kNet004), IsEmpty());
}

TEST(HostNetwork, IsFoundBesideAnotherEnvironment) {
  SnapshotBuilder b = laptop();
  b.container("agent").label("env", "dev").network_mode("host").on("host");
  b.container("db").label("env", "production").on("bridge");
  const Finding f = only(estate_of(b), Code::kNet005);
  EXPECT_EQ(f.title, "development/agent uses the network of laptop, where production runs");
  EXPECT_EQ(f.severity, Severity::kHigh);
  EXPECT_THAT(f.remedy[0].commands, ElementsAre("docker rm --force agent"));
  EXPECT_THAT(f.remedy[0].text, HasSubstr("--network host"));
}

TEST(HostNetwork, OnAHostOfItsOwnIsNone) {
  SnapshotBuilder b = laptop();
  b.container("agent").label("env", "dev").network_mode("host");
  b.host("prod-1").container("db").label("env", "production");
  EXPECT_THAT(findings_of(estate_of(b), Code::kNet005), IsEmpty());
}

TEST(HostNetwork, OfAContainerOfNoEnvironmentIsNone) {
  SnapshotBuilder b = laptop();
  b.container("node-exporter").network_mode("host");
  b.container("api").label("env", "dev");
  b.container("db").label("env", "production");
  EXPECT_THAT(findings_of(estate_of(b), Code::kNet005), IsEmpty());
}

SnapshotBuilder two_macvlans(std::string_view first, std::string_view second) {
  SnapshotBuilder b = laptop();
  b.network("dev-lan", "macvlan").edit_network("dev-lan", [&](Network& n) {
    n.options = {{"parent", std::string(first)}};
  });
  b.network("prod-lan", "macvlan").edit_network("prod-lan", [&](Network& n) {
    n.options = {{"parent", std::string(second)}};
  });
  b.container("api").label("env", "dev").on("dev-lan");
  b.container("db").label("env", "production").on("prod-lan");
  return b;
}

TEST(LayerTwo, OfOneParentInterfaceIsShared) {
  const Finding f = only(estate_of(two_macvlans("eth0", "eth0")), Code::kNet006);
  EXPECT_EQ(f.title,
            "networks dev-lan of development and prod-lan of production share the interface eth0");
  EXPECT_THAT(findings_of(estate_of(two_macvlans("eth0.10", "eth0.20")), Code::kNet006), IsEmpty());
}

SnapshotBuilder swarm(bool encrypted) {
  SnapshotBuilder b;
  b.host("m1").network("prod_net", "overlay");
  b.edit_network("prod_net", [&](Network& n) {
    if (encrypted) n.options = {{"encrypted", ""}};
  });
  b.service("s1", "prod_db");
  b.task("s1", "prod_db").label("env", "production").on("prod_net");
  b.host("w1").edit_host([](Host& host) {
    host.swarm.active = true;
    host.swarm.cluster = "cluster";
  });
  b.container("api").label("env", "dev").on("bridge");
  return b;
}

TEST(LayerTwo, OfAnUnencryptedOverlayCanBeInjectedInto) {
  const Finding f = only(estate_of(swarm(false)), Code::kNet006);
  EXPECT_THAT(f.environments, ElementsAre("development", "production"));
  EXPECT_THAT(f.title, HasSubstr("overlay network prod_net of production is not encrypted"));
  EXPECT_THAT(f.remedy[0].commands[0], HasSubstr("--opt encrypted"));
}

TEST(LayerTwo, OfAnEncryptedOverlayCanNot) {
  EXPECT_THAT(findings_of(estate_of(swarm(true)), Code::kNet006), IsEmpty());
}

TEST(LayerTwo, OfAnotherSwarmIsNotInReach) {
  SnapshotBuilder b = swarm(false);
  b.edit_host([](Host& host) { host.swarm.cluster = "another"; });
  EXPECT_THAT(findings_of(estate_of(b), Code::kNet006), IsEmpty());
}

TEST(Names, ClaimedByBothSidesAreFound) {
  SnapshotBuilder b = laptop();
  b.network("proxy");
  b.compose("shop-dev", "db").label("env", "dev").on("proxy");
  b.compose("shop-prod", "db").label("env", "production").on("proxy");
  const Finding f = only(estate_of(b), Code::kNet007);
  EXPECT_EQ(f.title, "the name db on proxy means containers of development and of production");
  EXPECT_EQ(f.severity, Severity::kMedium);
}

TEST(Names, ThatDifferAreNoCollision) {
  EXPECT_THAT(findings_of(estate_of(shared_network()), Code::kNet007), IsEmpty());
}

TEST(Names, OnTheDefaultBridgeAreNotAnswered) {
  SnapshotBuilder b = laptop();
  b.container("one").label("env", "dev").on("bridge", "", {"db"});
  b.container("two").label("env", "production").on("bridge", "", {"db"});
  EXPECT_THAT(findings_of(estate_of(b), Code::kNet007), IsEmpty());
}

TEST(Names, ThatLeadToTheOtherSideAreFound) {
  SnapshotBuilder b = shared_network();
  b.container("job")
      .label("env", "dev")
      .on("shared-net")
      .env("DATABASE_URL", target("postgres://db:5432/app"));
  const Finding f = only(estate_of(b), Code::kNet007);
  EXPECT_EQ(f.title, "the name db leads development/job to production/db");
}

TEST(Names, ThatLeadToTheOwnSideAreNot) {
  SnapshotBuilder b = shared_network();
  b.container("job")
      .label("env", "production")
      .on("shared-net")
      .env("DATABASE_URL", target("postgres://db:5432/app"));
  EXPECT_THAT(findings_of(estate_of(b), Code::kNet007), IsEmpty());
}

}  // namespace
}  // namespace firebreak
