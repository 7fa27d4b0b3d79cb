#include "packet/set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "packet/space.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

IpAddress ip(const char* text) { return *IpAddress::parse(text); }
AddressRange range(const char* first, const char* last) { return {ip(first), ip(last)}; }
AddressRange net(const char* text) { return AddressRange::of(*Cidr::parse(text)); }
PortRange ports(std::uint16_t first, std::uint16_t last) { return {Port{first}, Port{last}}; }

TEST(PacketSet, KnowsItsAddresses) {
  const PacketSpace space;
  const std::array list = {range("10.0.0.5", "10.0.0.9"), range("10.0.0.8", "10.0.0.20"),
                           range("255.255.255.255", "255.255.255.255"), net("::/0")};
  const PacketSet set = PacketSet::destination(list);
  EXPECT_THAT(
      set.destinations(),
      ElementsAre(range("10.0.0.5", "10.0.0.20"), range("255.255.255.255", "255.255.255.255"),
                  range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));
  EXPECT_THAT(PacketSet::all().sources(), ElementsAre(net("0.0.0.0/0"), net("::/0")));
  EXPECT_THAT(PacketSet::none().sources(), IsEmpty());
}

// Sorted, merged, exact: as a plain list of ranges says.
TEST(PacketSet, RangesComeBackAsTheyWent) {
  const PacketSpace space;
  std::mt19937 engine(7);
  const auto dice = [&](std::uint32_t below) {
    return static_cast<std::uint32_t>(engine() % below);
  };
  for (int round = 0; round < 100; ++round) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> wanted;
    std::vector<AddressRange> given;
    for (std::uint32_t at = 0; given.size() < 1 + dice(20);) {
      // Gaps of one address happen, touching ranges do not.
      const std::uint32_t first = at + 1 + (dice(3) == 0 ? 1 : dice(1U << 24U));
      const std::uint32_t last = first + (dice(3) == 0 ? 0 : dice(1U << 24U));
      at = last + 1;
      given.push_back({IpAddress::v4(first), IpAddress::v4(last)});
    }
    const std::vector<AddressRange> sorted = given;
    std::ranges::shuffle(given, engine);
    EXPECT_EQ(PacketSet::source(given).sources(), sorted);
  }
}

