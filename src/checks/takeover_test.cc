#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

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
using testing::SizeIs;

Estate estate_of(const SnapshotBuilder& b, const Policy& policy = {}) {
  return build_estate(b.build(), policy);
}

Finding only(const Estate& estate, Code code) {
  Findings found = findings_of(estate, code);
  EXPECT_THAT(found, SizeIs(1)) << dump(found);
  return found.empty() ? Finding{} : found.front();
}

// A container of development with these rights, beside production's database.
SnapshotBuilder beside_production(const std::function<void(Container&)>& change) {
  SnapshotBuilder b;
  b.host("laptop").container("db").label("env", "production");
  b.container("ci").label("env", "dev").edit(change);
  return b;
}

struct RightCase {
  std::string name;
  std::function<void(Container&)> change;
  std::optional<Severity> severity;  // nullopt: no finding
};

std::function<void(Container&)> bind(const std::string& source, bool writable = true) {
  return [=](Container& c) {
    Mount mount;
    mount.source = source;
    mount.destination = "/x";
    mount.read_write = writable;
    c.mounts.push_back(mount);
  };
}

std::function<void(Container&)> capability(const std::vector<std::string>& names,
                                           const std::string& pid = "") {
  return [=](Container& c) {
    c.isolation.added_capabilities = names;
    c.isolation.pid_mode = pid;
  };
}

std::function<void(Container&)> device(const std::string& path) {
  return [=](Container& c) { c.isolation.devices = {path}; };
}

class HostRight : public testing::TestWithParam<RightCase> {};

TEST_P(HostRight, IsWeighed) {
  const auto found = findings_of(estate_of(beside_production(GetParam().change)), Code::kHost002);
  if (!GetParam().severity) {
    EXPECT_THAT(found, IsEmpty()) << dump(found);
    return;
  }
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].severity, *GetParam().severity);
  EXPECT_THAT(found[0].environments, ElementsAre("development", "production"));
  EXPECT_THAT(found[0].remedy[0].commands, Contains("docker rm --force ci"));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, HostRight,
    testing::Values(
        RightCase{"Nothing", [](Container&) {}, std::nullopt},
        RightCase{"Socket", bind("/var/run/docker.sock"), Severity::kCritical},
        RightCase{"SocketReadOnly", bind("/run/docker.sock", false), Severity::kCritical},
        RightCase{"SocketFolder", bind("/var/run", false), Severity::kCritical},
        RightCase{"Containerd", bind("/run/containerd/containerd.sock"), Severity::kCritical},
        RightCase{"Podman", bind("/run/podman/podman.sock"), Severity::kCritical},
        RightCase{"Root", bind("/", false), Severity::kCritical},
        RightCase{"Etc", bind("/etc"), Severity::kCritical},
        RightCase{"EtcReadOnly", bind("/etc", false), Severity::kHigh},
        RightCase{"EtcOfAnApplication", bind("/etc/nginx"), std::nullopt},
        RightCase{"Localtime", bind("/etc/localtime", false), std::nullopt},
        RightCase{"Home", bind("/home/ann"), Severity::kCritical},
        RightCase{"HomeProject", bind("/home/ann/project"), std::nullopt},
        RightCase{"SshKeys", bind("/home/ann/.ssh", false), Severity::kHigh},
        RightCase{"EngineRoot", bind("/var/lib/docker"), Severity::kCritical},
        RightCase{"EngineVolumes", bind("/var/lib/docker/volumes", false), Severity::kHigh},
        RightCase{"OneVolume", bind("/var/lib/docker/volumes/a/_data"), std::nullopt},
        RightCase{"ProcReadOnly", bind("/proc", false), Severity::kHigh},
        RightCase{"SysReadOnly", bind("/sys", false), std::nullopt},
        RightCase{"Sys", bind("/sys"), Severity::kCritical},
        RightCase{"Modules", bind("/lib/modules", false), std::nullopt},
        RightCase{"Data", bind("/srv/data"), std::nullopt},
        RightCase{"Systemd", bind("/run/systemd", false), Severity::kHigh},
        RightCase{"SystemBus", bind("/var/run/dbus/system_bus_socket"), Severity::kHigh},
        RightCase{"UserBus", bind("/run/user/1000/bus"), std::nullopt},
        RightCase{"Privileged", [](Container& c) { c.isolation.privileged = true; },
                  Severity::kCritical},
        RightCase{"HostPid", [](Container& c) { c.isolation.pid_mode = "host"; },
                  Severity::kCritical},
        RightCase{"SysAdmin", capability({"SYS_ADMIN"}), Severity::kCritical},
        RightCase{"All", capability({"ALL"}), Severity::kCritical},
        RightCase{"DacReadSearch", capability({"DAC_READ_SEARCH"}), Severity::kCritical},
        RightCase{"PtraceAlone", capability({"SYS_PTRACE"}), std::nullopt},
        RightCase{"NetAdmin", capability({"NET_ADMIN"}), std::nullopt},
        RightCase{"BpfAlone", capability({"BPF"}), std::nullopt},
        RightCase{"BpfAndPerfmon", capability({"BPF", "PERFMON"}), Severity::kCritical},
        RightCase{"Disk", device("/dev/sda1"), Severity::kCritical},
        RightCase{"Memory", device("/dev/mem"), Severity::kCritical},
        RightCase{"Kvm", device("/dev/kvm"), Severity::kLow},
        RightCase{"Fuse", device("/dev/fuse"), std::nullopt},
        RightCase{"DeviceRule", [](Container& c) { c.isolation.device_rules = {"b 8:* rwm"}; },
                  Severity::kCritical},
        RightCase{"CharacterRule", [](Container& c) { c.isolation.device_rules = {"c 1:3 r"}; },
                  std::nullopt}),
    [](const auto& test) { return test.param.name; });

