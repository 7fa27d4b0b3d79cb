// Every match that is understood, with a packet that meets it and a near one that does not.
#include <functional>

#include "rules/holds.h"
#include "rules/testing.h"

namespace firebreak {
namespace {

using Change = std::function<void(Packet&)>;

struct Case {
  const char* rule;  // of FORWARD, without -A FORWARD and target
  Change meets;      // of tcp_packet()
  Change misses;
};

void nothing(Packet& /*packet*/) {}

Surroundings machine() {
  Surroundings out;
  out.type_of = [](const IpAddress& address, std::string_view interface) {
    if (address == ip("192.0.2.1")) return OnAddressType::kLocal;
    // This one is the machine's by eth7 only.
    if (address == ip("192.0.2.7") && (interface.empty() || interface == "eth7")) {
      return OnAddressType::kLocal;
    }
    if (address == ip("224.0.0.1")) return OnAddressType::kMulticast;
    if (address == ip("192.0.2.255")) return OnAddressType::kBroadcast;
    if (address == ip("203.0.113.1")) return OnAddressType::kOther;
    return OnAddressType::kUnicast;
  };
  return out;
}

Change to(const char* address) {
  return [=](Packet& packet) { packet.destination = ip(address); };
}
Change from(const char* address) {
  return [=](Packet& packet) { packet.source = ip(address); };
}
Change to_port(std::uint16_t port) {
  return [=](Packet& packet) { packet.destination_port = Port{port}; };
}
Change from_port(std::uint16_t port) {
  return [=](Packet& packet) { packet.source_port = Port{port}; };
}
Change into(const char* name) {
  return [=](Packet& packet) { packet.in_interface = name; };
}
Change out_by(const char* name) {
  return [=](Packet& packet) { packet.out_interface = name; };
}
Change protocol(std::uint8_t number) {
  return [=](Packet& packet) { packet.protocol = number; };
}
Change udp_to(std::uint16_t port) {
  return [=](Packet& packet) {
    packet.protocol = 17;
    packet.destination_port = Port{port};
  };
}
Change icmp(std::uint8_t type, std::uint8_t code = 0) {
  return [=](Packet& packet) {
    packet.protocol = 1;
    packet.icmp_type = type;
    packet.icmp_code = code;
  };
}
Change state(unsigned bits) {
  return [=](Packet& packet) { packet.state = static_cast<std::uint8_t>(bits); };
}
Change flags(std::uint8_t bits) {
  return [=](Packet& packet) { packet.tcp_flags = bits; };
}
Change mark(std::uint32_t value) {
  return [=](Packet& packet) { packet.mark = value; };
}
Change connection_mark(std::uint32_t value, unsigned bits = OnState::kNew) {
  return [=](Packet& packet) {
    packet.connection_mark = value;
    packet.state = static_cast<std::uint8_t>(bits);
  };
}
Change original(const char* address, std::uint16_t port, unsigned bits = OnState::kNew) {
  return [=](Packet& packet) {
    packet.original_destination = ip(address);
    packet.original_port = Port{port};
    packet.state = static_cast<std::uint8_t>(bits);
  };
}
Change bridged(const char* in, const char* out) {
  return [=](Packet& packet) {
    packet.bridge_in = in;
    packet.bridge_out = out;
  };
}
Change from_port_of_bridge(const char* in) {
  return [=](Packet& packet) { packet.bridge_in = in; };
}
Change limited_to(const char* address, const char* in, const char* out) {
  return [=](Packet& packet) {
    packet.destination = ip(address);
    packet.in_interface = in;
    packet.out_interface = out;
  };
}

constexpr unsigned kNew = OnState::kNew;
constexpr unsigned kEstablished = OnState::kEstablished;
constexpr unsigned kRelated = OnState::kRelated;
constexpr unsigned kInvalid = OnState::kInvalid;
constexpr unsigned kUntracked = OnState::kUntracked;
constexpr unsigned kDnat = OnState::kDestinationRewritten;
constexpr unsigned kSnat = OnState::kSourceRewritten;

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"-s 10.0.0.0/24", nothing, from("10.0.1.1")},
      {"-s 10.0.0.1", nothing, from("10.0.0.2")},
      {"! -s 10.0.0.0/24", from("10.0.1.1"), nothing},
      {"-s ! 10.0.0.0/24", from("10.0.1.1"), nothing},
      {"-d 10.0.0.2/31", to("10.0.0.3"), to("10.0.0.4")},
      {"! -d 10.0.0.2/31", to("10.0.0.4"), to("10.0.0.3")},
      {"-d 10.0.0.0/255.0.255.0", to("10.9.0.9"), to("10.9.1.9")},
      {"-d 10.0.0.2/255.240.255.255", to("10.7.0.2"), to("10.7.0.3")},
      {"-i eth0", nothing, into("eth01")},
      {"-i eth+", into("eth"), into("et")},
      {"! -i eth0", into("eth1"), nothing},
      {"! -i eth+", into("veth0"), into("eth9")},
      {"-i eth0", nothing, into("")},
      {"! -i eth0", into(""), nothing},
      {"-o br-+", out_by("br-1"), out_by("br")},
      {"! -o eth1", out_by("eth2"), nothing},
      {"-o ! eth1", out_by("eth2"), nothing},
      {"-p tcp", nothing, protocol(17)},
      {"! -p tcp", protocol(17), nothing},
      {"-p 47", protocol(47), nothing},
      {"-p ipencap", protocol(4), protocol(41)},
      {"! -f -p tcp", nothing, protocol(17)},
      {"-p tcp -m tcp --dport 80", nothing, to_port(81)},
      {"-p tcp -m tcp --dport 80", nothing, udp_to(80)},
      {"-p udp -m udp --dport 80", udp_to(80), nothing},
      {"-p tcp -m tcp ! --dport 80", to_port(81), nothing},
      {"-p tcp -m tcp ! --dport 80", to_port(81), udp_to(81)},
      {"-p tcp -m tcp --dport ! 80", to_port(81), nothing},
      {"-p tcp -m tcp --dport 80:90", to_port(90), to_port(91)},
      {"-p tcp -m tcp --dport 80:65535", to_port(65535), to_port(79)},
      {"-p tcp -m tcp --dport 0:80", to_port(0), to_port(81)},
      {"-p tcp -m tcp --sport 40000", nothing, from_port(1)},
      {"-p tcp -m tcp ! --sport 1:10 --dport 80", nothing, from_port(10)},
      {"-p sctp -m sctp --dport 80", protocol(132), nothing},
      {"-p dccp -m dccp --dport 80", protocol(33), nothing},
      {"-p tcp -m multiport --dports 1,2,80", nothing, to_port(3)},
      {"-p tcp -m multiport --dports 1,70:80", nothing, to_port(69)},
      {"-p tcp -m multiport ! --dports 1,70:80", to_port(69), nothing},
      {"-p tcp -m multiport --sports 1,40000", nothing, from_port(40001)},
      {"-p tcp -m multiport --ports 40000", nothing, from_port(1)},
      {"-p tcp -m multiport --ports 80", nothing, to_port(1)},
      {"-p tcp -m multiport ! --ports 80", to_port(1), nothing},
      {"-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", flags(2), flags(18)},
      {"-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN", flags(18), flags(2)},
      {"-p tcp -m tcp --syn", flags(2 | 32), flags(16)},
      {"-p tcp -m tcp ! --syn", flags(16), flags(2)},
      {"-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE", flags(0), flags(1)},
      {"-p icmp -m icmp --icmp-type 8", icmp(8), icmp(0)},
      {"-p icmp -m icmp --icmp-type 3/4", icmp(3, 4), icmp(3, 3)},
      {"-p icmp -m icmp ! --icmp-type 3/4", icmp(3, 3), icmp(3, 4)},
      {"-p icmp -m icmp --icmp-type any", icmp(9), nothing},
      {"-m iprange --src-range 10.0.0.1-10.0.0.9", from("10.0.0.9"), from("10.0.0.10")},
      {"-m iprange ! --dst-range 10.0.0.1-10.0.0.9", to("10.0.1.9"), nothing},
      {"-m conntrack --ctstate RELATED,ESTABLISHED", state(kRelated), nothing},
      {"-m conntrack ! --ctstate RELATED,ESTABLISHED", nothing, state(kEstablished)},
      {"-m conntrack --ctstate INVALID", state(kInvalid), nothing},
      {"-m conntrack --ctstate UNTRACKED", state(kUntracked), state(kInvalid)},
      {"-m conntrack --ctstate DNAT", state(kNew | kDnat), state(kNew | kSnat)},
      {"-m conntrack ! --ctstate DNAT", nothing, state(kNew | kDnat)},
      {"-m conntrack --ctstate SNAT", state(kNew | kSnat), nothing},
      {"-m state --state NEW,ESTABLISHED", nothing, state(kInvalid)},
      {"-m state ! --state NEW", state(kEstablished), nothing},
      {"-m conntrack --ctorigdst 192.0.2.1", original("192.0.2.1", 80), original("192.0.2.2", 80)},
      {"-m conntrack --ctorigdst 10.0.0.0/30", nothing, to("10.0.0.4")},
      {"-m conntrack ! --ctorigdst 192.0.2.1", nothing, original("192.0.2.1", 80)},
      {"-m conntrack ! --ctorigdst 192.0.2.1", nothing, state(kInvalid)},
      {"-m conntrack --ctorigdst 10.0.0.2", nothing, state(kUntracked)},
      {"-p tcp -m conntrack --ctorigdstport 8080", original("192.0.2.1", 8080), nothing},
      {"-p tcp -m conntrack ! --ctorigdstport 80:90", original("192.0.2.1", 8080), nothing},
      {"-p tcp -m conntrack --ctstate NEW --ctorigdstport 80", nothing, state(kEstablished)},
      {"-m addrtype --dst-type LOCAL", to("192.0.2.1"), nothing},
      {"-m addrtype ! --dst-type LOCAL", nothing, to("192.0.2.1")},
      {"-m addrtype --src-type LOCAL", from("192.0.2.1"), to("192.0.2.1")},
      {"-m addrtype --dst-type BROADCAST,MULTICAST", to("192.0.2.255"), to("192.0.2.1")},
      {"-m addrtype --dst-type UNICAST", nothing, to("224.0.0.1")},
      {"-m addrtype --dst-type LOCAL --limit-iface-in", limited_to("192.0.2.7", "eth7", "eth1"),
       limited_to("192.0.2.7", "eth0", "eth7")},
      {"-m addrtype --dst-type LOCAL --limit-iface-out", limited_to("192.0.2.7", "eth0", "eth7"),
       limited_to("192.0.2.7", "eth7", "eth0")},
      {"-m mark --mark 0x1", mark(1), mark(3)},
      {"-m mark --mark 0x1/0x1", mark(3), mark(2)},
      {"-m mark ! --mark 0x1/0x1", mark(2), mark(3)},
      {"-m connmark --mark 0x1/0xff", connection_mark(0x101), mark(1)},
      {"-m connmark ! --mark 0x1", nothing, connection_mark(1)},
      {"-m connmark ! --mark 0x1", nothing, connection_mark(0, kUntracked)},
      {"-m set --match-set hosts src", from("10.9.0.1"), from("10.9.0.2")},
      {"-m set --match-set hosts dst", to("10.9.0.1"), from("10.9.0.1")},
      {"-m set ! --match-set hosts dst", from("10.9.0.1"), to("10.9.0.1")},
      {"-m set --match-set services dst,dst", to("10.9.0.3"), to_port(80)},
      {"-m set --match-set services dst,src", nothing, to("10.9.0.3")},
      {"-m set --match-set links src,src", into("eth3"), into("eth4")},
      {"-m set --match-set links dst,dst", out_by("eth5x"), out_by("eth4")},
      {"-m set --match-set services dst,dst -p tcp", to("10.9.0.3"), udp_to(80)},
      {"-m set --match-set both dst", to("10.9.0.1"), to("10.9.0.3")},
      {"-m set --match-set both dst,dst", to("10.9.0.3"), nothing},
      {"-m physdev --physdev-in veth0", bridged("veth0", "veth1"), bridged("veth1", "veth0")},
      {"-m physdev --physdev-in veth0", from_port_of_bridge("veth0"), nothing},
      {"-m physdev ! --physdev-in veth0", nothing, bridged("veth0", "veth1")},
      {"-m physdev --physdev-out veth+", bridged("a", "veth1"), bridged("veth1", "a")},
      {"-m physdev --physdev-is-bridged", bridged("a", "b"), from_port_of_bridge("a")},
      {"-m physdev ! --physdev-is-bridged", from_port_of_bridge("a"), bridged("a", "b")},
      {"-m physdev --physdev-is-in", from_port_of_bridge("a"), nothing},
      {"-m physdev ! --physdev-is-in", nothing, from_port_of_bridge("a")},
      {"-m physdev --physdev-is-out", bridged("a", "b"), from_port_of_bridge("a")},
      {"-m limit --limit 3/min --limit-burst 2 -p tcp", nothing, protocol(17)},
      {"-m hashlimit --hashlimit-upto 3/min --hashlimit-name a -p tcp", nothing, protocol(17)},
      {"-m connlimit --connlimit-upto 3 --connlimit-mask 32 --connlimit-saddr -p tcp", nothing,
       protocol(17)},
      {"-m connlimit --connlimit-above 0 --connlimit-mask 32 -p tcp", nothing, protocol(17)},
      {"-m comment --comment \"-p udp\" -p tcp", nothing, protocol(17)},
      {"-m comment --comment -j -p tcp", nothing, protocol(17)},
  };
  return kCases;
}

