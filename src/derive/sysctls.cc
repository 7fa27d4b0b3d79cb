#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "derive/links.h"

namespace firebreak::derive {
namespace {

using namespace std::string_view_literals;

void set(NetNamespace& state, std::string name, bool on) {
  state.sysctls.push_back({std::move(name), on ? "1" : "0"});
}

// '/' stands for an interface name's dots.
std::string in_sysctl(std::string name) {
  std::ranges::replace(name, '.', '/');
  return name;
}

struct LinkSettings {
  std::string name;
  bool forwarding = false;
  bool forwarding6 = false;
  bool route_localnet = false;
  bool no_v6 = false;
};

// All else is as the kernel has it. rp_filter, too, which some distributions set: packets that it
// drops count as let through.
void add_link_settings(NetNamespace& state, const LinkSettings& link) {
  constexpr std::array kOff4 = {"rp_filter"sv,  "accept_local"sv, "src_valid_mark"sv,
                                "arp_ignore"sv, "arp_filter"sv,   "proxy_arp"sv};
  const std::string four = "net.ipv4.conf." + in_sysctl(link.name) + ".";
  const std::string six = "net.ipv6.conf." + in_sysctl(link.name) + ".";
  set(state, four + "forwarding", link.forwarding);
  set(state, four + "route_localnet", link.route_localnet);
  for (const std::string_view name : kOff4) set(state, four + std::string(name), false);
  set(state, six + "forwarding", link.forwarding6);
  set(state, six + "disable_ipv6", link.no_v6);
  set(state, six + "proxy_ndp", false);
}

void add_whole(NetNamespace& state, bool bridged4, bool bridged6) {
  set(state, "net.ipv4.ip_forward", true);
  for (const std::string_view name :
       {"ipv4.ip_nonlocal_bind"sv, "ipv4.fwmark_reflect"sv, "ipv4.tcp_l3mdev_accept"sv,
        "ipv4.udp_l3mdev_accept"sv, "ipv6.bindv6only"sv, "bridge.bridge-nf-filter-vlan-tagged"sv,
        "bridge.bridge-nf-pass-vlan-input-dev"sv}) {
    set(state, "net." + std::string(name), false);
  }
  set(state, "net.bridge.bridge-nf-call-iptables", bridged4);
  set(state, "net.bridge.bridge-nf-call-ip6tables", bridged6);
  set(state, "net.bridge.bridge-nf-call-arptables", bridged4);
}

bool has_v6(const NetLink& link) {
  return std::ranges::any_of(link.addresses,
                             [](const LinkAddress& a) { return a.address.is_v6(); });
}

}  // namespace

void add_host_sysctls(const Plan& plan, const Host& host, NetNamespace& state) {
  const bool six = std::ranges::any_of(plan.bridges, [](const Bridge& b) { return !!b.v6; });
  const bool filtered = host.engine.bridge_nf_iptables.value_or(true);
  add_whole(state, filtered, filtered);
  for (const char* name : {"all", "default"})
    add_link_settings(state, {name, true, six, false, false});
  for (const NetLink& link : state.links) {
    if (link.master != 0) continue;
    // Without docker-proxy the host's own 127.0.0.1 reaches published ports by NAT; Swarm does the
    // same for its ingress ports.
    const bool to_loopback =
        link.kind == "bridge" &&
        (!plan.options.userland_proxy || (host.swarm.active && link.name == "docker_gwbridge"));
    add_link_settings(state, {link.name, true, six, to_loopback, false});
  }
}

// A new namespace takes the values of the machine's first one for IPv4, where the engine has turned
// forwarding on, and the kernel's own for IPv6.
void add_container_sysctls(NetNamespace& state) {
  add_whole(state, true, true);
  for (const char* name : {"all", "default"})
    add_link_settings(state, {name, true, false, false, false});
  for (const NetLink& link : state.links) {
    add_link_settings(state, {link.name, true, false, false, !has_v6(link)});
  }
}

}  // namespace firebreak::derive