TEST(Takeover, NamesEveryRightAndHowToTakeItAway) {
  const Finding f = only(estate_of(beside_production([](Container& c) {
                           bind("/var/run/docker.sock")(c);
                           c.isolation.privileged = true;
                         })),
                         Code::kHost002);
  EXPECT_EQ(f.title, "development/ci can take over laptop, where production runs");
  EXPECT_THAT(f.path, SizeIs(3));
  EXPECT_THAT(f.remedy[0].text,
              AllOf(HasSubstr("--privileged"), HasSubstr("-v /var/run/docker.sock:/x")));
}

TEST(Takeover, NeedsAnotherEnvironmentOnTheHost) {
  SnapshotBuilder b;
  b.host("prod-1").container("db").label("env", "production");
  b.host("laptop").container("ci").label("env", "dev").bind("/var/run/docker.sock", "/x");
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost002), IsEmpty());
}

TEST(Takeover, OfAManagerReachesTheWholeSwarm) {
  SnapshotBuilder b;
  b.host("m1").service("s", "dev_ci");
  b.task("s", "dev_ci").label("env", "dev").bind("/var/run/docker.sock", "/x");
  b.host("w1").edit_host([](Host& host) {
    host.swarm.active = true;
    host.swarm.cluster = "cluster";
  });
  b.container("db").label("env", "production");
  EXPECT_THAT(only(estate_of(b), Code::kHost002).title, HasSubstr("the Swarm of m1"));
}

TEST(Takeover, FindsTheSocketThatThisEngineListensOn) {
  SnapshotBuilder b = beside_production(bind("/srv/d.sock"));
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost002), IsEmpty());
  b.edit_host([](Host& host) { host.endpoint = "unix:///srv/d.sock"; });
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost002), SizeIs(1));

  SnapshotBuilder above = beside_production(bind("/srv"));
  above.edit_host([](Host& host) { host.endpoint = "unix:///srv/engine/run/d.sock"; });
  EXPECT_THAT(findings_of(estate_of(above), Code::kHost002), SizeIs(1));
  above.edit_host([](Host& host) { host.endpoint = "unix:///srv2/run/d.sock"; });
  EXPECT_THAT(findings_of(estate_of(above), Code::kHost002), IsEmpty());
}

