// Routes and the rules that choose their tables.
#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>

#include "kernel/netlink_lists.h"
#include "kernel/netlink_message.h"
#include "kernel/netlink_request.h"

namespace firebreak {
namespace {

using netlink::Attributes;
using netlink::Message;

std::uint8_t family_of(bool v6) { return v6 ? AF_INET6 : AF_INET; }

// An address that is left out is all zero.
std::optional<Cidr> prefix_of(std::string_view address, std::uint8_t length, bool v6) {
  const std::string zeros(v6 ? 16 : 4, '\0');
  const auto parsed = netlink::address_of(address.empty() ? std::string_view(zeros) : address);
  if (!parsed || parsed->is_v6() != v6 || length > (v6 ? 128 : 32)) return std::nullopt;
  return Cidr{*parsed, length};
}

NetRoute::Kind kind_of(const rtmsg& header, const Attributes& attributes) {
  // For one kind of service, for one source, through a tunnel of its own.
  if (header.rtm_tos != 0 || header.rtm_src_len != 0 || attributes.has(RTA_ENCAP)) {
    return NetRoute::Kind::kOther;
  }
  switch (header.rtm_type) {
    case RTN_UNICAST: return NetRoute::Kind::kUnicast;
    case RTN_LOCAL: return NetRoute::Kind::kLocal;
    case RTN_BLACKHOLE: return NetRoute::Kind::kBlackhole;
    case RTN_UNREACHABLE: return NetRoute::Kind::kUnreachable;
    case RTN_PROHIBIT: return NetRoute::Kind::kProhibit;
    default: return NetRoute::Kind::kOther;
  }
}

// The gateway, which may be of the other family.
std::optional<IpAddress> gateway_of(const Attributes& attributes) {
  if (const auto plain = netlink::address_of(attributes[RTA_GATEWAY])) return plain;
  const std::string_view via = attributes[RTA_VIA];
  constexpr std::size_t kFamily = sizeof(rtvia::rtvia_family);
  return via.size() > kFamily ? netlink::address_of(via.substr(kFamily)) : std::nullopt;
}

// One route for each next hop that lives.
void add_next_hops(const NetRoute& base, std::string_view hops, std::vector<NetRoute>& routes) {
  while (const auto hop = netlink::read<rtnexthop>(hops)) {
    if (hop->rtnh_len < sizeof(rtnexthop) || hop->rtnh_len > hops.size()) return;
    const Attributes attributes(hops.substr(sizeof(rtnexthop), hop->rtnh_len - sizeof(rtnexthop)));
    NetRoute route = base;
    route.link = static_cast<std::uint32_t>(hop->rtnh_ifindex);
    route.gateway = gateway_of(attributes);
    if (attributes.has(RTA_ENCAP)) route.kind = NetRoute::Kind::kOther;
    if ((hop->rtnh_flags & RTNH_F_DEAD) == 0) routes.push_back(route);
    hops.remove_prefix(std::min<std::size_t>(RTNH_ALIGN(hop->rtnh_len), hops.size()));
  }
}

void add_routes(const rtmsg& header, const Attributes& attributes, std::vector<NetRoute>& routes) {
  NetRoute route;
  route.table = attributes.number<std::uint32_t>(RTA_TABLE, header.rtm_table);
  const bool v6 = header.rtm_family == AF_INET6;
  const auto destination = prefix_of(attributes[RTA_DST], header.rtm_dst_len, v6);
  const bool passing = (header.rtm_flags & (RTM_F_CLONED | RTNH_F_DEAD)) != 0;
  if (route.table == RT_TABLE_LOCAL || passing || !destination) return;
  route.kind = kind_of(header, attributes);
  route.destination = *destination;
  route.gateway = gateway_of(attributes);
  route.link = attributes.number<std::uint32_t>(RTA_OIF);
  route.metric = attributes.number<std::uint32_t>(RTA_PRIORITY);
  route.source = netlink::address_of(attributes[RTA_PREFSRC]);
  if (attributes.has(RTA_MULTIPATH)) {
    add_next_hops(route, attributes[RTA_MULTIPATH], routes);
  } else {
    routes.push_back(route);
  }
}

// Whether a rule's attribute says nothing that NetRule has no field for.
bool is_told(int type, std::string_view data) {
  constexpr std::uint32_t kAll = 0xFFFFFFFF;
  switch (type) {
    case FRA_DST:
    case FRA_SRC:
    case FRA_IIFNAME:
    case FRA_OIFNAME:
    case FRA_PRIORITY:
    case FRA_FWMARK:
    case FRA_FWMASK:
    case FRA_TABLE:
    case FRA_FLOW:      // for accounting
    case FRA_PROTOCOL:  // who made the rule
    case FRA_PAD: return true;
    case FRA_SUPPRESS_PREFIXLEN:
    case FRA_SUPPRESS_IFGROUP: return netlink::read<std::uint32_t>(data) == kAll;  // not set
    default: return false;
  }
}

std::optional<Cidr> selector(std::string_view address, std::uint8_t length, bool v6) {
  return address.empty() && length == 0 ? std::nullopt : prefix_of(address, length, v6);
}

NetRule rule_of(const fib_rule_hdr& header, const Attributes& attributes) {
  NetRule rule;
  rule.v6 = header.family == AF_INET6;
  rule.priority = attributes.number<std::uint32_t>(FRA_PRIORITY);
  rule.from = selector(attributes[FRA_SRC], header.src_len, rule.v6);
  rule.to = selector(attributes[FRA_DST], header.dst_len, rule.v6);
  rule.incoming = attributes.text(FRA_IIFNAME);
  rule.outgoing = attributes.text(FRA_OIFNAME);
  rule.mark = attributes.number<std::uint32_t>(FRA_FWMARK);
  rule.mark_mask = attributes.number<std::uint32_t>(FRA_FWMASK);
  const bool looks_up = header.action == FR_ACT_TO_TBL;
  if (looks_up) rule.table = attributes.number<std::uint32_t>(FRA_TABLE, header.table);
  rule.understood = looks_up && header.tos == 0 && (header.flags & FIB_RULE_INVERT) == 0;
  attributes.each([&](int type, std::string_view data) {
    rule.understood = rule.understood && is_told(type, data);
  });
  return rule;
}

}  // namespace

NetlinkRequest ask_routes(bool v6) {
  rtmsg header{};
  header.rtm_family = family_of(v6);
  return {NETLINK_ROUTE, RTM_GETROUTE, netlink::bytes_of(header)};
}

Result<std::vector<NetRoute>> read_routes(std::string_view dump, bool v6) {
  std::vector<NetRoute> routes;
  TRY(netlink::each_message(dump, [&](const Message& message) {
    const auto header = netlink::read<rtmsg>(message.body);
    // A kernel without IPv6 answers with the routes of all other families.
    if (message.type != RTM_NEWROUTE || !header || header->rtm_family != family_of(v6)) return;
    add_routes(*header, Attributes(message.body.substr(sizeof(rtmsg))), routes);
  }));
  return routes;
}

NetlinkRequest ask_rules(bool v6) {
  fib_rule_hdr header{};
  header.family = family_of(v6);
  return {NETLINK_ROUTE, RTM_GETRULE, netlink::bytes_of(header)};
}

Result<std::vector<NetRule>> read_rules(std::string_view dump, bool v6) {
  std::vector<NetRule> rules;
  TRY(netlink::each_message(dump, [&](const Message& message) {
    const auto header = netlink::read<fib_rule_hdr>(message.body);
    if (message.type != RTM_NEWRULE || !header || header->family != family_of(v6)) return;
    rules.push_back(rule_of(*header, Attributes(message.body.substr(sizeof(fib_rule_hdr)))));
  }));
  return rules;
}

}  // namespace firebreak
