// What a host's kernel does with packets, as it was read live in the network namespaces of its
// engine and its containers. Plain data, so that reachability can be worked out elsewhere and
// later.
//
// Texts of packet filters are kept as their tools print them (rules/ reads them), without comments:
// a comment may hold anything.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/ip.h"

namespace firebreak {

struct LinkAddress {
  IpAddress address;
  std::uint8_t prefix = 32;
  friend auto operator<=>(const LinkAddress&, const LinkAddress&) = default;
};

// A network interface (RTM_NEWLINK).
struct NetLink {
  std::uint32_t index = 0;
  std::string name;
  std::string
      kind;  // "bridge", "veth", "vxlan", "macvlan", "ipvlan", "vlan", "bond", …; "" physical
  bool up = false;  // IFF_UP
  bool loopback = false;
  std::uint32_t master = 0;  // the bridge or bond it is a port of; 0: none
  std::uint32_t peer = 0;    // veth, macvlan, vlan: the other link's index (IFLA_LINK)
  std::optional<std::int32_t>
      peer_namespace;  // IFLA_LINK_NETNSID: where `peer` counts, if elsewhere
  std::uint32_t vxlan_id = 0;
  Port vxlan_port;
  std::uint32_t vlan_id = 0;
  std::string mode;  // macvlan: "bridge", "private", "vepa", "passthru"; ipvlan: "l2", "l3", "l3s"
  bool hairpin = false;            // a bridge's port: frames may leave by the port they came in by
  bool isolated = false;           // a bridge's port: no frames from or to other isolated ports
  bool vlan_filtering = false;     // a bridge: it looks at VLAN tags
  bool nf_call_iptables = false;   // a bridge: br_netfilter hands its IPv4 frames up, whatever
  bool nf_call_ip6tables = false;  // the sysctl says; and its IPv6 frames
  std::vector<LinkAddress> addresses;
  friend auto operator<=>(const NetLink&, const NetLink&) = default;
};

// A route (RTM_NEWROUTE) of any table but "local", whose content follows from the addresses.
struct NetRoute {
  enum class Kind : std::uint8_t { kUnicast, kLocal, kBlackhole, kUnreachable, kProhibit, kOther };
  Kind kind = Kind::kUnicast;  // kOther: anything with conditions or effects not listed here
  std::uint32_t table = 254;
  Cidr destination;  // 0.0.0.0/0 or ::/0: the default
  std::optional<IpAddress> gateway;
  std::uint32_t link = 0;  // index; 0: none
  std::uint32_t metric = 0;
  std::optional<IpAddress> source;  // preferred
  friend auto operator<=>(const NetRoute&, const NetRoute&) = default;
};

// A rule of policy routing (RTM_NEWRULE).
struct NetRule {
  std::uint32_t priority = 0;
  bool v6 = false;
  std::optional<Cidr> from;
  std::optional<Cidr> to;
  std::string incoming;  // interface name; empty: any
  std::string outgoing;
  std::uint32_t mark = 0;
  std::uint32_t mark_mask = 0;  // 0: any mark
  std::uint32_t table = 0;      // 0 where it does not look one up
  bool understood = true;       // false: it has conditions or actions that are not listed here
  friend auto operator<=>(const NetRule&, const NetRule&) = default;
};

// A socket that takes connections or datagrams of strangers.
struct Listener {
  Protocol protocol = Protocol::kTcp;
  IpAddress address;  // unspecified: every address; :: takes IPv4 too unless `v6_only`
  Port port;
  bool v6_only = false;
  std::string link;  // bound to this interface (SO_BINDTODEVICE); empty: any
  friend auto operator<=>(const Listener&, const Listener&) = default;
};

// Interface names stand in the name as sysctl(8) writes them: '/' for their dots.
struct Sysctl {
  std::string name;  // "net.ipv4.ip_forward", "net.ipv4.conf.eth0/10.forwarding"
  std::string value;
  friend auto operator<=>(const Sysctl&, const Sysctl&) = default;
};

// What each tool printed; empty where there is nothing to print. A program that was needed and
// could not be run is in NetNamespace::unread. Comments are left out, counters are zero, and texts
// that hold what their author likes (log prefixes, strings to search for) read "***".
struct FilterTexts {
  std::string iptables_nft;  // iptables-nft-save
  std::string ip6tables_nft;
  std::string iptables_legacy;  // iptables-legacy-save
  std::string ip6tables_legacy;
  std::string nft;    // nft -j list ruleset, without the tables that iptables-nft owns
  std::string ipset;  // ipset save, if an iptables rule asks for a set
  friend auto operator<=>(const FilterTexts&, const FilterTexts&) = default;
};

// Something that was to be read and was not. Whoever needs it must answer "unknown".
struct Unread {
  std::string what;  // "iptables-nft-save", "routes", "container api"
  std::string why;
  friend auto operator<=>(const Unread&, const Unread&) = default;
};

// One network namespace.
struct NetNamespace {
  std::uint64_t inode = 0;  // of its nsfs file: equal for containers that share one
  std::vector<NetLink> links;
  std::vector<NetRoute> routes;
  std::vector<NetRule> rules;  // in the kernel's order: it decides between equal priorities
  std::vector<Sysctl> sysctls;
  std::vector<Listener> listeners;
  FilterTexts filters;
  std::vector<Unread> unread;
  friend auto operator<=>(const NetNamespace&, const NetNamespace&) = default;
};

// A docker-proxy process, from its arguments.
struct UserlandProxy {
  Protocol protocol = Protocol::kTcp;
  IpAddress host_address;
  Port host_port;
  IpAddress container_address;
  Port container_port;
  friend auto operator<=>(const UserlandProxy&, const UserlandProxy&) = default;
};

struct ContainerNamespace {
  std::string container;  // the engine's id
  NetNamespace state;
  friend auto operator<=>(const ContainerNamespace&, const ContainerNamespace&) = default;
};

struct KernelState {
  NetNamespace host;
  std::vector<ContainerNamespace> containers;  // sharers of one namespace: the one that owns it
  std::vector<UserlandProxy> proxies;
  std::vector<Unread> unread;  // containers, the list of proxies
  // Not read but worked out from the engine's version and API (derive/). Not written to snapshots:
  // they hold what was seen.
  bool derived = false;
  friend auto operator<=>(const KernelState&, const KernelState&) = default;
};

}  // namespace firebreak
