#include "rules/ipset.h"

#include <algorithm>

#include "rules/testing.h"

namespace firebreak {
namespace {

using Part = AddressSet::Part;

Program sets_of(std::string_view text) {
  Program program;
  const auto wrong = parse_ipset_save(text, "ipset", program);
  EXPECT_EQ(render(wrong, text), "");
  return program;
}

AddressSet one_set(const std::string& type, const std::string& element) {
  const Program program = sets_of("create s " + type + "\nadd s " + element + "\n");
  return program.sets.at(0);
}

Part addresses(const char* first, const char* last) {
  Part part;
  part.addresses = AddressRange{ip(first), ip(last)};
  return part;
}
Part ports(std::uint8_t protocol, std::uint16_t first, std::uint16_t last) {
  Part part;
  part.protocol = protocol;
  part.ports = PortRange{Port{first}, Port{last}};
  return part;
}
Part interface(const char* name, bool prefix) {
  Part part;
  part.interface = NamePattern{name, prefix};
  return part;
}

using Elements = std::vector<std::vector<Part>>;

TEST(Ipset, ElementsOfEveryType) {
  const Part host = addresses("10.0.0.1", "10.0.0.1");
  const Part net = addresses("10.0.0.0", "10.0.0.255");
  EXPECT_EQ(one_set("hash:ip family inet", "10.0.0.1").elements, (Elements{{host}}));
  EXPECT_EQ(one_set("hash:ip family inet6", "fd00::1").elements,
            (Elements{{addresses("fd00::1", "fd00::1")}}));
  EXPECT_EQ(one_set("hash:ip family inet netmask 24", "10.0.0.0").elements, (Elements{{net}}));
  EXPECT_EQ(one_set("hash:net family inet", "10.0.0.0/24 timeout 9").elements, (Elements{{net}}));
  EXPECT_EQ(one_set("hash:net,net family inet", "10.0.0.0/24,10.0.0.1").elements,
            (Elements{{net, host}}));
  EXPECT_EQ(one_set("hash:ip,port family inet", "10.0.0.1,tcp:80").elements,
            (Elements{{host, ports(6, 80, 80)}}));
  EXPECT_EQ(one_set("hash:net,port family inet", "10.0.0.0/24,udp:53").elements,
            (Elements{{net, ports(17, 53, 53)}}));
  EXPECT_EQ(one_set("hash:ip,port,ip family inet", "10.0.0.1,sctp:80,10.0.0.1").elements,
            (Elements{{host, ports(132, 80, 80), host}}));
  EXPECT_EQ(one_set("hash:ip,port,net family inet", "10.0.0.1,tcp:80,10.0.0.0/24").elements,
            (Elements{{host, ports(6, 80, 80), net}}));
  EXPECT_EQ(one_set("hash:net,iface family inet", "10.0.0.0/24,eth0").elements,
            (Elements{{net, interface("eth0", false)}}));
  EXPECT_EQ(one_set("hash:net,iface family inet", "10.0.0.0/24,eth wildcard").elements,
            (Elements{{net, interface("eth", true)}}));
  EXPECT_EQ(one_set("bitmap:ip range 10.0.0.0-10.0.0.255", "10.0.0.1").elements,
            (Elements{{host}}));
  EXPECT_EQ(one_set("bitmap:port range 1-1000", "80").elements,
            (Elements{{ports(6, 80, 80)}, {ports(17, 80, 80)}}));
  Part gre;
  gre.protocol = 47;
  EXPECT_EQ(one_set("hash:ip,port family inet", "10.0.0.1,gre:0").elements,
            (Elements{{host, gre}}));
  Part marked;
  marked.mark = 16;
  EXPECT_EQ(one_set("hash:ip,mark family inet", "10.0.0.1,0x00000010").elements,
            (Elements{{host, marked}}));
}

TEST(Ipset, WhatIsNotUnderstoodMakesTheSetSo) {
  for (const auto& [type, element] : std::vector<std::pair<std::string, std::string>>{
           {"hash:mac", "02:00:00:00:00:01"},
           {"bitmap:ip,mac range 10.0.0.0-10.0.0.255", "10.0.0.2"},
           {"hash:net family inet", "10.0.0.0/24 nomatch"},
           {"hash:net,iface family inet", "10.0.0.0/24,physdev:eth0"},
           {"hash:ip,port family inet", "10.0.0.1,icmp:echo-request"},
           {"hash:ip,mark family inet markmask 0x000000ff", "10.0.0.1,0x10"},
           {"hash:ip family inet bitmask 255.0.255.0", "10.0.0.0"},
           {"hash:future family inet", "what,ever"},
           {"future", "whatever"}}) {
    EXPECT_FALSE(one_set(type, element).understood) << type;
  }
  EXPECT_TRUE(one_set("hash:net family inet", "10.0.0.0/24").understood);
}

TEST(Ipset, CommentsMayHoldAnything) {
  const Program program = sets_of(
      "create s hash:ip family inet comment\n"
      "add s 10.0.0.1 comment \"nomatch \\\"\nadd s 10.0.0.2 comment \"two\nlines\"\n");
  ASSERT_EQ(program.sets.size(), 1U);
  EXPECT_EQ(program.sets[0].elements.size(), 2U);
  EXPECT_TRUE(program.sets[0].understood);
}

TEST(Ipset, ListsAreTheirMembers) {
  const Program program = sets_of(
      "create a hash:ip family inet\nadd a 10.0.0.1\ncreate all list:set size 8\n"
      "create b hash:net family inet\nadd b 10.1.0.0/16\nadd all a\nadd all b\n"
      "create c hash:mac\ncreate some list:set size 8\nadd some a\nadd some c\n");
  ASSERT_EQ(program.sets.size(), 5U);
  EXPECT_EQ(program.sets[1].name, "all");
  EXPECT_TRUE(program.sets[1].understood);
  EXPECT_EQ(program.sets[1].elements.size(), 2U);
  EXPECT_FALSE(program.sets[4].understood);
}

TEST(Ipset, ReadsWhatTheToolPrinted) {
  const Program program = sets_of(sample_text("everything.ipset"));
  std::vector<std::string> unclear;
  for (const AddressSet& set : program.sets) {
    if (!set.understood) unclear.push_back(set.name);
  }
  EXPECT_EQ(unclear, (std::vector<std::string>{"s2", "s3", "s4", "b3", "l1"}));
}

TEST(Ipset, BrokenTextIsAnErrorWithItsLine) {
  for (const auto& [text, line] : std::vector<std::pair<std::string, int>>{
           {"hello\n", 1},
           {"create s\n", 1},
           {"add s 10.0.0.1\n", 1},
           {"create s hash:ip family inet\nadd s\n", 2},
           {"create s hash:ip family inet\nadd s 10.0.0\n", 2},
           {"create s hash:ip family inet\nadd s fd00::1\n", 2},
           {"create s hash:ip family inet\nadd s 10.0.0.1,tcp:80\n", 2},
           {"create s hash:ip,port family inet\nadd s 10.0.0.1,tcp:65536\n", 2},
           {"create s hash:ip,mark family inet\nadd s 10.0.0.1,red\n", 2},
           {"create s hash:ip\ncreate s hash:ip\n", 2},
           {"create s hash:ip comment\nadd s 10.0.0.1 comment \"open\n", 2}}) {
    Program program;
    const std::vector<Diagnostic> errors = parse_ipset_save(text, "ipset", program);
    ASSERT_EQ(errors.size(), 1U) << text;
    EXPECT_EQ(errors[0].line, line) << text;
    EXPECT_TRUE(program.sets.empty());
  }
}

}  // namespace
}  // namespace firebreak
