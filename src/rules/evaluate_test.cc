#include "rules/evaluate.h"

#include "rules/testing.h"

namespace firebreak {
namespace {

using Kind = PacketOutcome::Kind;

PacketOutcome forward(std::string_view lines, const Packet& packet = tcp_packet()) {
  return evaluate(program_of(filter_table(lines)), Hook::kForward, packet);
}
Kind kind_of(std::string_view lines, const Packet& packet = tcp_packet()) {
  return forward(lines, packet).kind;
}

Surroundings surroundings() {
  Surroundings out;
  out.type_of = [](const IpAddress& address, std::string_view /*interface*/) {
    return address == ip("192.0.2.1") ? OnAddressType::kLocal : OnAddressType::kUnicast;
  };
  out.address_of = [](std::string_view interface) {
    return interface.starts_with("eth") ? std::optional(ip("192.0.2.1")) : std::nullopt;
  };
  return out;
}

PacketOutcome at(std::string_view text, Hook hook, const Packet& packet = tcp_packet()) {
  return evaluate(program_of(text), hook, packet, surroundings());
}

TEST(Evaluate, AnEmptyProgramAccepts) {
  const PacketOutcome outcome = evaluate(Program{}, Hook::kForward, tcp_packet());
  EXPECT_EQ(outcome.kind, Kind::kAccepted);
  EXPECT_EQ(outcome.packets, std::vector{tcp_packet()});
}

TEST(Evaluate, TheFirstRuleThatMatchesDecides) {
  EXPECT_EQ(kind_of("-A FORWARD -j DROP\n-A FORWARD -j ACCEPT"), Kind::kDropped);
  EXPECT_EQ(kind_of("-A FORWARD -j ACCEPT\n-A FORWARD -j DROP"), Kind::kAccepted);
  EXPECT_EQ(kind_of("-A FORWARD -p udp -j ACCEPT\n-A FORWARD -j REJECT"), Kind::kRejected);
  EXPECT_EQ(kind_of("-A FORWARD -j LOG\n-A FORWARD\n-A FORWARD -j DROP"), Kind::kDropped);
}

TEST(Evaluate, PoliciesDecideWhatIsLeft) {
  const std::string drop = "*filter\n:FORWARD DROP [0:0]\n";
  EXPECT_EQ(at(drop + "COMMIT\n", Hook::kForward).kind, Kind::kDropped);
  EXPECT_EQ(at(drop + "-A FORWARD -j RETURN\n-A FORWARD -j ACCEPT\nCOMMIT\n", Hook::kForward).kind,
            Kind::kDropped);
  EXPECT_EQ(at(drop + "COMMIT\n", Hook::kInput).kind, Kind::kAccepted);
}

TEST(Evaluate, ReturnGoesBackToTheCaller) {
  const std::string chains = ":A - [0:0]\n:B - [0:0]\n-A FORWARD -j A\n-A FORWARD -j DROP\n";
  EXPECT_EQ(kind_of(chains + "-A A -j RETURN\n-A A -j ACCEPT"), Kind::kDropped);
  EXPECT_EQ(kind_of(chains + "-A A -j B\n-A A -j ACCEPT\n-A B -j RETURN"), Kind::kAccepted);
}

TEST(Evaluate, GotoReturnsToWhereItsChainWasCalledFrom) {
  const std::string chains = ":A - [0:0]\n:B - [0:0]\n-A FORWARD -j A\n-A FORWARD -j DROP\n";
  EXPECT_EQ(kind_of(chains + "-A A -g B\n-A A -j ACCEPT\n-A B -j RETURN"), Kind::kDropped);
  EXPECT_EQ(kind_of(chains + "-A A -g B\n-A A -j ACCEPT"), Kind::kDropped);
  EXPECT_EQ(kind_of(chains + "-A A -p udp -g B\n-A A -j ACCEPT"), Kind::kAccepted);
  // From a base chain: its policy.
  EXPECT_EQ(kind_of(":A - [0:0]\n-A FORWARD -g A\n-A FORWARD -j DROP"), Kind::kAccepted);
}

TEST(Evaluate, AcceptEndsOneBaseChainAndDropEndsAll) {
  const std::string mangle =
      "*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p tcp -j ACCEPT\n"
      "-A FORWARD -j DROP\nCOMMIT\n";
  EXPECT_EQ(at(filter_table("-A FORWARD -j DROP") + mangle, Hook::kForward).kind, Kind::kDropped);
  EXPECT_EQ(at(filter_table("-A FORWARD -j ACCEPT") + mangle, Hook::kForward).kind,
            Kind::kAccepted);
  Packet udp = tcp_packet();
  udp.protocol = 17;
  EXPECT_EQ(at(filter_table("-A FORWARD -j ACCEPT") + mangle, Hook::kForward, udp).kind,
            Kind::kDropped);
}

TEST(Evaluate, StepsAreTheRulesThatLedThere) {
  const Program program = program_of(filter_table(
      ":A - [0:0]\n-A FORWARD -j LOG\n-A FORWARD -p udp -j DROP\n-A FORWARD -j A\n-A A -j DROP"));
  const PacketOutcome outcome = evaluate(program, Hook::kForward, tcp_packet());
  ASSERT_EQ(outcome.steps.size(), 2U);
  EXPECT_EQ(text_of(program, outcome.steps[0]), "filter FORWARD: -A FORWARD -j A");
  EXPECT_EQ(text_of(program, outcome.steps[1]), "filter A: -A A -j DROP");
  const PacketOutcome policy = evaluate(program, Hook::kOutput, tcp_packet());
  ASSERT_EQ(policy.steps.size(), 1U);
  EXPECT_EQ(text_of(program, policy.steps[0]), "filter OUTPUT: policy ACCEPT");
}

TEST(Evaluate, StepsLeaveOutChainsThatChangedNothing) {
  const Program program = program_of(filter_table(
      ":A - [0:0]\n:B - [0:0]\n:C - [0:0]\n-A FORWARD -j A\n-A FORWARD -j B\n-A FORWARD -j DROP\n"
      "-A A -j C\n-A A -j RETURN\n-A B -j MARK --set-xmark 0x1"));
  std::vector<std::string> texts;
  for (const Step& step : evaluate(program, Hook::kForward, tcp_packet()).steps) {
    texts.push_back(text_of(program, step));
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"filter FORWARD: -A FORWARD -j B",
                                             "filter B: -A B -j MARK --set-xmark 0x1",
                                             "filter FORWARD: -A FORWARD -j DROP"}));
}

