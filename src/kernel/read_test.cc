#include "kernel/read.h"

#include <gmock/gmock.h>

#include "kernel/testing.h"

namespace firebreak {
namespace {

using namespace testing_kernel;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kRules =
    "*nat\n:PREROUTING ACCEPT [3:4]\n-A PREROUTING -m set --match-set bad src -j DROP\nCOMMIT\n";
constexpr const char* kRuleset =
    R"({"nftables":[{"table":{"family":"inet","name":"fw"}},{"table":{"family":"ip","name":"nat"}}]})";

class AnEngine : public testing::Test {
 protected:
  AnEngine() {
    machine.listeners["/run/docker.sock"] = 70;
    files.put("/proc/70/comm", "dockerd\n");
    files.put("/proc/70/cmdline", "dockerd");
    files.put("/proc/71/cmdline",
              command_line({"docker-proxy", "-proto", "tcp", "-host-ip", "0.0.0.0", "-host-port",
                            "80", "-container-ip", "172.17.0.2", "-container-port", "80"}));
    machine.links["/proc/71/ns/net"] = "net:[1]";
    ScriptedNamespace& host = machine.namespaces["/proc/70/ns/net"];
    furnish(host, 1, link(1, "lo") + bridge(2, "docker0") + link(3, "eth0.10"));
    host.netlink.answer(ask_sockets(false, Protocol::kTcp), listening(AF_INET, 22) + done());
    host.netlink.answer(ask_nft_tables(), nft_table(2, "nat") + nft_table(1, "fw") + done());
    host.processes.answer("iptables-nft-save", kRules);
    host.processes.answer("nft -j -s list ruleset", kRuleset);
    host.processes.answer("ipset save", "create bad hash:ip\n");
    host.files.put("/proc/thread-self/net/ip_tables_names", "filter\n");
    host.processes.answer("iptables-legacy-save", "*filter\nCOMMIT\n");
    host.files.put("/proc/sys/net/ipv4/conf/eth0.10/rp_filter", "2\n");
    furnish(machine.namespaces["/run/docker/netns/a"], 2, link(1, "lo"));
  }
  Result<KernelState> read() { return read(machine, files); }
  Result<KernelState> read(Machine& from, Files& with) { return read_kernel(question, from, with); }
  std::string why() {
    const auto kernel = read();
    return kernel ? "it was read" : kernel.error().text();
  }

