#include "rules/iptables.h"

#include <algorithm>
#include <filesystem>

#include "rules/loops.h"
#include "rules/testing.h"

namespace firebreak {
namespace {

constexpr const char* kSamples = "tests/golden/rules";

std::vector<Diagnostic> errors_of(std::string_view text) {
  Program program{.family = Family::kV4, .chains = {}, .base_chains = {}, .sets = {}};
  auto out = parse_iptables_save(text, "rules", program);
  if (!out.empty()) {
    EXPECT_EQ(program.chains.size(), 0U) << "half a program is none";
  }
  return out;
}

const Chain& chain_of(const Program& program, std::string_view table, std::string_view name) {
  const auto found = std::ranges::find_if(program.chains, [&](const Chain& chain) {
    return chain.table == table && chain.name == name;
  });
  CHECK(found != program.chains.end());
  return *found;
}

Program sample(const std::string& name, std::string_view sets = "") {
  const Family family = name.ends_with(".ip6tables") ? Family::kV6 : Family::kV4;
  return program_of(sample_text(name), family, sets);
}

std::vector<std::string> not_understood(const Program& program) {
  std::vector<std::string> out;
  for (const Chain& chain : program.chains) {
    for (const Rule& rule : chain.rules) {
      for (const Condition& condition : rule.conditions) {
        if (const auto* const text = std::get_if<NotUnderstood>(&condition.what)) {
          out.push_back(text->text);
        }
      }
      if (const auto* const text = std::get_if<NotUnderstood>(&rule.action)) {
        out.push_back(text->text);
      }
    }
  }
  return out;
}

TEST(Iptables, BaseChainsHaveTheKernelsOrder) {
  const Program program = sample("everything.iptables");
  std::vector<std::string> order;
  for (const BaseChain& base : program.base_chains) {
    if (base.hook != Hook::kPrerouting && base.hook != Hook::kForward) continue;
    const Chain& chain = program.chains[base.chain.index()];
    order.push_back(chain.table + " " + chain.name + " " + std::to_string(base.priority));
  }
  EXPECT_EQ(order, (std::vector<std::string>{"raw PREROUTING -300", "mangle PREROUTING -150",
                                             "nat PREROUTING -100", "mangle FORWARD -150",
                                             "filter FORWARD 0", "security FORWARD 50"}));
}

TEST(Iptables, ReadsEveryRuleOfEverySample) {
  for (const auto& entry : std::filesystem::directory_iterator(kSamples)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".ipset")) continue;
    const std::string text = sample_text(name);
    const Program program = sample(name);
    std::size_t rules = 0;
    for (const Chain& chain : program.chains) rules += chain.rules.size();
    std::size_t lines = 0;
    for (std::size_t at = text.find("-A "); at != std::string::npos;
         at = text.find("-A ", at + 1)) {
      if (at == 0 || text[at - 1] == '\n' || text[at - 1] == ' ') ++lines;
    }
    EXPECT_EQ(rules, lines) << name;
    EXPECT_GT(rules, 0U) << name;
  }
}

TEST(Iptables, UnderstandsAllThatDockerWrites) {
  for (const char* name :
       {"docker-20.10.iptables", "docker-20.10.ip6tables", "docker-20.10-counters.iptables",
        "docker-26.1.iptables", "docker-26.1.ip6tables", "docker-28.5.iptables",
        "docker-28.5.ip6tables", "docker-28.5-swarm.iptables"}) {
    EXPECT_EQ(not_understood(sample(name)), std::vector<std::string>{}) << name;
  }
}

// The text of a rule, read again, is the same rule.
TEST(Iptables, TextsKeepTheirMeaning) {
  for (const auto& entry : std::filesystem::directory_iterator(kSamples)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".ipset")) continue;
    const Program program = sample(name);
    for (const Chain& chain : program.chains) {
      for (const Rule& rule : chain.rules) EXPECT_FALSE(rule.text.contains("--comment")) << name;
    }
    const Program again = program_of(iptables_without_comments(sample_text(name)), program.family);
    ASSERT_EQ(again.chains.size(), program.chains.size()) << name;
    for (std::size_t i = 0; i < program.chains.size(); ++i) {
      ASSERT_EQ(again.chains[i].rules.size(), program.chains[i].rules.size());
      for (std::size_t j = 0; j < program.chains[i].rules.size(); ++j) {
        const Rule& rule = program.chains[i].rules[j];
        EXPECT_EQ(again.chains[i].rules[j].conditions, rule.conditions) << rule.text;
        EXPECT_EQ(again.chains[i].rules[j].action, rule.action) << rule.text;
        EXPECT_EQ(again.chains[i].rules[j].text, rule.text);
      }
    }
  }
}

