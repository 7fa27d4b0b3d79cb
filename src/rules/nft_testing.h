// Short ways to write rule sets of nft in tests.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "rules/nft.h"
#include "rules/testing.h"

namespace firebreak {

// What nft 1.0.6 printed: "docker-bridges.json", "everything.json"; names say other versions.
inline std::string nft_sample(std::string_view name) {
  return sample_text("../nft/" + std::string(name));
}
// The objects of a list, as nft prints them.
inline std::string nft_text(std::string_view objects) {
  return fmt::format(R"({{"nftables": [{}]}})", objects);
}

inline NftReading read_nft(std::string_view json, Program& program) {
  return parse_nft_ruleset(json, "nft", program);
}
// The program of a text that must be right.
inline Program nft_program(std::string_view json, Family family = Family::kV4) {
  Program program{.family = family, .chains = {}, .base_chains = {}, .sets = {}};
  EXPECT_EQ(render(read_nft(json, program).diagnostics, json), "");
  return program;
}

// Table "inet t" with chain "forward" at the hook of that name, chains "a" and "b", and more
// objects.
inline std::string nft_objects(std::string_view more, std::string_view hook = "forward",
                               std::string_view type = "filter", int priority = 0) {
  return nft_text(fmt::format(
      R"({{"table": {{"family": "inet", "name": "t", "handle": 1}}}},)"
      R"({{"chain": {{"family": "inet", "table": "t", "name": "{0}", "handle": 1, "type": "{1}",)"
      R"("hook": "{0}", "prio": {2}, "policy": "accept"}}}},)"
      R"({{"chain": {{"family": "inet", "table": "t", "name": "a", "handle": 2}}}},)"
      R"({{"chain": {{"family": "inet", "table": "t", "name": "b", "handle": 3}}}}{3}{4})",
      hook, type, priority, more.empty() ? "" : ",", more));
}
inline std::string nft_rule(std::string_view expressions, std::string_view chain = "forward") {
  return fmt::format(
      R"({{"rule": {{"family": "inet", "table": "t", "chain": "{}", "handle": 5, "expr": [{}]}}}})",
      chain, expressions);
}

// What the rules of the base chain become.
inline std::vector<Rule> nft_rules(std::string_view expressions, Family family = Family::kV4,
                                   std::string_view more = "") {
  const std::string text =
      nft_objects(std::string(more) + (more.empty() ? "" : ",") + nft_rule(expressions));
  const Program program = nft_program(text, family);
  return program.base_chains.empty() ? std::vector<Rule>{}
                                     : program.chains[program.base_chains[0].chain.index()].rules;
}

// {"match": {"op": op, "left": left, "right": right}}.
inline std::string nft_match_text(std::string_view left, std::string_view op,
                                  std::string_view right) {
  return fmt::format(R"({{"match": {{"op": "{}", "left": {}, "right": {}}}}})", op, left, right);
}

}  // namespace firebreak
