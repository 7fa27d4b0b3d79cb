#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/checks.h"
#include "checks/mounts.h"
#include "checks/testing.h"
#include "estate/testing.h"

namespace firebreak {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

Estate estate_of(const SnapshotBuilder& b, const Policy& policy = {}) {
  return build_estate(b.build(), policy);
}

Finding only(const Estate& estate, Code code) {
  Findings found = findings_of(estate, code);
  EXPECT_THAT(found, SizeIs(1)) << dump(found);
  return found.empty() ? Finding{} : found.front();
}

SnapshotBuilder laptop() {
  SnapshotBuilder b;
  b.host("laptop");
  return b;
}

SnapshotBuilder one_host() {
  SnapshotBuilder b = laptop();
  b.container("api").label("env", "dev");
  b.container("db").label("env", "production");
  return b;
}

TEST(SharedHost, IsFoundOncePerPair) {
  SnapshotBuilder b = one_host();
  b.container("web").label("env", "production");
  const Finding f = only(estate_of(b), Code::kHost001);
  EXPECT_EQ(f.title, "development and production share the host laptop");
  EXPECT_THAT(f.path[2].why, HasSubstr("2 workloads: db and web"));
}

TEST(SharedHost, NeedsTwoEnvironmentsOnIt) {
  SnapshotBuilder b = laptop();
  b.container("api").label("env", "dev");
  b.host("prod-1").container("db").label("env", "production");
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost001), IsEmpty());
}

TEST(SharedHost, IsNotKnownOfComposeFiles) {
  SnapshotBuilder b;
  b.compose_host();
  b.planned("shop", "api").label("env", "dev");
  b.planned("shop", "db").label("env", "production");
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost001), IsEmpty());
}

TEST(SharedHost, NotesSayWhatMakesItWorse) {
  SnapshotBuilder b = one_host();
  b.container("builder").edit([](Container& c) { c.isolation.privileged = true; });
  b.container("portainer").bind("/var/run/docker.sock", "/var/run/docker.sock");
  b.container("odd").edit(
      [](Container& c) { c.isolation.security_options = {"seccomp=unconfined"}; });
  b.container("agent").network_mode("host");
  const auto notes = only(estate_of(b), Code::kHost001).notes;
  EXPECT_THAT(notes,
              UnorderedElementsAre(HasSubstr("without user namespaces"),
                                   HasSubstr("privileged on this host: builder"),
                                   HasSubstr("engine's socket: portainer"), HasSubstr("off: odd"),
                                   HasSubstr("host's network: agent")));
}

TEST(SharedHost, NotesSayWhatMakesItBetter) {
  SnapshotBuilder b = one_host();
  b.container("box").label("env", "dev").edit([](Container& c) { c.isolation.runtime = "runsc"; });
  b.edit_host([](Host& host) {
    host.engine.security_options = {"seccomp", "userns"};
    host.engine.authorization_plugins = {"opa"};
  });
  EXPECT_THAT(only(estate_of(b), Code::kHost001).notes,
              UnorderedElementsAre(HasSubstr("remaps users"), HasSubstr("plugin opa"),
                                   HasSubstr("(gVisor): development/box")));
}

TEST(SharedVolume, IsFoundByName) {
  SnapshotBuilder b = laptop();
  b.container("api").label("env", "dev").volume("data", "/data");
  b.container("db").label("env", "production").volume("data", "/var/lib/data", false);
  const Finding f = only(estate_of(b), Code::kHost003);
  EXPECT_EQ(f.title, "volume data is mounted by development/api and production/db");
  EXPECT_EQ(f.severity, Severity::kHigh);
  EXPECT_THAT(f.notes, Contains("the lower side writes what the other one reads"));
  EXPECT_THAT(f.remedy[0].commands,
              ElementsAre("docker rm --force api", "docker volume create development-data"));
}

TEST(SharedVolume, ThatBothOnlyReadIsLow) {
  SnapshotBuilder b = laptop();
  b.container("api").label("env", "dev").volume("data", "/data", false);
  b.container("db").label("env", "production").volume("data", "/data", false);
  EXPECT_EQ(only(estate_of(b), Code::kHost003).severity, Severity::kLow);
}

TEST(SharedVolume, OfOneNameOnTwoHostsIsTwoVolumes) {
  SnapshotBuilder b = laptop();
  b.container("api").label("env", "dev").volume("data", "/data");
  b.host("prod-1").container("db").label("env", "production").volume("data", "/data");
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost003), IsEmpty());
}

void give_device(SnapshotBuilder& b, const std::string& volume, const std::string& device) {
  b.edit_host([&](Host& host) {
    for (Volume& one : host.volumes) {
      if (one.name == volume) one.device = device;
    }
  });
}

TEST(SharedVolume, IsFoundByItsDeviceAcrossHosts) {
  SnapshotBuilder b = laptop();
  b.container("api").label("env", "dev").volume("dev-files", "/data");
  give_device(b, "dev-files", "nfs 10.0.0.5:/data");
  b.host("prod-1").container("db").label("env", "production").volume("prod-files", "/data");
  give_device(b, "prod-files", "nfs 10.0.0.5:/data");
  EXPECT_EQ(only(estate_of(b), Code::kHost003).title,
            "volume dev-files of development/api and volume prod-files of production/db are the "
            "same files");
  give_device(b, "prod-files", "nfs 10.0.0.5:/other");
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost003), IsEmpty());
}

