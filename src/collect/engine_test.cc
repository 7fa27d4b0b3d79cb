#include "collect/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/testing.h"

namespace firebreak {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const Endpoint& endpoint_on(const Container& container, std::string_view network) {
  const auto found = std::ranges::find(container.endpoints, network, &Endpoint::network_name);
  if (found == container.endpoints.end()) throw std::runtime_error("not attached");
  return *found;
}

std::optional<bool> from_image(const Container& container, std::string_view name) {
  const auto found = std::ranges::find(container.env, name, &EnvVar::name);
  if (found == container.env.end()) return std::nullopt;
  return found->from_image;
}

// ---- Docker 20.10, recorded ----

class Docker20 : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { collected_ = collect_from(load_recording("docker-20.10")); }
  static const Container& container(std::string_view name) {
    return named(collected_.host.containers, name);
  }
  static inline CollectedHost collected_;
};

TEST_F(Docker20, LeavesNoGap) { EXPECT_THAT(gap_texts(collected_), IsEmpty()); }

TEST_F(Docker20, KnowsTheEngine) {
  const Engine& engine = collected_.host.engine;
  EXPECT_EQ(engine.product, "docker");
  EXPECT_EQ(engine.version, "20.10.24+dfsg1");
  EXPECT_EQ(engine.api_version, "1.41");
  EXPECT_EQ(engine.machine, "vm");
  EXPECT_THAT(engine.security_options, ElementsAre("seccomp"));
  EXPECT_EQ(engine.default_runtime, "runc");
  EXPECT_EQ(engine.bridge_nf_iptables, true);
  EXPECT_THAT(engine.root_dir, HasSubstr("/data"));
  EXPECT_EQ(collected_.host.name, "laptop");
  EXPECT_EQ(collected_.host.endpoint, "unix:///var/run/docker.sock");
  EXPECT_FALSE(collected_.host.swarm.active);
}

TEST_F(Docker20, SeesEveryContainerWithItsState) {
  std::vector<std::string> running;
  std::vector<std::string> stopped;
  for (const Container& each : collected_.host.containers)
    (each.state == RunState::kRunning ? running : stopped).push_back(each.name);
  EXPECT_THAT(running, UnorderedElementsAre("prod-db", "prod-api", "dev-api", "old-target",
                                            "linker", "hostnet", "sharer", "macless"));
  EXPECT_THAT(stopped, UnorderedElementsAre("created", "privy", "stopped"));
}

TEST_F(Docker20, TellsTheNamesThatDnsAnswers) {
  const Endpoint& db = endpoint_on(container("prod-db"), "prod-net");
  EXPECT_THAT(db.names, ElementsAre("db", container("prod-db").id.value.substr(0, 12), "prod-db"));
  EXPECT_EQ(db.ipv4, IpAddress::parse("172.18.0.2"));
  EXPECT_EQ(db.network, named(collected_.host.networks, "prod-net").id);
  EXPECT_THAT(endpoint_on(container("old-target"), "bridge").names, IsEmpty());
  EXPECT_THAT(endpoint_on(container("hostnet"), "host").names, IsEmpty());
  EXPECT_THAT(container("sharer").endpoints, IsEmpty());
}

TEST_F(Docker20, ConnectsAContainerThatNeverRanByTheNetworksName) {
  const Endpoint& created = endpoint_on(container("created"), "shared-net");
  EXPECT_EQ(created.network, named(collected_.host.networks, "shared-net").id);
  EXPECT_FALSE(created.ipv4);
}

TEST_F(Docker20, TellsVariablesOfTheImageApart) {
  EXPECT_EQ(from_image(container("prod-db"), "APP_ENV"), true);
  EXPECT_EQ(from_image(container("prod-db"), "PATH"), true);
  EXPECT_EQ(from_image(container("prod-db"), "POSTGRES_PASSWORD"), false);
  EXPECT_EQ(from_image(container("prod-api"), "APP_ENV"), false);  // another value
}

