#include "estate/estate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "estate/testing.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> stable_names(const Estate& estate) {
  std::vector<std::string> names;
  for (const Workload& workload : estate.workloads()) names.push_back(workload.stable_name);
  return names;
}

TEST(Workloads, FoldReplicasOfAComposeService) {
  SnapshotBuilder b;
  b.host("laptop");
  b.compose("shop", "api", 2).stopped();
  b.compose("shop", "api", 1);
  b.compose("blog", "api", 1).stopped();
  b.container("alone");
  b.host("other").compose("shop", "api", 1);
  const Estate estate = build_estate(b.build(), {});
  EXPECT_THAT(stable_names(estate), ElementsAre("alone", "blog/api", "shop/api", "shop/api"));
  const Workload& api = estate.workloads()[2];
  EXPECT_EQ(api.kind, Workload::Kind::kComposeService);
  EXPECT_EQ(api.containers.size(), 2U);
  EXPECT_TRUE(api.running);
  EXPECT_FALSE(estate.workloads()[1].running);
  EXPECT_EQ(estate[estate.workloads()[3].host].name, "other");
}

TEST(Workloads, FoldASwarmServiceOverTheCluster) {
  SnapshotBuilder b;
  b.host("a").task("s1", "shop_web", 1).label("com.docker.stack.namespace", "shop");
  b.host("b").task("s1", "shop_web", 2).label("com.docker.stack.namespace", "shop");
  b.service("s1", "shop_web", 2);
  const Estate estate = build_estate(b.build(), {});
  ASSERT_EQ(estate.workloads().size(), 1U);
  EXPECT_EQ(estate.workloads()[0].stable_name, "shop/web");
  EXPECT_EQ(estate.workloads()[0].name, "web");
  EXPECT_EQ(estate.workloads()[0].containers.size(), 2U);
  EXPECT_EQ(estate.container_count(), 2U);
}

TEST(Workloads, ShowAServiceWithoutVisibleTasksByItsSpec) {
  SnapshotBuilder b;
  b.host("m1").network("net", "overlay").service("s1", "web", 3).on("net");
  b.host("m2").network("net", "overlay").service("s1", "web", 3).on("net");
  b.service("s2", "idle", 0);
  const Estate estate = build_estate(b.build(), {});
  EXPECT_THAT(stable_names(estate), ElementsAre("web", "idle"));
  EXPECT_TRUE(workload(estate, "web").running);
  EXPECT_FALSE(workload(estate, "idle").running);
  EXPECT_EQ(network(estate, "net").members.size(), 1U);
  EXPECT_TRUE(estate.containers_on(HostId(0)).empty());
}

TEST(Workloads, OfComposeFilesArePlanned) {
  SnapshotBuilder b;
  b.compose_host().planned("shop", "api");
  const Estate estate = build_estate(b.build(), {});
  EXPECT_EQ(estate.workloads()[0].stable_name, "shop/api");
  EXPECT_TRUE(estate.workloads()[0].planned);
  EXPECT_FALSE(estate.workloads()[0].running);
}

TEST(Networks, OfSwarmScopeAreOneOverAllHosts) {
  SnapshotBuilder b;
  b.host("a").network("net", "overlay").network("local");
  b.container("x").on("net");
  b.host("b").network("net", "overlay").network("local");
  b.container("y").on("net");
  b.host("c").container("z").on("net");  // a worker that does not list it
  const Estate estate = build_estate(b.build(), {});
  EXPECT_EQ(network(estate, "net").members.size(), 3U);
  EXPECT_THAT(network(estate, "net").hosts, ElementsAre(HostId(0), HostId(1), HostId(2)));
  const auto local = std::ranges::count_if(
      estate.networks(), [](const EstateNetwork& n) { return n.network->name == "local"; });
  EXPECT_EQ(local, 2);
}

TEST(Networks, OfPodmanAreFoundByName) {
  SnapshotBuilder b;
  b.host("laptop").network("net").container("x").on("net").edit(
      [](Container& c) { c.endpoints[0].network = NetworkKey("net"); });
  const Estate estate = build_estate(b.build(), {});
  EXPECT_EQ(network(estate, "net").members.size(), 1U);
}