TEST(Takeover, IsLessWhereUsersAreRemappedButNotByTheSocket) {
  SnapshotBuilder b = beside_production(capability({"SYS_ADMIN"}));
  b.edit_host([](Host& host) { host.engine.security_options = {"userns"}; });
  EXPECT_EQ(only(estate_of(b), Code::kHost002).severity, Severity::kHigh);
  SnapshotBuilder socket = beside_production(bind("/var/run/docker.sock"));
  socket.edit_host([](Host& host) { host.engine.security_options = {"userns"}; });
  EXPECT_EQ(only(estate_of(socket), Code::kHost002).severity, Severity::kCritical);
}

TEST(Takeover, ByAContainerOfNoEnvironmentIsLowUnlessAPolicyNamesTheEnvironments) {
  SnapshotBuilder b;
  b.host("laptop").container("db").label("env", "production");
  b.container("api").label("env", "dev");
  b.container("portainer").bind("/var/run/docker.sock", "/var/run/docker.sock");
  const Finding f = only(estate_of(b), Code::kHost002);
  EXPECT_EQ(f.severity, Severity::kLow);
  EXPECT_THAT(f.environments, ElementsAre("production"));
  PolicyBuilder p;
  p.environment("production", Tier::kProduction, {"label: env=production"});
  p.environment("development", Tier::kDevelopment, {"label: env=dev"});
  EXPECT_EQ(only(estate_of(b, p.build()), Code::kHost002).severity, Severity::kHigh);
  p.shared("name: portainer", {"production", "development"});
  EXPECT_TRUE(only(estate_of(b, p.build()), Code::kHost002).accepted);
}

TEST(Takeover, PlannedInAComposeFileIsLow) {
  SnapshotBuilder b;
  b.compose_host();
  b.planned("shop", "db").label("env", "production");
  b.planned("shop", "ci").label("env", "dev").bind("/var/run/docker.sock", "/x");
  const Finding f = only(estate_of(b), Code::kHost002);
  EXPECT_EQ(f.severity, Severity::kLow);
  EXPECT_THAT(f.remedy[0].commands, IsEmpty());
}

SnapshotBuilder with_proxy(std::string_view image = "tecnativa/docker-socket-proxy:0.1") {
  SnapshotBuilder b;
  b.host("laptop").network("tools");
  b.container("db").label("env", "production").on("bridge");
  b.container("api").label("env", "dev").on("tools");
  b.container("proxy", image).bind("/var/run/docker.sock", "/var/run/docker.sock").on("tools");
  return b;
}

TEST(EngineApi, IsReachedThroughASocketProxy) {
  const Finding f = only(estate_of(with_proxy()), Code::kHost005);
  EXPECT_EQ(f.title,
            "development can call the engine of laptop, where production runs, through proxy");
  EXPECT_EQ(f.severity, Severity::kHigh);  // nothing shows that it passes POST
  EXPECT_THAT(f.remedy[0].commands, ElementsAre("docker network disconnect tools proxy"));
}

TEST(EngineApi, IsReachedInFullThroughAProxyThatPassesPost) {
  SnapshotBuilder b = with_proxy();
  b.env("POST", "1");
  EXPECT_EQ(only(estate_of(b), Code::kHost005).severity, Severity::kCritical);
  EXPECT_EQ(only(estate_of(with_proxy("alpine/socat")), Code::kHost005).severity,
            Severity::kCritical);
}

TEST(EngineApi, IsNotReachedThroughAContainerThatOnlyHoldsTheSocket) {
  EXPECT_THAT(findings_of(estate_of(with_proxy("traefik:2")), Code::kHost005), IsEmpty());
}