// A rule that asks what only the kernel's counters could answer with yes.
constexpr auto kNeverWhenIdle = std::to_array<const char*>(
    {"-m hashlimit --hashlimit-above 3/min --hashlimit-name a",
     "-m connlimit --connlimit-above 3 --connlimit-mask 32 --connlimit-saddr",
     "-m connlimit --connlimit-upto 0", "-f", "! -i +", "! -p all", "! -s 0.0.0.0/0",
     "-p icmp -m icmp ! --icmp-type any"});

constexpr const char* kSets =
    "create hosts hash:ip family inet hashsize 1024 maxelem 65536\nadd hosts 10.9.0.1\n"
    "create services hash:ip,port family inet\nadd services 10.9.0.3,tcp:80\n"
    "add services 10.0.0.2,tcp:40000\n"
    "create links hash:net,iface family inet\nadd links 10.0.0.0/24,eth3\n"
    "add links 10.0.0.0/24,eth5 wildcard\n"
    "create both list:set size 8\nadd both hosts\nadd both services\n";

Holds answer(const char* rule, const Change& change) {
  const Program program =
      program_of(filter_table(std::string("-A FORWARD ") + rule + " -j DROP"), Family::kV4, kSets);
  Packet packet = tcp_packet();
  change(packet);
  const PacketOutcome outcome = evaluate(program, Hook::kForward, packet, machine());
  if (outcome.kind == PacketOutcome::Kind::kUnknown) return Holds::kUnknown;
  return outcome.kind == PacketOutcome::Kind::kDropped ? Holds::kYes : Holds::kNo;
}

