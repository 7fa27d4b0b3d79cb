#include "derive/derive.h"

#include <gmock/gmock.h>

#include "derive/testing.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const NetLink& link_named(const NetNamespace& state, std::string_view name) {
  const auto found = std::ranges::find(state.links, name, &NetLink::name);
  EXPECT_NE(found, state.links.end()) << name;
  return *found;
}

const NetNamespace& of(const KernelState& state, std::string_view id) {
  const auto found = std::ranges::find(state.containers, id, &ContainerNamespace::container);
  EXPECT_NE(found, state.containers.end()) << id;
  return found->state;
}

std::vector<std::string> defaults(const NetNamespace& state) {
  std::vector<std::string> out;
  for (const NetRoute& route : state.routes) {
    if (route.destination.prefix == 0)
      out.push_back(route.gateway ? route.gateway->text() : "direct");
  }
  return out;
}

std::string sysctl_of(const NetNamespace& state, std::string_view name) {
  const auto found = std::ranges::find(state.sysctls, name, &Sysctl::name);
  return found == state.sysctls.end() ? "not there" : found->value;
}

TEST(DerivedState, SaysThatItIs) {
  const KernelState state = EngineHost().derive("28.5.2");
  EXPECT_TRUE(state.derived);
  ASSERT_THAT(state.host.unread, SizeIs(1));
  EXPECT_EQ(state.host.unread[0].what, "sockets");
}

TEST(DerivedState, HasBridgesByTheirNames) {
  EngineHost host;
  host.network("bridge");
  host.network("docker_gwbridge");
  host.network("web");
  host.network("named", {{"name", "br-own"}});
  const KernelState state = host.derive("28.5.2");
  EXPECT_EQ(link_named(state.host, "docker0").addresses[0].address.text(), "10.1.1.1");
  EXPECT_EQ(link_named(state.host, "docker_gwbridge").kind, "bridge");
  EXPECT_EQ(link_named(state.host, "br-web000000000").addresses[0].prefix, 24);
  EXPECT_EQ(link_named(state.host, "br-own").addresses[0].address.text(), "10.1.4.1");
  EXPECT_THAT(state.host.routes, SizeIs(5));  // and the way out
  EXPECT_THAT(state.host.rules, SizeIs(5));
}

TEST(DerivedState, TakesTheGatewayThatIsListed) {
  EngineHost host;
  Network& net = host.network("web");
  net.gateways = {*IpAddress::parse("10.1.1.254")};
  host.container("api", {"web"});
  const KernelState state = host.derive("28.5.2");
  EXPECT_EQ(link_named(state.host, "br-web000000000").addresses[0].address.text(), "10.1.1.254");
  EXPECT_THAT(defaults(of(state, "api-id")), ElementsAre("10.1.1.254"));
}

TEST(DerivedState, AnIsolatedNetworkHasNoGateway) {
  EngineHost host;
  host.network("in", {{"gateway_mode_ipv4", "isolated"}}).internal = true;
  host.container("api", {"in"});
  EXPECT_THAT(link_named(host.derive("28.5.2").host, "br-in0000000000").addresses, IsEmpty());
  EXPECT_THAT(link_named(host.derive("27.5.1").host, "br-in0000000000").addresses, SizeIs(1));
}

TEST(DerivedState, JoinsContainersByVethPairs) {
  EngineHost host;
  host.network("web");
  host.network("data");
  host.container("api", {"web", "data"});
  const KernelState state = host.derive("28.5.2");
  const NetNamespace& api = of(state, "api-id");
  ASSERT_THAT(api.links, SizeIs(3));
  for (const char* name : {"eth0", "eth1"}) {
    const NetLink& inner = link_named(api, name);
    const auto outer = std::ranges::find(state.host.links, inner.peer, &NetLink::index);
    ASSERT_NE(outer, state.host.links.end());
    EXPECT_EQ(outer->peer, inner.index);
    EXPECT_TRUE(outer->peer_namespace && inner.peer_namespace);
    EXPECT_EQ(outer->master,
              link_named(state.host,
                         name == std::string_view("eth0") ? "br-web000000000" : "br-data00000000")
                  .index);
    EXPECT_FALSE(outer->hairpin);
  }
  EXPECT_EQ(link_named(api, "eth0").addresses[0].address.text(), "10.1.1.2");
  EXPECT_TRUE(std::ranges::any_of(host.derive("28.5.2", {.userland_proxy = false}).host.links,
                                  &NetLink::hairpin));
}