TEST(PacketSet, Ipv6RangesOfAnySize) {
  const PacketSpace space;
  const AddressRange odd = range("2001:db8::ffff:ffff:ffff:fffe", "2001:db8:0:1::2");
  const PacketSet set = PacketSet::source(odd);
  EXPECT_THAT(set.sources(), ElementsAre(odd));
  EXPECT_LE(set.node_count(), 2 * 128 + 1);
  EXPECT_TRUE(set.is_subset_of(PacketSet::of(Family::kV6)));
  const PacketSet rest = PacketSet::of(Family::kV6) - set;
  EXPECT_THAT(rest.sources(),
              ElementsAre(range("::", "2001:db8::ffff:ffff:ffff:fffd"),
                          range("2001:db8:0:1::3", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));
}

TEST(PacketSet, KnowsPortsAndProtocols) {
  const PacketSpace space;
  const PacketSet set = (PacketSet::protocol(6) | PacketSet::protocol(17)) &
                        (PacketSet::destination_port(ports(80, 80)) |
                         PacketSet::destination_port(ports(8000, 8999))) &
                        PacketSet::source_port(ports(1024, 65535));
  EXPECT_THAT(set.destination_ports(), ElementsAre(ports(80, 80), ports(8000, 8999)));
  EXPECT_THAT(set.source_ports(), ElementsAre(ports(1024, 65535)));
  EXPECT_THAT(set.protocols(), ElementsAre(ProtocolRange{6, 6}, ProtocolRange{17, 17}));
  EXPECT_THAT(PacketSet::all().protocols(), ElementsAre(ProtocolRange{0, 255}));
}

TEST(PacketSet, IcmpTypesShareTheDestinationPort) {
  const PacketSpace space;
  EXPECT_THAT(PacketSet::icmp(8).destination_ports(), ElementsAre(ports(8 * 256, 8 * 256 + 255)));
  EXPECT_THAT(PacketSet::icmp(3, 13).destination_ports(), ElementsAre(ports(781, 781)));
}

TEST(PacketSet, CountsBothFamilies) {
  const PacketSpace space;
  const PacketHeader v4{.protocol = 6, .source = ip("10.0.0.1"), .destination = ip("10.0.0.2")};
  const PacketHeader v6{.protocol = 6, .source = ip("::1"), .destination = ip("::2")};
  EXPECT_EQ(PacketSet::one(v4).count(), 1);
  EXPECT_EQ((PacketSet::one(v4) | PacketSet::one(v6)).count(), 2);
  EXPECT_EQ(PacketSet::none().count(), 0);
  const double without_addresses = 0x1p107;  // 8 + 2 * 16 + 2 * 32 + 3 bits
  EXPECT_EQ(PacketSet::of(Family::kV4).count(), 0x1p64 * without_addresses);
  EXPECT_EQ(PacketSet::of(Family::kV6).count(), 0x1p256 * without_addresses);
}

TEST(PacketSet, SmallestIsInTheSetAndAlwaysTheSame) {
  const PacketSpace space;
  EXPECT_FALSE(PacketSet::none().smallest());
  const PacketSet set = PacketSet::source(net("10.1.0.0/16")) &
                        PacketSet::destination(range("10.2.0.7", "10.2.0.9")) &
                        PacketSet::protocol(6) & PacketSet::destination_port(ports(443, 500)) &
                        PacketSet::mark(2, 2) & PacketSet::flag(PacketField::kUntracked, true);
  const PacketHeader expected{.protocol = 6,
                              .source = ip("10.1.0.0"),
                              .destination = ip("10.2.0.7"),
                              .source_port = Port{0},
                              .destination_port = Port{443},
                              .mark = 2,
                              .connection_mark = 0,
                              .destination_rewritten = false,
                              .source_rewritten = false,
                              .untracked = true};
  EXPECT_EQ(set.smallest(), expected);
  EXPECT_TRUE(set.contains(expected));
  const PacketSet v6 = PacketSet::source(range("2001:db8::5", "2001:db8::7"));
  EXPECT_EQ(v6.smallest()->source, ip("2001:db8::5"));
  EXPECT_EQ(v6.smallest()->destination, ip("::"));
}

// Removing the smallest over and over visits every packet once, in one order.
TEST(PacketSet, CanBeEmptiedPacketByPacket) {
  const PacketSpace space;
  PacketSet set;
  for (const Port port : {Port{80}, Port{22}, Port{443}}) {
    set |= PacketSet::one({.protocol = 6,
                           .source = ip("10.0.0.1"),
                           .destination = ip("10.0.0.2"),
                           .destination_port = port});
  }
  std::vector<std::uint16_t> seen;
  while (const auto packet = set.smallest()) {
    seen.push_back(packet->destination_port.value);
    set -= PacketSet::one(*packet);
  }
  EXPECT_THAT(seen, ElementsAre(22, 80, 443));
}

TEST(PacketSet, NatToARangeMayChooseAnyAddressOfIt) {
  const PacketSpace space;
  const PacketSet before = PacketSet::destination(net("192.0.2.1/32")) & PacketSet::protocol(6) &
                           PacketSet::destination_port(ports(8080, 8080));
  const PacketSet after = before.with_destination(range("172.18.0.2", "172.18.0.4"))
                              .with_destination_port(ports(80, 80));
  EXPECT_EQ(after, PacketSet::destination(range("172.18.0.2", "172.18.0.4")) &
                       PacketSet::protocol(6) & PacketSet::destination_port(ports(80, 80)));
}

TEST(PacketSet, NatLeavesTheOtherFamilyAlone) {
  const PacketSpace space;
  const PacketSet v6 = PacketSet::destination(net("2001:db8::/64"));
  const PacketSet both = v6 | PacketSet::of(Family::kV4);
  EXPECT_EQ(both.with_destination(net("172.18.0.2/32")),
            v6 | PacketSet::destination(net("172.18.0.2/32")));
  EXPECT_EQ(both.with_source(net("2001:db8::9/128")),
            (v6 & PacketSet::source(net("2001:db8::9/128"))) | PacketSet::of(Family::kV4));
}

TEST(PacketSet, MarksAreSetAsTheKernelDoes) {
  const PacketSpace space;
  const PacketSet set = PacketSet::mark(0x12345678);
  EXPECT_EQ(set.with_mark(0xFF00, 0xFF00), PacketSet::mark(0x1234FF78));
  EXPECT_EQ(set.with_mark(0xFFFF, 0xFF00), PacketSet::mark(0x1234FF87));  // xor outside the mask
  EXPECT_EQ(set.with_mark(0x1), PacketSet::mark(0x1));
  EXPECT_EQ(set.with_mark_saved(0xFF), set & PacketSet::connection_mark(0x78, 0xFF));
  EXPECT_EQ((set & PacketSet::connection_mark(0xABCDEF01)).with_mark_restored(0xFFFF0000),
            PacketSet::mark(0xABCD5678) & PacketSet::connection_mark(0xABCDEF01));
}

// A whole mark copied is an equality of 32 bits: small because the marks' bits alternate.
TEST(PacketSet, CopyingAMarkIsCheap) {
  const PacketSpace space;
  const PacketSet copied = PacketSet::all().with_mark_saved();
  EXPECT_EQ(copied.node_count(), 3 * 32);
  EXPECT_EQ(copied & PacketSet::mark(5), PacketSet::mark(5) & PacketSet::connection_mark(5));
}

TEST(PacketSet, TurnedAroundTwiceIsTheSame) {
  const PacketSpace space;
  const PacketSet set = (PacketSet::source(range("10.0.0.3", "10.0.1.4")) &
                         PacketSet::destination(net("10.9.0.0/16")) & PacketSet::protocol(6) &
                         PacketSet::destination_port(ports(80, 443))) |
                        (PacketSet::source(net("2001:db8::/48")) & PacketSet::mark(7));
  const PacketSet turned = set.turned_around();
  EXPECT_EQ(turned, (PacketSet::destination(range("10.0.0.3", "10.0.1.4")) &
                     PacketSet::source(net("10.9.0.0/16")) & PacketSet::protocol(6) &
                     PacketSet::source_port(ports(80, 443))) |
                        (PacketSet::destination(net("2001:db8::/48")) & PacketSet::mark(7)));
  EXPECT_EQ(turned.turned_around(), set);
}

TEST(PacketSet, UnionOfManyIsTheUnion) {
  const PacketSpace space;
  std::vector<PacketSet> sets;
  PacketSet one_by_one;
  for (std::uint16_t port = 1; port < 200; ++port) {
    sets.push_back(PacketSet::destination_port(ports(port, port)));
    one_by_one |= sets.back();
  }
  EXPECT_EQ(PacketSet::any_of(sets), one_by_one);
  EXPECT_EQ(PacketSet::any_of({}), PacketSet::none());
}

}  // namespace
}  // namespace firebreak