// ---- what is not known ----

TEST(Evaluate, UnknownMattersOnlyWhereItChangesTheAnswer) {
  const std::string maybe = "-A FORWARD -m recent --rcheck --name x ";
  EXPECT_EQ(kind_of(maybe + "-j DROP"), Kind::kUnknown);
  EXPECT_EQ(kind_of(maybe + "-j ACCEPT"), Kind::kAccepted);
  EXPECT_EQ(kind_of(maybe + "-j DROP\n-A FORWARD -j DROP"), Kind::kDropped);
  EXPECT_EQ(kind_of(maybe + "-j DROP\n-A FORWARD -j REJECT"), Kind::kUnknown);
  EXPECT_EQ(kind_of(maybe + "-j LOG\n-A FORWARD -j ACCEPT"), Kind::kAccepted);
  EXPECT_EQ(kind_of("-A FORWARD -j DROP\n" + maybe + "-j ACCEPT"), Kind::kDropped);
}

TEST(Evaluate, UnknownNamesTheRule) {
  const Program program = program_of(
      filter_table("-A FORWARD -p udp -j DROP\n-A FORWARD -m recent --rcheck --name x -j DROP"));
  const PacketOutcome outcome = evaluate(program, Hook::kForward, tcp_packet());
  EXPECT_TRUE(outcome.packets.empty());
  ASSERT_EQ(outcome.steps, (std::vector{Step{ChainId(1), 1}}));
  EXPECT_EQ(text_of(program, outcome.steps[0]),
            "filter FORWARD: -A FORWARD -m recent --rcheck --name x -j DROP");
}