TEST_F(Docker20, ReadsMountsAndVolumes) {
  const Container& db = container("prod-db");
  EXPECT_THAT(db.mounts, Contains(Field(&Mount::volume, "pgdata")));
  EXPECT_EQ(db.mounts.size(), 2U);  // and an anonymous one
  const Container& dev = container("dev-api");
  ASSERT_EQ(dev.mounts.size(), 1U);
  EXPECT_EQ(dev.mounts[0].type, Mount::Type::kBind);
  EXPECT_EQ(dev.mounts[0].destination, "/var/run/docker.sock");
  EXPECT_FALSE(dev.mounts[0].read_write);
  EXPECT_THAT(container("linker").volumes_from, ElementsAre("prod-db:ro"));
  EXPECT_THAT(container("created").mounts, Contains(Field(&Mount::source, "/srv/files")));
  EXPECT_EQ(named(collected_.host.volumes, "nfsvol").device, "nfs 10.0.0.5:/data");
  EXPECT_EQ(named(collected_.host.volumes, "pgdata").device, "");
}

TEST_F(Docker20, ReadsPublishedPortsOfRunningAndStoppedContainers) {
  const Port http{80};
  const Port udp{9000};
  EXPECT_THAT(container("prod-api").ports,
              UnorderedElementsAre(PublishedPort{std::nullopt, Port{8080}, http, Protocol::kTcp},
                                   PublishedPort{std::nullopt, udp, udp, Protocol::kUdp}));
  EXPECT_THAT(container("prod-db").ports, IsEmpty());  // an internal network publishes nothing
  EXPECT_THAT(container("created").ports,
              ElementsAre(PublishedPort{std::nullopt, Port{0}, Port{71}, Protocol::kTcp},
                          PublishedPort{std::nullopt, Port{7000}, Port{70}, Protocol::kTcp}));
}

TEST_F(Docker20, ReadsExposedPortsWhetherPublishedOrNot) {
  EXPECT_THAT(container("prod-api").exposed,
              ElementsAre(ExposedPort{Port{80}}, ExposedPort{Port{9000}, Protocol::kUdp}));
  EXPECT_THAT(container("prod-db").exposed, ElementsAre(ExposedPort{Port{5432}}));
  EXPECT_THAT(container("dev-api").exposed, IsEmpty());
}

TEST_F(Docker20, ReadsHowFarAContainerIsIsolated) {
  const Isolation& dev = container("dev-api").isolation;
  EXPECT_THAT(dev.added_capabilities, ElementsAre("NET_ADMIN", "SYS_PTRACE"));
  EXPECT_THAT(dev.dropped_capabilities, ElementsAre("MKNOD"));
  EXPECT_THAT(dev.devices, ElementsAre("/dev/null"));
  EXPECT_THAT(dev.security_options, ElementsAre("label=disable", "seccomp=unconfined"));
  EXPECT_EQ(dev.pid_mode, "host");
  EXPECT_EQ(dev.ipc_mode, "shareable");
  EXPECT_EQ(dev.network_mode, "shared-net");
  EXPECT_EQ(dev.runtime, "runc");
  EXPECT_TRUE(container("privy").isolation.privileged);
  EXPECT_THAT(container("privy").isolation.security_options, ElementsAre("label=disable"));
  EXPECT_THAT(container("hostnet").isolation.security_options,
              ElementsAre("systempaths=unconfined"));
  EXPECT_EQ(container("sharer").isolation.network_mode,
            "container:" + container("hostnet").id.value);
}

TEST_F(Docker20, TurnsLegacyLinksIntoExtraHosts) {
  const auto address = endpoint_on(container("old-target"), "bridge").ipv4;
  ASSERT_TRUE(address);
  EXPECT_THAT(container("linker").extra_hosts, ElementsAre(ExtraHost{"olddb", address->text()}));
  EXPECT_THAT(container("dev-api").extra_hosts,
              UnorderedElementsAre(ExtraHost{"host.docker.internal", "host-gateway"},
                                   ExtraHost{"db6", "fd00::5"}));
}

TEST_F(Docker20, ReadsNetworksAndImages) {
  const Network& shared = named(collected_.host.networks, "shared-net");
  EXPECT_EQ(shared.driver, "bridge");
  EXPECT_FALSE(shared.internal);
  ASSERT_EQ(shared.subnets.size(), 1U);
  EXPECT_EQ(shared.subnets[0].text(), "10.81.1.0/24");
  EXPECT_THAT(shared.options, Contains(std::pair<std::string, std::string>(
                                  "com.docker.network.bridge.name", "br-shared")));
  EXPECT_TRUE(named(collected_.host.networks, "prod-net").internal);
  ASSERT_EQ(collected_.host.images.size(), 1U);
  EXPECT_THAT(collected_.host.images[0].tags, Contains("registry.example.com/shop/api:1.4"));
  EXPECT_EQ(container("prod-db").image_id, collected_.host.images[0].id);
}

