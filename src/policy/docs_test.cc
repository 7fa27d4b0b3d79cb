// docs/policy.md is the reference: its examples are loaded, and it must name every key there is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/text.h"
#include "policy/load.h"

namespace firebreak {
namespace {

struct Block {
  std::string kind;  // "yaml", "yaml wrong", "text"
  std::string text;
  int line = 0;
};

std::string page() {
  std::ifstream file("docs/policy.md", std::ios::binary);
  EXPECT_TRUE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Block> blocks() {
  std::vector<Block> out;
  const std::string text = page();
  bool inside = false;
  int number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) out.push_back({.kind = std::string(line.substr(3)), .text = {}, .line = number});
    } else if (inside) {
      out.back().text.append(line).append("\n");
    }
  }
  EXPECT_FALSE(inside);
  return out;
}

TEST(PolicyPage, ExamplesLoadWithoutADiagnostic) {
  int loaded = 0;
  for (const Block& block : blocks()) {
    if (block.kind != "yaml") continue;
    const bool whole = block.text.starts_with("version:");
    const LoadedPolicy policy =
        load_policy(whole ? block.text : "version: 1\n" + block.text, "docs/policy.md");
    EXPECT_TRUE(policy.diagnostics.empty()) << "line " << block.line << "\n"
                                            << render(policy.diagnostics, policy.source);
    ++loaded;
  }
  EXPECT_GE(loaded, 9);
}

TEST(PolicyPage, MistakesAreReportedAsItShows) {
  const std::vector<Block> all = blocks();
  int compared = 0;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    if (all[i].kind != "yaml wrong") continue;
    ASSERT_EQ(all[i + 1].kind, "text");
    const LoadedPolicy policy = load_policy(all[i].text, "firebreak.yaml");
    EXPECT_EQ(render(policy.diagnostics, policy.source), all[i + 1].text);
    ++compared;
  }
  EXPECT_EQ(compared, 1);
}

// The keys of every mapping, as the loader itself tells them to somebody who used another one.
TEST(PolicyPage, NamesEveryKey) {
  const LoadedPolicy policy = load_policy(
      "version: 1\nzzzzzzzzzz: 1\nhosts: {h: {zzzzzzzzzz: 1}}\n"
      "environments: {e: {zzzzzzzzzz: 1, match: [{zzzzzzzzzz: 1}]}}\n"
      "shared: [{zzzzzzzzzz: 1}]\nrequire: [{zzzzzzzzzz: 1}]\nsystems: {s: {zzzzzzzzzz: 1}}\n"
      "waivers: [{zzzzzzzzzz: 1}]\naudit: {zzzzzzzzzz: 1}\ndatabases: {d: {zzzzzzzzzz: 1}}\n"
      "masks: {m: {zzzzzzzzzz: 1}}\n",
      "f");
  constexpr std::string_view kList = "its keys are ";
  const std::string text = page();
  int mappings = 0;
  for (const Diagnostic& diagnostic : policy.diagnostics) {
    if (!diagnostic.hint.starts_with(kList)) continue;
    if (!diagnostic.message.starts_with("unknown key")) continue;
    ++mappings;
    const std::string_view keys = std::string_view(diagnostic.hint).substr(kList.size());
    for (const std::string_view key : split(keys, ',')) {
      EXPECT_THAT(text, testing::HasSubstr("`" + std::string(trim(key)) + "`"));
    }
  }
  EXPECT_EQ(mappings, 11);
}

}  // namespace
}  // namespace firebreak