TEST(Evaluate, AnUnknownTargetCouldDoAnything) {
  EXPECT_EQ(kind_of("-A FORWARD -j NFQUEUE --queue-num 1\n-A FORWARD -j DROP"), Kind::kUnknown);
  EXPECT_EQ(kind_of("-A FORWARD -p udp -j NFQUEUE --queue-num 1\n-A FORWARD -j DROP"),
            Kind::kDropped);
}

TEST(Evaluate, AJumpThatIsNotKnownIsFollowedBothWays) {
  const std::string chains = ":A - [0:0]\n-A FORWARD -m recent --rcheck --name x -j A\n";
  EXPECT_EQ(kind_of(chains + "-A A -p udp -j DROP"), Kind::kAccepted);
  EXPECT_EQ(kind_of(chains + "-A A -j DROP"), Kind::kUnknown);
  EXPECT_EQ(kind_of(chains + "-A A -j DROP\n-A FORWARD -j DROP"), Kind::kDropped);
}

TEST(Evaluate, AMarkThatIsNotKnownIsFollowedBothWays) {
  const std::string maybe = "-A FORWARD -m recent --rcheck --name x -j MARK --set-xmark 0x1\n";
  EXPECT_EQ(kind_of(maybe + "-A FORWARD -m mark --mark 0x1 -j DROP"), Kind::kUnknown);
  EXPECT_EQ(kind_of(maybe + "-A FORWARD -m mark --mark 0x2 -j DROP"), Kind::kAccepted);
  EXPECT_EQ(forward(maybe + "-A FORWARD -j ACCEPT").packets.size(), 2U);
}

TEST(Evaluate, ManyUnknownsGiveUpInsteadOfTakingForever) {
  std::string marks;
  for (int i = 0; i < 30; ++i) {
    marks += "-A FORWARD -m recent --rcheck --name x -j MARK --or-mark " +
             std::to_string(1U << static_cast<unsigned>(i)) + "\n";
  }
  EXPECT_EQ(kind_of(marks + "-A FORWARD -j ACCEPT"), Kind::kUnknown);
  std::string doubling;
  for (int i = 0; i < 40; ++i) doubling += ":C" + std::to_string(i) + " - [0:0]\n";
  doubling += "-A FORWARD -j C0\n";
  for (int i = 0; i < 39; ++i) {
    for (int twice = 0; twice < 2; ++twice) {
      doubling += "-A C" + std::to_string(i) + " -j C" + std::to_string(i + 1) + "\n";
    }
  }
  doubling.pop_back();
  EXPECT_EQ(kind_of(doubling), Kind::kUnknown);
}

// ---- what rules change ----

TEST(Evaluate, DnatRewritesAndIsRemembered) {
  const std::string text = nat_table(
      "-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT "
      "--to-destination 10.0.9.9:8080");
  const PacketOutcome outcome = at(text, Hook::kPrerouting);
  ASSERT_EQ(outcome.kind, Kind::kAccepted);
  ASSERT_EQ(outcome.packets.size(), 1U);
  const Packet& packet = outcome.packets[0];
  EXPECT_EQ(packet.destination, ip("10.0.9.9"));
  EXPECT_EQ(packet.destination_port, Port{8080});
  EXPECT_EQ(packet.original_destination, ip("10.0.0.2"));
  EXPECT_EQ(packet.original_port, Port{80});
  EXPECT_EQ(packet.state, OnState::kNew | OnState::kDestinationRewritten);
  const std::string filter = filter_table(
      "-A FORWARD -m conntrack --ctorigdst 10.0.0.2 --ctorigdstport 80 --ctstate DNAT -j DROP");
  EXPECT_EQ(at(filter, Hook::kForward, packet).kind, Kind::kDropped);
}

