#include "kernel/processes.h"

#include <gmock/gmock.h>

#include "kernel/testing.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_kernel::command_line;

const std::string kProxy =
    command_line({"/usr/sbin/docker-proxy", "-proto", "udp", "-host-ip", "::", "-host-port", "8080",
                  "-container-ip", "172.17.0.2", "-container-port", "80"});

TEST(AProxy, IsReadFromItsArguments) {
  const UserlandProxy wanted{Protocol::kUdp, *IpAddress::parse("::"), Port{8080},
                             *IpAddress::parse("172.17.0.2"), Port{80}};
  EXPECT_EQ(read_proxy(kProxy)->value(), wanted);
  EXPECT_EQ(read_proxy(command_line({"docker-proxy", "-proto=udp", "--host-ip=::", "--host-port",
                                     "8080", "-use-listen-fd", "-container-ip", "172.17.0.2",
                                     "-container-port=80", "-use-listen-fd"}))
                ->value(),
            wanted);
}

TEST(AProxy, IsNothingElse) {
  for (const std::string& other :
       {std::string(), command_line({"sh", "-c", "docker-proxy -proto tcp"}),
        command_line({"/usr/bin/docker-proxy-2"}), command_line({"docker-proxy/x"})}) {
    const auto read = read_proxy(other);
    ASSERT_TRUE(read);
    EXPECT_FALSE(*read) << other;
  }
}

TEST(AProxy, WithOddArgumentsIsAnError) {
  for (const std::string& odd :
       {command_line({"docker-proxy"}), kProxy.substr(0, kProxy.size() / 2),
        kProxy.substr(0, kProxy.size() - 3) + "99999"}) {
    EXPECT_FALSE(read_proxy(odd)) << odd;
  }
}

class AProcFolder : public testing::Test {
 protected:
  void process(const std::string& pid, const std::string& name, const std::string& words = {}) {
    files.put("/proc/" + pid + "/comm", name + "\n");
    files.put("/proc/" + pid + "/cmdline", words.empty() ? name : words);
    machine.links["/proc/" + pid + "/ns/net"] = "net:[1]";
  }
  ScriptedMachine machine;
  ScriptedFiles files;
};

TEST_F(AProcFolder, ShowsTheProxiesOfOneNamespace) {
  files.put("/proc/meminfo", "");
  process("9", "sh");
  process("10", "docker-proxy", kProxy);
  process("11", "docker-proxy", kProxy);
  machine.links["/proc/11/ns/net"] = "net:[2]";
  process("12", "docker-proxy", command_line({"docker-proxy", "-proto", "hunter2"}));
  const Proxies proxies = find_proxies(1, machine, files);
  EXPECT_EQ(proxies.found.size(), 1U);
  EXPECT_THAT(proxies.unread,
              ElementsAre(Unread{"process 12", "its arguments are not understood"}));
}

TEST_F(AProcFolder, SaysWhenAProxyCannotBeRead) {
  process("10", "docker-proxy", kProxy);
  files.break_path("/proc/10/cmdline", {ErrorKind::kDenied, "no", "", ""});
  EXPECT_THAT(find_proxies(1, machine, files).unread, ElementsAre(Unread{"process 10", "no"}));
  EXPECT_THAT(find_proxies(2, machine, files).unread, IsEmpty());
  files.break_path("/proc", {ErrorKind::kDenied, "no", "", ""});
  EXPECT_THAT(find_proxies(1, machine, files).unread,
              ElementsAre(Unread{"docker-proxy processes", "no"}));
}

class TheEngine : public AProcFolder {
 protected:
  std::string found(const std::string& path = "/run/docker.sock") {
    const auto pid = engine_process(path, machine, files);
    return pid ? std::to_string(*pid) : pid.error().text();
  }
};

TEST_F(TheEngine, IsWhoListens) {
  machine.listeners["/run/docker.sock"] = 70;
  process("70", "dockerd");
  EXPECT_EQ(found(), "70");
}

TEST_F(TheEngine, IsWhoWasGivenTheSocket) {
  machine.listeners["/var/run/docker.sock"] = 1;
  process("1", "systemd");
  process("60", "dockerd");  // another one
  process("70", "dockerd");
  process("71", "sh");
  files.put("/proc/1/net/unix",
            "Num       RefCount Protocol Flags    Type St Inode Path\n"
            "0000000000000000: 00000002 00000000 00010000 0001 01 111 /run/other.sock\n"
            "0000000000000000: 00000003 00000000 00000000 0001 03   222 /run/docker.sock\n"
            "0000000000000000: 00000002 00000000 00010000 0001 01   333 /run/docker.sock\n");
  for (const char* pid : {"60", "70", "71"}) {
    files.put(std::string("/proc/") + pid + "/fd/3", "");
    machine.links[std::string("/proc/") + pid + "/fd/3"] = "socket:[333]";
  }
  machine.links["/proc/60/fd/3"] = "socket:[222]";
  EXPECT_EQ(found("/var/run/docker.sock"), "70");
  machine.links["/proc/70/fd/3"] = "socket:[111]";
  EXPECT_THAT(found("/var/run/docker.sock"), HasSubstr("but process 1 (systemd)"));
}

TEST_F(TheEngine, IsNoTunnel) {
  machine.listeners["/run/docker.sock"] = 5;
  process("5", "ssh");
  files.put("/proc/5/net/unix", "");
  EXPECT_THAT(found(), HasSubstr("no Docker engine of this machine answers this socket"));
  EXPECT_THAT(found("/run/none.sock"), HasSubstr("refused"));
}

}  // namespace
}  // namespace firebreak
