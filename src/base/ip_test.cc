#include "base/ip.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

TEST(Ip, ParsesAndPrintsBothFamilies) {
  EXPECT_EQ(IpAddress::parse("172.18.0.2")->text(), "172.18.0.2");
  EXPECT_EQ(IpAddress::parse("2001:DB8:0:0::1")->text(), "2001:db8::1");
  EXPECT_EQ(IpAddress::v4(0xAC120002), *IpAddress::parse("172.18.0.2"));
  const IpAddress six = *IpAddress::parse("2001:db8::1");
  EXPECT_EQ(IpAddress::v6(six.bytes()), six);
}

TEST(Ip, RefusesWhatIsNotAnAddress) {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "[::1]", "fe80::1%eth0",
                           "01.2.3.4 ", "::g", "1.2.3.4/8"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
}

TEST(Ip, KnowsLoopbackAndUnspecified) {
  EXPECT_TRUE(IpAddress::parse("127.9.9.9")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("128.0.0.1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("1::1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::")->is_unspecified());
  EXPECT_TRUE(IpAddress{}.is_unspecified());
}

TEST(Ip, FamiliesNeverCompareEqual) {
  EXPECT_NE(*IpAddress::parse("0.0.0.0"), *IpAddress::parse("::"));
}

TEST(Cidr, ContainsByPrefixBits) {
  const Cidr net = *Cidr::parse("172.18.0.1/16");
  EXPECT_TRUE(net.contains(*IpAddress::parse("172.18.255.9")));
  EXPECT_FALSE(net.contains(*IpAddress::parse("172.19.0.1")));
  EXPECT_FALSE(net.contains(*IpAddress::parse("::1")));
  EXPECT_TRUE(Cidr::parse("10.0.0.0/13")->contains(*IpAddress::parse("10.7.1.1")));
  EXPECT_FALSE(Cidr::parse("10.0.0.0/13")->contains(*IpAddress::parse("10.8.1.1")));
  EXPECT_TRUE(Cidr::parse("::/0")->contains(*IpAddress::parse("2001:db8::1")));
}

TEST(Cidr, RefusesBadPrefixes) {
  for (const char* text : {"10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "/8"}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
  }
}

TEST(AddressRange, HoldsAllAddressesOfASubnet) {
  const AddressRange v4 = AddressRange::of(*Cidr::parse("172.18.77.5/20"));
  EXPECT_EQ(v4.first.text(), "172.18.64.0");
  EXPECT_EQ(v4.last.text(), "172.18.79.255");
  const AddressRange v6 = AddressRange::of(*Cidr::parse("2001:db8::1/33"));
  EXPECT_EQ(v6.first.text(), "2001:db8::");
  EXPECT_EQ(v6.last.text(), "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff");
  const AddressRange one = AddressRange::of(*Cidr::parse("10.0.0.1/32"));
  EXPECT_EQ(one.first, one.last);
}

TEST(Port, DigitsWithinRangeOnly) {
  EXPECT_EQ(Port::parse("5432")->value, 5432);
  for (const char* text : {"", "65536", "-1", "+1", "80x", " 80"})
    EXPECT_FALSE(Port::parse(text)) << text;
}

}  // namespace
}  // namespace firebreak
