#include "rules/nft_writer.h"

#include "rules/nft_testing.h"

namespace firebreak {
namespace {

using Outcome = PacketOutcome::Kind;

constexpr std::string_view kMarkIs1 =
    R"({"match": {"op": "==", "left": {"meta": {"key": "mark"}}, "right": 1}})";
constexpr std::string_view kMarkIs2 =
    R"({"match": {"op": "==", "left": {"meta": {"key": "mark"}}, "right": 2}})";
constexpr std::string_view kPortKey = R"({"payload": {"protocol": "tcp", "field": "dport"}})";
constexpr std::string_view kMarkKey = R"({"meta": {"key": "mark"}})";

std::string set_mark_text(std::string_view value, std::string_view key = kMarkKey) {
  return fmt::format(R"({{"mangle": {{"key": {}, "value": {}}}}})", key, value);
}
std::string vmap_text(std::string_view key, std::string_view elements) {
  return fmt::format(R"({{"vmap": {{"key": {}, "data": {{"set": [{}]}}}}}})", key, elements);
}

// What becomes of a packet with that mark and port: rules of the base chain and of "a" and "b".
PacketOutcome outcome_of(std::string_view rules, std::uint32_t mark = 0, std::uint16_t port = 80) {
  Packet packet = tcp_packet();
  packet.mark = mark;
  packet.destination_port = Port{port};
  return evaluate(nft_program(nft_objects(rules)), Hook::kForward, packet);
}
std::uint32_t mark_after(std::string_view rules, std::uint32_t mark) {
  const PacketOutcome outcome = outcome_of(rules, mark);
  EXPECT_EQ(outcome.packets.size(), 1U);
  return outcome.packets.empty() ? 0xDEAD : outcome.packets[0].mark;
}

TEST(NftWriter, VerdictsAndTexts) {
  const std::vector<Rule> rules = nft_rules(
      R"({"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "br-a"}},)"
      R"({"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}},)"
      R"("right": 80}}, {"counter": {"packets": 1, "bytes": 2}}, {"log": {"prefix": "secret"}},)"
      R"({"accept": null})");
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].action, Action(Verdict::kAccept));
  EXPECT_EQ(rules[0].text, R"(iifname "br-a" tcp dport 80 counter log accept)");
  EXPECT_EQ(rules[0].line, 0);
  EXPECT_EQ(nft_rules(R"({"return": null})").at(0).action, Action(Verdict::kReturn));
  EXPECT_TRUE(nft_rules(R"({"continue": null})").empty());
  EXPECT_TRUE(nft_rules(R"({"counter": null})").empty());
}

TEST(NftWriter, Rejects) {
  const std::string icmp = R"({"reject": {"type": "icmp", "expr": "host-unreachable"}})";
  EXPECT_EQ(nft_rules(icmp).at(0).action, Action(Verdict::kReject));
  EXPECT_TRUE(nft_rules(icmp, Family::kV6).empty()) << "the kernel checks the family first";
  EXPECT_EQ(nft_rules(R"({"reject": {"type": "tcp reset"}})").at(0).conditions,
            (std::vector<Condition>{{OnProtocol{{6}}, false}}));
}

TEST(NftWriter, BoundsHoldForALoneConnection) {
  const auto idle = [](std::string_view statement) {
    const auto rules = nft_rules(
        std::string(statement) + R"(, {"drop": null})", Family::kV4,
        R"({"limit": {"family": "inet", "table": "t", "name": "l", "rate": 5, "inv": true}})");
    return rules.at(0).conditions.at(0).what;
  };
  EXPECT_EQ(idle(R"({"limit": {"rate": 5, "per": "second"}})"),
            decltype(Condition::what)(OnRate{true}));
  EXPECT_EQ(idle(R"({"limit": {"rate": 5, "per": "second", "inv": true}})"),
            decltype(Condition::what)(OnRate{false}));
  EXPECT_EQ(idle(R"({"limit": "l"})"), decltype(Condition::what)(OnRate{false}));
  EXPECT_EQ(idle(R"({"ct count": {"val": 5, "inv": true}})"),
            decltype(Condition::what)(OnRate{false}));
  EXPECT_EQ(idle(R"({"ct count": {"val": 0, "inv": true}})"),
            decltype(Condition::what)(OnRate{true}));
  EXPECT_TRUE(std::holds_alternative<NotUnderstood>(
      idle(R"({"quota": {"val": 25, "val_unit": "mbytes"}})")));
}

