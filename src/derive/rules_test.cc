#include <gmock/gmock.h>

#include "derive/testing.h"

namespace firebreak {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kStage = "DOCKER-ISOLATION-STAGE-1";
constexpr DaemonOptions kNoProxy{.userland_proxy = false};
constexpr DaemonOptions kDirect{.direct_routing = true};

// One bridge "br-web000000000" (10.1.1.0/24) with a container that publishes 8080:80.
EngineHost one_port(EngineHost::Options options = {}, std::string_view address = {}) {
  EngineHost out;
  out.network("web", std::move(options));
  out.container("api", {"web"}, {published(8080, 80, address)});
  return out;
}

TEST(DerivedRules, Of20) {
  EXPECT_EQ(one_port().derive("20.10.24").host.filters.iptables_nft,
            R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o br-web000000000 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o br-web000000000 -j DOCKER
-A FORWARD -i br-web000000000 ! -o br-web000000000 -j ACCEPT
-A FORWARD -i br-web000000000 -o br-web000000000 -j ACCEPT
-A DOCKER -d 10.1.1.2/32 ! -i br-web000000000 -o br-web000000000 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i br-web000000000 ! -o br-web000000000 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o br-web000000000 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 10.1.1.0/24 ! -o br-web000000000 -j MASQUERADE
-A POSTROUTING -s 10.1.1.2/32 -d 10.1.1.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
-A DOCKER -i br-web000000000 -j RETURN
-A DOCKER ! -i br-web000000000 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.1.1.2:80
COMMIT
)");
}

TEST(DerivedRules, Of29) {
  EXPECT_EQ(one_port().derive("29.0.0").host.filters.iptables_nft,
            R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -d 10.1.1.2/32 ! -i br-web000000000 -j DROP
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-BRIDGE - [0:0]
:DOCKER-CT - [0:0]
:DOCKER-FORWARD - [0:0]
:DOCKER-INTERNAL - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-FORWARD
-A DOCKER -d 10.1.1.2/32 ! -i br-web000000000 -o br-web000000000 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER ! -i br-web000000000 -o br-web000000000 -j DROP
-A DOCKER-BRIDGE -o br-web000000000 -j DOCKER
-A DOCKER-CT -o br-web000000000 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD -j DOCKER-CT
-A DOCKER-FORWARD -j DOCKER-INTERNAL
-A DOCKER-FORWARD -j DOCKER-BRIDGE
-A DOCKER-FORWARD -i br-web000000000 -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 10.1.1.0/24 ! -o br-web000000000 -j MASQUERADE
-A DOCKER ! -i br-web000000000 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.1.1.2:80
COMMIT
)");
}

TEST(DerivedRules, OnlyThe280UsesASet) {
  const KernelState state = one_port().derive("28.0.0");
  EXPECT_EQ(state.host.filters.ipset,
            "create docker-ext-bridges-v4 hash:net family inet hashsize 1024 maxelem 65536\n"
            "add docker-ext-bridges-v4 10.1.1.0/24\n"
            "create docker-ext-bridges-v6 hash:net family inet6 hashsize 1024 maxelem 65536\n");
  EXPECT_EQ(one_port().chain("28.0.0", "filter", "FORWARD"),
            "-j DOCKER-USER\n"
            "-m set --match-set docker-ext-bridges-v4 dst -m conntrack --ctstate "
            "RELATED,ESTABLISHED -j ACCEPT\n"
            "-j DOCKER-ISOLATION-STAGE-1\n"
            "-m set --match-set docker-ext-bridges-v4 dst -j DOCKER\n"
            "-i br-web000000000 -j ACCEPT\n");
  for (const char* version : {"27.5.1", "28.0.1", "29"}) {
    EXPECT_EQ(one_port().derive(version).host.filters.ipset, "") << version;
  }
}

TEST(DerivedRules, RawDropsArePerPortThenPerContainer) {
  const EngineHost host = one_port();
  EXPECT_THAT(host.derive("27.5.1").host.filters.iptables_nft, Not(HasSubstr("*raw")));
  for (const char* version : {"28.0.0", "28.0.4", "28.1.1"}) {
    EXPECT_EQ(host.chain(version, "raw", "PREROUTING"),
              "-d 10.1.1.2/32 ! -i br-web000000000 -p tcp -m tcp --dport 80 -j DROP\n");
  }
  for (const char* version : {"28.2.0", "28.5.2", "29"}) {
    EXPECT_EQ(host.chain(version, "raw", "PREROUTING"),
              "-d 10.1.1.2/32 ! -i br-web000000000 -j DROP\n");
    EXPECT_EQ(host.chain(version, "raw", "PREROUTING", kDirect), "");
  }
}

TEST(DerivedRules, ModesThatMayBeReachedDirectlyHaveNoRawDrops) {
  for (const char* mode : {"nat-unprotected", "routed"}) {
    for (const char* version : {"28.0.4", "28.5.2", "29"}) {
      EXPECT_EQ(one_port({{"gateway_mode_ipv4", mode}}).chain(version, "raw", "PREROUTING"), "");
    }
  }
  EXPECT_EQ(one_port({{"trusted_host_interfaces", "eth1:eth2"}}).chain("29", "raw", "PREROUTING"),
            "-d 10.1.1.2/32 -i eth1 -j ACCEPT\n"
            "-d 10.1.1.2/32 -i eth2 -j ACCEPT\n"
            "-d 10.1.1.2/32 ! -i br-web000000000 -j DROP\n");
}

TEST(DerivedRules, OfAnUnprotectedNetwork) {
  const EngineHost host = one_port({{"gateway_mode_ipv4", "nat-unprotected"}});
  for (const char* version : {"28.0.4", "28.5.2", "29"}) {
    EXPECT_EQ(host.chain(version, "filter", "DOCKER"),
              "! -i br-web000000000 -o br-web000000000 -j ACCEPT\n");
    EXPECT_THAT(host.chain(version, "nat", "DOCKER"), HasSubstr("--dport 8080 -j DNAT"));
  }
  // Older engines do not know the mode.
  EXPECT_EQ(host.chain("26.1.5", "filter", "DOCKER"),
            one_port().chain("26.1.5", "filter", "DOCKER"));
}

TEST(DerivedRules, OfARoutedNetwork) {
  const EngineHost host = one_port({{"gateway_mode_ipv4", "routed"}});
  for (const char* version : {"28.0.4", "28.5.2", "29"}) {
    EXPECT_EQ(host.chain(version, "filter", "DOCKER"),
              "-d 10.1.1.2/32 ! -i br-web000000000 -o br-web000000000 -p tcp -m tcp --dport 80 -j "
              "ACCEPT\n"
              "-o br-web000000000 -p icmp -j ACCEPT\n"
              "! -i br-web000000000 -o br-web000000000 -j DROP\n");
    EXPECT_THAT(host.derive(version).host.filters.iptables_nft,
                Not(testing::ContainsRegex("DNAT|MASQUERADE")));
  }
  EXPECT_EQ(host.chain("28.5.2", "filter", kStage),
            "-i br-web000000000 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
            "-o br-web000000000 -j RETURN\n"
            "-i br-web000000000 ! -o br-web000000000 -j DOCKER-ISOLATION-STAGE-2\n");
  EXPECT_THAT(host.chain("27.5.1", "nat", "DOCKER"), Not(HasSubstr("DNAT")));
  EXPECT_THAT(host.chain("26.1.5", "nat", "DOCKER"), HasSubstr("DNAT"));  // not known there
}

TEST(DerivedRules, OfAnInternalNetwork) {
  EngineHost host;
  host.network("in").internal = true;
  host.container("db", {"in"}, {published(5432, 5432)});
  const std::string drops =
      "! -s 10.1.1.0/24 -o br-in0000000000 -j DROP\n"
      "! -d 10.1.1.0/24 -i br-in0000000000 -j DROP\n";
  EXPECT_EQ(host.chain("20.10.24", "filter", kStage), drops + "-j RETURN\n");
  EXPECT_EQ(host.chain("28.5.2", "filter", kStage), drops);
  EXPECT_EQ(host.chain("29", "filter", "DOCKER-INTERNAL"), drops);
  for (const char* version : {"20.10.24", "28.0.0", "28.0.4", "28.5.2", "29"}) {
    const FilterTexts filters = host.derive(version).host.filters;
    EXPECT_THAT(filters.iptables_nft, HasSubstr("-i br-in0000000000 -o br-in0000000000 -j ACCEPT"));
    EXPECT_THAT(filters.iptables_nft, Not(HasSubstr("5432"))) << version;
    EXPECT_THAT(filters.iptables_nft, Not(HasSubstr("MASQUERADE"))) << version;
  }
}

TEST(DerivedRules, WithoutIcc) {
  const EngineHost host = one_port({{"enable_icc", "false"}});
  EXPECT_THAT(host.chain("20.10.24", "filter", "FORWARD"),
              testing::EndsWith("-i br-web000000000 -o br-web000000000 -j DROP\n"));
  for (const char* version : {"28.0.4", "28.5.2", "29"}) {
    EXPECT_THAT(host.chain(version, "filter", "DOCKER-FORWARD"),
                testing::EndsWith("-i br-web000000000 -o br-web000000000 -j DROP\n"
                                  "-i br-web000000000 ! -o br-web000000000 -j ACCEPT\n"));
  }
}

TEST(DerivedRules, WithoutMasqueradingThereIsNothingToSkip) {
  const EngineHost host = one_port({{"enable_ip_masquerade", "false"}});
  for (const char* version : {"20.10.24", "28.5.2"}) {
    EXPECT_THAT(host.chain(version, "nat", "POSTROUTING"), Not(HasSubstr("-s 10.1.1.0/24")));
    EXPECT_THAT(host.chain(version, "nat", "DOCKER"), Not(HasSubstr("RETURN")));
  }
}

TEST(DerivedRules, SourceAddressInsteadOfMasquerading) {
  EngineHost host;
  host.network("web").options = {{"com.docker.network.host_ipv4", "192.0.2.7"}};
  EXPECT_EQ(host.chain("28.5.2", "nat", "POSTROUTING"),
            "-s 10.1.1.0/24 ! -o br-web000000000 -j SNAT --to-source 192.0.2.7\n");
}

TEST(DerivedRules, WithoutTheProxy) {
  const EngineHost host = one_port();
  for (const char* version : {"20.10.24", "28.0.4", "28.5.2", "29"}) {
    EXPECT_EQ(host.chain(version, "nat", "OUTPUT", kNoProxy),
              "-m addrtype --dst-type LOCAL -j DOCKER\n");
    EXPECT_EQ(host.chain(version, "nat", "DOCKER", kNoProxy),
              "-p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.1.1.2:80\n");
    EXPECT_EQ(host.chain(version, "nat", "POSTROUTING", kNoProxy),
              "-o br-web000000000 -m addrtype --src-type LOCAL -j MASQUERADE\n"
              "-s 10.1.1.0/24 ! -o br-web000000000 -j MASQUERADE\n"
              "-s 10.1.1.2/32 -d 10.1.1.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE\n");
  }
}

TEST(DerivedRules, PublishedOnAnAddress) {
  EXPECT_THAT(one_port({}, "192.0.2.7").chain("20.10.24", "nat", "DOCKER"),
              HasSubstr("-d 192.0.2.7/32 ! -i br-web000000000 -p tcp -m tcp --dport 8080 -j DNAT"));
  const EngineHost loopback = one_port({}, "127.0.0.1");
  for (const char* version : {"28.0.0", "28.0.4", "28.5.2", "29"}) {
    EXPECT_THAT(loopback.chain(version, "raw", "PREROUTING"),
                HasSubstr("-d 127.0.0.1/32 ! -i lo -p tcp -m tcp --dport 8080 -j DROP\n"));
  }
  EXPECT_THAT(loopback.chain("20.10.24", "filter", "DOCKER"), HasSubstr("--dport 80 -j ACCEPT"));
}

TEST(DerivedRules, OfIPv6) {
  EngineHost host;
  host.six("web");
  host.network("plain");
  host.container("api", {"web"}, {published(8080, 80), published(8081, 81, "::1")});
  EXPECT_EQ(host.derive("26.1.5").host.filters.ip6tables_nft, "");  // off by default
  EXPECT_THAT(host.chain("27.5.1", "nat", "DOCKER", {}, true),
              HasSubstr("! -i br-web000000000 -p tcp -m tcp --dport 8080 -j DNAT --to-destination "
                        "[fd00:1::2]:80\n"));
  EXPECT_EQ(host.chain("29", "nat", "DOCKER", {}, true),
            "! -s fe80::/10 ! -i br-web000000000 -p tcp -m tcp --dport 8080 -j DNAT "
            "--to-destination [fd00:1::2]:80\n"
            "! -s fe80::/10 -d ::1/128 ! -i br-web000000000 -p tcp -m tcp --dport 8081 -j DNAT "
            "--to-destination [fd00:1::2]:81\n");
  EXPECT_EQ(host.chain("29", "nat", "OUTPUT", {}, true),
            "! -d ::1/128 -m addrtype --dst-type LOCAL -j DOCKER\n");
  EXPECT_EQ(host.chain("29", "raw", "PREROUTING", {}, true),
            "-d fd00:1::2/128 ! -i br-web000000000 -j DROP\n");
  EXPECT_THAT(host.derive("29").host.filters.ip6tables_nft, Not(HasSubstr("br-plain")));
  EXPECT_EQ(host.derive("29", {.ip6tables = false}).host.filters.ip6tables_nft, "");
  const DaemonOptions on{.ip6tables = true};
  EXPECT_EQ(host.chain("20.10.24", "filter", "DOCKER-USER", on, true), "");
  EXPECT_EQ(host.chain("26.1.5", "filter", "DOCKER-USER", on, true), "-j RETURN\n");
}

TEST(DerivedRules, OfAnInternalNetworkOfIPv6) {
  EngineHost host;
  host.six("in").internal = true;
  const std::string drops =
      "! -s fd00:1::/64 ! -i br-in0000000000 -o br-in0000000000 -j DROP\n"
      "! -d fd00:1::/64 -i br-in0000000000 ! -o br-in0000000000 -j DROP\n";
  EXPECT_EQ(host.chain("28.5.2", "filter", kStage, {}, true), drops);
  EXPECT_EQ(host.chain("29", "filter", "DOCKER-INTERNAL", {}, true), drops);
  EXPECT_EQ(host.chain("20.10.24", "filter", kStage, {.ip6tables = true}, true),
            "! -s fd00:1::/64 -o br-in0000000000 -j DROP\n"
            "! -d fd00:1::/64 -i br-in0000000000 -j DROP\n-j RETURN\n");
}

TEST(DerivedRules, NamesOfDevicesCannotBecomeRules) {
  const EngineHost host = one_port(
      {{"name", "x -j ACCEPT\n-A F"}, {"trusted_host_interfaces", "eth1:lo -j ACCEPT\n:eth2"}});
  EXPECT_EQ(host.chain("29", "raw", "PREROUTING"),
            "-d 10.1.1.2/32 -i eth1 -j ACCEPT\n"
            "-d 10.1.1.2/32 -i eth2 -j ACCEPT\n"
            "-d 10.1.1.2/32 ! -i br-web000000000 -j DROP\n");
  EngineHost odd;
  odd.network("web").id = NetworkKey("a b\nc");
  EXPECT_THAT(odd.derive("29").host.filters.iptables_nft, HasSubstr("-i br-unnamed0 -j ACCEPT"));
}

TEST(DerivedRules, ThePolicyOfForwardIsAnOption) {
  for (const char* version : {"20.10.24", "29"}) {
    EXPECT_THAT(one_port().derive(version, {.forward_policy_drop = true}).host.filters.iptables_nft,
                HasSubstr(":FORWARD DROP"));
  }
}

EngineHost swarm(bool manager) {
  EngineHost out;
  out.network("docker_gwbridge");
  out.network("ingress").driver = "overlay";
  out.host().networks.back().ingress = true;
  out.host().swarm.active = true;
  out.host().swarm.manager = manager;
  if (!manager) return out;
  Service service;
  service.spec.ports = {published(9000, 80), published(0, 81)};
  out.host().swarm.services = {service};
  return out;
}

TEST(DerivedRules, OfPortsThatSwarmPublishes) {
  const std::string filter =
      "-p tcp -m tcp --dport 9000 -j ACCEPT\n"
      "-p tcp -m conntrack --ctstate RELATED,ESTABLISHED -m tcp --sport 9000 -j ACCEPT\n"
      "-j RETURN\n";
  for (const char* version : {"20.10.24", "28.0.0", "28.0.4", "28.5.2", "29"}) {
    EXPECT_EQ(swarm(true).chain(version, "filter", "DOCKER-INGRESS"), filter) << version;
    EXPECT_EQ(swarm(true).chain(version, "nat", "DOCKER-INGRESS"),
              "-p tcp -m tcp --dport 9000 -j DNAT --to-destination 10.1.1.2:9000\n-j RETURN\n");
  }
  EXPECT_THAT(swarm(true).chain("20.10.24", "filter", "FORWARD"),
              testing::StartsWith("-j DOCKER-USER\n-j DOCKER-INGRESS\n-j DOCKER-ISOLATION"));
  EXPECT_THAT(swarm(true).chain("29", "filter", "DOCKER-FORWARD"),
              testing::StartsWith("-j DOCKER-INGRESS\n-j DOCKER-CT\n"));
  EXPECT_THAT(swarm(true).chain("29", "filter", "DOCKER-FORWARD"),
              HasSubstr("-i docker_gwbridge -o docker_gwbridge -j DROP\n"));
}

TEST(DerivedRules, WorkersSayThatTheyDoNotKnowServices) {
  const KernelState worker = swarm(false).derive("28.5.2");
  ASSERT_EQ(worker.unread.size(), 1U);
  EXPECT_THAT(worker.unread[0].why, HasSubstr("managers"));
  EXPECT_TRUE(swarm(true).derive("28.5.2").unread.empty());
}

}  // namespace
}  // namespace firebreak