TEST(Matches, HoldForAPacketAndNotForANearOne) {
  for (const Case& one : cases()) {
    EXPECT_EQ(answer(one.rule, one.meets), Holds::kYes) << one.rule;
    EXPECT_EQ(answer(one.rule, one.misses), Holds::kNo) << one.rule;
  }
}

TEST(Matches, NeverHoldWhereTheKernelsDoNot) {
  for (const char* rule : kNeverWhenIdle) EXPECT_EQ(answer(rule, nothing), Holds::kNo) << rule;
}

TEST(Matches, AnInterfaceOfAnyNameIsNoCondition) {
  EXPECT_EQ(answer("-i +", into("")), Holds::kYes);
  EXPECT_EQ(answer("-p all", nothing), Holds::kYes);
}

TEST(Matches, IcmpOfTheOtherFamily) {
  const Program program = program_of(
      filter_table("-A FORWARD -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j DROP"), Family::kV6);
  Packet packet = tcp_packet();
  packet.source = ip("fd00::1");
  packet.destination = ip("fd00::2");
  packet.protocol = 58;
  packet.icmp_type = 128;
  EXPECT_EQ(evaluate(program, Hook::kForward, packet).kind, PacketOutcome::Kind::kDropped);
  packet.icmp_type = 129;
  EXPECT_EQ(evaluate(program, Hook::kForward, packet).kind, PacketOutcome::Kind::kAccepted);
}