TEST(DerivedState, TheDefaultRouteFollowsTheEnginesOrder) {
  EngineHost host;
  host.network("z-four");
  host.network("a-internal").internal = true;
  host.network("m-four");
  host.six("y-six");
  host.container("by-name", {"z-four", "m-four", "a-internal"});
  host.container("both-families", {"m-four", "y-six"});
  host.container("internal", {"a-internal"});
  const KernelState state = host.derive("28.5.2");
  EXPECT_THAT(defaults(of(state, "by-name-id")), ElementsAre("10.1.3.1"));
  EXPECT_THAT(defaults(of(state, "both-families-id")), ElementsAre("10.1.4.1", "fd00:4::1"));
  EXPECT_THAT(defaults(of(state, "internal-id")), IsEmpty());
  EXPECT_THAT(defaults(of(host.derive("20.10.24"), "internal-id")), ElementsAre("10.1.2.1"));
}

TEST(DerivedState, PublishesOnTheNetworkOfTheDefaultRoute) {
  EngineHost host;
  host.network("b");
  host.network("a");
  host.container("api", {"b", "a"}, {published(8080, 80)});
  const KernelState state = host.derive("28.5.2");
  ASSERT_THAT(state.proxies, SizeIs(2));
  EXPECT_EQ(state.proxies[0].container_address.text(), "10.1.2.2");
}

TEST(DerivedState, TheProxyListensForBothFamilies) {
  EngineHost host;
  host.network("four");
  host.six("six");
  host.container("a", {"four"}, {published(8080, 80)});
  host.container("b", {"six"}, {published(8081, 81), published(8082, 82, "127.0.0.1")});
  const auto seen = [](const KernelState& state) {
    std::vector<std::string> out;
    out.reserve(state.proxies.size());
    for (const UserlandProxy& proxy : state.proxies) {
      out.push_back(proxy.host_address.text() + " " + std::to_string(proxy.host_port.value) + " " +
                    proxy.container_address.text());
    }
    return out;
  };
  const KernelState state = host.derive("28.5.2");
  EXPECT_THAT(seen(state),
              ElementsAre("0.0.0.0 8080 10.1.1.2", "0.0.0.0 8081 10.1.2.3",
                          "127.0.0.1 8082 10.1.2.3", ":: 8080 10.1.1.2", ":: 8081 fd00:2::3"));
  EXPECT_THAT(state.host.listeners, SizeIs(5));
  const KernelState without = host.derive("28.5.2", {.userland_proxy = false});
  EXPECT_THAT(without.proxies, IsEmpty());
  EXPECT_THAT(without.host.listeners,
              SizeIs(4));  // the engine holds them; none leads from :: to IPv4
}

TEST(DerivedState, LeavesOutWhatHasNoNamespace) {
  EngineHost host;
  host.network("web");
  host.container("stopped", {"web"}, {published(8080, 80)}).state = RunState::kStopped;
  host.container("planned", {"web"}).state = RunState::kPlanned;
  host.container("hosted", {}).isolation.network_mode = "host";
  host.container("beside", {}).isolation.network_mode = "container:x";
  host.container("alone", {});
  const KernelState state = host.derive("28.5.2");
  ASSERT_THAT(state.containers, SizeIs(1));
  EXPECT_THAT(of(state, "alone-id").links, SizeIs(1));
  EXPECT_THAT(state.proxies, IsEmpty());
  EXPECT_THAT(state.host.filters.iptables_nft, testing::Not(testing::HasSubstr("8080")));
}

TEST(DerivedState, MacvlanStandsOnItsParent) {
  EngineHost host;
  host.network("mac", {{"parent", "ens3.20"}, {"macvlan_mode", "private"}}).driver = "macvlan";
  host.network("ip", {{"parent", "ens4"}, {"ipvlan_mode", "l3"}}).driver = "ipvlan";
  host.container("m", {"mac"});
  host.container("i", {"ip"});
  const KernelState state = host.derive("28.5.2");
  const NetLink& vlan = link_named(state.host, "ens3.20");
  EXPECT_EQ(vlan.kind, "vlan");
  EXPECT_EQ(vlan.vlan_id, 20U);
  EXPECT_EQ(vlan.peer, link_named(state.host, "ens3").index);
  const NetLink& mac = link_named(of(state, "m-id"), "eth0");
  EXPECT_EQ(mac.kind, "macvlan");
  EXPECT_EQ(mac.mode, "private");
  EXPECT_EQ(mac.peer, vlan.index);
  EXPECT_EQ(link_named(of(state, "i-id"), "eth0").mode, "l3");
  EXPECT_THAT(defaults(of(state, "i-id")), ElementsAre("direct"));
  EXPECT_THAT(defaults(of(state, "m-id")), ElementsAre("10.1.1.1"));
  EXPECT_EQ(std::ranges::count(state.host.links, "eth0", &NetLink::name), 0);
}

