// Interfaces and their addresses.
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>

#include "kernel/netlink_lists.h"
#include "kernel/netlink_message.h"
#include "kernel/netlink_request.h"

namespace firebreak {
namespace {

using netlink::Attributes;
using netlink::Message;

// A request's one attribute of 32 bits.
struct MaskAttribute {
  nlattr header{.nla_len = sizeof(nlattr) + sizeof(std::uint32_t), .nla_type = IFLA_EXT_MASK};
  std::uint32_t value = RTEXT_FILTER_SKIP_STATS;
};

std::string macvlan_mode(std::uint32_t mode) {
  switch (mode) {
    case MACVLAN_MODE_PRIVATE: return "private";
    case MACVLAN_MODE_VEPA: return "vepa";
    case MACVLAN_MODE_BRIDGE: return "bridge";
    case MACVLAN_MODE_PASSTHRU: return "passthru";
    case MACVLAN_MODE_SOURCE: return "source";
    default: return "?";
  }
}

std::string ipvlan_mode(std::uint16_t mode) {
  switch (mode) {
    case IPVLAN_MODE_L2: return "l2";
    case IPVLAN_MODE_L3: return "l3";
    case IPVLAN_MODE_L3S: return "l3s";
    default: return "?";
  }
}

// A port as it stands in packets.
Port network_port(std::string_view bytes) {
  const auto high = netlink::read<std::array<std::uint8_t, 2>>(bytes);
  return high ? Port{static_cast<std::uint16_t>((*high)[0] << 8U | (*high)[1])} : Port{};
}

// What each kind of interface tells of itself.
void read_kind(const Attributes& info, NetLink& link) {
  link.kind = info.text(IFLA_INFO_KIND);
  const Attributes data = info.nested(IFLA_INFO_DATA);
  if (link.kind == "vxlan") {
    link.vxlan_id = data.number<std::uint32_t>(IFLA_VXLAN_ID);
    link.vxlan_port = network_port(data[IFLA_VXLAN_PORT]);
  } else if (link.kind == "vlan") {
    link.vlan_id = data.number<std::uint16_t>(IFLA_VLAN_ID);
  } else if (link.kind == "macvlan" || link.kind == "macvtap") {
    link.mode = macvlan_mode(data.number<std::uint32_t>(IFLA_MACVLAN_MODE));
  } else if (link.kind == "ipvlan" || link.kind == "ipvtap") {
    link.mode = ipvlan_mode(data.number<std::uint16_t>(IFLA_IPVLAN_MODE));
  } else if (link.kind == "bridge") {
    link.vlan_filtering = data.number<std::uint8_t>(IFLA_BR_VLAN_FILTERING) != 0;
    link.nf_call_iptables = data.number<std::uint8_t>(IFLA_BR_NF_CALL_IPTABLES) != 0;
    link.nf_call_ip6tables = data.number<std::uint8_t>(IFLA_BR_NF_CALL_IP6TABLES) != 0;
  }
  if (info.text(IFLA_INFO_SLAVE_KIND) == "bridge") {
    const Attributes port = info.nested(IFLA_INFO_SLAVE_DATA);
    link.hairpin = port.number<std::uint8_t>(IFLA_BRPORT_MODE) != 0;
    link.isolated = port.number<std::uint8_t>(IFLA_BRPORT_ISOLATED) != 0;
  }
}

NetLink link_of(const ifinfomsg& header, const Attributes& attributes) {
  NetLink link;
  link.index = static_cast<std::uint32_t>(header.ifi_index);
  link.name = attributes.text(IFLA_IFNAME);
  link.up = (header.ifi_flags & IFF_UP) != 0;
  link.loopback = (header.ifi_flags & IFF_LOOPBACK) != 0;
  link.master = attributes.number<std::uint32_t>(IFLA_MASTER);
  link.peer = attributes.number<std::uint32_t>(IFLA_LINK);
  if (attributes.has(IFLA_LINK_NETNSID)) {
    link.peer_namespace = attributes.number<std::int32_t>(IFLA_LINK_NETNSID);
  }
  read_kind(attributes.nested(IFLA_LINKINFO), link);
  return link;
}

}  // namespace

NetlinkRequest ask_links() {
  return {NETLINK_ROUTE, RTM_GETLINK,
          netlink::bytes_of(ifinfomsg{}) + netlink::bytes_of(MaskAttribute{})};
}

Result<std::vector<NetLink>> read_links(std::string_view dump) {
  std::vector<NetLink> links;
  TRY(netlink::each_message(dump, [&](const Message& message) {
    const auto header = netlink::read<ifinfomsg>(message.body);
    if (message.type != RTM_NEWLINK || !header) return;
    links.push_back(link_of(*header, Attributes(message.body.substr(sizeof(ifinfomsg)))));
  }));
  return links;
}

NetlinkRequest ask_addresses(bool v6) {
  ifaddrmsg header{};
  header.ifa_family = v6 ? AF_INET6 : AF_INET;
  return {NETLINK_ROUTE, RTM_GETADDR, netlink::bytes_of(header)};
}

Result<void> read_addresses(std::string_view dump, std::vector<NetLink>& links) {
  return netlink::each_message(dump, [&](const Message& message) {
    const auto header = netlink::read<ifaddrmsg>(message.body);
    if (message.type != RTM_NEWADDR || !header) return;
    const Attributes attributes(message.body.substr(sizeof(ifaddrmsg)));
    // Of a point-to-point interface IFA_ADDRESS is the other end.
    const auto address =
        netlink::address_of(attributes[attributes.has(IFA_LOCAL) ? IFA_LOCAL : IFA_ADDRESS]);
    const auto link = std::ranges::find(links, header->ifa_index, &NetLink::index);
    if (!address || link == links.end() || header->ifa_prefixlen > (address->is_v6() ? 128 : 32)) {
      return;
    }
    link->addresses.push_back({*address, header->ifa_prefixlen});
  });
}

}  // namespace firebreak