TEST(Iptables, CountersChangeNothing) {
  const Program plain = sample("docker-20.10.iptables");
  const Program counted = sample("docker-20.10-counters.iptables");
  EXPECT_EQ(plain.chains, counted.chains);
  EXPECT_EQ(plain.base_chains, counted.base_chains);
}

TEST(Iptables, TwoBackendsStandSideBySide) {
  Program program = sample("docker-20.10.iptables");
  const std::size_t chains = program.chains.size();
  const std::string legacy = sample_text("legacy-counters.iptables");
  EXPECT_TRUE(parse_iptables_save(legacy, "legacy", program).empty());
  const auto jump = std::ranges::find_if(program.chains.back().rules, [](const Rule& rule) {
    return std::holds_alternative<Jump>(rule.action);
  });
  EXPECT_EQ(jump, program.chains.back().rules.end());
  EXPECT_GT(program.chains.size(), chains);
  std::vector<int> priorities;
  for (const BaseChain& base : program.base_chains) {
    if (base.hook == Hook::kInput) priorities.push_back(base.priority);
  }
  EXPECT_EQ(priorities, (std::vector<int>{0, 0, 100, 100}));
}

TEST(Iptables, CommentsAreLeftOutWhateverTheyHold) {
  const Program program = sample("legacy-counters.iptables");
  const Chain& input = chain_of(program, "filter", "INPUT");
  ASSERT_EQ(input.rules.size(), 4U);
  EXPECT_EQ(input.rules[0].text, "-A INPUT -s 10.0.0.0/8 -p tcp -m tcp ! --dport 80 -j ACCEPT");
  EXPECT_EQ(input.rules[1].text, "-A INPUT -j DROP");  // the comment is "-j"
  EXPECT_EQ(input.rules[2].text, "-A INPUT -j DROP");  // a comment of two lines, one COMMIT
  EXPECT_EQ(input.rules[3].text, "-A INPUT -p ipencap -g web");
  const std::string text = sample_text("legacy-counters.iptables");
  EXPECT_EQ(input.rules[3].line, 1 + std::ranges::count(text.substr(0, text.find("-g web")), '\n'));
}

TEST(Iptables, TextWithoutComments) {
  EXPECT_EQ(iptables_without_comments(
                "# Generated by me\n*filter\n:INPUT ACCEPT [1:2]\n"
                "[3:4] -A INPUT -m comment --comment \"pass\\\"word\nx\" -p tcp -j ACCEPT\n"
                "COMMIT\n# Table `nat' is incompatible, use 'nft' tool.\n"),
            "*filter\n:INPUT ACCEPT [1:2]\n[3:4] -A INPUT -p tcp -j ACCEPT\nCOMMIT\n"
            "# Table `nat' is incompatible, use 'nft' tool.\n");
}

TEST(Iptables, TablesThatAreNotShownAreNotForgotten) {
  for (const char* text :
       {"# Table `nat' is incompatible, use 'nft' tool.\n",
        "# Table `filter' contains incompatible base-chains, use 'nft' tool to list them.\n"}) {
    const Program program = program_of(text);
    const PacketOutcome outcome = evaluate(program, Hook::kForward, tcp_packet());
    EXPECT_EQ(outcome.kind, PacketOutcome::Kind::kUnknown);
    ASSERT_EQ(outcome.steps.size(), 1U);
    EXPECT_TRUE(text_of(program, outcome.steps[0]).contains("incompatible"));
  }
}

struct Broken {
  std::string text;
  int line;
  std::string_view says;
};