TEST(Evaluate, NatIsForNewPacketsOnly) {
  const std::string text = nat_table("-A PREROUTING -j DNAT --to-destination 10.0.9.9");
  for (const auto state : {OnState::kEstablished, OnState::kInvalid, OnState::kUntracked}) {
    Packet packet = tcp_packet();
    packet.state = static_cast<std::uint8_t>(state);
    EXPECT_EQ(at(text, Hook::kPrerouting, packet).packets, std::vector{packet});
  }
}

TEST(Evaluate, TheFirstNatChainThatRewritesIsTheLast) {
  Program program = program_of(nat_table("-A PREROUTING -p tcp -j DNAT --to-destination 10.0.9.9"));
  const std::string other = nat_table("-A PREROUTING -j DNAT --to-destination 10.0.8.8");
  ASSERT_TRUE(parse_iptables_save(other, "legacy", program).empty());
  const auto to = [&](const Packet& packet) {
    return evaluate(program, Hook::kPrerouting, packet).packets.at(0).destination;
  };
  EXPECT_EQ(to(tcp_packet()), ip("10.0.9.9"));
  Packet udp = tcp_packet();
  udp.protocol = 17;
  EXPECT_EQ(to(udp), ip("10.0.8.8"));
}

TEST(Evaluate, ARangeGivesEveryPacketThatTheKernelMayMake) {
  const std::string to = "-A PREROUTING -p tcp -j DNAT --to-destination ";
  EXPECT_EQ(at(nat_table(to + "10.0.9.9-10.0.9.11"), Hook::kPrerouting).packets.size(), 3U);
  EXPECT_EQ(at(nat_table(to + "10.0.9.9:1-4"), Hook::kPrerouting).packets.size(), 4U);
  EXPECT_EQ(at(nat_table(to + "10.0.9.9:79-90"), Hook::kPrerouting).packets.size(), 1U);  // kept
  EXPECT_EQ(at(nat_table(to + "10.0.9.0-10.0.9.255"), Hook::kPrerouting).kind, Kind::kUnknown);
}

TEST(Evaluate, RedirectTakesTheInterfacesAddress) {
  const std::string text = nat_table(
      "-A PREROUTING -p tcp -j REDIRECT --to-ports 8080\n"
      "-A OUTPUT -p tcp -j REDIRECT --to-ports 8080");
  const Packet packet = at(text, Hook::kPrerouting).packets.at(0);
  EXPECT_EQ(packet.destination, ip("192.0.2.1"));
  EXPECT_EQ(packet.destination_port, Port{8080});
  EXPECT_EQ(at(text, Hook::kOutput).packets.at(0).destination, ip("127.0.0.1"));
  Packet elsewhere = tcp_packet();
  elsewhere.in_interface = "tun0";  // has no address
  EXPECT_EQ(at(text, Hook::kPrerouting, elsewhere).kind, Kind::kDropped);
  EXPECT_EQ(evaluate(program_of(text), Hook::kPrerouting, tcp_packet()).kind, Kind::kUnknown);
}

TEST(Evaluate, SnatAndMasqueradeRewriteTheSource) {
  const auto packet_after = [](const std::string& target) {
    return at(nat_table("-A POSTROUTING -p tcp " + target), Hook::kPostrouting).packets.at(0);
  };
  const Packet snat = packet_after("-j SNAT --to-source 203.0.113.1:5000");
  EXPECT_EQ(snat.source, ip("203.0.113.1"));
  EXPECT_EQ(snat.source_port, Port{5000});
  EXPECT_EQ(snat.state, OnState::kNew | OnState::kSourceRewritten);
  const Packet masqueraded = packet_after("-j MASQUERADE");
  EXPECT_EQ(masqueraded.source, ip("192.0.2.1"));
  EXPECT_EQ(masqueraded.source_port, Port{40000});
  EXPECT_EQ(packet_after("-j SNAT --to-source 10.0.0.1-10.0.0.9").source, std::nullopt);
  EXPECT_EQ(packet_after("-j SNAT --to-source 10.0.0.1").state, OnState::kNew);  // as it was
  EXPECT_EQ(packet_after("-j MASQUERADE --to-ports 1-5").source_port, std::nullopt);
}