TEST(NftWriter, WhatIsNotUnderstoodLosesThePacket) {
  for (const std::string statement :
       {R"({"queue":{"num":1}})", R"({"xt":null})", R"({"xt":{"type":"target","name":"TEE"}})",
        R"({"tproxy":{"port":80}})", R"({"dup":{"addr":"10.0.0.1"}})", R"({"hyperdrive":null})",
        R"({"mangle":{"key":{"payload":{"protocol":"ip","field":"daddr"}},"value":"1.1.1.1"}})",
        R"({"mangle":{"key":{"ct":{"key":"zone"}},"value":1}})"}) {
    const std::vector<Rule> rules = nft_rules(statement + R"(, {"accept": null})");
    ASSERT_EQ(rules.size(), 1U) << statement;
    EXPECT_EQ(rules[0].action, Action(NotUnderstood{statement}));
  }
  const std::string xt = R"({"xt":{"type":"match","name":"policy"}})";
  EXPECT_EQ(nft_rules(xt + R"(, {"drop": null})").at(0).conditions,
            (std::vector<Condition>{{NotUnderstood{xt}, false}}));
}

TEST(NftWriter, MarksAreSetAsTheKernelDoes) {
  const auto set = [](std::string_view value) { return nft_rule(set_mark_text(value)); };
  EXPECT_EQ(mark_after(set("5"), 0xF0), 5U);
  EXPECT_EQ(mark_after(set(R"({"&": [{"meta": {"key": "mark"}}, 48]})"), 0xF0), 0x30U);
  EXPECT_EQ(mark_after(set(R"({"|": [{"meta": {"key": "mark"}}, 15]})"), 0xF0), 0xFFU);
  EXPECT_EQ(mark_after(set(R"({"^": [{"meta": {"key": "mark"}}, 255]})"), 0xF0), 0x0FU);
  EXPECT_EQ(mark_after(set(R"({"|": [{"&": [{"meta": {"key": "mark"}}, 4294967040]}, 5]})"), 0x1F3),
            0x105U);
  EXPECT_EQ(mark_after(set(R"({"|": [{"&": [{"ct": {"key": "mark"}}, 1]}, 4]})"), 9), 4U);
  EXPECT_EQ(mark_after(set(R"({"map": {"key": {"payload": {"protocol": "ip", "field": "saddr"}},)"
                           R"("data": {"set": [["10.0.0.1", 7], ["*", 8]]}}})"),
                       1),
            7U);
  EXPECT_EQ(outcome_of(set(R"({"<<": [{"meta": {"key": "mark"}}, 1]})")).kind, Outcome::kUnknown);
}

TEST(NftWriter, AChangeDoesNotUndoTheConditionsBeforeIt) {
  const std::string rule = std::string(kMarkIs1) + "," + set_mark_text("2") + "," +
                           set_mark_text("7", R"({"ct": {"key": "mark"}})");
  const PacketOutcome outcome =
      outcome_of(nft_rule(rule + R"(, {"accept": null})") + "," + nft_rule(R"({"drop": null})"), 1);
  ASSERT_EQ(outcome.kind, Outcome::kAccepted);
  EXPECT_EQ(outcome.packets.at(0).mark, 2U);
  EXPECT_EQ(outcome.packets.at(0).connection_mark, 7U);
  EXPECT_EQ(outcome_of(nft_rule(rule) + "," + nft_rule(R"({"drop": null})"), 1).kind,
            Outcome::kDropped)
      << "and then the next rule";
}

TEST(NftWriter, LeavingAfterAChangeLeavesTheChain) {
  const std::string change = std::string(kMarkIs1) + "," + set_mark_text("2");
  const std::string drop = nft_rule(R"({"drop": null})", "a");
  const std::string jump = nft_rule(R"({"jump": {"target": "a"}})") + ",";
  EXPECT_EQ(outcome_of(jump + nft_rule(change + R"(, {"return": null})", "a") + "," + drop, 1).kind,
            Outcome::kAccepted);
  EXPECT_EQ(
      outcome_of(jump + nft_rule(change + R"(, {"goto": {"target": "b"}})", "a") + "," + drop, 1)
          .kind,
      Outcome::kAccepted);
  EXPECT_EQ(
      outcome_of(jump +
                     nft_rule(change + "," + std::string(kMarkIs2) + R"(, {"return": null})", "a") +
                     "," + drop,
                 1)
          .kind,
      Outcome::kUnknown)
      << "whether it leaves hangs on what was changed";
}

