// Whole reports in every format, against golden files. FIREBREAK_UPDATE_GOLDEN=1 writes them anew:
// then read the difference before committing it.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/columns.h"
#include "base/text.h"
#include "report/diff.h"
#include "report/page.h"
#include "report/render.h"
#include "report/testing.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using testing::kPlain;
using ::testing::Not;

constexpr TextStyle kVerbose{.colour = false, .width = 100, .verbose = true};

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::filesystem::path& path, const std::string& content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

void expect_golden(const std::string& name, const std::string& content) {
  const std::filesystem::path path = std::filesystem::path("tests/golden/report") / name;
  if (std::getenv("FIREBREAK_UPDATE_GOLDEN") != nullptr) write(path, content);
  EXPECT_EQ(read(path), content) << path;
}

struct Case {
  const char* name;
  Report (*make)();
};
constexpr Case kCases[] = {{"mistakes", testing::mistakes},
                           {"separated", testing::separated},
                           {"nothing", testing::nothing},
                           {"incomplete", testing::incomplete},
                           {"hostile", testing::hostile}};

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("  ") && line.contains("docker network")) continue;  // to be copied
    widest = std::max(widest, columns_of(line));
  }
  return widest;
}

TEST(Formats, TextReadsAsItShould) {
  for (const Case& each : kCases) {
    expect_golden(std::string(each.name) + "/report.txt", to_text(each.make(), kPlain));
  }
  expect_golden("mistakes/verbose.txt", to_text(testing::mistakes(), kVerbose));
  expect_golden("separated/verbose.txt", to_text(testing::separated(), kVerbose));
}

TEST(Formats, JsonHoldsEverything) {
  expect_golden("mistakes/report.json", to_json(testing::mistakes()));
  expect_golden("incomplete/report.json", to_json(testing::incomplete()));
}

TEST(Formats, JunitHasASuiteForEachPair) {
  expect_golden("incomplete/report.xml", to_junit(testing::incomplete()));
  // What this run could not look for has not passed.
  Report blind = testing::incomplete();
  blind.not_checked = {"NET002"};
  EXPECT_EQ(to_junit(blind).find("NET002"), std::string::npos);
  EXPECT_NE(to_junit(blind).find("NET003"), std::string::npos);
}

TEST(Formats, MarkdownReadsAsItShould) {
  expect_golden("mistakes/report.md", to_markdown(testing::mistakes()));
  expect_golden("incomplete/report.md", to_markdown(testing::incomplete()));
  expect_golden("hostile/report.md", to_markdown(testing::hostile()));
}

TEST(Text, FitsItsWidthWhateverTheNames) {
  for (const int width : {60, 80, 100}) {
    for (const Case& each : kCases) {
      for (const bool verbose : {false, true}) {
        const TextStyle style{.colour = false, .width = width, .verbose = verbose};
        EXPECT_LE(widest_line(to_text(each.make(), style)), static_cast<std::size_t>(width))
            << each.name << " at " << width;
      }
    }
  }
}

TEST(Text, KeepsCommandsOnOneLine) {
  Report report = testing::mistakes();
  const std::string command = "docker network connect " + std::string(120, 'n') + " api";
  report.findings[0].remedy[0].commands[0] = command;
  EXPECT_THAT(to_text(report, kPlain), HasSubstr("  " + command + "\n"));
}

TEST(Text, ColoursNothingUnlessAsked) {
  EXPECT_THAT(to_text(testing::hostile(), kVerbose), Not(HasSubstr("\x1b")));
  const TextStyle style{.colour = true, .width = 100, .verbose = false};
  EXPECT_THAT(to_text(testing::mistakes(), style), HasSubstr("\x1b[1;31mHIGH\x1b[0m"));
}

TEST(Text, CountsInfoFindingsInsteadOfListingThem) {
  EXPECT_THAT(to_text(testing::mistakes(), kPlain), Not(HasSubstr("traefik")));
  EXPECT_THAT(to_text(testing::mistakes(), kPlain), HasSubstr("1 info finding: -v shows it"));
  EXPECT_THAT(to_text(testing::mistakes(), kVerbose),
              HasSubstr("belongs to no environment: traefik"));
}

TEST(Text, EndsWithResultAndExit) {
  EXPECT_TRUE(
      to_text(testing::nothing(), kPlain)
          .ends_with("\nnothing to compare: fewer than two environments are in sight · exit "
                     "0\n"));
}

TEST(Text, DoesNotCallSeparatedWhatIsOnlyTolerated) {
  Report report = testing::separated();
  report.fail_on = Severity::kCritical;
  report.findings.push_back(
      testing::finding(Code::kNet001, Severity::kHigh, "t", "00ff1c52e07b4d02"));
  const std::string text = to_text(report, kPlain);
  EXPECT_THAT(text, HasSubstr("\nno finding at or above critical (1 high"));
  EXPECT_THAT(text, Not(HasSubstr("separated as required")));
}