// ---- other engines ----

TEST(Docker29, IsReadWithoutTheFieldsThatItsApiDropped) {
  const CollectedHost collected = collect_from(load_recording("made-docker-29"));
  EXPECT_THAT(gap_texts(collected), IsEmpty());
  EXPECT_EQ(collected.host.engine.api_version, "1.52");
  EXPECT_EQ(collected.host.engine.bridge_nf_iptables, std::nullopt);
  EXPECT_THAT(collected.host.engine.security_options, ElementsAre("cgroupns", "seccomp"));
  const Container& db = named(collected.host.containers, "prod-db");
  EXPECT_EQ(endpoint_on(db, "prod-net").ipv4, IpAddress::parse("172.18.0.2"));
  EXPECT_THAT(endpoint_on(db, "prod-net").names,
              ElementsAre("db", db.id.value.substr(0, 12), "prod-db"));
  const Container& dev = named(collected.host.containers, "dev-api");
  EXPECT_THAT(endpoint_on(dev, "shared-net").names, Contains("devbox"));  // DNSNames
  EXPECT_EQ(from_image(db, "APP_ENV"), true);
}

// Recorded.
TEST(Docker28, IsReadWhole) {
  const CollectedHost collected = collect_from(load_recording("docker-28.5"));
  EXPECT_THAT(gap_texts(collected), IsEmpty());
  EXPECT_EQ(collected.host.engine.version, "28.5.2+dfsg4");
  EXPECT_EQ(collected.host.engine.api_version, "1.51");
  EXPECT_EQ(collected.host.engine.bridge_nf_iptables, std::nullopt);
  EXPECT_TRUE(named(collected.host.networks, "prod-net").internal);
  EXPECT_TRUE(named(collected.host.networks, "shared-net").ipv6);
  const Container& db = named(collected.host.containers, "prod-db");
  EXPECT_EQ(endpoint_on(db, "prod-net").ipv4, IpAddress::parse("172.18.0.2"));
  EXPECT_THAT(endpoint_on(db, "prod-net").names,
              ElementsAre("db", db.id.value.substr(0, 12), "prod-db"));
  EXPECT_THAT(db.mounts, Contains(::testing::Field(&Mount::volume, "pgdata")));
  const Container& api = named(collected.host.containers, "dev-api");
  EXPECT_THAT(endpoint_on(api, "shared-net").names, Contains("devbox"));
  EXPECT_EQ(endpoint_on(api, "prod-net").ipv4, IpAddress::parse("172.18.0.3"));
  EXPECT_EQ(endpoint_on(api, "shared-net").ipv6, IpAddress::parse("fd00:19::2"));
  EXPECT_TRUE(named(collected.host.containers, "dev-ci").isolation.privileged);
}

TEST(Docker28, ItsBridgeNetfilterFlagIsNotBelieved) {
  Recording recording = load_recording("made-docker-29");
  Recording older;
  for (auto& [path, body] : recording.items()) {
    std::string moved = path;
    if (moved.starts_with("/v1.52")) moved.replace(0, 6, "/v1.48");
    older[moved] = body;
  }
  older["/version"]["ApiVersion"] = "1.48";
  older["/v1.48/info"]["BridgeNfIptables"] = false;
  EXPECT_EQ(collect_from(older).host.engine.bridge_nf_iptables, std::nullopt);
}

// As Docker 28.5 answers.
TEST(Docker28, TellsThePortsOfARoutedNetwork) {
  Recording recording = load_recording("docker-20.10");
  auto& ports = recording[path_of_container(recording, "prod-api")]["NetworkSettings"]["Ports"];
  ports = {{"81/tcp", {{{"HostIp", "0.0.0.0"}, {"HostPort", ""}}}}};
  const CollectedHost collected = collect_from(recording);
  EXPECT_THAT(gap_texts(collected), IsEmpty());
  EXPECT_THAT(named(collected.host.containers, "prod-api").ports,
              ElementsAre(PublishedPort{std::nullopt, Port{0}, Port{81}, Protocol::kTcp}));
}

