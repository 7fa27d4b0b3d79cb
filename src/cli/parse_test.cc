#include "cli/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<Arguments> parse(std::string_view command, const std::vector<std::string>& words) {
  return parse_arguments(*find_command(command), words);
}

TEST(Parse, ReadsOptionsInBothFormsAndRepeated) {
  const auto got = parse(
      "audit", {"--host", "a=unix:///x", "--host=b=ssh://h", "--format=json", "-o", "out", "-qv"});
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_THAT(got->hosts, ElementsAre("a=unix:///x", "b=ssh://h"));
  EXPECT_EQ(got->format, "json");
  EXPECT_EQ(got->output, "out");
  EXPECT_TRUE(got->quiet);
  EXPECT_TRUE(got->verbose);
}

TEST(Parse, KeepsPositionalWordsApartFromRepeatableOptions) {
  const auto got = parse("diff", {"old.json", "--policy", "p.yaml", "new.json"});
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_THAT(got->positional, ElementsAre("old.json", "new.json"));
  EXPECT_EQ(got->policy, "p.yaml");
}

TEST(Parse, HelpWinsOverMissingWords) {
  const auto got = parse("diff", {"--help"});
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->help);
}

TEST(Parse, TellsWhatIsWrongAndWhatWasMeant) {
  const auto error = [](std::string_view command, const std::vector<std::string>& words) {
    const auto got = parse(command, words);
    EXPECT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::kUsage);
    return got.error().text();
  };
  EXPECT_THAT(error("audit", {"--snapshto", "x"}), HasSubstr("did you mean '--snapshot'?"));
  EXPECT_THAT(error("audit", {"--snapshto=x"}), HasSubstr("did you mean '--snapshot'?"));
  EXPECT_THAT(error("audit", {"--format", "yaml"}), HasSubstr("'audit' has no format 'yaml'"));
  EXPECT_THAT(error("matrix", {"--format", "sarif"}),
              HasSubstr("one of text, json, markdown, html"));
  EXPECT_THAT(error("audit", {"--format", "JSON"}), HasSubstr("did you mean 'json'?"));
  EXPECT_THAT(error("audit", {"--fingerprint", "k"}),
              HasSubstr("did you mean '--fingerprint-key'"));
  EXPECT_THAT(error("audit", {"--snapshot"}),
              HasSubstr("--snapshot needs a value: --snapshot FILE"));
  EXPECT_THAT(error("audit", {"-o"}), HasSubstr("--output needs a value: --output FILE"));
  EXPECT_THAT(error("diff", {"old"}), HasSubstr("needs OLD NEW"));
  EXPECT_THAT(error("explain", {"NET001", "NET004"}), HasSubstr("unexpected word 'NET004'"));
}

TEST(Parse, AnEmptyValueIsNotTakenForNoValue) {
  for (const char* option : {"--policy", "--host", "--snapshot", "--compose", "--fingerprint-key",
                             "--format", "--output", "--fail-on", "--timeout", "--jobs"}) {
    const auto got = parse("audit", {option, ""});
    ASSERT_FALSE(got) << option;
    EXPECT_EQ(got.error().kind, ErrorKind::kUsage);
    EXPECT_THAT(got.error().text(), HasSubstr(std::string(option) + " is empty"));
  }
}

// Every option of every command can be found in help, manual page and completion.
TEST(Table, IsPrintedWhole) {
  for (const CommandSpec& command : all_commands()) {
    EXPECT_FALSE(command.summary.empty());
    EXPECT_FALSE(command.examples.empty()) << command.name;
    for (const OptionSpec& option : command.options) {
      EXPECT_FALSE(option.help.empty()) << option.names;
      EXPECT_FALSE(long_name(option).empty()) << option.names;
    }
  }
  for (const std::string_view later : later_commands())
    EXPECT_EQ(find_command(later), nullptr) << later;
}

}  // namespace
}  // namespace firebreak
