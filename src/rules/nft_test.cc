#include "rules/nft.h"

#include "rules/loops.h"
#include "rules/nft_testing.h"

namespace firebreak {
namespace {

std::vector<std::string> nft_errors(std::string_view json) {
  Program program;
  std::vector<std::string> out;
  for (const Diagnostic& each : read_nft(json, program).diagnostics) {
    EXPECT_EQ(each.file, "nft");
    out.push_back(each.message);
  }
  if (!out.empty()) {
    EXPECT_TRUE(program.chains.empty()) << "half a program is none";
  }
  return out;
}

PacketOutcome::Kind forwarded(const Program& program, std::string_view in, std::string_view out,
                              std::string_view to, std::uint16_t port,
                              std::uint8_t state = OnState::kNew) {
  Packet packet = tcp_packet();
  packet.in_interface = in;
  packet.out_interface = out;
  packet.destination = ip(to);
  packet.destination_port = Port{port};
  packet.state = state;
  return evaluate(program, Hook::kForward, packet).kind;
}

TEST(Nft, DockersBridgesAreKeptApart) {
  const Program program = nft_program(nft_sample("docker-bridges.json"));
  using Came = PacketOutcome::Kind;
  EXPECT_EQ(forwarded(program, "br-dev", "br-prod", "172.19.0.3", 8443), Came::kDropped);
  EXPECT_EQ(forwarded(program, "br-dev", "br-prod", "172.19.0.3", 443), Came::kAccepted);
  EXPECT_EQ(forwarded(program, "br-prod", "br-prod", "172.19.0.3", 443), Came::kDropped)
      << "no icc";
  EXPECT_EQ(forwarded(program, "br-dev", "br-dev", "172.18.0.3", 5432), Came::kAccepted) << "icc";
  EXPECT_EQ(forwarded(program, "br-dev", "br-data", "172.20.0.2", 6379), Came::kDropped);
  EXPECT_EQ(forwarded(program, "br-data", "eth0", "198.51.100.9", 80), Came::kDropped);
  EXPECT_EQ(forwarded(program, "br-dev", "eth0", "198.51.100.9", 80), Came::kAccepted);
  EXPECT_EQ(forwarded(program, "eth0", "br-prod", "172.19.0.2", 1, OnState::kEstablished),
            Came::kAccepted);
}

TEST(Nft, DockersPortsArePublished) {
  const Program program = nft_program(nft_sample("docker-bridges.json"));
  Packet packet = tcp_packet();
  packet.destination = ip("198.51.100.7");
  packet.destination_port = Port{443};
  const Surroundings local{
      .type_of = [](const IpAddress&, std::string_view) { return OnAddressType::kLocal; },
      .address_of = {}};
  const PacketOutcome outcome = evaluate(program, Hook::kPrerouting, packet, local);
  ASSERT_EQ(outcome.packets.size(), 1U);
  EXPECT_EQ(outcome.packets[0].destination, ip("172.19.0.3"));
  packet.destination = ip("172.19.0.3");
  const PacketOutcome direct = evaluate(program, Hook::kPrerouting, packet, local);
  EXPECT_EQ(direct.kind, PacketOutcome::Kind::kDropped);
  EXPECT_EQ(text_of(program, direct.steps.at(0)),
            "ip docker-bridges raw-PREROUTING: ip daddr 172.19.0.3 iifname != { vpn0, br-prod } "
            "counter drop");
}

TEST(Nft, NewerVersionsSayTheSame) {
  for (const Family family : {Family::kV4, Family::kV6}) {
    const Program old = nft_program(nft_sample("docker-bridges.json"), family);
    const Program newer = nft_program(nft_sample("docker-bridges-1.1.3.json"), family);
    EXPECT_EQ(newer.chains, old.chains);
    EXPECT_EQ(newer.base_chains, old.base_chains);
  }
}

TEST(Nft, TablesCountForTheirFamilies) {
  const std::string text = nft_sample("docker-bridges.json");
  for (const Family family : {Family::kV4, Family::kV6}) {
    const Program program = nft_program(text, family);
    for (const Chain& chain : program.chains) {
      EXPECT_EQ(chain.table, family == Family::kV4 ? "ip docker-bridges" : "ip6 docker-bridges");
    }
  }
  const std::string everything = nft_sample("everything.json");
  for (const Family family : {Family::kV4, Family::kV6}) {
    const Program program = nft_program(everything, family);
    EXPECT_FALSE(find_loop(program));
    EXPECT_EQ(std::ranges::count(program.chains, "inet t2", &Chain::table), 2);
    EXPECT_EQ(std::ranges::count(program.chains, "ip dorm", &Chain::table),
              family == Family::kV4 ? 1 : 0);
  }
}

TEST(Nft, WhatHappensElsewhereIsSaid) {
  Program program;
  EXPECT_EQ(read_nft(nft_sample("everything.json"), program).not_followed,
            (std::vector<std::string>{"arp xa f, at hook input", "bridge yb f, at hook forward",
                                      "netdev zn f, at hook ingress"}));
  program = {};
  program.family = Family::kV6;
  EXPECT_EQ(read_nft(nft_sample("everything.json"), program).not_followed.size(), 2U)
      << "IPv6 has no ARP";
}

TEST(Nft, AChainElsewhereThatLetsAllPassIsNotSaid) {
  const auto elsewhere = [](std::string_view statement, std::string_view policy) {
    Program program;
    const std::string text = nft_text(fmt::format(
        R"({{"table": {{"family": "bridge", "name": "b"}}}},)"
        R"({{"chain": {{"family": "bridge", "table": "b", "name": "f", "type": "filter",)"
        R"("hook": "forward", "prio": 0, "policy": "{}"}}}},)"
        R"({{"chain": {{"family": "bridge", "table": "b", "name": "a"}}}},)"
        R"({{"rule": {{"family": "bridge", "table": "b", "chain": "f", "expr": [)"
        R"({{"jump": {{"target": "a"}}}}]}}}},)"
        R"({{"rule": {{"family": "bridge", "table": "b", "chain": "a", "expr": [{}]}}}})",
        policy, statement));
    return read_nft(text, program).not_followed.size();
  };
  EXPECT_EQ(elsewhere(R"({"counter": null}, {"accept": null})", "accept"), 0U);
  EXPECT_EQ(elsewhere(R"({"accept": null})", "drop"), 1U);
  EXPECT_EQ(elsewhere(R"({"drop": null})", "accept"), 1U);
}

TEST(Nft, TheLatestOfTheSamePriorityRunsFirst) {
  const std::string text =
      nft_text(R"({"table": {"family": "ip", "name": "t"}},)"
               R"({"chain": {"family": "ip", "table": "t", "name": "old", "type": "filter",)"
               R"("hook": "forward", "prio": 0, "policy": "drop"}},)"
               R"({"chain": {"family": "ip", "table": "t", "name": "new", "type": "filter",)"
               R"("hook": "forward", "prio": "filter", "policy": "drop"}},)"
               R"({"chain": {"family": "ip", "table": "t", "name": "first", "type": "filter",)"
               R"("hook": "forward", "prio": "filter - 1", "policy": "accept"}})");
  Program program = program_of(filter_table(""));
  EXPECT_TRUE(read_nft(text, program).diagnostics.empty());
  std::vector<std::string> order;
  for (const BaseChain& base : program.base_chains) {
    if (base.hook == Hook::kForward) order.push_back(program.chains[base.chain.index()].name);
  }
  EXPECT_EQ(order, (std::vector<std::string>{"first", "FORWARD", "new", "old"}));
}

TEST(Nft, ADormantTableDoesNothing) {
  const auto outcome = [](std::string_view flags) {
    const std::string text = nft_text(
        fmt::format(R"({{"table": {{"family": "ip", "name": "t"{}}}}},)"
                    R"({{"chain": {{"family": "ip", "table": "t", "name": "f", "type": "filter",)"
                    R"("hook": "forward", "prio": 0, "policy": "drop"}}}})",
                    flags));
    return evaluate(nft_program(text), Hook::kForward, tcp_packet()).kind;
  };
  EXPECT_EQ(outcome(""), PacketOutcome::Kind::kDropped);
  EXPECT_EQ(outcome(R"(, "flags": "owner")"), PacketOutcome::Kind::kDropped);
  EXPECT_EQ(outcome(R"(, "flags": ["owner", "dormant"])"), PacketOutcome::Kind::kAccepted);
  EXPECT_EQ(outcome(R"(, "flags": "Lester Gooch #5")"), PacketOutcome::Kind::kUnknown)
      << "nft 1.0.6 prints nonsense there";
}

TEST(Nft, EmptyTextIsAnEmptyRuleSet) {
  Program program;
  EXPECT_TRUE(read_nft(" \n", program).diagnostics.empty());
  EXPECT_TRUE(read_nft(nft_text(""), program).diagnostics.empty());
  EXPECT_TRUE(program.chains.empty());
}

TEST(Nft, TextThatIsCutOffIsAnErrorEverywhere) {
  const std::string text = nft_sample("docker-bridges.json");
  const std::string_view whole(text.data(), text.find_last_of('}') + 1);
  for (std::size_t length = 1; length < whole.size(); length += 97) {
    EXPECT_FALSE(nft_errors(whole.substr(0, length)).empty()) << length;
  }
  EXPECT_EQ(nft_errors("{\"nftables\": [\xFF]}"),
            std::vector<std::string>{"not JSON: byte 15 is not UTF-8"});
  EXPECT_FALSE(nft_errors(std::string(100'000, '[')).empty());
}

struct OddText {
  std::string_view objects;
  std::string_view error;
};

TEST(Nft, WhatNftCannotHavePrintedIsAnErrorWithItsPlace) {
  for (const auto& [objects, error] : {
           OddText{R"(7)", "$.nftables[4]: an object with one member is expected"},
           OddText{R"({"chain": {"family": "ip", "table": "x", "name": "c"}})",
                   "$.nftables[4]: there is no table 'ip x'"},
           OddText{R"({"chain": {"family": "inet", "table": "t", "name": "a"}})",
                   "$.nftables[4]: chain 'a' was there before"},
           OddText{R"({"rule": {"family": "inet", "table": "t", "chain": "x", "expr": []}})",
                   "$.nftables[4]: there is no chain 'x' in this table"},
           OddText{R"({"rule": {"family": "inet", "table": "t", "chain": "a"}})",
                   "$.nftables[4]: a rule without a list of expressions"},
           OddText{R"({"chain": {"family": "inet", "table": "t", "name": "c", "hook": "input"}})",
                   "$.nftables[4]: a base chain needs a hook and a type"},
           OddText{R"({"chain": {"family": "inet", "table": "t", "name": "c", "hook": "moon",)"
                   R"("type": "filter", "prio": 0}})",
                   "table inet t, chain c: there is no hook 'moon'"},
           OddText{R"({"rule": {"family": "inet", "table": "t", "chain": "a", "handle": 9,)"
                   R"("expr": [{"jump": {"target": "x"}}]}})",
                   "table inet t, chain a, rule 9: there is no chain 'x' to go to"},
           OddText{R"({"rule": {"family": "inet", "table": "t", "chain": "a", "handle": 9,)"
                   R"("expr": [{"goto": {"target": "forward"}}]}})",
                   "table inet t, chain a, rule 9: chain 'forward' is a base chain: no rule can go "
                   "there"},
           OddText{R"({"rule": {"family": "inet", "table": "t", "chain": "a", "handle": 9,)"
                   R"("expr": [{"jump": {"target": "a"}}]}})",
                   "table inet t, chain a: it leads back to itself by 'jump a'"},
       }) {
    EXPECT_EQ(nft_errors(nft_objects(objects)), std::vector<std::string>{std::string(error)});
  }
  EXPECT_EQ(nft_errors("[]"),
            std::vector<std::string>{R"(not what nft prints: {"nftables": [...]} is expected)"});
}

TEST(Nft, ASetThatManyRulesCopyDoesNotEatTheMachine) {
  std::string elements = R"([1, {"accept": null}])";
  std::string rules;
  for (int i = 2; i < 3000; ++i) elements += fmt::format(R"(, [{}, {{"accept": null}}])", i);
  for (int i = 0; i < 3000; ++i) {
    rules += "," + nft_rule(R"({"vmap": {"key": {"payload": {"protocol": "tcp",)"
                            R"("field": "dport"}}, "data": "@m"}})");
  }
  const std::string text =
      nft_objects(R"({"map": {"family": "inet", "table": "t", "name": "m", "type": "inet_service",)"
                  R"("map": "verdict", "elem": [)" +
                  elements + "]}}" + rules);
  EXPECT_EQ(nft_errors(text),
            std::vector<std::string>{"the rule set is too large to be written out"});
}

}  // namespace
}  // namespace firebreak
