#include "rules/nft_match.h"

#include "rules/nft_testing.h"

namespace firebreak {
namespace {

constexpr std::string_view kIn = R"({"meta": {"key": "iifname"}})";
constexpr std::string_view kMark = R"({"meta": {"key": "mark"}})";
constexpr std::string_view kState = R"({"ct": {"key": "state"}})";
constexpr std::string_view kFlags = R"({"payload": {"protocol": "tcp", "field": "flags"}})";
constexpr std::string_view kPort = R"({"payload": {"protocol": "tcp", "field": "dport"}})";
constexpr std::string_view kSource = R"({"payload": {"protocol": "ip", "field": "saddr"}})";
constexpr std::string_view kIcmp = R"({"payload": {"protocol": "icmp", "field": "type"}})";
constexpr std::string_view kAccept = R"({"accept": null})";

// The conditions of each rule that `left op right accept` becomes.
NftWays ways_of(std::string_view left, std::string_view op, std::string_view right,
                Family family = Family::kV4, std::string_view more = "") {
  const std::string rule = nft_match_text(left, op, right) + "," + std::string(kAccept);
  NftWays out;
  for (const Rule& each : nft_rules(rule, family, more)) {
    EXPECT_EQ(each.action, Action(Verdict::kAccept));
    out.push_back(each.conditions);
  }
  return out;
}

template <class What>
std::vector<Condition> just(What what, bool negated = false) {
  return {Condition{std::move(what), negated}};
}
template <class What>
std::vector<Condition> of_tcp(What what, bool negated = false) {
  return {Condition{OnProtocol{{6}}, false}, Condition{std::move(what), negated}};
}
bool doubtful(const NftWays& ways) {
  return ways.size() == 1 && std::holds_alternative<NotUnderstood>(ways[0].back().what);
}

TEST(NftMatch, Interfaces) {
  const auto side = OnInterface::Side::kIn;
  EXPECT_EQ(ways_of(kIn, "==", R"("eth0")"), NftWays{just(OnInterface{side, {{"eth0", false}}})});
  EXPECT_EQ(ways_of(kIn, "!=", R"("br-*")"),
            NftWays{just(OnInterface{side, {{"br-", true}}}, true)});
  EXPECT_EQ(ways_of(kIn, "==", R"("a\\*")"), NftWays{just(OnInterface{side, {{"a*", false}}})});
  EXPECT_EQ(
      ways_of(R"({"meta": {"key": "oif"}})", "!=", R"({"set": ["a", "b"]})"),
      NftWays{just(OnInterface{OnInterface::Side::kOut, {{"a", false}, {"b", false}}}, true)});
  EXPECT_TRUE(doubtful(ways_of(R"({"meta": {"key": "iif"}})", "==", R"("777")")))
      << "an interface that has gone";
}

TEST(NftMatch, Addresses) {
  const AddressRange net{ip("10.0.0.0"), ip("10.255.255.255")};
  const AddressRange some{ip("10.0.0.1"), ip("10.0.0.9")};
  const std::string prefix = R"({"prefix": {"addr": "10.0.0.0", "len": 8}})";
  const std::string range = R"({"range": ["10.0.0.1", "10.0.0.9"]})";
  EXPECT_EQ(ways_of(kSource, "!=", prefix), NftWays{just(OnAddress{End::kSource, {net}}, true)});
  EXPECT_EQ(ways_of(kSource, "==", fmt::format(R"({{"set": [{}, {}]}})", prefix, range)),
            (NftWays{just(OnAddress{End::kSource, {net, some}})}));
  const std::string masked = fmt::format(R"({{"&": [{}, "255.0.0.0"]}})", kSource);
  EXPECT_EQ(ways_of(masked, "==", R"("10.0.0.0")"), NftWays{just(OnAddress{End::kSource, {net}})});
  EXPECT_EQ(ways_of(masked, "!=", R"("10.0.0.1")"),
            NftWays{just(OnAddress{End::kSource, {}}, true)})
      << "a value beside the mask never matches";
  EXPECT_EQ(ways_of(kSource, "!=", prefix, Family::kV6), NftWays{}) << "IPv6 has no such header";
  EXPECT_TRUE(doubtful(ways_of(kSource, ">", R"("10.0.0.1")")));
}

TEST(NftMatch, Ports) {
  const auto ports = [](std::uint16_t first, std::uint16_t last) {
    return OnPort{OnPort::Which::kDestination, {{Port{first}, Port{last}}}};
  };
  EXPECT_EQ(ways_of(kPort, "==", "80"), NftWays{of_tcp(ports(80, 80))});
  EXPECT_EQ(ways_of(kPort, "!=", "80"), NftWays{of_tcp(ports(80, 80), true)});
  EXPECT_EQ(ways_of(kPort, "==", R"({"range": [80, 90]})"), NftWays{of_tcp(ports(80, 90))});
  EXPECT_EQ(ways_of(kPort, "<", "80"), NftWays{of_tcp(ports(0, 79))});
  EXPECT_EQ(ways_of(kPort, ">=", "80"), NftWays{of_tcp(ports(80, 65535))});
  EXPECT_EQ(ways_of(kPort, ">", "65535"), NftWays{});
  EXPECT_EQ(ways_of(kPort, "==", R"({"set": ["*"]})"), NftWays{just(OnProtocol{{6}})});
  EXPECT_TRUE(doubtful(ways_of(kPort, "==", R"("http")")));
  EXPECT_TRUE(doubtful(ways_of(kPort, "==", "65536")));
  EXPECT_EQ(ways_of(R"({"ct": {"key": "proto-dst", "dir": "original"}})",
                    "==", R"("0x50 [invalid type]")"),
            NftWays{just(OnOriginal{.destinations = {}, .ports = {{Port{80}, Port{80}}}})});
}

TEST(NftMatch, Marks) {
  const auto mark = [](std::uint32_t value, std::uint32_t mask, bool connection = false) {
    return OnMark{connection, value, mask};
  };
  const std::string masked = fmt::format(R"({{"&": [{}, 3]}})", kMark);
  EXPECT_EQ(ways_of(masked, "!=", "1"), NftWays{just(mark(1, 3), true)});
  EXPECT_EQ(ways_of(R"({"ct": {"key": "mark"}})", "==", "5"),
            NftWays{just(mark(5, 0xFFFFFFFF, true))});
  EXPECT_EQ(
      ways_of(kMark, "==", R"({"range": [1, 5]})"),
      (NftWays{just(mark(1, 0xFFFFFFFF)), just(mark(2, 0xFFFFFFFE)), just(mark(4, 0xFFFFFFFE))}));
  EXPECT_EQ(ways_of(kMark, ">", "1"), (NftWays{just(mark(0, 0xFFFFFFFE), true)}));
  EXPECT_EQ(
      ways_of(kMark, "!=", R"({"set": [1, 2]})"),
      (NftWays{{Condition{mark(1, 0xFFFFFFFF), true}, Condition{mark(2, 0xFFFFFFFF), true}}}));
}

TEST(NftMatch, Connections) {
  EXPECT_EQ(ways_of(kState, "in", R"(["established", "related"])"), NftWays{just(OnState{6})});
  EXPECT_EQ(ways_of(kState, "!", R"("new")"), NftWays{just(OnState{8}, true)});
  EXPECT_EQ(ways_of(kState, "!=", R"({"|": ["established", "new"]})"),
            NftWays{just(OnState{0}, true)})
      << "a connection has one state: it is never both";
  const std::string masked = fmt::format(R"({{"&": [{}, ["established", "new"]]}})", kState);
  EXPECT_EQ(ways_of(masked, "==", R"("new")"), NftWays{just(OnState{8})});
  EXPECT_EQ(ways_of(masked, "==", "0"), NftWays{just(OnState{10}, true)});
  const std::string status = R"({"ct": {"key": "status"}})";
  EXPECT_EQ(ways_of(status, "in", R"("dnat")"),
            (NftWays{{nft_has_connection(), Condition{OnState{64}, false}}}));
  EXPECT_TRUE(doubtful(ways_of(status, "in", R"("assured")")));
  EXPECT_TRUE(doubtful(ways_of(status, "!=", R"("dnat")"))) << "other bits count too";
}

TEST(NftMatch, TcpFlags) {
  EXPECT_EQ(ways_of(kFlags, "in", R"(["syn", "ack"])"), NftWays{of_tcp(OnTcpFlags{18, 0}, true)});
  EXPECT_EQ(ways_of(kFlags, "!", R"("syn")"), NftWays{of_tcp(OnTcpFlags{2, 0})});
  EXPECT_EQ(ways_of(kFlags, "==", R"("syn")"), NftWays{of_tcp(OnTcpFlags{255, 2})});
  const std::string masked = fmt::format(R"({{"&": [{}, ["syn", "ack"]]}})", kFlags);
  EXPECT_EQ(ways_of(masked, "!=", R"("syn")"), NftWays{of_tcp(OnTcpFlags{18, 2}, true)});
  EXPECT_EQ(ways_of(masked, "==", R"(["syn", "ack"])"), NftWays{of_tcp(OnTcpFlags{18, 18})});
}

TEST(NftMatch, IcmpTypesAndCodes) {
  const auto rules = [](std::string_view code) {
    return nft_rules(
        nft_match_text(kIcmp, "==", R"("echo-request")") + "," +
        nft_match_text(R"({"payload": {"protocol": "icmp", "field": "code"}})", "==", code) + "," +
        std::string(kAccept));
  };
  const Condition icmp{OnProtocol{{1}}, false};
  EXPECT_EQ(ways_of(kIcmp, "==", R"({"set": ["echo-reply", 8]})"),
            (NftWays{{icmp, Condition{OnIcmpType{0, {}}, false}},
                     {icmp, Condition{OnIcmpType{8, {}}, false}}}));
  EXPECT_EQ(rules("0").at(0).conditions,
            (std::vector<Condition>{icmp, Condition{OnIcmpType{8, 0}, false}}));
  EXPECT_EQ(rules(R"("host-unreachable")").at(0).conditions,
            (std::vector<Condition>{icmp, Condition{OnIcmpType{8, 1}, false}}));
  EXPECT_EQ(ways_of(kIcmp, "==", "8", Family::kV6), NftWays{});
}

TEST(NftMatch, AddressTypesAndFamilies) {
  const std::string fib = R"({"fib": {"result": "type", "flags": ["daddr", "iif"]}})";
  EXPECT_EQ(ways_of(fib, "!=", R"({"set": ["local", "broadcast"]})"),
            NftWays{just(
                OnAddressType{End::kDestination, OnAddressType::kLocal | OnAddressType::kBroadcast,
                              OnInterface::Side::kIn},
                true)});
  EXPECT_TRUE(
      doubtful(ways_of(R"({"fib": {"result": "oif", "flags": ["saddr", "iif"]}})", "==", "false")));
  const std::string family = R"({"meta": {"key": "nfproto"}})";
  EXPECT_EQ(ways_of(family, "==", R"("ipv4")"), NftWays{{}});
  EXPECT_EQ(ways_of(family, "==", R"("ipv6")"), NftWays{});
  EXPECT_EQ(ways_of(family, "!=", R"("ipv4")", Family::kV6), NftWays{{}});
}

constexpr std::string_view kNftSets =
    R"({"set": {"family": "inet", "table": "t", "name": "hosts", "type": "ipv4_addr", "elem":)"
    R"([{"elem": {"val": "10.0.0.1", "comment": "x", "counter": null}}, "10.0.0.2"]}},)"
    R"({"set": {"family": "inet", "table": "t", "name": "old", "type": "ipv4_addr",)"
    R"("elem": [{"elem": {"val": "10.0.0.1", "timeout": 60}}]}},)"
    R"({"set": {"family": "inet", "table": "t", "name": "late", "type": "ipv4_addr",)"
    R"("flags": ["timeout"], "timeout": 60}},)"
    R"({"set": {"family": "inet", "table": "t", "name": "seen", "type": "ipv4_addr"}},)"
    R"({"set": {"family": "inet", "table": "t", "name": "services", "elem":)"
    R"([{"concat": ["tcp", {"range": ["10.0.0.1", "10.0.0.2"]}, {"range": [80, 90]}]}]}},)"
    R"({"rule": {"family": "inet", "table": "t", "chain": "a", "expr": [{"set": {"op": "add",)"
    R"("elem": {"payload": {"protocol": "ip", "field": "saddr"}}, "set": "@seen"}}]}})";

Program with_sets(std::string_view left, std::string_view op, std::string_view set) {
  return nft_program(nft_objects(std::string(kNftSets) + "," +
                                 nft_rule(nft_match_text(left, op, set) + R"(, {"drop": null})")));
}

TEST(NftMatch, NamedSets) {
  const auto outcome = [](std::string_view op, std::string_view set) {
    return evaluate(with_sets(kSource, op, set), Hook::kForward, tcp_packet()).kind;
  };
  using Came = PacketOutcome::Kind;
  EXPECT_EQ(outcome("==", R"("@hosts")"), Came::kDropped);
  EXPECT_EQ(outcome("!=", R"("@hosts")"), Came::kAccepted);
  EXPECT_EQ(outcome("==", R"("@old")"), Came::kUnknown) << "its element will go";
  EXPECT_EQ(outcome("==", R"("@late")"), Came::kUnknown);
  EXPECT_EQ(outcome("==", R"("@seen")"), Came::kUnknown) << "a rule adds to it";
  EXPECT_EQ(outcome("==", R"("@nowhere")"), Came::kUnknown);
}

TEST(NftMatch, SetsOfSeveralParts) {
  const std::string key = R"({"concat": [{"meta": {"key": "l4proto"}},)"
                          R"({"payload": {"protocol": "ip", "field": "daddr"}},)"
                          R"({"payload": {"protocol": "th", "field": "dport"}}]})";
  const Program program = with_sets(key, "==", R"("@services")");
  Packet packet = tcp_packet();
  EXPECT_EQ(evaluate(program, Hook::kForward, packet).kind, PacketOutcome::Kind::kDropped);
  packet.destination_port = Port{91};
  EXPECT_EQ(evaluate(program, Hook::kForward, packet).kind, PacketOutcome::Kind::kAccepted);
  packet.destination_port = Port{80};
  packet.protocol = 17;
  EXPECT_EQ(evaluate(program, Hook::kForward, packet).kind, PacketOutcome::Kind::kAccepted);
  ASSERT_EQ(program.sets.size(), 1U);
  EXPECT_EQ(program.sets[0].name, "inet t @services");
}

TEST(NftMatch, WhatIsNotUnderstoodKeepsItsJson) {
  for (const std::string left :
       {R"({"meta":{"key":"pkttype"}})", R"({"payload":{"protocol":"ip","field":"ttl"}})",
        R"({"ct":{"key":"direction"}})", R"({"socket":{"key":"transparent"}})",
        R"({"payload":{"base":"th","offset":0,"len":16}})", R"({"|":[{"meta":{"key":"mark"}},1]})",
        R"({"rt":{"key":"mtu"}})", R"("x")", "7"}) {
    const std::string text = R"({"match":{"op":"==","left":)" + left + R"(,"right":1}})";
    const std::vector<Rule> rules = nft_rules(text + "," + std::string(kAccept));
    ASSERT_EQ(rules.size(), 1U) << left;
    EXPECT_EQ(rules[0].conditions, just(NotUnderstood{text}));
  }
}

}  // namespace
}  // namespace firebreak
