// Sockets that strangers can reach, and the tables of nftables.
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include <algorithm>

#include "kernel/netlink_lists.h"
#include "kernel/netlink_message.h"
#include "kernel/netlink_request.h"

namespace firebreak {
namespace {

using netlink::Attributes;
using netlink::Message;

std::uint8_t family_of(bool v6) { return v6 ? AF_INET6 : AF_INET; }

// The state of a socket that waits for anybody: a UDP socket without a peer counts as closed.
// The numbers are the kernel's (net/tcp_states.h).
std::uint8_t waiting_state(Protocol protocol) {
  constexpr std::uint8_t kClosed = 7;
  constexpr std::uint8_t kListening = 10;
  return protocol == Protocol::kTcp ? kListening : kClosed;
}

std::string family_name(std::uint8_t family) {
  switch (family) {
    case NFPROTO_INET: return "inet";
    case NFPROTO_IPV4: return "ip";
    case NFPROTO_ARP: return "arp";
    case NFPROTO_NETDEV: return "netdev";
    case NFPROTO_BRIDGE: return "bridge";
    case NFPROTO_IPV6: return "ip6";
    default: return "?";
  }
}

constexpr std::uint16_t nft_message(int type) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type);
}

}  // namespace

NetlinkRequest ask_sockets(bool v6, Protocol protocol) {
  inet_diag_req_v2 request{};
  request.sdiag_family = family_of(v6);
  request.sdiag_protocol = protocol == Protocol::kTcp ? IPPROTO_TCP : IPPROTO_UDP;
  request.idiag_states = 1U << waiting_state(protocol);
  return {NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, netlink::bytes_of(request)};
}

Result<std::vector<Listener>> read_sockets(std::string_view dump, bool v6, Protocol protocol,
                                           const std::vector<NetLink>& links) {
  std::vector<Listener> found;
  TRY(netlink::each_message(dump, [&](const Message& message) {
    const auto socket = netlink::read<inet_diag_msg>(message.body);
    if (message.type != SOCK_DIAG_BY_FAMILY || !socket || socket->idiag_family != family_of(v6) ||
        socket->idiag_state != waiting_state(protocol)) {
      return;
    }
    const std::string_view source(reinterpret_cast<const char*>(socket->id.idiag_src), v6 ? 16 : 4);
    const Attributes attributes(message.body.substr(sizeof(inet_diag_msg)));
    Listener listener;
    listener.protocol = protocol;
    listener.address = *netlink::address_of(source);
    listener.port = Port{ntohs(socket->id.idiag_sport)};
    listener.v6_only = v6 && attributes.number<std::uint8_t>(INET_DIAG_SKV6ONLY) != 0;
    if (socket->id.idiag_if != 0) {
      const auto link = std::ranges::find(links, socket->id.idiag_if, &NetLink::index);
      listener.link = link == links.end() ? "?" : link->name;
    }
    if (listener.port.value != 0) found.push_back(std::move(listener));
  }));
  std::ranges::sort(found);  // SO_REUSEPORT: several sockets in one place
  const auto repeated = std::ranges::unique(found);
  found.erase(repeated.begin(), repeated.end());
  return found;
}

NetlinkRequest ask_nft_tables() {
  const nfgenmsg header{.nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0, .res_id = 0};
  return {NETLINK_NETFILTER, nft_message(NFT_MSG_GETTABLE), netlink::bytes_of(header)};
}

Result<std::vector<NftTable>> read_nft_tables(std::string_view dump) {
  std::vector<NftTable> tables;
  TRY(netlink::each_message(dump, [&](const Message& message) {
    const auto header = netlink::read<nfgenmsg>(message.body);
    if (message.type != nft_message(NFT_MSG_NEWTABLE) || !header) return;
    const Attributes attributes(message.body.substr(sizeof(nfgenmsg)));
    tables.push_back(
        {family_name(header->nfgen_family), std::string(attributes.text(NFTA_TABLE_NAME))});
  }));
  return tables;
}

}  // namespace firebreak