TEST(Iptables, BrokenTextIsAnErrorWithItsLine) {
  const std::vector<Broken> cases = {
      {"hello\n", 1, "not a line of iptables-save"},
      {"*filter\n:INPUT ACCEPT [0:0]\n", 1, "no COMMIT"},
      {"*filter\n*nat\nCOMMIT\n", 2, "no COMMIT"},
      {"*filter\nCOMMIT\n*filter\nCOMMIT\n", 3, "before"},
      {"*purple\nCOMMIT\n", 1, "no such table"},
      {"COMMIT\n", 1, "not a line"},
      {"*filter\n:INPUT PURPLE [0:0]\nCOMMIT\n", 2, "neither ACCEPT nor DROP"},
      {"*filter\n:MINE ACCEPT [0:0]\nCOMMIT\n", 2, "only built-in chains"},
      {"*filter\n:INPUT ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\nCOMMIT\n", 3, "declared before"},
      {"*filter\n:\nCOMMIT\n", 2, "not a line"},
      {filter_table("-I FORWARD -j ACCEPT"), 5, "not a line"},
      {filter_table("-A"), 5, "not a line"},
      {filter_table("[0:0]"), 5, "not a line"},
      {filter_table("-A MINE -j ACCEPT"), 5, "not declared"},
      {filter_table("-A FORWARD -j MINE"), 5, "no chain 'MINE'"},
      {filter_table("-A FORWARD -g MINE"), 5, "no chain 'MINE'"},
      {filter_table("-A FORWARD -j INPUT"), 5, "no chain 'INPUT'"},
      {filter_table("-A FORWARD -s 10.0.0.256/32 -j ACCEPT"), 5, "not an address"},
      {filter_table("-A FORWARD -s 10.0.0.1/33 -j ACCEPT"), 5, "not an address"},
      {filter_table("-A FORWARD -s fd00::1/128 -j ACCEPT"), 5, "not an address"},
      {filter_table("-A FORWARD -s -j ACCEPT"), 5, "not an address"},
      {filter_table("-A FORWARD -p tcp -m tcp --dport 65536 -j ACCEPT"), 5, "not a port"},
      {filter_table("-A FORWARD -p tcp -m tcp --dport 9:x -j ACCEPT"), 5, "not a port"},
      {filter_table("-A FORWARD -p tcp -m multiport --dports 1,,2"), 5, "not a list of ports"},
      {filter_table("-A FORWARD -m iprange --src-range 10.0.0.2-10.0.0.1"), 5, "not a range"},
      {filter_table("-A FORWARD -m mark --mark red"), 5, "not a mark"},
      {filter_table("-A FORWARD -m set --match-set a both"), 5, "src and dst"},
      {filter_table("-A FORWARD -j DNAT --to-destination 10.0.0"), 5, "not an address"},
      {filter_table("-A FORWARD -j REDIRECT --to-ports many"), 5, "not a port"},
      {filter_table("-A FORWARD -m comment --comment \"open -j DROP"), 5, "not closed"},
      {filter_table(":A - [0:0]\n:B - [0:0]\n-A A -j B\n-A B -p tcp -g A"), 8, "back to itself"},
      {filter_table(":A - [0:0]\n-A A -j A"), 6, "back to itself"},
  };
  for (const Broken& broken : cases) {
    const std::vector<Diagnostic> errors = errors_of(broken.text);
    ASSERT_FALSE(errors.empty()) << broken.text;
    EXPECT_EQ(errors[0].line, broken.line) << broken.text;
    EXPECT_TRUE(errors[0].message.contains(broken.says)) << errors[0].message;
    EXPECT_EQ(errors[0].file, "rules");
  }
}

TEST(Iptables, AllErrorsAtOnceWithTheLineAndACaret) {
  const std::string text = filter_table("-A FORWARD -s 1.2.3 -j ACCEPT\n-A FORWARD -j GONE");
  const std::string shown = render(errors_of(text), text);
  EXPECT_TRUE(shown.contains("rules:5:12: error: not an address")) << shown;
  EXPECT_TRUE(
      shown.contains("     5 | -A FORWARD -s 1.2.3 -j ACCEPT\n"
                     "       |            ^~~~~~~~"))
      << shown;
  EXPECT_TRUE(shown.contains("rules:6:12: error: there is no chain 'GONE'")) << shown;
}

TEST(Iptables, ChainsMayFormADiamondButNoLoop) {
  const Program program =
      program_of(filter_table(":A - [0:0]\n:B - [0:0]\n:C - [0:0]\n-A FORWARD -j A\n-A FORWARD -j "
                              "B\n-A A -j C\n-A B -g C"));
  EXPECT_FALSE(find_loop(program));
}

TEST(Iptables, ThousandsOfRules) {
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += ":C" + std::to_string(i) + " - [0:0]\n";
  for (int i = 0; i < 100; ++i) {
    const std::string chain = "C" + std::to_string(i);
    lines += "-A FORWARD -d 10." + std::to_string(i) + ".0.0/16 -j " + chain + "\n";
    for (int j = 0; j < 200; ++j) {
      lines += "-A " + chain + " -d 10." + std::to_string(i) + ".0." + std::to_string(j) +
               "/32 -p tcp -m tcp --dport " + std::to_string(1000 + j) + " -j DROP\n";
    }
  }
  lines.pop_back();
  const Program program = program_of(filter_table(lines));
  Packet packet = tcp_packet();
  packet.destination = ip("10.99.0.199");
  EXPECT_EQ(evaluate(program, Hook::kForward, packet).kind, PacketOutcome::Kind::kAccepted);
  packet.destination_port = Port{1199};
  const PacketOutcome outcome = evaluate(program, Hook::kForward, packet);
  EXPECT_EQ(outcome.kind, PacketOutcome::Kind::kDropped);
  ASSERT_EQ(outcome.steps.size(), 2U);
  EXPECT_EQ(text_of(program, outcome.steps[1]),
            "filter C99: -A C99 -d 10.99.0.199/32 -p tcp -m tcp --dport 1199 -j DROP");
}

}  // namespace
}  // namespace firebreak