TEST(Gateways, AreThoseThatTheEngineListsOrThatItsRangesImply) {
  Recording recording = load_recording("docker-20.10");
  const auto gateways = [&](const Recording& pools) {
    for (auto& network : recording["/v1.41/networks"]) {
      if (network["Name"] == "shared-net") network["IPAM"]["Config"] = pools;
    }
    std::vector<std::string> out;
    for (const auto& network : collect_from(recording).host.networks) {
      if (network.name != "shared-net") continue;
      for (const IpAddress& address : network.gateways) out.push_back(address.text());
    }
    return out;
  };
  const Recording listed = {{{"Subnet", "10.81.1.0/24"}, {"Gateway", "10.81.1.254"}},
                            {{"Subnet", "fd00:1::/64"}, {"Gateway", "fd00:1::1/64"}}};
  EXPECT_THAT(gateways(listed), ElementsAre("10.81.1.254", "fd00:1::1"));
  const Recording pool = {{"Subnet", "10.93.0.0/16"}, {"IPRange", "10.93.5.0/24"}};
  EXPECT_THAT(gateways(Recording::array({pool})), ElementsAre("10.93.5.0"));
  const Recording from_the_start = {{"Subnet", "10.93.0.0/16"}, {"IPRange", "10.93.0.0/24"}};
  EXPECT_THAT(gateways(Recording::array({from_the_start})), IsEmpty());
}

TEST(Docker19, SpeaksTheOldestVersion) {
  const CollectedHost collected = collect_from(load_recording("made-docker-19.03"));
  EXPECT_THAT(gap_texts(collected), IsEmpty());
  EXPECT_EQ(collected.host.engine.api_version, "1.40");
  EXPECT_EQ(collected.host.containers.size(), 3U);
  EXPECT_EQ(named(collected.host.containers, "prod-db").isolation.cgroup_mode, "");
}

TEST(AnEngineOfTheFuture, IsAskedInTheNewestVersionThatWeSpeak) {
  Recording recording = load_recording("made-docker-29");
  recording["/version"]["ApiVersion"] = "1.60";
  ScriptedHttpClient client = client_of(recording);
  const CollectedHost collected = collect_from(client);
  EXPECT_THAT(gap_texts(collected), IsEmpty());
  EXPECT_THAT(client.asked(), Contains("/v1.52/info"));
}

TEST(AnEngine, ThatIsTooOldOrTooNewIsAGapOfTheWholeHost) {
  for (const auto& [newest, oldest, words] :
       {std::tuple("1.39", "1.12", "too old"), std::tuple("1.70", "1.53", "no API older than 1.53"),
        std::tuple("new", "1.12", "not a version"), std::tuple("1.41", "x", "not a version")}) {
    Recording recording = load_recording("docker-20.10");
    recording["/version"]["ApiVersion"] = newest;
    recording["/version"]["MinAPIVersion"] = oldest;
    const CollectedHost collected = collect_from(recording);
    ASSERT_EQ(collected.gaps.size(), 1U);
    EXPECT_EQ(collected.gaps[0].what, "the host");
    EXPECT_EQ(collected.gaps[0].host, "laptop");
    EXPECT_THAT(collected.gaps[0].why, HasSubstr(words));
    EXPECT_THAT(collected.gaps[0].needed_by, Contains("NET001"));
    EXPECT_THAT(collected.host.containers, IsEmpty());
  }
}

// Podman 4.3's compatible API gives a macvlan network no options.
TEST(Podman, IsAskedInItsOwnWordsForTheInterfaceOfAMacvlanNetwork) {
  Recording recording = load_recording("podman-4.3");
  const nlohmann::json lan = {{"Name", "lan"},    {"Id", "3cb1df6d1898"}, {"Driver", "macvlan"},
                              {"Scope", "local"}, {"Options", {}},        {"Containers", {}}};
  recording["/v1.41/networks"].push_back(lan);
  recording["/v1.41/networks/lan"] = lan;
  EXPECT_THAT(gap_texts(collect_from(recording)),
              ElementsAre(HasSubstr("interface of network lan")));
  recording["/v4.0/libpod/networks/lan/json"] = {{"name", "lan"}, {"network_interface", "eth0"}};
  const CollectedHost collected = collect_from(recording);
  EXPECT_THAT(gap_texts(collected), IsEmpty());
  EXPECT_THAT(named(collected.host.networks, "lan").options,
              ElementsAre(std::pair<std::string, std::string>("parent", "eth0")));
}