TEST(Evaluate, WhatTheKernelChoseIsUnknownToConditions) {
  Packet packet = tcp_packet();
  packet.source.reset();
  packet.source_port.reset();
  EXPECT_EQ(kind_of("-A FORWARD -s 10.0.0.0/8 -j DROP", packet), Kind::kUnknown);
  EXPECT_EQ(kind_of("-A FORWARD -p tcp -m tcp --sport 1 -j DROP", packet), Kind::kUnknown);
  EXPECT_EQ(kind_of("-A FORWARD -p tcp -m tcp --dport 1 -j DROP", packet), Kind::kAccepted);
  EXPECT_EQ(kind_of("-A FORWARD -m addrtype --src-type LOCAL -j DROP", packet), Kind::kUnknown);
}

TEST(Evaluate, MarksAreCarriedFromChainToChain) {
  const std::string mangle =
      "*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j MARK --set-xmark 0x12/0xff\n"
      "-A FORWARD -j CONNMARK --save-mark --nfmask 0xf --ctmask 0xf\n"
      "-A FORWARD -j MARK --set-xmark 0x0/0xffffffff\nCOMMIT\n";
  const std::string filter = filter_table(
      "-A FORWARD -m mark ! --mark 0x0 -j DROP\n"
      "-A FORWARD -j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xf\n"
      "-A FORWARD -m mark --mark 0x2 -j REJECT");
  const PacketOutcome outcome = at(mangle + filter, Hook::kForward);
  EXPECT_EQ(outcome.kind, Kind::kRejected);
}

TEST(Evaluate, SettingAMarkClearsTheMaskAndFlipsTheValue) {
  Packet packet = tcp_packet();
  packet.mark = 0xff00;
  const auto mark_after = [&](const std::string& options) {
    return at("*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j MARK " + options + "\nCOMMIT\n",
              Hook::kForward, packet)
        .packets.at(0)
        .mark;
  };
  EXPECT_EQ(mark_after("--set-xmark 0x1/0xff"), 0xff01U);
  EXPECT_EQ(mark_after("--set-xmark 0xff00/0x0"), 0U);
  EXPECT_EQ(mark_after("--and-mark 0xf000"), 0xf000U);
  EXPECT_EQ(mark_after("--or-mark 0x1"), 0xff01U);
}

TEST(Evaluate, BeforeConnectionTrackingThereIsNoConnection) {
  const std::string raw = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  const auto kind = [&](const std::string& rules) {
    return at(raw + rules + "COMMIT\n", Hook::kPrerouting).kind;
  };
  EXPECT_EQ(kind("-A PREROUTING -m conntrack --ctstate NEW -j DROP\n"), Kind::kAccepted);
  EXPECT_EQ(kind("-A PREROUTING -m conntrack --ctstate INVALID -j DROP\n"), Kind::kDropped);
  EXPECT_EQ(kind("-A PREROUTING -m conntrack ! --ctorigdst 1.2.3.4 -j DROP\n"), Kind::kAccepted);
  EXPECT_EQ(kind("-A PREROUTING -j CT --notrack\n"
                 "-A PREROUTING -m conntrack --ctstate UNTRACKED -j DROP\n"),
            Kind::kDropped);
  EXPECT_EQ(at(raw + "COMMIT\n", Hook::kPrerouting).packets.at(0).state, OnState::kNew);
}

