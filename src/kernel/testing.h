// Netlink messages put together, and a machine with an engine and a container, for tests.
#pragma once

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "io/scripted_machine.h"
#include "kernel/netlink_lists.h"
#include "kernel/netlink_request.h"

namespace firebreak::testing_kernel {

using netlink::bytes_of;

inline std::string padded(std::string bytes) {
  bytes.resize(NLMSG_ALIGN(bytes.size()), '\0');
  return bytes;
}

inline std::string attribute(int type, std::string_view data) {
  const nlattr header{.nla_len = static_cast<std::uint16_t>(sizeof(nlattr) + data.size()),
                      .nla_type = static_cast<std::uint16_t>(type)};
  return padded(bytes_of(header) + std::string(data));
}
inline std::string number(int type, std::uint32_t value) {
  return attribute(type, bytes_of(value));
}
inline std::string small(int type, std::uint8_t value) { return attribute(type, bytes_of(value)); }
inline std::string text(int type, std::string_view value) {
  return attribute(type, std::string(value) + '\0');
}
inline std::string address(int type, std::string_view value) {
  const auto parsed = *IpAddress::parse(value);
  return attribute(type, {reinterpret_cast<const char*>(parsed.bytes().data()),
                          parsed.is_v6() ? std::size_t{16} : std::size_t{4}});
}

inline std::string message(std::uint16_t type, std::string_view body) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + body.size());
  header.nlmsg_type = type;
  return padded(bytes_of(header) + std::string(body));
}
inline std::string done() { return message(NLMSG_DONE, bytes_of(0)); }

inline std::string link(int index, std::string_view name, std::string_view more = {}) {
  ifinfomsg header{};
  header.ifi_index = index;
  header.ifi_flags = 1;  // IFF_UP
  return message(RTM_NEWLINK, bytes_of(header) + text(IFLA_IFNAME, name) + std::string(more));
}
inline std::string bridge(int index, std::string_view name) {
  return link(index, name, attribute(IFLA_LINKINFO, text(IFLA_INFO_KIND, "bridge")));
}

inline std::string listening(std::uint8_t family, std::uint16_t port, std::string_view more = {}) {
  inet_diag_msg socket{};
  socket.idiag_family = family;
  socket.idiag_state = 10;  // listening
  socket.id.idiag_sport = static_cast<std::uint16_t>(port << 8U | port >> 8U);
  return message(SOCK_DIAG_BY_FAMILY, bytes_of(socket) + std::string(more));
}

inline std::string nft_table(std::uint8_t family, std::string_view name) {
  const nfgenmsg header{.nfgen_family = family, .version = 0, .res_id = 0};
  return message(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE,
                 bytes_of(header) + text(NFTA_TABLE_NAME, name));
}

// A process's arguments, as /proc shows them.
inline std::string command_line(std::initializer_list<std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) out += std::string(word) + '\0';
  return out;
}

// Answers to everything that is asked of a namespace: these links, nothing else.
inline void furnish(ScriptedNamespace& inside, std::uint64_t inode, const std::string& links) {
  inside.inode = inode;
  inside.netlink.answer(ask_links(), links + done());
  for (const bool v6 : {false, true}) {
    inside.netlink.answer(ask_addresses(v6), done());
    inside.netlink.answer(ask_routes(v6), done());
    inside.netlink.answer(ask_rules(v6), done());
    inside.netlink.answer(ask_sockets(v6, Protocol::kTcp), done());
    inside.netlink.answer(ask_sockets(v6, Protocol::kUdp), done());
  }
  inside.netlink.answer(ask_nft_tables(), done());
  inside.files.put("/proc/sys/net/ipv6", "");
  inside.files.put("/proc/sys/net/ipv4/ip_forward", "1\n");
}

}  // namespace firebreak::testing_kernel