  ScriptedMachine machine;
  ScriptedFiles files;
  KernelQuestion question{"/run/docker.sock", {"docker0"}, {{"id-a", "a", "/run/docker/netns/a"}}};
};

TEST_F(AnEngine, IsReadWithItsContainers) {
  const auto kernel = read();
  ASSERT_TRUE(kernel) << kernel.error().text();
  EXPECT_EQ(kernel->host.inode, 1U);
  EXPECT_THAT(kernel->host.links, SizeIs(3));
  EXPECT_THAT(kernel->host.unread, IsEmpty());
  EXPECT_THAT(kernel->unread, IsEmpty());
  EXPECT_THAT(kernel->host.listeners, ElementsAre(Field(&Listener::port, Port{22})));
  EXPECT_THAT(kernel->host.sysctls, ElementsAre(Sysctl{"net.ipv4.ip_forward", "1"},
                                                Sysctl{"net.ipv4.conf.eth0/10.rp_filter", "2"}));
  EXPECT_THAT(kernel->host.filters.iptables_nft, HasSubstr("[0:0]"));
  EXPECT_EQ(kernel->host.filters.nft,
            "{\"nftables\":[{\"table\":{\"family\":\"inet\",\"name\":\"fw\"}}]}\n");
  EXPECT_EQ(kernel->host.filters.iptables_legacy, "*filter\nCOMMIT\n");
  EXPECT_EQ(kernel->host.filters.ipset, "create bad hash:ip\n");
  ASSERT_THAT(kernel->containers, SizeIs(1));
  EXPECT_EQ(kernel->containers[0].container, "id-a");
  EXPECT_EQ(kernel->containers[0].state.inode, 2U);
  EXPECT_THAT(kernel->proxies, SizeIs(1));
}

TEST_F(AnEngine, RunsNoToolWhereThereIsNothingToSee) {
  ASSERT_TRUE(read());
  EXPECT_THAT(machine.namespaces["/run/docker/netns/a"].processes.calls(), IsEmpty());
}

TEST_F(AnEngine, WithoutItsBridgesIsAnother) {
  question.bridges.emplace_back("br-0123456789ab");
  EXPECT_THAT(why(), HasSubstr("it has no bridge br-0123456789ab"));
  question.bridges = {"eth0.10"};  // there, but no bridge
  EXPECT_THAT(why(), HasSubstr("it has no bridge eth0.10"));
  question.bridges.clear();
  EXPECT_TRUE(read());
}

TEST_F(AnEngine, IsForRootOnly) {
  machine.root = false;
  EXPECT_EQ(why(), "not root (run as root)");
}

TEST_F(AnEngine, MayLoseAContainerMeanwhile) {
  machine.namespaces.erase("/run/docker/netns/a");
  const auto kernel = read();
  ASSERT_TRUE(kernel);
  EXPECT_THAT(kernel->containers, IsEmpty());
  EXPECT_THAT(
      kernel->unread,
      ElementsAre(Unread{"container a", "its network namespace: no such file or directory"}));
}

TEST_F(AnEngine, ReadsASharedNamespaceOnce) {
  question.containers.push_back({"id-b", "b", "/run/docker/netns/a"});
  question.containers.push_back({"id-c", "c", "/proc/70/ns/net"});  // the host's
  EXPECT_THAT(read()->containers, SizeIs(1));
}

TEST_F(AnEngine, NamesToolsThatAreNotThere) {
  machine.namespaces["/proc/70/ns/net"].processes = {};
  const auto kernel = read();
  EXPECT_THAT(kernel->host.unread, ElementsAre(Unread{"iptables-nft-save", "no such program"},
                                               Unread{"nft", "no such program"},
                                               Unread{"iptables-legacy-save", "no such program"}));
}

TEST_F(AnEngine, AcceptsAnIptablesOfOneBackendOnly) {
  ScriptedProcesses& programs = machine.namespaces["/proc/70/ns/net"].processes;
  programs = {};
  programs.answer("nft -j -s list ruleset", kRuleset);
  programs.answer("iptables-save --version", "iptables-save v1.8.9 (nf_tables)\n");
  programs.answer("/usr/sbin/iptables-save", "*nat\nCOMMIT\n");
  programs.answer("iptables-save", "*nat\nCOMMIT\n");
  const auto kernel = read();
  EXPECT_EQ(kernel->host.filters.iptables_nft, "*nat\nCOMMIT\n");
  EXPECT_THAT(kernel->host.unread, ElementsAre(Unread{"iptables-legacy-save", "no such program"}));
}

TEST_F(AnEngine, KeepsTablesThatIptablesDoesNotShow) {
  ScriptedProcesses& programs = machine.namespaces["/proc/70/ns/net"].processes;
  programs.answer("iptables-nft-save", "# Table `nat' is incompatible, use 'nft' tool.\n");
  EXPECT_THAT(read()->host.filters.nft, HasSubstr("\"nat\""));
}

TEST_F(AnEngine, IsLeftAloneWhenItStopsAnswering) {
  ScriptedNamespace& host = machine.namespaces["/proc/70/ns/net"];
  const Error timeout{ErrorKind::kUnreachable, "no answer within 10 seconds", "", ""};
  host.netlink.answer(ask_routes(false), std::unexpected(timeout));
  host.netlink.answer(ask_rules(false), std::unexpected(timeout));
  const auto kernel = read();
  ASSERT_TRUE(kernel);
  EXPECT_THAT(host.processes.calls(), IsEmpty());
  EXPECT_THAT(kernel->host.unread, Contains(Unread{"IPv4 routes", timeout.what}));
  EXPECT_THAT(kernel->host.unread, Contains(Field(&Unread::what, "IPv6 routes")));
  EXPECT_THAT(kernel->host.unread, Contains(Field(&Unread::what, "tables of nftables")));
  EXPECT_THAT(kernel->unread, ElementsAre(Unread{"container a", "the kernel stopped answering"}));
}

// What every part of a state lacks, and why.
std::vector<Unread> unread_in(const KernelState& kernel) {
  std::vector<Unread> all = kernel.unread;
  std::ranges::copy(kernel.host.unread, std::back_inserter(all));
  for (const ContainerNamespace& container : kernel.containers) {
    std::ranges::copy(container.state.unread, std::back_inserter(all));
  }
  return all;
}

TEST_F(AnEngine, SaysWhyForEveryCallThatFails) {
  const KernelState whole = *read();
  for (const Fault::Kind kind : Fault::kAll) {
    int nth = 1;
    for (;; ++nth) {
      Fault fault(nth, kind);
      FailingMachine failing_machine(machine, fault);
      FailingFiles failing_files(files, fault);
      const auto kernel = read(failing_machine, failing_files);
      if (!fault.happened()) break;
      if (!kernel) {
        EXPECT_FALSE(kernel.error().what.empty());
        continue;
      }
      // Half of "1\n" is as good as the whole.
      if (*kernel == whole) continue;
      const std::vector<Unread> unread = unread_in(*kernel);
      const bool is_error = error_of(fault, "").has_value();
      EXPECT_TRUE(!is_error || !unread.empty()) << "call " << nth;
      for (const Unread& one : unread) EXPECT_FALSE(one.what.empty() || one.why.empty());
    }
    EXPECT_GT(nth, 40);
  }
}

}  // namespace
}  // namespace firebreak
