#include "findings/code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "findings/finding.h"

namespace firebreak {
namespace {

using testing::ElementsAre;

TEST(Codes, StandInTheOrderOfTheEnum) {
  ASSERT_EQ(all_codes().size(), 39U);
  for (std::size_t i = 0; i < all_codes().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(all_codes()[i].code), i);
    EXPECT_EQ(&info(all_codes()[i].code), &all_codes()[i]);
  }
}

TEST(Codes, SayEverythingThatExplainPrints) {
  for (const CodeInfo& code : all_codes()) {
    EXPECT_FALSE(code.title.empty()) << code.name;
    EXPECT_GT(code.rationale.size(), 60U) << code.name;
    EXPECT_GT(code.remedy.size(), 20U) << code.name;
    EXPECT_FALSE(code.controls.empty()) << code.name;
    EXPECT_LE(code.unstated, code.severity) << code.name;
    for (const std::string_view control : code.controls) {
      EXPECT_NE(control.find(':'), std::string_view::npos) << control;
    }
  }
}

TEST(Codes, OfThisVersionAreMarkedAsChecked) {
  std::vector<std::string_view> checked;
  for (const CodeInfo& code : all_codes()) {
    if (code.checked) checked.push_back(code.name);
  }
  EXPECT_THAT(checked, ElementsAre("HOST001", "HOST002", "HOST003", "HOST004", "HOST005", "NET001",
                                   "NET002", "NET003", "NET004", "NET005", "NET006", "NET007",
                                   "CRED001", "CRED005", "CRED006", "REG002", "REG004", "DATA006",
                                   "DATA007", "AUD002", "AUD003", "AUD004", "AUD005", "AUD006"));
}

TEST(Codes, AreFoundByNameInAnyCase) {
  EXPECT_EQ(parse_code("net001"), Code::kNet001);
  EXPECT_EQ(parse_code("DATA007"), Code::kData007);
  EXPECT_EQ(parse_code("NET01"), std::nullopt);
  EXPECT_EQ(parse_code(""), std::nullopt);
}

TEST(Codes, BelongToTheDimensionOfTheirFamily) {
  const std::map<std::string_view, std::optional<Dimension>> families = {
      {"HOST", Dimension::kHost},        {"NET", Dimension::kNetwork},
      {"CRED", Dimension::kCredentials}, {"REG", Dimension::kRegistry},
      {"DATA", Dimension::kData},        {"AUD", std::nullopt}};
  for (const CodeInfo& code : all_codes()) {
    const std::string_view family = code.name.substr(0, code.name.size() - 3);
    ASSERT_TRUE(families.contains(family)) << code.name;
    EXPECT_EQ(code.dimension, families.at(family)) << code.name;
  }
}

TEST(Severities, AreNamedAndParsed) {
  for (const Severity severity :
       {Severity::kInfo, Severity::kLow, Severity::kMedium, Severity::kHigh, Severity::kCritical}) {
    EXPECT_EQ(parse_severity(name_of(severity)), severity);
  }
  EXPECT_EQ(parse_severity("HIGH"), Severity::kHigh);
  EXPECT_EQ(parse_severity("severe"), std::nullopt);
}

TEST(Severities, AreLoweredOneStepDownToInfo) {
  EXPECT_EQ(lowered(Severity::kCritical), Severity::kHigh);
  EXPECT_EQ(lowered(Severity::kLow), Severity::kInfo);
  EXPECT_EQ(lowered(Severity::kInfo), Severity::kInfo);
}

TEST(FindingFingerprint, IsSixteenHexDigits) {
  const std::string print = finding_fingerprint(Code::kNet001, {"dev", "prod"}, {"shared-net"});
  EXPECT_EQ(print.size(), 16U);
  EXPECT_EQ(print.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(FindingFingerprint, DoesNotDependOnTheOrderOfStableNames) {
  EXPECT_EQ(finding_fingerprint(Code::kNet001, {"dev", "prod"}, {"a", "b"}),
            finding_fingerprint(Code::kNet001, {"dev", "prod"}, {"b", "a"}));
}

TEST(FindingFingerprint, TellsCodesDirectionsAndNamesApart) {
  const std::set<std::string> prints = {
      finding_fingerprint(Code::kNet001, {"dev", "prod"}, {"ab", "c"}),
      finding_fingerprint(Code::kNet001, {"prod", "dev"}, {"ab", "c"}),
      finding_fingerprint(Code::kNet004, {"dev", "prod"}, {"ab", "c"}),
      finding_fingerprint(Code::kNet001, {"dev", "prod"}, {"a", "bc"}),
      finding_fingerprint(Code::kNet001, {"dev", "prod", "ab"}, {"c"}),
      finding_fingerprint(Code::kNet001, {"dev", "prod"}, {"abc"}),
      finding_fingerprint(Code::kNet001, {"dev"}, {"prod", "ab", "c"})};
  EXPECT_EQ(prints.size(), 7U);
}

}  // namespace
}  // namespace firebreak
