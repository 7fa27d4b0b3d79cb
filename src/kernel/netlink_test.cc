#include <gmock/gmock.h>
#include <linux/fib_rules.h>
#include <linux/if_link.h>

#include "kernel/netlink_lists.h"
#include "kernel/netlink_message.h"
#include "kernel/testing.h"

namespace firebreak {
namespace {

using namespace testing_kernel;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Links, AreReadWithWhatTheirKindTells) {
  const std::string veth =
      number(IFLA_MASTER, 3) + number(IFLA_LINK, 9) + number(IFLA_LINK_NETNSID, 2) +
      attribute(IFLA_LINKINFO,
                text(IFLA_INFO_KIND, "veth") + text(IFLA_INFO_SLAVE_KIND, "bridge") +
                    attribute(IFLA_INFO_SLAVE_DATA,
                              small(IFLA_BRPORT_MODE, 1) + small(IFLA_BRPORT_ISOLATED, 1)));
  const std::string vxlan = attribute(
      IFLA_LINKINFO,
      text(IFLA_INFO_KIND, "vxlan") +
          attribute(NLA_F_NESTED | IFLA_INFO_DATA,
                    number(IFLA_VXLAN_ID, 4097) + attribute(IFLA_VXLAN_PORT, "\x12\xB5")));
  const auto links = read_links(link(5, "veth1", veth) + link(6, "vx", vxlan) + done());
  ASSERT_TRUE(links);
  ASSERT_THAT(*links, SizeIs(2));
  NetLink wanted;
  wanted.index = 5;
  wanted.name = "veth1";
  wanted.kind = "veth";
  wanted.up = true;
  wanted.master = 3;
  wanted.peer = 9;
  wanted.peer_namespace = 2;
  wanted.hairpin = true;
  wanted.isolated = true;
  EXPECT_EQ(links->at(0), wanted);
  EXPECT_EQ(links->at(1).vxlan_id, 4097U);
  EXPECT_EQ(links->at(1).vxlan_port, Port{4789});
}

TEST(Links, HaveModes) {
  const auto mode = [](const char* kind, const std::string& data) {
    const auto links =
        read_links(link(1, "x",
                        attribute(IFLA_LINKINFO,
                                  text(IFLA_INFO_KIND, kind) + attribute(IFLA_INFO_DATA, data))) +
                   done());
    return links->at(0).mode;
  };
  EXPECT_EQ(mode("macvlan", number(IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE)), "bridge");
  EXPECT_EQ(mode("macvlan", number(IFLA_MACVLAN_MODE, MACVLAN_MODE_PASSTHRU)), "passthru");
  EXPECT_EQ(mode("ipvlan", attribute(IFLA_IPVLAN_MODE, bytes_of(std::uint16_t{1}))), "l3");
  EXPECT_EQ(mode("ipvlan", ""), "l2");
}

TEST(Addresses, GoToTheirLinks) {
  auto links = *read_links(link(1, "lo") + link(2, "eth0") + done());
  const auto entry = [](std::uint32_t index, std::uint8_t prefix, const std::string& attributes) {
    ifaddrmsg header{};
    header.ifa_index = index;
    header.ifa_prefixlen = prefix;
    return message(RTM_NEWADDR, bytes_of(header) + attributes);
  };
  const std::string dump =
      entry(2, 24, address(IFA_ADDRESS, "10.0.0.2") + address(IFA_LOCAL, "10.0.0.1")) +
      entry(2, 64, address(IFA_ADDRESS, "fe80::1")) + entry(7, 8, address(IFA_LOCAL, "10.9.9.9")) +
      entry(1, 33, address(IFA_LOCAL, "127.0.0.1")) + entry(1, 8, attribute(IFA_LOCAL, "odd"));
  ASSERT_TRUE(read_addresses(dump + done(), links));
  EXPECT_THAT(links[0].addresses, IsEmpty());
  EXPECT_THAT(links[1].addresses, ElementsAre(LinkAddress{*IpAddress::parse("10.0.0.1"), 24},
                                              LinkAddress{*IpAddress::parse("fe80::1"), 64}));
}

std::string route(rtmsg header, const std::string& attributes) {
  if (header.rtm_family == 0) header.rtm_family = AF_INET;
  return message(RTM_NEWROUTE, bytes_of(header) + attributes);
}
rtmsg unicast(std::uint8_t length) {
  rtmsg header{};
  header.rtm_dst_len = length;
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_type = RTN_UNICAST;
  return header;
}

TEST(Routes, AreReadByTableAndKind) {
  rtmsg local = unicast(32);
  local.rtm_table = RT_TABLE_LOCAL;
  rtmsg black = unicast(8);
  black.rtm_type = RTN_BLACKHOLE;
  rtmsg by_service = unicast(8);
  by_service.rtm_tos = 4;
  const auto routes = read_routes(
      route(unicast(0), address(RTA_GATEWAY, "10.0.0.1") + number(RTA_OIF, 2) +
                            number(RTA_PRIORITY, 100) + address(RTA_PREFSRC, "10.0.0.2")) +
          route(local, address(RTA_DST, "10.0.0.2")) +
          route(black, address(RTA_DST, "10.0.0.0") + number(RTA_TABLE, 1000)) +
          route(by_service, address(RTA_DST, "10.0.0.0")) + done(),
      false);
  ASSERT_TRUE(routes);
  ASSERT_THAT(*routes, SizeIs(3));
  NetRoute wanted;
  wanted.destination = *Cidr::parse("0.0.0.0/0");
  wanted.gateway = IpAddress::parse("10.0.0.1");
  wanted.link = 2;
  wanted.metric = 100;
  wanted.source = IpAddress::parse("10.0.0.2");
  EXPECT_EQ(routes->at(0), wanted);
  EXPECT_EQ(routes->at(1).kind, NetRoute::Kind::kBlackhole);
  EXPECT_EQ(routes->at(1).table, 1000U);
  EXPECT_EQ(routes->at(2).kind, NetRoute::Kind::kOther);
}

TEST(Routes, HaveOneEntryForEachLivingNextHop) {
  const auto hop = [](int link, unsigned char flags, const std::string& attributes) {
    const rtnexthop header{
        .rtnh_len = static_cast<std::uint16_t>(sizeof(rtnexthop) + attributes.size()),
        .rtnh_flags = flags,
        .rtnh_hops = 0,
        .rtnh_ifindex = link};
    return bytes_of(header) + attributes;
  };
  const std::string via =
      attribute(RTA_VIA, bytes_of(std::uint16_t{AF_INET6}) + std::string("\xFE\x80", 2) +
                             std::string(13, '\0') + '\1');
  const auto routes = read_routes(
      route(unicast(0), attribute(RTA_MULTIPATH, hop(2, 0, address(RTA_GATEWAY, "10.0.0.1")) +
                                                     hop(3, RTNH_F_DEAD, "") + hop(4, 0, via))) +
          done(),
      false);
  ASSERT_THAT(*routes, SizeIs(2));
  EXPECT_EQ(routes->at(0).link, 2U);
  EXPECT_EQ(routes->at(0).gateway, IpAddress::parse("10.0.0.1"));
  EXPECT_EQ(routes->at(1).link, 4U);
  EXPECT_EQ(routes->at(1).gateway, IpAddress::parse("fe80::1"));
}

TEST(Routes, OfAnotherFamilyAreNotOurs) {
  EXPECT_THAT(*read_routes(route(unicast(0), "") + done(), true), IsEmpty());
}

TEST(Rules, SayWhatTheyAskAndWhetherThatIsAll) {
  fib_rule_hdr header{};
  header.family = AF_INET;
  header.action = FR_ACT_TO_TBL;
  header.src_len = 8;
  const std::string usual = number(FRA_PRIORITY, 100) + number(FRA_TABLE, 200) +
                            address(FRA_SRC, "10.0.0.0") + number(FRA_FWMARK, 1) +
                            number(FRA_FWMASK, 0xFF) + text(FRA_IIFNAME, "eth0") +
                            number(FRA_SUPPRESS_PREFIXLEN, 0xFFFFFFFF) + small(FRA_PROTOCOL, 2);
  const auto rule = [&](const std::string& more) {
    return message(RTM_NEWRULE, bytes_of(header) + usual + more);
  };
  const auto rules = read_rules(
      rule("") + rule(small(FRA_IP_PROTO, 6)) + rule(number(FRA_SUPPRESS_PREFIXLEN, 0)) + done(),
      false);
  ASSERT_THAT(*rules, SizeIs(3));
  NetRule wanted;
  wanted.priority = 100;
  wanted.from = Cidr::parse("10.0.0.0/8");
  wanted.incoming = "eth0";
  wanted.mark = 1;
  wanted.mark_mask = 0xFF;
  wanted.table = 200;
  EXPECT_EQ(rules->at(0), wanted);
  EXPECT_FALSE(rules->at(1).understood);
  EXPECT_FALSE(rules->at(2).understood);
  header.flags = FIB_RULE_INVERT;
  EXPECT_FALSE(read_rules(rule("") + done(), false)->at(0).understood);
  header.flags = 0;
  header.action = FR_ACT_PROHIBIT;
  EXPECT_FALSE(read_rules(rule("") + done(), false)->at(0).understood);
  EXPECT_EQ(read_rules(rule("") + done(), false)->at(0).table, 0U);
}

TEST(Sockets, AreThoseThatWaitForAnybody) {
  const auto links = *read_links(link(2, "eth0") + done());
  inet_diag_msg other{};
  other.idiag_family = AF_INET6;
  other.idiag_state = 1;  // established
  const auto sockets = read_sockets(listening(AF_INET6, 8080, small(INET_DIAG_SKV6ONLY, 1)) +
                                        listening(AF_INET6, 80) + listening(AF_INET6, 80) +
                                        message(SOCK_DIAG_BY_FAMILY, bytes_of(other)) + done(),
                                    true, Protocol::kTcp, links);
  const IpAddress any = *IpAddress::parse("::");
  EXPECT_THAT(*sockets, ElementsAre(Listener{Protocol::kTcp, any, Port{80}, false, ""},
                                    Listener{Protocol::kTcp, any, Port{8080}, true, ""}));
}

TEST(Tables, HaveFamilyAndName) {
  EXPECT_THAT(*read_nft_tables(nft_table(2, "filter") + nft_table(1, "firewalld") + done()),
              ElementsAre(NftTable{"ip", "filter"}, NftTable{"inet", "firewalld"}));
}

TEST(ADump, ThatIsCutShortIsAnError) {
  const std::string whole = link(1, "lo") + bridge(2, "docker0") + done();
  ASSERT_TRUE(read_links(whole));
  for (std::size_t size = 0; size < whole.size() - sizeof(nlmsghdr); ++size) {
    EXPECT_FALSE(read_links(std::string_view(whole).substr(0, size))) << size;
  }
  EXPECT_FALSE(read_links(std::string(64, '\0')));
  EXPECT_FALSE(read_links(std::string(64, '\xFF')));
}

}  // namespace
}  // namespace firebreak