TEST(Evaluate, UntrackedPacketsSkipNat) {
  const std::string text = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j NOTRACK\nCOMMIT\n" +
                           nat_table("-A PREROUTING -j DNAT --to-destination 10.0.9.9");
  const Packet packet = at(text, Hook::kPrerouting).packets.at(0);
  EXPECT_EQ(packet.destination, ip("10.0.0.2"));
  EXPECT_EQ(packet.state, OnState::kUntracked);
}

// ---- Docker's own rules, as its engines wrote them ----

class Docker : public testing::TestWithParam<const char*> {
 protected:
  Program program() const {
    return program_of(sample_text("docker-" + std::string(GetParam()) + ".iptables"));
  }
  // What becomes of a connection from dev (10.81.1.2) on FORWARD.
  Kind from_dev(const char* to, std::uint16_t port, const char* out) const {
    Packet packet = tcp_packet();
    packet.in_interface = "br-dev";
    packet.out_interface = out;
    packet.source = ip("10.81.1.2");
    packet.destination = ip(to);
    packet.destination_port = Port{port};
    return evaluate(program(), Hook::kForward, packet).kind;
  }
};

TEST_P(Docker, NetworksAreIsolated) {
  EXPECT_EQ(from_dev("10.81.2.2", 5432, "br-prod"), Kind::kDropped);
  EXPECT_EQ(from_dev("10.81.2.2", 81, "br-prod"), Kind::kDropped);
  EXPECT_EQ(from_dev("10.81.3.9", 80, "br-inner"), Kind::kDropped);
  EXPECT_EQ(from_dev("10.81.1.9", 80, "br-dev"), Kind::kAccepted);
  EXPECT_EQ(from_dev("203.0.113.1", 80, "eth0"), Kind::kAccepted);
}

TEST_P(Docker, PublishedPortsAreOpenFromOutside) {
  Packet packet = tcp_packet();
  packet.source = ip("203.0.113.1");
  packet.destination = ip("192.0.2.1");
  packet.destination_port = Port{5433};
  packet.out_interface.clear();
  const PacketOutcome arrived = evaluate(program(), Hook::kPrerouting, packet, surroundings());
  ASSERT_EQ(arrived.kind, Kind::kAccepted);
  Packet routed = arrived.packets.at(0);
  EXPECT_EQ(routed.destination, ip("10.81.2.2"));
  EXPECT_EQ(routed.destination_port, Port{5432});
  routed.out_interface = "br-prod";
  EXPECT_EQ(evaluate(program(), Hook::kForward, routed).kind, Kind::kAccepted);
}

// A container's own bridge skips DNAT: the connection reaches the userland proxy on the host.
TEST_P(Docker, PublishedPortsAreNotTranslatedForContainers) {
  Packet packet = tcp_packet();
  packet.in_interface = "br-dev";
  packet.out_interface.clear();
  packet.source = ip("10.81.1.2");
  packet.destination = ip("192.0.2.1");
  packet.destination_port = Port{5433};
  const PacketOutcome arrived = evaluate(program(), Hook::kPrerouting, packet, surroundings());
  EXPECT_EQ(arrived.packets.at(0).destination, ip("192.0.2.1"));
  EXPECT_EQ(evaluate(program(), Hook::kInput, packet, surroundings()).kind, Kind::kAccepted);
}

TEST_P(Docker, DirectRoutingIsStoppedInRawSinceVersion28) {
  Packet packet = tcp_packet();
  packet.source = ip("203.0.113.1");
  packet.destination = ip("10.81.2.2");
  packet.out_interface.clear();
  const bool in_raw = std::string_view(GetParam()).starts_with("28");
  EXPECT_EQ(evaluate(program(), Hook::kPrerouting, packet, surroundings()).kind,
            in_raw ? Kind::kDropped : Kind::kAccepted);
}

INSTANTIATE_TEST_SUITE_P(Versions, Docker, testing::Values("20.10", "26.1", "28.5", "28.5-swarm"));

}  // namespace
}  // namespace firebreak
