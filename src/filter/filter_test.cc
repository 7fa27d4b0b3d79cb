#include "filter/filter.h"

#include <gmock/gmock.h>

#include "packet/space.h"
#include "rules/testing.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

PacketSet to_port(std::uint16_t port) {
  return PacketSet::of(Family::kV4) & PacketSet::protocol(6) &
         PacketSet::destination_port({Port{port}, Port{port}});
}
AddressRange only(const char* address) { return {ip(address), ip(address)}; }

FilterSurroundings own_addresses() {
  FilterSurroundings out;
  out.addresses_of = [](OnAddressType::Bit bit, std::string_view /*interface*/) {
    if (bit != OnAddressType::kLocal) return std::vector<AddressRange>();
    return std::vector{only("192.0.2.1"), only("10.0.0.1")};
  };
  out.address_of = [](std::string_view interface) {
    return interface == "eth0" ? std::optional(ip("192.0.2.1")) : std::nullopt;
  };
  return out;
}

// Clean packets of the family that open connections.
PacketSet sent() {
  return PacketSet::of(Family::kV4) & PacketSet::mark(0) & PacketSet::connection_mark(0) &
         PacketSet::flag(PacketField::kDestinationRewritten, false) &
         PacketSet::flag(PacketField::kSourceRewritten, false) &
         PacketSet::flag(PacketField::kUntracked, false);
}

class FilterTest : public testing::Test {
 protected:
  static HookResult run(std::string_view text, Hook hook, const PacketSet& packets = sent(),
                        const HookPlace& place = {.in = "eth0", .out = "eth1"}) {
    Filter filter(program_of(text), own_addresses());
    return filter.run(hook, place, packets);
  }
  static HookResult forward(std::string_view lines, const PacketSet& packets = sent()) {
    return run(filter_table(lines), Hook::kForward, packets);
  }
  static HookResult nat(std::string_view lines, Hook hook, const PacketSet& packets = sent()) {
    return run(nat_table(lines), hook, packets);
  }
  // The one branch of a result that has only that.
  static HookBranch alone(const HookResult& result) {
    EXPECT_THAT(result.accepted, SizeIs(1));
    EXPECT_TRUE(result.dropped.empty());
    EXPECT_TRUE(result.lost.empty());
    return result.accepted.empty() ? HookBranch() : result.accepted[0];
  }

  PacketSpace space_;
};

TEST_F(FilterTest, NothingComesOutOfNothing) {
  const HookResult result = forward("-A FORWARD -j DROP", PacketSet::none());
  EXPECT_THAT(result.accepted, IsEmpty());
  EXPECT_TRUE(result.dropped.empty());
}

TEST_F(FilterTest, AnEmptyProgramAcceptsAllAsItIs) {
  Filter filter(Program{}, {});
  const HookBranch branch = alone(filter.run(Hook::kForward, {}, sent()));
  EXPECT_EQ(branch.before, sent());
  EXPECT_EQ(branch.after, sent());
  EXPECT_TRUE(branch.sure);
  EXPECT_THAT(branch.rewritten, IsEmpty());
}

TEST_F(FilterTest, TheFirstRuleThatAPacketMeetsDecides) {
  const HookResult result = forward(
      "-A FORWARD -p tcp -m tcp --dport 80 -j DROP\n-A FORWARD -p tcp -m tcp --dport 80:81 "
      "-j ACCEPT\n-A FORWARD -j REJECT");
  ASSERT_THAT(result.accepted, SizeIs(1));
  EXPECT_EQ(result.accepted[0].before, sent() & to_port(81));
  EXPECT_EQ(result.dropped, sent() - to_port(81));
}

TEST_F(FilterTest, InterfacesArePlaces) {
  const char* const rules = "-A FORWARD -i eth0 -o eth1 -j DROP";
  EXPECT_EQ(forward(rules).dropped, sent());
  Filter filter(program_of(filter_table(rules)), {});
  EXPECT_TRUE(filter.run(Hook::kForward, {.in = "eth1", .out = "eth0"}, sent()).dropped.empty());
  // And back where it was before.
  EXPECT_EQ(filter.run(Hook::kForward, {.in = "eth0", .out = "eth1"}, sent()).dropped, sent());
}