TEST(Networks, BelongToTheEnvironmentThatThePolicyNames) {
  SnapshotBuilder b;
  b.host("laptop").network("production-network").network("both").network("free").container("x");
  const Estate estate = build_estate(
      b.build(),
      PolicyBuilder()
          .environment("staging", Tier::kStaging, {"name: s"}, {"b*"})
          .environment("production", Tier::kProduction, {"name: x"}, {"production-*", "both"})
          .build());
  EXPECT_EQ(network(estate, "production-network").owner, EnvironmentId(0));
  EXPECT_EQ(network(estate, "both").owner, std::nullopt);
  EXPECT_EQ(network(estate, "free").owner, std::nullopt);
}

TEST(Estate, FindsContainersByNameIdAndPrefix) {
  SnapshotBuilder b;
  b.host("laptop").container("api");
  const std::string id = b.id();
  b.container("db");
  b.host("other").container("api");
  const Estate estate = build_estate(b.build(), {});
  const auto find = [&](std::size_t host, std::string_view name_or_id) {
    const auto found = estate.find_container(HostId(host), name_or_id);
    return found ? estate[*found].name : std::string("none");
  };
  EXPECT_EQ(find(0, "api"), "api");
  EXPECT_EQ(find(0, "db"), "db");
  EXPECT_EQ(find(0, id), "api");
  EXPECT_EQ(find(0, id.substr(0, 12)), "api");
  EXPECT_EQ(find(1, "api"), "api");
  EXPECT_EQ(find(1, id), "none");
  EXPECT_EQ(find(0, "ap"), "none");
  EXPECT_EQ(find(0, ""), "none");
}

TEST(Estate, KeepsAnEngineThatIsSeenTwiceOnce) {
  SnapshotBuilder b;
  b.host("laptop").container("prod-db");
  b.host("copy");
  Snapshot snapshot = b.build();
  snapshot.hosts[1] = snapshot.hosts[0];
  snapshot.hosts[1].name = "copy";
  const Policy policy = PolicyBuilder()
                            .environment("production", Tier::kProduction, {"host: laptop"})
                            .environment("other", Tier::kStaging, {"host: nowhere"})
                            .build();
  const Estate same = build_estate(snapshot, policy);
  ASSERT_EQ(same.snapshot().hosts.size(), 1U);
  EXPECT_EQ(same.snapshot().hosts[0].name, "copy");
  EXPECT_TRUE(same.snapshot().gaps.empty());
  EXPECT_EQ(environment_of(same, "prod-db"), "production");  // by its other name

  snapshot.hosts[1].containers[0].state = RunState::kStopped;
  EXPECT_EQ(build_estate(snapshot, {}).snapshot().gaps.size(), 1U);

  snapshot.hosts[1].engine.machine = "cloned-machine";
  EXPECT_EQ(build_estate(snapshot, {}).snapshot().hosts.size(), 2U);
}

TEST(Estate, ListsTheEnvironmentsOfAHost) {
  SnapshotBuilder b;
  b.host("laptop").container("dev-x").container("prod-x").container("dev-y");
  b.host("prod-1").container("prod-z").container("plain");
  const Estate estate = build_estate(b.build(), {});
  EXPECT_THAT(estate.environments_on(HostId(0)), ElementsAre(EnvironmentId(0), EnvironmentId(1)));
  EXPECT_THAT(estate.environments_on(HostId(1)), ElementsAre(EnvironmentId(0)));
}