TEST(SharedVolume, OfAFolderMeetsABindOfIt) {
  SnapshotBuilder b = laptop();
  b.container("api").label("env", "dev").volume("files", "/data");
  give_device(b, "files", "bind /srv/files");
  b.container("db").label("env", "production").bind("/srv/files/upload", "/upload");
  EXPECT_THAT(only(estate_of(b), Code::kHost003).path,
              Contains(Hop{.at = "/srv/files/upload", .why = "lies inside /srv/files"}));
}

struct BindCase {
  std::string name;
  std::string dev;
  std::string prod;
  bool found = false;
};

class SharedBind : public testing::TestWithParam<BindCase> {};

TEST_P(SharedBind, IsFoundWherePathsOverlap) {
  SnapshotBuilder b = laptop();
  b.container("api").label("env", "dev").bind(GetParam().dev, "/x");
  b.container("db").label("env", "production").bind(GetParam().prod, "/y");
  b.container("web").label("env", "production").bind("/srv/a-b", "/z");
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost003), SizeIs(GetParam().found ? 1 : 0));
}

INSTANTIATE_TEST_SUITE_P(Cases, SharedBind,
                         testing::Values(BindCase{"Equal", "/srv/x", "/srv/x", true},
                                         BindCase{"Slash", "/srv/x/", "/srv//x", true},
                                         BindCase{"Inside", "/srv/a", "/srv/a/b/c", true},
                                         BindCase{"Outside", "/srv/a/b", "/srv/a", true},
                                         BindCase{"Prefix", "/srv/app", "/srv/app2", false},
                                         BindCase{"Sibling", "/srv/x", "/srv/y", false},
                                         BindCase{"Kernel", "/sys/fs", "/sys/fs", false}),
                         [](const auto& test) { return test.param.name; });

TEST(SharedBind, OfTimeZonesAndCertificatesIsNone) {
  SnapshotBuilder b = laptop();
  for (const auto& [name, env] : {std::pair("api", "dev"), std::pair("db", "production")}) {
    b.container(name).label("env", env);
    for (const std::string path :
         {"/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo/Europe", "/etc/ssl/certs",
          "/etc/pki", "/usr/local/share/ca-certificates", "/etc/hosts", "/etc/resolv.conf",
          "/etc/passwd", "/lib/modules"}) {
      b.bind(path, path, false);
    }
    b.bind("/dev/shm", "/dev/shm").bind("/sys/kernel", "/sys/kernel", false);
    b.bind("/var/run/docker.sock", "/var/run/docker.sock");
  }
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost003), IsEmpty());
}

TEST(SharedNamespace, IsFoundByContainerNameAndId) {
  SnapshotBuilder b = laptop();
  b.container("db").label("env", "production");
  const std::string id = b.id();
  b.container("debug").label("env", "dev").edit([&](Container& c) {
    c.isolation.pid_mode = "container:" + id;
  });
  const Finding f = only(estate_of(b), Code::kHost004);
  EXPECT_EQ(f.title, "development/debug shares the pid namespace of production/db");
  EXPECT_THAT(f.remedy[0].text, HasSubstr("--pid container:db"));
}

TEST(SharedNamespace, OfANetworkIsMarkedAsSuch) {
  SnapshotBuilder b = laptop();
  b.container("db").label("env", "production");
  b.container("debug").label("env", "dev").network_mode("container:db");
  EXPECT_THAT(
      only(estate_of(b), Code::kHost004).subjects,
      Contains(Subject{.kind = "namespace", .host = "laptop", .name = "net", .environment = ""}));
}

TEST(SharedNamespace, WithinOneEnvironmentIsNone) {
  SnapshotBuilder b = laptop();
  b.container("db").label("env", "production");
  b.container("debug").label("env", "production").edit([](Container& c) {
    c.isolation.pid_mode = "container:db";
  });
  b.container("api").label("env", "dev").edit([](Container& c) {
    c.isolation.ipc_mode = "shareable";
    c.isolation.user_mode = "host";  // the engine does not remap: it is what all have
  });
  EXPECT_THAT(findings_of(estate_of(b), Code::kHost004), IsEmpty());
}

TEST(SharedNamespace, WithTheHostIsFoundBesideAnotherEnvironment) {
  SnapshotBuilder b = laptop();
  b.container("db").label("env", "production");
  b.container("api").label("env", "dev").edit([](Container& c) { c.isolation.pid_mode = "host"; });
  EXPECT_EQ(only(estate_of(b), Code::kHost004).title,
            "development/api shares the host's pid namespace on laptop, where production runs");
}

TEST(SharedNamespace, OfUsersCountsWhereTheEngineRemaps) {
  SnapshotBuilder b = laptop();
  b.edit_host([](Host& host) { host.engine.security_options = {"userns"}; });
  b.container("db").label("env", "production");
  b.container("api").label("env", "dev").edit([](Container& c) { c.isolation.user_mode = "host"; });
  EXPECT_THAT(only(estate_of(b), Code::kHost004).title, HasSubstr("user namespace"));
}

}  // namespace
}  // namespace firebreak