TEST(Text, ListsAMatrixThatIsTooWideForATable) {
  Report report;
  report.environments = {{"production", "production", 1, {}},
                         {std::string(70, 'd'), "staging", 1, {}}};
  testing::add_pair(
      report, "production", std::string(70, 'd'),
      {{"shared", "any"}, {"separate", "separate"}, {"separate-values", "separate-systems"}});
  const std::string text = to_text(report, kPlain);
  EXPECT_THAT(text, HasSubstr("    credentials  separate-values ✗ needs separate-systems\n"));
  EXPECT_LE(widest_line(text), 100U);
}

TEST(Text, CountsThePairsOfALargeMatrixThatAreFine) {
  Report report;
  for (int a = 0; a < 6; ++a) {
    for (int b = a + 1; b < 6; ++b) {
      testing::add_pair(report, fmt::format("env{}", a), fmt::format("env{}", b),
                        {{"separate", "any"}, {a + b == 1 ? "shared" : "separate", "separate"}});
    }
  }
  EXPECT_THAT(to_text(report, kPlain), HasSubstr("14 other pairs as required: -v shows all"));
  EXPECT_THAT(to_text(report, kPlain), HasSubstr("env0 ↔ env1"));
  EXPECT_THAT(to_text(report, kVerbose), HasSubstr("env4 ↔ env5"));
}

TEST(Markdown, FitsACommentHoweverMuchThereIs) {
  const std::string out = to_markdown(testing::large(20'000));
  EXPECT_LT(out.size(), 65'536U);
  EXPECT_THAT(out, HasSubstr("more findings left out here"));
}

TEST(Markdown, LetsNoForeignMarkupThrough) {
  const std::string out = to_markdown(testing::hostile());
  EXPECT_THAT(out, Not(HasSubstr("<script")));
  EXPECT_THAT(out, Not(HasSubstr("<img")));
  EXPECT_THAT(out, HasSubstr("````sh\ndocker network rm"));  // a fence longer than the name's
}

TEST(Matrix, HasItsOwnPageInFourFormats) {
  const Report report = testing::mistakes();
  for (const Format format : {Format::kText, Format::kJson, Format::kMarkdown, Format::kHtml}) {
    const auto page = render_matrix(report, format, kPlain);
    ASSERT_TRUE(page);
    EXPECT_THAT(*page, HasSubstr("shared-values"));
    EXPECT_THAT(*page, Not(HasSubstr("docker network connect")));
  }
  EXPECT_FALSE(render_matrix(report, Format::kSarif, kPlain));
  EXPECT_FALSE(render_matrix(report, Format::kJunit, kPlain));
  EXPECT_THAT(*render_matrix(testing::nothing(), Format::kText, kPlain),
              HasSubstr("nothing to compare"));
}

TEST(Codes, EachHasAPage) {
  for (const CodeInfo& code : all_codes()) {
    const std::string text = render_code(code, Format::kText, kPlain).value_or("");
    EXPECT_THAT(text, HasSubstr(std::string(code.name)));
    EXPECT_LE(widest_line(text), 100U) << code.name;
    EXPECT_EQ(text.contains("does not decide"), !code.checked);
    EXPECT_THAT(render_code(code, Format::kMarkdown, kPlain).value_or(""),
                HasSubstr("## " + std::string(code.name)));
    EXPECT_FALSE(render_code(code, Format::kHtml, kPlain));
  }
}

TEST(Formats, AreNamed) {
  for (const auto& [name, format] :
       {std::pair("text", Format::kText), std::pair("json", Format::kJson),
        std::pair("sarif", Format::kSarif), std::pair("junit", Format::kJunit),
        std::pair("markdown", Format::kMarkdown), std::pair("html", Format::kHtml)}) {
    EXPECT_EQ(parse_format(name), format);
    EXPECT_FALSE(render(testing::mistakes(), format, kPlain).empty());
  }
  EXPECT_FALSE(parse_format("yaml"));
}

// tests/report validates these files against the schemas.
TEST(Formats, AreWrittenOutForValidation) {
  const char* asked = std::getenv("FIREBREAK_SAMPLES");
  const std::filesystem::path folder = asked != nullptr ? asked : ::testing::TempDir() + "/samples";
  for (const Case& each : kCases) {
    for (const auto& [ending, format] :
         {std::pair("json", Format::kJson), std::pair("sarif", Format::kSarif),
          std::pair("junit.xml", Format::kJunit), std::pair("html", Format::kHtml)}) {
      const std::filesystem::path path = folder / (std::string(each.name) + "." + ending);
      const std::string content = render(each.make(), format, kPlain);
      write(path, content);
      EXPECT_EQ(read(path), content);
    }
  }
  const Report mistakes = testing::mistakes();
  for (const auto& [name, change] :
       {std::pair("diff.json", diff(testing::incomplete(), mistakes)),
        std::pair("diff-hostile.json", diff(testing::hostile(), testing::separated())),
        std::pair("diff-none.json", diff(mistakes, mistakes))}) {
    write(folder / name, render_diff(change, Format::kJson, kPlain).value_or(""));
  }
  write(folder / "large.html", to_html(testing::large(2'000)));
}

}  // namespace
}  // namespace firebreak