TEST_F(FilterTest, ChainsReturnAndGotosDoNot) {
  const std::string chains = ":A - [0:0]\n:B - [0:0]\n";
  const std::string tail = "-A A -p tcp -m tcp --dport 80 -j RETURN\n-A A -j DROP\n";
  EXPECT_EQ(forward(chains + "-A FORWARD -j A\n" + tail).dropped, sent() - to_port(80));
  EXPECT_EQ(forward(chains + "-A FORWARD -j A\n-A FORWARD -j DROP\n" + tail).dropped, sent());
  EXPECT_EQ(forward(chains + "-A FORWARD -g A\n-A FORWARD -j DROP\n" + tail).dropped,
            sent() - to_port(80));
  EXPECT_TRUE(forward(chains + "-A FORWARD -j A\n-A A -g B\n-A A -j DROP").dropped.empty());
}

TEST_F(FilterTest, AnAcceptEndsOneBaseChain) {
  const std::string mangle = "*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j ACCEPT\nCOMMIT\n";
  EXPECT_EQ(run(mangle + filter_table("-A FORWARD -j DROP"), Hook::kForward).dropped, sent());
}

TEST_F(FilterTest, RepliesMeetTheStateOfTheirConnection) {
  const char* const rules =
      "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
      "-A FORWARD -j DROP";
  Filter filter(program_of(filter_table(rules)), {});
  HookPlace place{.in = "eth0", .out = "eth1"};
  EXPECT_EQ(filter.run(Hook::kForward, place, sent()).dropped, sent());
  place.state = OnState::kEstablished;
  EXPECT_EQ(alone(filter.run(Hook::kForward, place, sent())).before, sent());
}

// ---- NAT ----

TEST_F(FilterTest, DnatReplacesAddressAndPort) {
  const HookResult result =
      nat("-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80",
          Hook::kPrerouting);
  ASSERT_THAT(result.accepted, SizeIs(2));
  EXPECT_EQ(result.accepted[0].before, sent() - to_port(8080));
  const HookBranch& branch = result.accepted[1];
  EXPECT_EQ(branch.before, sent() & to_port(8080));
  EXPECT_EQ(branch.after, (sent() & to_port(80) & PacketSet::destination(only("10.0.0.2")))
                              .with_flag(PacketField::kDestinationRewritten, true));
  EXPECT_THAT(branch.rewritten,
              ElementsAre(PacketField::kDestination, PacketField::kDestinationPort,
                          PacketField::kDestinationRewritten));
  EXPECT_EQ(branch.to, only("10.0.0.2"));
  EXPECT_TRUE(branch.sure);
}

TEST_F(FilterTest, ARangeIsTheKernelsChoice) {
  const HookResult result =
      nat("-A PREROUTING -d 192.0.2.1 -j DNAT --to-destination 10.0.0.2-10.0.0.3",
          Hook::kPrerouting, sent() & PacketSet::destination(only("192.0.2.1")));
  const HookBranch branch = alone(result);
  EXPECT_EQ(branch.to, (AddressRange{ip("10.0.0.2"), ip("10.0.0.3")}));
  EXPECT_EQ(branch.after.destinations(), std::vector{*branch.to});
  EXPECT_TRUE(branch.sure);
}

TEST_F(FilterTest, NatIsForPacketsThatOpenConnections) {
  const char* const rules = "-A PREROUTING -j DNAT --to-destination 10.0.0.2";
  Filter filter(program_of(nat_table(rules)), {});
  HookPlace place{.in = "eth0"};
  place.state = OnState::kEstablished;
  EXPECT_THAT(alone(filter.run(Hook::kPrerouting, place, sent())).rewritten, IsEmpty());
  place.state = OnState::kNew;
  const PacketSet untracked = sent().with_flag(PacketField::kUntracked, true);
  EXPECT_THAT(alone(filter.run(Hook::kPrerouting, place, untracked)).rewritten, IsEmpty());
}

