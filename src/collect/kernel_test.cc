#include "collect/kernel.h"

#include <gmock/gmock.h>

#include <set>

#include "collect/testing.h"
#include "kernel/testing.h"

namespace firebreak {
namespace {

using namespace testing_kernel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WithKernel : public ::testing::Test {
 protected:
  WithKernel() {
    endpoint.name = "laptop";
    endpoint.url = "unix:///var/run/docker.sock";
    machine.listeners["/var/run/docker.sock"] = 70;
    files.put("/proc/70/comm", "dockerd\n");
    files.put("/proc/70/cmdline", "dockerd");
    host().inode = 1;
    furnish_host(collected.host.networks);
    std::uint64_t inode = 2;
    for (const auto& [container, sandbox] : collected.sandboxes) {
      furnish(machine.namespaces[sandbox], inode++, link(1, "lo"));
    }
  }
  ScriptedNamespace& host() { return machine.namespaces["/proc/70/ns/net"]; }
  // The bridges of these networks, and nothing else.
  void furnish_host(const std::vector<Network>& networks) {
    // Both have a name of their own.
    std::string links = link(1, "lo") + bridge(2, "docker0") + bridge(3, "br-shared");
    int index = 4;
    for (const Network& network : networks) {
      links += bridge(index++, "br-" + network.id.value.substr(0, 12));
    }
    furnish(host(), 1, links);
  }
  void add() { add_kernel(collected, endpoint, machine, files); }

  CollectedHost collected = collect_from(load_recording("docker-20.10"));
  EngineEndpoint endpoint;
  ScriptedMachine machine;
  ScriptedFiles files;
};

TEST_F(WithKernel, EveryRunningContainerWithANamespaceOfItsOwnIsRead) {
  add();
  ASSERT_TRUE(collected.host.kernel) << collected.host.kernel_missing;
  EXPECT_THAT(collected.host.kernel_missing, IsEmpty());
  std::set<std::string> read;
  for (const ContainerNamespace& container : collected.host.kernel->containers) {
    read.insert(container.container);
  }
  std::set<std::string> wanted;
  for (const char* name : {"linker", "macless", "old-target", "dev-api", "prod-api", "prod-db"}) {
    wanted.insert(named(collected.host.containers, name).id.value);
  }
  EXPECT_EQ(read, wanted);
}

TEST_F(WithKernel, EveryBridgeMustBeThere) {
  std::erase_if(collected.host.networks,
                [](const Network& network) { return network.name == "prod-net"; });
  furnish_host(collected.host.networks);
  add();
  EXPECT_TRUE(collected.host.kernel) << collected.host.kernel_missing;

  CollectedHost other = collect_from(load_recording("docker-20.10"));
  add_kernel(other, endpoint, machine, files);
  EXPECT_FALSE(other.host.kernel);
  EXPECT_THAT(
      other.host.kernel_missing,
      HasSubstr("no bridge br-" + named(other.host.networks, "prod-net").id.value.substr(0, 12)));
  EXPECT_THAT(other.gaps, IsEmpty());
}

TEST_F(WithKernel, OnlyDockerOfThisMachineIsLookedInto) {
  const auto missing = [this](const std::string& url) {
    endpoint.url = url;
    collected.host.kernel.reset();
    add();
    EXPECT_FALSE(collected.host.kernel);
    return collected.host.kernel_missing;
  };
  EXPECT_THAT(missing("tcp://127.0.0.1:2375"), HasSubstr("unix socket of this machine"));
  EXPECT_THAT(missing("ssh://ops@edge"), HasSubstr("unix socket of this machine"));
  machine.root = false;
  EXPECT_EQ(missing("unix:///var/run/docker.sock"), "not root (run as root)");
  collected.host.engine.product = "podman";
  EXPECT_THAT(missing("unix:///var/run/docker.sock"), HasSubstr("only Docker's"));
  collected.host.engine.product.clear();
  EXPECT_EQ(missing("unix:///var/run/docker.sock"), "the engine did not answer");
  EXPECT_THAT(collected.gaps, IsEmpty());
}

}  // namespace
}  // namespace firebreak