TEST(EngineApi, IsNotReachedThroughAProxyOnANetworkOfItsOwn) {
  SnapshotBuilder b;
  b.host("laptop").network("tools");
  b.container("db").label("env", "production").on("bridge");
  b.container("api").label("env", "dev").on("bridge");
  b.container("proxy", "tecnativa/docker-socket-proxy")
      .bind("/var/run/docker.sock", "/var/run/docker.sock")
      .on("tools");
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost005), IsEmpty());
  b.publish(2375, 2375, "127.0.0.1");
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost005), IsEmpty());
  b.publish(2375, 2375);
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost005), SizeIs(2));  // either side, the other's
}

SnapshotBuilder two_sides() {
  SnapshotBuilder b;
  b.host("laptop").container("db").label("env", "production").on("bridge");
  b.container("api").label("env", "dev").on("bridge");
  return b;
}

struct EndpointCase {
  std::string name;
  std::function<void(Host&)> change;
  bool found = false;
};

class EngineEndpointOpen : public testing::TestWithParam<EndpointCase> {};

TEST_P(EngineEndpointOpen, Decides) {
  SnapshotBuilder b = two_sides();
  b.edit_host(GetParam().change);
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost005), SizeIs(GetParam().found ? 1 : 0));
}

std::function<void(Host&)> warns(const std::string& text) {
  return [=](Host& host) { host.engine.warnings = {text}; };
}

INSTANTIATE_TEST_SUITE_P(
    Cases, EngineEndpointOpen,
    testing::Values(
        EndpointCase{"Tcp", [](Host& host) { host.endpoint = "tcp://10.0.0.1:2375"; }, true},
        EndpointCase{"Tls",
                     [](Host& host) {
                       host.endpoint = "tcp://10.0.0.1:2376";
                       host.tls = true;
                     },
                     false},
        EndpointCase{"Loopback", [](Host& host) { host.endpoint = "tcp://127.0.0.1:2375"; }, false},
        EndpointCase{"Unencrypted",
                     warns("WARNING: API is accessible on http://0.0.0.0:2375 without encryption."),
                     true},
        EndpointCase{"UnencryptedOnLoopback",
                     warns("WARNING: API is accessible on http://127.0.0.1:2375 without "
                           "encryption."),
                     false},
        EndpointCase{"Unverified",
                     warns("WARNING: API is accessible on https://0.0.0.0:2376 without TLS client "
                           "verification."),
                     true},
        EndpointCase{"OtherWarning", warns("WARNING: No swap limit support"), false}),
    [](const auto& test) { return test.param.name; });

TEST(EngineApi, OpenToTheNetworkReachesOtherHostsUnlessZonesForbid) {
  SnapshotBuilder b;
  b.host("laptop").container("api").label("env", "dev");
  b.host("prod-1").container("db").label("env", "production");
  b.edit_host([](Host& host) { host.endpoint = "tcp://prod-1:2375"; });
  PolicyBuilder p;
  p.environment("production", Tier::kProduction, {"label: env=production"});
  p.environment("development", Tier::kDevelopment, {"label: env=dev"});
  Policy policy = p.build();
  EXPECT_THAT(only(estate_of(b, policy), Code::kHost005).environments,
              ElementsAre("development", "production"));
  policy.zones = {{"laptop"}, {"prod-1"}};
  EXPECT_THAT(findings_of(estate_of(b, policy), Code::kHost005), IsEmpty());
}

TEST(EngineApi, IsGivenByAVariable) {
  SnapshotBuilder b = two_sides();
  b.env("DOCKER_HOST", target("tcp://host.docker.internal:2375"));
  EXPECT_EQ(only(estate_of(b), Code::kHost005).title,
            "development/api is given the engine of laptop, where production runs");
}

TEST(EngineApi, OfAnEngineInAContainerIsAnotherEngine) {
  SnapshotBuilder b = two_sides();
  b.network("ci").on("ci").env("DOCKER_HOST", target("tcp://dind:2375"));
  b.container("dind", "docker:dind").label("env", "dev").on("ci");
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost005), IsEmpty());
}

}  // namespace
}  // namespace firebreak