TEST_F(FilterTest, RedirectAndMasqueradeTakeTheInterfacesAddress) {
  const HookBranch redirected = alone(nat("-A PREROUTING -j REDIRECT", Hook::kPrerouting,
                                          sent() - PacketSet::destination(only("192.0.2.1"))));
  EXPECT_EQ(redirected.to, only("192.0.2.1"));
  // To the one it has already: as it was.
  const PacketSet there = sent() & PacketSet::destination(only("192.0.2.1"));
  EXPECT_EQ(alone(nat("-A PREROUTING -j REDIRECT", Hook::kPrerouting, there)).after, there);
  EXPECT_EQ(alone(nat("-A OUTPUT -j REDIRECT", Hook::kOutput, there)).to, only("127.0.0.1"));
  // eth1 has none.
  EXPECT_EQ(nat("-A POSTROUTING -j MASQUERADE", Hook::kPostrouting).dropped, sent());
  const HookResult masqueraded =
      run(nat_table("-A POSTROUTING -j MASQUERADE"), Hook::kPostrouting,
          sent() & PacketSet::source(only("10.0.0.2")), {.in = "eth1", .out = "eth0"});
  EXPECT_EQ(alone(masqueraded).after.sources(), std::vector{only("192.0.2.1")});
}

TEST_F(FilterTest, WithoutKnownAddressesPacketsAreLost) {
  Filter filter(program_of(nat_table("-A POSTROUTING -p tcp -j MASQUERADE")), {});
  const HookResult result = filter.run(Hook::kPostrouting, {.out = "eth0"}, sent());
  EXPECT_EQ(result.lost, sent() & PacketSet::protocol(6));
  EXPECT_EQ(result.unknown, (std::vector{Step{ChainId(3), 0}}));
}

TEST_F(FilterTest, ARuleBehindSeesWhatWasRewritten) {
  const std::string rules =
      nat_table("-A OUTPUT -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80") +
      "*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp -m tcp --dport 80 -j DROP\n"
      "-A OUTPUT -m conntrack --ctstate DNAT -j DROP\nCOMMIT\n";
  EXPECT_EQ(run(rules, Hook::kOutput).dropped, sent() & (to_port(80) | to_port(8080)));
}

TEST_F(FilterTest, WhereAConnectionWentIsNotKnownOnceItIsRewritten) {
  const char* const rules = "-A FORWARD -m conntrack --ctorigdst 192.0.2.1 -j DROP";
  const PacketSet there = sent() & PacketSet::destination(only("192.0.2.1"));
  EXPECT_EQ(forward(rules).dropped, there);
  const PacketSet moved = sent().with_flag(PacketField::kDestinationRewritten, true);
  EXPECT_FALSE(alone(forward(rules, moved)).sure);
}

// ---- what goes on ----

TEST_F(FilterTest, MarksAreWrittenAndAsked) {
  const HookResult result = forward(
      "-A FORWARD -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x2/0x2\n"
      "-A FORWARD -m mark --mark 0x3 -j DROP",
      sent().forget(PacketField::kMark) & PacketSet::mark(0, ~1U));
  const PacketSet marked = sent().with_mark(1) & to_port(80);
  EXPECT_EQ(result.dropped, marked);
  ASSERT_THAT(result.accepted, SizeIs(2));
  EXPECT_THAT(result.accepted[1].rewritten, ElementsAre(PacketField::kMark));
  EXPECT_EQ(result.accepted[1].after, sent().with_mark(2) & to_port(80));
}

TEST_F(FilterTest, MarksAreSavedToTheConnection) {
  const HookResult result = forward("-A FORWARD -j CONNMARK --save-mark", sent().with_mark(7));
  EXPECT_EQ(alone(result).after, sent().with_mark(7).with_connection_mark(7));
  EXPECT_THAT(alone(result).rewritten, ElementsAre(PacketField::kConnectionMark));
}

TEST_F(FilterTest, AMarkOfTooManyIsLost) {
  const HookResult result =
      forward("-A FORWARD -j MARK --set-xmark 0x1/0x1", sent().forget(PacketField::kMark));
  EXPECT_FALSE(result.lost.empty());
  EXPECT_EQ(result.unknown, (std::vector{Step{ChainId(1), 0}}));
}