TEST(Estate, DoesNotDependOnTheOrderOfCollection) {
  SnapshotBuilder b;
  for (const std::string_view host : {"b", "a", "c"}) {
    b.host(host).network("dev-net").network("prod-net").network("swarm", "overlay");
    for (const std::string_view env : {"prod", "dev"}) {
      const std::string net = std::string(env) + "-net";
      b.compose("shop", env, 1).on(net).env("DATABASE_URL", target("postgres://" + net + "/x"));
      b.compose("shop", env, 2).on(net).label("x", "y").label("env", env);
      b.container(std::string(env) + "-z").on(net).on("swarm");
      b.task("s1", "web", host == "a" ? 1 : 2).on("swarm");
    }
  }
  const Snapshot snapshot = b.build();
  const auto describe = [](const Estate& estate) {
    std::string text;
    for (const Workload& workload : estate.workloads()) {
      text += estate[workload.host].name + " " + workload.stable_name + ":";
      for (const Evidence& evidence : workload.evidence) text += " " + evidence.reason;
      for (const ContainerId id : workload.containers) text += " " + estate[id].id.value;
      text += "\n";
    }
    for (const EstateNetwork& net : estate.networks()) {
      text += net.network->name + " " + std::to_string(net.members.size()) + "\n";
      for (const Member& member : net.members) text += estate[member.container].name + " ";
    }
    for (const Connection& connection : estate.connections()) text += connection.variable;
    return text;
  };
  const std::string expected = describe(build_estate(snapshot, {}));
  std::mt19937 random(7);  // the same shuffle every time
  for (int round = 0; round < 20; ++round) {
    Snapshot shuffled = snapshot;
    std::ranges::shuffle(shuffled.hosts, random);
    for (Host& host : shuffled.hosts) {
      std::ranges::shuffle(host.containers, random);
      std::ranges::shuffle(host.networks, random);
      for (Container& container : host.containers) {
        std::ranges::shuffle(container.labels, random);
        std::ranges::shuffle(container.endpoints, random);
      }
    }
    EXPECT_EQ(describe(build_estate(std::move(shuffled), {})), expected);
  }
}

TEST(Estate, KnowsWhatClimbsAndWhatIsRequired) {
  SnapshotBuilder b;
  b.host("laptop").container("dev-x").container("prod-x").container("qa-x");
  const Estate estate = build_estate(b.build(), {});
  const EnvironmentId production(0);
  const EnvironmentId development(1);
  const EnvironmentId testing(2);
  EXPECT_TRUE(estate.climbs(development, production));
  EXPECT_FALSE(estate.climbs(production, development));
  EXPECT_FALSE(estate.climbs(development, testing));
  EXPECT_EQ(estate.required(development, production, Dimension::kNetwork).level, Level::kSeparate);
  EXPECT_EQ(estate.required(development, testing, Dimension::kNetwork).level, Level::kAny);
}

TEST(EnvironmentNamed, ReadsWordsOfTheEnvironments) {
  SnapshotBuilder b;
  b.host("laptop").container("dev-x").container("prod-x");
  const Estate estate = build_estate(b.build(), {});
  EXPECT_EQ(estate.environment_named("prod-db"), EnvironmentId(0));
  EXPECT_EQ(estate.environment_named("shop-live"), EnvironmentId(0));
  EXPECT_EQ(estate.environment_named("app_dev"), EnvironmentId(1));
  EXPECT_EQ(estate.environment_named("product"), std::nullopt);
  EXPECT_EQ(estate.environment_named("api.example.dev"), std::nullopt);
  EXPECT_EQ(estate.environment_named("prod-to-dev"), std::nullopt);
  EXPECT_EQ(estate.environment_named("staging-db"), std::nullopt);
  EXPECT_EQ(estate.environment_named(""), std::nullopt);
}

TEST(EnvironmentNamed, AsksThePolicyFirst) {
  SnapshotBuilder b;
  b.host("laptop").container("x");
  const Estate estate =
      build_estate(b.build(), PolicyBuilder()
                                  .environment("prod", Tier::kProduction, {"name: a"})
                                  .environment("prod-eu", Tier::kProduction, {"name: b"})
                                  .environment("blue", Tier::kStaging, {"name: c"})
                                  .system("vault", "blue", "https://vault.prod.example.com:8200")
                                  .database("shop", "blue", "postgresql://DB-7/shop")
                                  .build());
  const auto name = [&](std::string_view text) {
    const auto id = estate.environment_named(text);
    return id ? estate[*id].name : std::string("none");
  };
  EXPECT_EQ(name("vault.prod.example.com"), "blue");
  EXPECT_EQ(name("db-7"), "blue");
  EXPECT_EQ(name("shop"), "blue");
  EXPECT_EQ(name("prod-eu-db"), "prod-eu");
  EXPECT_EQ(name("prod-us-db"), "prod");
  EXPECT_EQ(name("staging-db"), "blue");  // the only one of its tier
  EXPECT_EQ(name("blue-db"), "blue");
}

}  // namespace
}  // namespace firebreak
