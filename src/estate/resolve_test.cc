#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "estate/testing.h"

namespace firebreak {
namespace {

using Kind = Resolution::Kind;

class Resolving : public ::testing::Test {
 protected:
  // What `name` means in the container "api" on the first host, as text.
  std::string means(std::string_view name, std::optional<std::uint16_t> port = {}) {
    const Estate estate = build_estate(b.build(), {});
    const auto api = estate.find_container(HostId(0), "api");
    if (!api) return "no api";
    const Resolution found =
        port ? estate.resolve(*api, name, Port{*port}) : estate.resolve(*api, name);
    std::string text = found.kind == Kind::kItself    ? "itself"
                       : found.kind == Kind::kHost    ? "host"
                       : found.kind == Kind::kOutside ? "outside"
                                                      : "containers";
    if (found.network) text += " on " + estate[*found.network].network->name;
    std::vector<std::string> names;
    for (const ContainerId id : found.containers) {
      if (found.kind == Kind::kContainers || found.containers.size() > 1) {
        names.push_back(estate[id].name);
      }
    }
    std::ranges::sort(names);
    for (const std::string& container : names) text += " " + container;
    return text;
  }

  SnapshotBuilder b;
};

TEST_F(Resolving, LoopbackIsTheContainerItself) {
  b.host("laptop").container("api").on("bridge");
  for (const std::string_view name :
       {"localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "LOCALHOST"}) {
    EXPECT_EQ(means(name), "itself") << name;
  }
}

TEST_F(Resolving, NamesOfOneNetworkAreAnsweredThere) {
  b.host("laptop").network("net").network("other");
  b.container("api").on("net");
  b.container("shop-db-1").on("net", "", {"db"});
  b.container("cache").on("other");
  EXPECT_EQ(means("db"), "containers on net shop-db-1");
  EXPECT_EQ(means("DB."), "containers on net shop-db-1");
  EXPECT_EQ(means("shop-db-1"), "containers on net shop-db-1");
  EXPECT_EQ(means("db.net"), "containers on net shop-db-1");
  EXPECT_EQ(means("cache"), "outside");
  EXPECT_EQ(means("api"), "itself");
  EXPECT_EQ(means("db.example.com"), "outside");
}

TEST_F(Resolving, AllClaimantsOfANameAreTheAnswer) {
  b.host("laptop").network("net");
  b.container("api").on("net");
  b.container("one").on("net", "", {"db"});
  b.container("two").on("net", "", {"db"});
  EXPECT_EQ(means("db"), "containers on net one two");
}

TEST_F(Resolving, TheDefaultBridgeAnswersNoNames) {
  b.host("laptop").container("api").on("bridge").container("db").on("bridge", "172.17.0.9");
  EXPECT_EQ(means("db"), "outside");
  EXPECT_EQ(means("172.17.0.9"), "containers on bridge db");
}

TEST_F(Resolving, ExtraHostsComeFirst) {
  b.host("laptop").network("net");
  b.container("db").on("net", "172.20.0.5").container("decoy").on("net", "172.20.0.6");
  b.container("api")
      .on("net")
      .extra_host("decoy", "172.20.0.5")
      .extra_host("Outer", "host-gateway")
      .extra_host("far", "203.0.113.5");
  EXPECT_EQ(means("decoy"), "containers on net db");
  EXPECT_EQ(means("outer"), "host");
  EXPECT_EQ(means("far"), "outside");
}

TEST_F(Resolving, ASharedNamespaceHasOneLoopbackAndOneHostsFile) {
  b.host("laptop").network("net");
  b.container("owner").on("net").extra_host("outer", "host-gateway");
  const std::string owner = b.id();
  b.container("db").on("net");
  b.container("api").network_mode("container:" + owner);
  EXPECT_EQ(means("localhost"), "itself api owner");
  EXPECT_EQ(means("owner"), "itself api owner");
  EXPECT_EQ(means("outer"), "host");
  EXPECT_EQ(means("db"), "containers on net db");
}

TEST_F(Resolving, ACycleOfNamespacesEnds) {
  b.host("laptop").container("api").network_mode("container:other");
  b.container("other").network_mode("container:api");
  EXPECT_THAT(means("localhost"), ::testing::StartsWith("itself"));
}

TEST_F(Resolving, AddressesLeadToContainersOfTheHost) {
  b.host("laptop").network("net").network("far");
  b.container("api").on("net", "172.20.0.2");
  b.container("db").on("far", "172.21.0.7");
  b.host("other").network("remote").container("twin").on("remote", "172.30.0.7");
  EXPECT_EQ(means("172.21.0.7"), "containers on far db");
  EXPECT_EQ(means("172.20.0.2"), "itself");
  EXPECT_EQ(means("172.30.0.7"), "outside");
}

TEST_F(Resolving, GatewaysAndMachineNamesAreTheHost) {
  b.host("laptop").network("net").edit_network(
      "net", [](Network& n) { n.subnets = {*Cidr::parse("172.20.0.0/16")}; });
  b.container("api").on("net");
  EXPECT_EQ(means("172.20.0.1"), "host");
  EXPECT_EQ(means("172.20.0.3"), "outside");
  EXPECT_EQ(means("host.docker.internal"), "host");
  EXPECT_EQ(means("laptop-machine"), "host");
}

TEST_F(Resolving, APublishedPortLeadsToItsContainer) {
  b.host("laptop").container("api").on("bridge");
  b.container("db").on("bridge").publish(5433, 5432);
  b.container("hidden").on("bridge").publish(6379, 6379, "127.0.0.1");
  EXPECT_EQ(means("host.docker.internal", 5433), "containers db");
  EXPECT_EQ(means("host.docker.internal", 5432), "host");
  EXPECT_EQ(means("host.docker.internal", 6379), "host");
}

TEST_F(Resolving, OnTheHostsNetworkLoopbackIsTheMachine) {
  b.host("laptop").container("api").network_mode("host");
  b.container("hidden").on("bridge").publish(6379, 6379, "127.0.0.1");
  EXPECT_EQ(means("localhost", 6379), "containers hidden");
  EXPECT_EQ(means("localhost", 80), "host");
}

TEST_F(Resolving, AnotherMachineIsFoundByItsPublishedPort) {
  b.host("laptop").container("api").on("bridge");
  b.host("prod-1").edit_host([](Host& h) { h.endpoint = "tcp://prod-1.example.com:2376"; });
  b.container("db").on("bridge").publish(5432, 5432);
  EXPECT_EQ(means("prod-1.example.com", 5432), "containers db");
  EXPECT_EQ(means("prod-1-machine", 5432), "containers db");
  EXPECT_EQ(means("prod-1.example.com", 80), "outside");
  EXPECT_EQ(means("prod-1", 5432), "outside");
}

TEST_F(Resolving, AMachineNameThatTwoHostsClaimSaysNothing) {
  b.host("laptop").container("api").on("bridge");
  for (const std::string_view name : {"one", "two"}) {
    b.host(name).edit_host([](Host& h) { h.engine.machine = "clone"; });
    b.container("db").on("bridge").publish(5432, 5432);
  }
  EXPECT_EQ(means("clone", 5432), "outside");
}

TEST_F(Resolving, SwarmServicesAnswerOnTheirOverlay) {
  b.host("laptop").network("shop_net", "overlay");
  b.container("api").on("shop_net");
  b.host("node").network("shop_net", "overlay");
  b.task("s1", "shop_db").label("com.docker.stack.namespace", "shop").on("shop_net");
  EXPECT_EQ(means("shop_db"), "containers on shop_net shop_db.1.x1y2z3");
  EXPECT_EQ(means("db"), "containers on shop_net shop_db.1.x1y2z3");
  EXPECT_EQ(means("tasks.shop_db"), "containers on shop_net shop_db.1.x1y2z3");
}

TEST_F(Resolving, EveryNodeAnswersOnTheRoutingMesh) {
  b.host("laptop").container("api").on("bridge");
  b.edit_host([](Host& h) {
    h.swarm.active = true;
    h.swarm.node = NodeKey("n1");
  });
  b.host("manager").service("s1", "web", 1).publish(8080, 80);
  b.edit_host([](Host& h) {
    h.swarm.nodes.push_back(
        {.id = NodeKey("n1"), .hostname = "laptop", .manager = false, .labels = {}});
  });
  EXPECT_EQ(means("host.docker.internal", 8080), "containers web");
}

TEST_F(Resolving, PlannedServicesAnswerOnPlannedNetworks) {
  b.compose_host().network("shop_default");
  b.planned("shop", "db").on("shop_default");
  b.planned("shop", "api").on("shop_default").edit([](Container& c) { c.name = "api"; });
  b.planned("shop", "sidecar").network_mode("service:api");
  EXPECT_EQ(means("db"), "containers on shop_default shop-db-1");
  const Estate estate = build_estate(b.build(), {});
  const ContainerId sidecar = workload(estate, "sidecar").containers[0];
  EXPECT_EQ(estate.resolve(sidecar, "localhost").containers.size(), 2U);
  EXPECT_EQ(estate.resolve(sidecar, "db").kind, Kind::kContainers);
}

TEST(Connections, ListWhatConfigurationsPointAt) {
  SnapshotBuilder b;
  b.host("laptop").network("net");
  b.container("db").on("net");
  b.container("api").on("net").env("DATABASE_URL", target("postgres://db/app"));
  b.env("IMAGE_URL", target("https://example.com")).from_image();
  b.env("SOCKET", target("postgres:///run/postgresql"));
  b.command({{.program = "pg_dump", .targets = {target("postgres://far/app")}, .secrets = {}}});
  const Estate estate = build_estate(b.build(), {});
  ASSERT_EQ(estate.connections().size(), 2U);
  EXPECT_EQ(estate.connections()[0].variable, "DATABASE_URL");
  EXPECT_EQ(estate.connections()[0].resolution.kind, Kind::kContainers);
  EXPECT_EQ(estate[estate.connections()[0].resolution.containers[0]].name, "db");
  EXPECT_EQ(estate.connections()[1].variable, "command pg_dump");
  EXPECT_EQ(estate.connections()[1].resolution.kind, Kind::kOutside);
}

TEST(Connections, CountReplicasOnce) {
  SnapshotBuilder b;
  b.host("laptop").network("net");
  b.container("db").on("net");
  for (int replica = 1; replica <= 3; ++replica) {
    b.compose("shop", "api", replica)
        .on("net")
        .env("DATABASE_URL", target("postgres://db/app"))
        .env("CACHE", target("redis://localhost"));
  }
  const Estate estate = build_estate(b.build(), {});
  EXPECT_EQ(estate.connections().size(), 2U);
}

TEST(Connections, UseTheDefaultPortOfTheScheme) {
  SnapshotBuilder b;
  b.host("laptop").container("db").on("bridge").publish(5432, 5432);
  b.container("api").on("bridge").env("DATABASE_URL",
                                      target("postgres://host.docker.internal/app"));
  const Estate estate = build_estate(b.build(), {});
  ASSERT_EQ(estate.connections().size(), 1U);
  EXPECT_EQ(estate.connections()[0].resolution.kind, Kind::kContainers);
}

}  // namespace
}  // namespace firebreak