TEST_F(FilterTest, NotrackTakesPacketsAwayFromNat) {
  const std::string rules =
      "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j CT --notrack\nCOMMIT\n" +
      nat_table("-A PREROUTING -j DNAT --to-destination 10.0.0.2");
  const HookResult result = run(rules, Hook::kPrerouting, sent() & PacketSet::protocol(6));
  EXPECT_THAT(alone(result).rewritten, ElementsAre(PacketField::kUntracked));
}

// ---- what is not known ----

TEST_F(FilterTest, WhatIsNotKnownCountsWhereItMatters) {
  const std::string maybe = "-A FORWARD -m recent --rcheck --name x ";
  EXPECT_FALSE(alone(forward(maybe + "-j DROP")).sure);
  EXPECT_EQ(forward(maybe + "-j DROP").unknown, (std::vector{Step{ChainId(1), 0}}));
  EXPECT_TRUE(alone(forward(maybe + "-j ACCEPT")).sure);
  EXPECT_THAT(forward(maybe + "-j ACCEPT").unknown, IsEmpty());
  EXPECT_EQ(forward(maybe + "-j DROP\n-A FORWARD -j DROP").dropped, sent());
  const HookResult some = forward(maybe + "-p tcp -j DROP\n");
  ASSERT_THAT(some.accepted, SizeIs(2));
  EXPECT_EQ(some.accepted[0].before, sent() - PacketSet::protocol(6));
  EXPECT_TRUE(some.accepted[0].sure);
  EXPECT_EQ(some.accepted[1].before, sent() & PacketSet::protocol(6));
  EXPECT_FALSE(some.accepted[1].sure);
}

TEST_F(FilterTest, AnActionThatIsNotUnderstoodLosesPackets) {
  const HookResult result =
      forward("-A FORWARD -p tcp -j NFQUEUE --queue-num 1\n-A FORWARD -j DROP");
  EXPECT_EQ(result.lost, sent() & PacketSet::protocol(6));
  EXPECT_EQ(result.dropped, sent() - PacketSet::protocol(6));
}

TEST_F(FilterTest, AFilterIsIdleThatCanOnlyAccept) {
  const Filter filter(
      program_of(filter_table(":A - [0:0]\n:B - [0:0]\n-A FORWARD -j A\n-A A -j LOG\n"
                              "-A A -j ACCEPT\n-A OUTPUT -j B\n-A B -j DROP")),
      {});
  EXPECT_TRUE(filter.idle(Hook::kForward));
  EXPECT_TRUE(filter.idle(Hook::kPrerouting));
  EXPECT_FALSE(filter.idle(Hook::kOutput));
  const Filter drops(program_of("*filter\n:INPUT DROP [0:0]\nCOMMIT\n"), {});
  EXPECT_FALSE(drops.idle(Hook::kInput));
}

// Many NAT rules are joined; what they leave to each other must stay the same.
TEST_F(FilterTest, OfNatRulesThatOverlapTheFirstDecides) {
  std::string lines;
  for (int i = 0; i < 40; ++i) {
    lines += "-A PREROUTING -p tcp -m tcp --dport " + std::to_string(i) + ":" +
             std::to_string(2 * i) + " -j DNAT --to-destination 10.0.0." + std::to_string(i) + "\n";
  }
  const HookResult result = nat(lines, Hook::kPrerouting);
  EXPECT_TRUE(result.unknown.empty());
  for (std::uint16_t port = 0; port < 90; ++port) {
    SCOPED_TRACE(port);
    const int first = port > 78 ? -1 : (port + 1) / 2;
    int found = 0;
    for (const HookBranch& branch : result.accepted) {
      if (!branch.before.overlaps(to_port(port)) || !branch.to) continue;
      EXPECT_EQ(branch.to->first, IpAddress::v4(0x0A000000U + static_cast<unsigned>(first)));
      ++found;
    }
    EXPECT_EQ(found, first < 0 ? 0 : 1);
  }
}

}  // namespace
}  // namespace firebreak