TEST(Podman, IsKnownByNetworkNamesNotIds) {
  const CollectedHost collected = collect_from(load_recording("podman-4.3"));
  EXPECT_THAT(gap_texts(collected), IsEmpty());
  EXPECT_EQ(collected.host.engine.product, "podman");
  const Container& db = named(collected.host.containers, "prod-db");
  EXPECT_EQ(endpoint_on(db, "shared-net").network, NetworkKey("shared-net"));
  EXPECT_EQ(named(collected.host.networks, "shared-net").id, NetworkKey("shared-net"));
  EXPECT_THAT(endpoint_on(db, "shared-net").names, Contains("db"));
  // Its list calls the default network "bridge", its containers "podman".
  const Container& plain = named(collected.host.containers, "plain");
  EXPECT_EQ(endpoint_on(plain, "podman").network, named(collected.host.networks, "podman").id);
  EXPECT_THAT(endpoint_on(plain, "podman").names, IsEmpty());
}

TEST(Podman, ItsOwnVariablesCountAsTheImages) {
  const CollectedHost collected = collect_from(load_recording("podman-4.3"));
  const Container& db = named(collected.host.containers, "prod-db");
  EXPECT_EQ(from_image(db, "container"), true);
  EXPECT_EQ(from_image(db, "HOSTNAME"), true);
  EXPECT_EQ(from_image(db, "APP_ENV"), true);
  EXPECT_EQ(from_image(db, "POSTGRES_PASSWORD"), false);
}

TEST(Swarm, AManagerTellsServicesNodesAndNames) {
  const CollectedHost collected = collect_from(load_recording("swarm-20.10"));
  EXPECT_THAT(gap_texts(collected), IsEmpty());
  const SwarmState& swarm = collected.host.swarm;
  EXPECT_TRUE(swarm.active);
  EXPECT_TRUE(swarm.manager);
  EXPECT_FALSE(swarm.cluster.empty());
  EXPECT_THAT(swarm.secrets, ElementsAre("db_password"));
  EXPECT_THAT(swarm.configs, ElementsAre("app_conf"));
  ASSERT_EQ(swarm.nodes.size(), 1U);
  EXPECT_TRUE(swarm.nodes[0].manager);
  EXPECT_EQ(swarm.nodes[0].id, swarm.node);

  const Service& api = named(swarm.services, "prod-api");
  EXPECT_EQ(api.tasks, 2U);
  EXPECT_EQ(api.spec.state, RunState::kPlanned);
  EXPECT_TRUE(api.spec.id.empty());
  EXPECT_EQ(api.spec.name, "prod-api");
  EXPECT_THAT(api.spec.labels, Contains(Field(&Label::name, "env")));   // the service's
  EXPECT_THAT(api.spec.labels, Contains(Field(&Label::name, "tier")));  // its containers'
  EXPECT_THAT(api.spec.isolation.added_capabilities, ElementsAre("NET_ADMIN"));
  EXPECT_THAT(api.spec.extra_hosts, ElementsAre(ExtraHost{"db1", "10.0.0.9"}));
  EXPECT_THAT(endpoint_on(api.spec, "shared-overlay").names,
              ElementsAre("api", "prod-api", "tasks.prod-api"));
  EXPECT_EQ(named(swarm.services, "parked").tasks, 0U);
  EXPECT_THAT(named(swarm.services, "parked").spec.ports,
              ElementsAre(PublishedPort{std::nullopt, Port{8088}, Port{80}, Protocol::kTcp}));
}

TEST(Swarm, TasksLearnTheirSecretsAndNamesFromTheService) {
  const CollectedHost collected = collect_from(load_recording("swarm-20.10"));
  const auto task = std::ranges::find_if(collected.host.containers, [](const Container& each) {
    return each.name.starts_with("prod-api.1.");
  });
  ASSERT_NE(task, collected.host.containers.end());
  EXPECT_THAT(task->secrets, ElementsAre("db_password"));
  EXPECT_THAT(task->configs, ElementsAre("app_conf"));
  EXPECT_THAT(endpoint_on(*task, "shared-overlay").names, Contains("api"));
}

TEST(Swarm, EncryptedAndAttachableOverlaysAreKnown) {
  const CollectedHost collected = collect_from(load_recording("swarm-20.10"));
  const Network& secure = named(collected.host.networks, "secure-overlay");
  EXPECT_EQ(secure.scope, "swarm");
  EXPECT_THAT(secure.options,
              Contains(Field(&std::pair<std::string, std::string>::first, "encrypted")));
  EXPECT_TRUE(named(collected.host.networks, "shared-overlay").attachable);
  EXPECT_TRUE(named(collected.host.networks, "ingress").ingress);
}

}  // namespace
}  // namespace firebreak