TEST(DerivedState, OverlaysAreSaidToBeMissing) {
  EngineHost host;
  host.network("over").driver = "overlay";
  host.container("task", {"over"});
  const KernelState state = host.derive("28.5.2");
  EXPECT_THAT(of(state, "task-id").unread, SizeIs(2));
  EXPECT_THAT(of(state, "task-id").links, SizeIs(1));
}

TEST(DerivedState, TheUplinkHasTheAddressOfTheEndpoint) {
  EngineHost host;
  EXPECT_THAT(link_named(host.derive("29").host, "eth0").addresses, IsEmpty());
  host.host().endpoint = "tcp://192.0.2.10:2376";
  EXPECT_EQ(link_named(host.derive("29").host, "eth0").addresses.at(0).address.text(),
            "192.0.2.10");
  host.host().endpoint = "tcp://[2001:db8::1]:2376";
  EXPECT_EQ(link_named(host.derive("29").host, "eth0").addresses.at(0).prefix, 128);
  for (const char* endpoint : {"tcp://127.0.0.1:2375", "tcp://prod-1:2376", "ssh://prod-1", ""}) {
    host.host().endpoint = endpoint;
    EXPECT_THAT(link_named(host.derive("29").host, "eth0").addresses, IsEmpty()) << endpoint;
  }
}

TEST(DerivedState, Sysctls) {
  EngineHost host;
  host.network("dot", {{"name", "br.a"}});
  host.container("api", {"dot"});
  const KernelState state = host.derive("28.5.2");
  EXPECT_EQ(sysctl_of(state.host, "net.ipv4.ip_forward"), "1");
  EXPECT_EQ(sysctl_of(state.host, "net.bridge.bridge-nf-call-iptables"), "1");
  EXPECT_EQ(sysctl_of(state.host, "net.ipv4.conf.br/a.route_localnet"), "0");
  EXPECT_EQ(sysctl_of(host.derive("28.5.2", {.userland_proxy = false}).host,
                      "net.ipv4.conf.br/a.route_localnet"),
            "1");
  EXPECT_EQ(sysctl_of(of(state, "api-id"), "net.ipv4.ip_forward"), "1");
  EXPECT_EQ(sysctl_of(of(state, "api-id"), "net.ipv6.conf.eth0.disable_ipv6"), "1");
  host.host().engine.bridge_nf_iptables = false;
  EXPECT_EQ(sysctl_of(host.derive("28.5.2").host, "net.bridge.bridge-nf-call-iptables"), "0");
}

TEST(DerivedState, OptionsAreGuessedFromAReadKernel) {
  EngineHost host;
  host.network("web");
  host.container("api", {"web"}, {published(8080, 80)});
  host.host().engine.version = "28.5.2";
  EXPECT_EQ(guess_daemon_options(host.host()), DaemonOptions{});
  const DaemonOptions odd{.userland_proxy = false,
                          .direct_routing = true,
                          .ip6tables = false,
                          .forward_policy_drop = true};
  for (const DaemonOptions& options : {odd, DaemonOptions{.ip6tables = true}}) {
    host.host().kernel = host.derive("28.5.2", options);
    host.host().kernel->derived = false;
    EXPECT_EQ(guess_daemon_options(host.host()), options);
  }
  host.host().kernel->derived = true;
  EXPECT_EQ(guess_daemon_options(host.host()), DaemonOptions{});
}

TEST(DerivedState, DoesNotDependOnTheOrderOfTheApi) {
  EngineHost host;
  for (const char* name : {"b", "a", "bridge"}) host.network(name);
  host.container("y", {"a", "b"}, {published(8080, 80)});
  host.container("x", {"bridge"}, {published(8081, 80)});
  const KernelState one = host.derive("28.5.2");
  std::ranges::reverse(host.host().networks);
  std::ranges::reverse(host.host().containers);
  EXPECT_EQ(one, host.derive("28.5.2"));
}

}  // namespace
}  // namespace firebreak