TEST(NftWriter, TheElementsOfAVerdictMapAreDisjoint) {
  const std::string map = vmap_text(
      kPortKey, R"([80, {"jump": {"target": "a"}}], [{"range": [81, 90]}, {"drop": null}],)"
                R"([443, {"continue": null}], ["*", {"goto": {"target": "b"}}])");
  const std::string rest = "," + nft_rule(R"({"drop": null})", "b");
  const auto kind = [&](std::uint16_t port) {
    return outcome_of(nft_rule(map + R"(, {"reject": null})") + rest, 0, port).kind;
  };
  EXPECT_EQ(kind(80), Outcome::kAccepted) << "back from the chain, with the next rule";
  EXPECT_EQ(kind(85), Outcome::kDropped);
  EXPECT_EQ(kind(443), Outcome::kRejected) << "with the rest of the rule";
  EXPECT_EQ(kind(22), Outcome::kDropped) << "all others";
}

TEST(NftWriter, AVerdictMapIsLookedUpOnce) {
  const std::string map =
      vmap_text(kMarkKey, R"([1, {"jump": {"target": "a"}}], [2, {"jump": {"target": "b"}}],)"
                          R"([3, {"continue": null}])");
  const std::string rules = nft_rule(map + R"(, {"drop": null})") + "," +
                            nft_rule(set_mark_text("2"), "a") + "," +
                            nft_rule(set_mark_text("3"), "b");
  EXPECT_EQ(mark_after(rules, 1), 2U) << "changed by one chain, and not sent to the other";
  EXPECT_EQ(mark_after(rules, 2), 3U);
  EXPECT_EQ(outcome_of(rules, 3).kind, Outcome::kDropped);
}

TEST(NftWriter, AMapThatChangesIsNotKnown) {
  const std::string map =
      R"({"map": {"family": "inet", "table": "t", "name": "m", "map": "verdict",)"
      R"("flags": ["timeout"], "elem": [[80, {"accept": null}]]}})";
  const std::string rule =
      nft_rule(fmt::format(R"({{"vmap": {{"key": {}, "data": "@m"}}}})", kPortKey));
  EXPECT_EQ(outcome_of(map + "," + rule).kind, Outcome::kUnknown);
}

// The action that a statement becomes in a chain of nat.
std::vector<Action> nat_actions(std::string_view statement, Family family = Family::kV4) {
  std::vector<Action> out;
  for (const Rule& rule : nft_rules(statement, family)) out.push_back(rule.action);
  return out;
}

TEST(NftWriter, Translations) {
  const AddressRange one{ip("10.0.0.1"), ip("10.0.0.1")};
  const AddressRange some{ip("10.0.0.1"), ip("10.0.0.9")};
  const PortRange port{Port{8080}, Port{8080}};
  const std::string dnat = R"({"dnat": {"family": "ip", "addr": "10.0.0.1", "port": 8080}})";
  EXPECT_EQ(nat_actions(dnat), std::vector<Action>{(Dnat{false, one, port})});
  EXPECT_TRUE(nat_actions(dnat, Family::kV6).empty());
  EXPECT_EQ(nat_actions(R"({"snat": {"addr": {"range": ["10.0.0.1", "10.0.0.9"]},)"
                        R"("flags": ["random", "persistent"]}})"),
            std::vector<Action>{(Snat{false, some, {}})});
  EXPECT_EQ(nat_actions(R"({"masquerade": null})"), std::vector<Action>{(Snat{true, {}, {}})});
  EXPECT_EQ(nat_actions(R"({"redirect": {"port": 8080}})"),
            std::vector<Action>{(Dnat{true, {}, port})});
  EXPECT_TRUE(std::holds_alternative<NotUnderstood>(
      nat_actions(R"({"dnat": {"addr": "10.0.0.1", "flags": "netmap"}})").at(0)));
}

TEST(NftWriter, TranslationsByMaps) {
  const AddressRange one{ip("10.0.0.1"), ip("10.0.0.1")};
  const auto rules = nft_rules(
      fmt::format(R"({{"dnat": {{"family": "ip", "addr": {{"map": {{"key": {}, "data": {{"set":)"
                  R"([[80, {{"concat": ["10.0.0.1", 8080]}}], [81, "10.0.0.1"]]}}}}}}}}}})",
                  kPortKey));
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].action, Action(Dnat{false, one, PortRange{Port{8080}, Port{8080}}}));
  EXPECT_EQ(rules[1].action, Action(Dnat{false, one, {}}));
  EXPECT_EQ(rules[1].conditions,
            (std::vector<Condition>{
                {OnProtocol{{6}}, false},
                {OnPort{OnPort::Which::kDestination, {{Port{81}, Port{81}}}}, false}}));
}

}  // namespace
}  // namespace firebreak
