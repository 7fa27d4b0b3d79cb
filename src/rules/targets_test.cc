// Every target, as the action it becomes.
#include "rules/testing.h"

namespace firebreak {
namespace {

Action action_of(const std::string& target, Family family = Family::kV4) {
  const Program program =
      program_of(filter_table(":WEB - [0:0]\n:LOG - [0:0]\n-A FORWARD " + target), family);
  return program.chains[1].rules.at(0).action;
}
AddressRange one(const char* address) { return {ip(address), ip(address)}; }
PortRange ports(std::uint16_t first, std::uint16_t last) { return {Port{first}, Port{last}}; }

Dnat dnat(std::optional<AddressRange> to, std::optional<PortRange> range) {
  return {.redirect = false, .to = to, .ports = range};
}

TEST(Targets, Verdicts) {
  EXPECT_EQ(action_of("-j ACCEPT"), Action(Verdict::kAccept));
  EXPECT_EQ(action_of("-j DROP"), Action(Verdict::kDrop));
  EXPECT_EQ(action_of("-j RETURN"), Action(Verdict::kReturn));
  EXPECT_EQ(action_of("-j REJECT --reject-with icmp-port-unreachable"), Action(Verdict::kReject));
  EXPECT_EQ(action_of("-p tcp"), Action(Verdict::kGoOn));
}

TEST(Targets, ThatGoOn) {
  for (const char* target :
       {"-j NFLOG --nflog-prefix \"x -j DROP\" --nflog-group 2", "-j NFLOG --nflog-prefix -j",
        "-j TRACE", "-j CHECKSUM --checksum-fill", "-j TCPMSS --clamp-mss-to-pmtu",
        "-j CT --helper ftp", "-j SET --add-set s src", "-j TTL --ttl-inc 1", "-j TTL --ttl-set 64",
        "-j CLASSIFY --set-class 0001:0002"}) {
    EXPECT_EQ(action_of(target), Action(Verdict::kGoOn)) << target;
  }
}

TEST(Targets, ThatAreNotFollowed) {
  for (const char* target :
       {"-j NFQUEUE --queue-num 1", "-j QUEUE", "-j TPROXY --on-port 80", "-j TTL --ttl-set 1",
        "-j NETMAP --to 10.0.0.0/24", "-j CT --zone 1", "-j SET --map-set s src --map-mark",
        "-j DNAT --to-destination 10.0.0.1:80-90/100", "-j FUTURE --option", "-j MARK --left 8",
        "-j CONNMARK --save-mark --nfmask 0xf0 --ctmask 0x0f",
        "-j CONNMARK --set-xmark 0x1/0xffffffff --left-shift-mark 8"}) {
    EXPECT_EQ(action_of(target), Action(NotUnderstood{target})) << target;
  }
}

TEST(Targets, JumpsAreChainsOfTheTableWhateverTheirName) {
  EXPECT_EQ(action_of("-j WEB"), Action(Jump{ChainId(3), false}));
  EXPECT_EQ(action_of("-g WEB"), Action(Jump{ChainId(3), true}));
  EXPECT_EQ(action_of("-j LOG"), Action(Jump{ChainId(4), false}));
}

TEST(Targets, Dnat) {
  const std::string to = "-j DNAT --to-destination ";
  EXPECT_EQ(action_of(to + "10.0.0.1:80"), Action(dnat(one("10.0.0.1"), ports(80, 80))));
  EXPECT_EQ(action_of(to + "10.0.0.1 --random"), Action(dnat(one("10.0.0.1"), {})));
  EXPECT_EQ(action_of(to + "10.0.0.1-10.0.0.9:80-90 --persistent"),
            Action(dnat(AddressRange{ip("10.0.0.1"), ip("10.0.0.9")}, ports(80, 90))));
  EXPECT_EQ(action_of(to + ":80"), Action(dnat({}, ports(80, 80))));
  EXPECT_EQ(action_of(to + "[fd00::1]:80", Family::kV6),
            Action(dnat(one("fd00::1"), ports(80, 80))));
  EXPECT_EQ(action_of(to + "fd00::1", Family::kV6), Action(dnat(one("fd00::1"), {})));
  EXPECT_EQ(action_of(to + "[fd00::1-fd00::9]:80-90", Family::kV6),
            Action(dnat(AddressRange{ip("fd00::1"), ip("fd00::9")}, ports(80, 90))));
  EXPECT_EQ(action_of(to + ":80", Family::kV6), Action(dnat({}, ports(80, 80))));
}

TEST(Targets, SnatMasqueradeRedirect) {
  EXPECT_EQ(action_of("-j SNAT --to-source 10.0.0.1:1-5 --random-fully"),
            Action(Snat{false, one("10.0.0.1"), ports(1, 5)}));
  EXPECT_EQ(action_of("-j MASQUERADE"), Action(Snat{true, {}, {}}));
  EXPECT_EQ(action_of("-j MASQUERADE --to-ports 80-90 --random"),
            Action(Snat{true, {}, ports(80, 90)}));
  EXPECT_EQ(action_of("-j REDIRECT"), Action(Dnat{true, {}, {}}));
  EXPECT_EQ(action_of("-j REDIRECT --to-ports 8080"), Action(Dnat{true, {}, ports(8080, 8080)}));
}

TEST(Targets, AllFormsOfMarks) {
  const auto set = [](std::uint32_t value, std::uint32_t mask, bool connection) {
    return Action(SetMark{connection, value, mask});
  };
  for (const bool connection : {false, true}) {
    const std::string target = connection ? "-j CONNMARK " : "-j MARK ";
    EXPECT_EQ(action_of(target + "--set-xmark 0x1/0xff"), set(1, 0xff, connection));
    EXPECT_EQ(action_of(target + "--set-mark 0x1"), set(1, 0xffffffff, connection));
    EXPECT_EQ(action_of(target + "--set-mark 0x100/0xff"), set(0x100, 0x1ff, connection));
    EXPECT_EQ(action_of(target + "--and-mark 0xff"), set(0, 0xffffff00, connection));
    EXPECT_EQ(action_of(target + "--or-mark 12"), set(12, 12, connection));
    EXPECT_EQ(action_of(target + "--xor-mark 0xff"), set(0xff, 0, connection));
  }
  EXPECT_EQ(action_of("-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff"),
            Action(CopyMark{true, 0xff}));
  EXPECT_EQ(action_of("-j CONNMARK --restore-mark"), Action(CopyMark{false, 0xffffffff}));
  EXPECT_EQ(action_of("-j CONNMARK --restore-mark --mask 0xf"), Action(CopyMark{false, 0xf}));
}

TEST(Targets, NoTrack) {
  EXPECT_EQ(action_of("-j NOTRACK"), Action(NoTrack{}));
  EXPECT_EQ(action_of("-j CT --notrack"), Action(NoTrack{}));
}

TEST(Targets, ASetThatPacketsChangeIsNotUnderstood) {
  const Program program =
      program_of(filter_table("-A FORWARD -j SET --add-set seen src\n-A FORWARD -m set --match-set "
                              "seen src -j DROP"),
                 Family::kV4, "create seen hash:ip family inet\n");
  EXPECT_FALSE(program.sets.at(0).understood);
  EXPECT_EQ(evaluate(program, Hook::kForward, tcp_packet()).kind, PacketOutcome::Kind::kUnknown);
}

}  // namespace
}  // namespace firebreak