TEST(Matches, AnAddressTypeThatStandsForSeveralIsUnknownOnlyWhereItMatters) {
  EXPECT_EQ(answer("-m addrtype --dst-type BLACKHOLE", to("203.0.113.1")), Holds::kUnknown);
  EXPECT_EQ(answer("-m addrtype --dst-type BLACKHOLE", nothing), Holds::kNo);
  EXPECT_EQ(answer("-m addrtype --dst-type LOCAL", to("203.0.113.1")), Holds::kNo);
}

// In IPv6 UNICAST is what an address looks like, LOCAL what routing says of it.
TEST(Matches, AddressTypesOfIpv6) {
  Surroundings around;
  around.type_of = [](const IpAddress& address, std::string_view /*interface*/) {
    return address == ip("fd00::1") ? OnAddressType::kLocal : OnAddressType::kUnicast;
  };
  const auto kind = [&](const std::string& types, const char* to) {
    const Program program =
        program_of(filter_table("-A FORWARD -m addrtype " + types + " -j DROP"), Family::kV6);
    Packet packet = tcp_packet();
    packet.source = ip("fd00::2");
    packet.destination = ip(to);
    return evaluate(program, Hook::kForward, packet, around).kind;
  };
  using enum PacketOutcome::Kind;
  EXPECT_EQ(kind("--dst-type UNICAST", "fd00::1"), kDropped);
  EXPECT_EQ(kind("--dst-type UNICAST", "ff02::1"), kAccepted);
  EXPECT_EQ(kind("! --dst-type UNICAST", "fd00::1"), kAccepted);
  EXPECT_EQ(kind("! --dst-type UNICAST", "ff02::1"), kDropped);
  EXPECT_EQ(kind("--dst-type MULTICAST", "ff02::1"), kDropped);
  EXPECT_EQ(kind("! --dst-type MULTICAST", "ff02::1"), kAccepted);
  EXPECT_EQ(kind("--dst-type LOCAL", "fd00::1"), kDropped);
  EXPECT_EQ(kind("--dst-type LOCAL", "fd00::3"), kAccepted);
  EXPECT_EQ(kind("--dst-type UNICAST,LOCAL", "fd00::3"), kAccepted);  // both must hold
  EXPECT_EQ(kind("--dst-type UNICAST,LOCAL", "fd00::1"), kDropped);
  EXPECT_EQ(kind("! --dst-type UNICAST,LOCAL", "fd00::1"), kUnknown);
}

TEST(Matches, WhatIsNotUnderstoodIsUnknownAndCarriesItsText) {
  for (const char* match : {"-m recent --rcheck --seconds 10 --name x --rsource",
                            "-m owner --uid-owner 0",
                            "-m pkttype --pkt-type broadcast",
                            "-m mac ! --mac-source 02:00:00:00:00:01",
                            "-m string --string \"a -j b\" --algo bm",
                            "-m nonsense --of-the-future 1",
                            "-m socket",
                            "-m tcp --tcp-option 4",
                            "-p tcp -m tcp --dport 9:1",
                            "-m conntrack --ctstatus ASSURED",
                            "-m conntrack --ctstate INVALID --ctorigdst 10.0.0.1",
                            "-m set --match-set none src",
                            "-m set --match-set hosts src --return-nomatch",
                            "-m set ! --match-set hosts src ! --update-counters --packets-gt 3",
                            "--future-option 3",
                            "-p nonsense",
                            "-m icmp --icmp-type echo-request",
                            "-d 0.0.0.1/85.85.85.85",
                            "-m limit --limit-burst 3",
                            "-m addrtype --dst-type PURPLE"}) {
    EXPECT_EQ(answer(match, nothing), Holds::kUnknown) << match;
  }
  const Program program =
      program_of(filter_table("-A FORWARD -p tcp -m tcp --dport 80 --tcp-option 4 -j DROP"));
  const Rule& rule = program.chains[1].rules.at(0);
  ASSERT_EQ(rule.conditions.size(), 3U);
  EXPECT_EQ(std::get<NotUnderstood>(rule.conditions[2].what).text, "-m tcp --tcp-option 4");
}

TEST(Matches, WhatIsUnderstoodDecidesBeforeWhatIsNot) {
  EXPECT_EQ(answer("-p udp -m recent --rcheck --name x", nothing), Holds::kNo);
  EXPECT_EQ(answer("-m recent --rcheck --name x -p udp", nothing), Holds::kNo);
}

}  // namespace
}  // namespace firebreak
