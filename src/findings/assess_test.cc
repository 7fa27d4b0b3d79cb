#include "findings/assess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"
#include "estate/testing.h"
#include "findings/waivers.h"

namespace firebreak {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kNow = "2026-11-23T10:00:00Z";

AssessOptions options() {
  return {.now = *parse_timestamp(kNow), .fail_on = Severity::kMedium, .version = "0.1.0"};
}

SnapshotBuilder two_environments() {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api").label("env", "dev");
  b.container("db").label("env", "production");
  b.container("web").label("env", "staging");
  return b;
}

PolicyBuilder three_tiers() {
  PolicyBuilder p;
  p.environment("production", Tier::kProduction, {"label: env=production"});
  p.environment("staging", Tier::kStaging, {"label: env=staging"});
  p.environment("development", Tier::kDevelopment, {"label: env=dev"});
  return p;
}

Finding finding(Code code, std::vector<std::string> environments = {"development", "production"}) {
  Finding out;
  out.code = code;
  out.severity = info(code).severity;
  out.environments = std::move(environments);
  out.fingerprint = finding_fingerprint(code, out.environments, {"x"});
  out.title = std::string(info(code).name);
  out.subjects = {
      {.kind = "container", .host = "laptop", .name = "api", .environment = "development"},
      {.kind = "container", .host = "laptop", .name = "db", .environment = "production"}};
  return out;
}

Report report(const Estate& estate, std::vector<Finding> found) {
  return assess(estate, std::move(found), options());
}

Finding settled(const Policy& policy, Finding one) {
  const Estate estate = build_estate(two_environments().build(), policy);
  return report(estate, {std::move(one)}).findings.front();
}

const Cell& cell(const Report& report, std::string_view from, std::string_view to,
                 Dimension dimension) {
  for (const Cell& candidate : report.matrix) {
    if (candidate.from == from && candidate.to == to && candidate.dimension == dimension) {
      return candidate;
    }
  }
  check_failed("no such cell", __FILE__, __LINE__);
}

std::vector<std::string_view> codes(const Report& report) {
  std::vector<std::string_view> out;
  out.reserve(report.findings.size());
  for (const Finding& one : report.findings) out.push_back(info(one.code).name);
  return out;
}

Waiver waiver(std::string code, std::string from = {}, std::string to = {}) {
  Waiver out;
  out.code = std::move(code);
  out.from = std::move(from);
  out.to = std::move(to);
  out.reason = "agreed";
  out.approved_by = "a@example.com";
  out.expires = *parse_date("2027-01-31");
  return out;
}

TEST(Severity, IsFullWhereTheDimensionIsRequired) {
  EXPECT_EQ(settled(three_tiers().build(), finding(Code::kNet001)).severity, Severity::kHigh);
}

TEST(Severity, IsOneLessOutOfAHigherTier) {
  const Finding out =
      settled(three_tiers().build(), finding(Code::kCred005, {"production", "development"}));
  EXPECT_EQ(out.severity, Severity::kMedium);
}

TEST(Severity, IsCappedWhereNothingWasSaid) {
  const Finding out = settled(three_tiers().build(), finding(Code::kHost001));
  EXPECT_EQ(out.severity, Severity::kLow);
  EXPECT_FALSE(out.accepted);
}

TEST(Severity, IsResidualRiskWhereThePolicyAccepts) {
  const Policy policy =
      three_tiers().require("production", "*", {{Dimension::kNetwork, Level::kSeparate}}).build();
  const Finding out = settled(policy, finding(Code::kHost001));
  EXPECT_EQ(out.severity, Severity::kInfo);
  EXPECT_TRUE(out.accepted);
}

TEST(Severity, OfASharedHostIsFullWhereHostsMustBeSeparate) {
  const Policy policy =
      three_tiers().require("production", "*", {{Dimension::kHost, Level::kSeparate}}).build();
  EXPECT_EQ(settled(policy, finding(Code::kHost001)).severity, Severity::kMedium);
}

TEST(Severity, OfAnInfluenceCountsIfAnyDimensionIsRequired) {
  const Policy network =
      three_tiers().require("production", "*", {{Dimension::kNetwork, Level::kSeparate}}).build();
  EXPECT_EQ(settled(network, finding(Code::kHost002)).severity, Severity::kCritical);
  const Policy nothing = three_tiers().require("production", "*", {}).build();
  const Finding accepted = settled(nothing, finding(Code::kHost002));
  EXPECT_TRUE(accepted.accepted);
  EXPECT_EQ(accepted.severity, Severity::kInfo);
}

TEST(Severity, BetweenEqualTiersIsLowUnlessRequired) {
  PolicyBuilder p;
  p.environment("one", Tier::kDevelopment, {"label: env=production"});
  p.environment("two", Tier::kDevelopment, {"label: env=dev"});
  EXPECT_EQ(settled(p.build(), finding(Code::kNet001, {"one", "two"})).severity, Severity::kLow);
  p.require("one", "two", {{Dimension::kNetwork, Level::kSeparate}});
  // Full, but one step down: neither climbs into a higher tier.
  EXPECT_EQ(settled(p.build(), finding(Code::kNet001, {"one", "two"})).severity, Severity::kMedium);
}

TEST(Severity, OfPairsThatNoEntryNamesIsAccepted) {
  const Policy policy =
      three_tiers().require("production", "*", {{Dimension::kNetwork, Level::kSeparate}}).build();
  EXPECT_TRUE(settled(policy, finding(Code::kNet001, {"development", "staging"})).accepted);
}

TEST(Severity, OfOneEnvironmentFollowsItsStrongestPair) {
  const Policy policy =
      three_tiers()
          .require("production", "development", {{Dimension::kCredentials, Level::kSeparateValues}})
          .build();
  EXPECT_EQ(settled(policy, finding(Code::kCred006, {"development"})).severity, Severity::kHigh);
  EXPECT_TRUE(settled(policy, finding(Code::kCred006, {"staging"})).accepted);
}

TEST(Severity, OfAuditCodesStaysAsTheCheckGaveIt) {
  EXPECT_EQ(settled(three_tiers().build(), finding(Code::kAud002, {})).severity, Severity::kMedium);
}

TEST(Waivers, WaiveWhatTheyNameAndSayWhy) {
  const Policy policy =
      three_tiers().waiver(waiver("NET001", "development/api", "production/*")).build();
  const Finding out = settled(policy, finding(Code::kNet001));
  EXPECT_EQ(out.status, Finding::Status::kWaived);
  EXPECT_EQ(out.waiver, "agreed, approved by a@example.com, until 2027-01-31");
}

TEST(Waivers, CoverTheLastDayAndNotTheNext) {
  Waiver w = waiver("NET001");
  w.expires = *parse_date("2026-11-23");
  EXPECT_FALSE(expired(w, *parse_timestamp("2026-11-23T23:59:59Z")));
  EXPECT_TRUE(expired(w, *parse_timestamp("2026-11-24T00:00:00Z")));
}

struct CoverCase {
  std::string name;
  Waiver waiver;
  Code code = Code::kNet001;
  bool covered = false;
};

class WaiverCovers : public testing::TestWithParam<CoverCase> {};

TEST_P(WaiverCovers, Decides) {
  EXPECT_EQ(covers(GetParam().waiver, finding(GetParam().code)), GetParam().covered);
}

Waiver between(std::string code, std::vector<std::string> environments) {
  Waiver out = waiver(std::move(code));
  out.environments = std::move(environments);
  return out;
}

Waiver by_fingerprint(std::string fingerprint) {
  Waiver out = waiver("");
  out.fingerprint = std::move(fingerprint);
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, WaiverCovers,
    testing::Values(
        CoverCase{"Code", waiver("NET001"), Code::kNet001, true},
        CoverCase{"OtherCode", waiver("NET004"), Code::kNet001, false},
        CoverCase{"WholeEnvironment", waiver("NET001", "development", "production"), Code::kNet001,
                  true},
        CoverCase{"OtherContainer", waiver("NET001", "development/web", "production/db"),
                  Code::kNet001, false},
        CoverCase{"OtherWayRound", waiver("NET001", "production/db", "development/api"),
                  Code::kNet001, true},
        CoverCase{"DirectionCounts", waiver("CRED005", "production/db", "development/api"),
                  Code::kCred005, false},
        CoverCase{"OneSideAlone", waiver("NET001", "", "production/d?"), Code::kNet001, true},
        CoverCase{"BothEnvironments", between("NET001", {"production", "development"}),
                  Code::kNet001, true},
        CoverCase{"OneOtherEnvironment", between("NET001", {"production", "staging"}),
                  Code::kNet001, false},
        CoverCase{"Fingerprint", by_fingerprint(finding(Code::kNet001).fingerprint), Code::kNet001,
                  true},
        CoverCase{"OtherFingerprint", by_fingerprint("0000000000000000"), Code::kNet001, false},
        CoverCase{"NeverAGap", waiver("AUD006"), Code::kAud006, false},
        CoverCase{"NeverAnExpiredWaiver", waiver("AUD003"), Code::kAud003, false}),
    [](const auto& test) { return test.param.name; });

TEST(Waivers, ForOneContainerDoNotCoverItsNeighbours) {
  Finding wide = finding(Code::kNet001);
  wide.subjects.push_back(
      {.kind = "container", .host = "laptop", .name = "other", .environment = "development"});
  EXPECT_FALSE(covers(waiver("NET001", "development/api", "production/db"), wide));
  EXPECT_TRUE(covers(waiver("NET001", "development/*", "production/db"), wide));
}

TEST(Waivers, ForPortsCoverWhatIsAboutThoseAlone) {
  Finding flow = finding(Code::kNet002);
  flow.ports = {{.protocol = 6, .ranges = {{Port{80}, Port{80}}, {Port{5000}, Port{5010}}}}};
  const auto covered = [&](std::string_view ports) {
    Waiver w = waiver("NET002");
    w.ports = ports;
    return covers(w, flow);
  };
  EXPECT_TRUE(covered(""));
  EXPECT_TRUE(covered("80/tcp, 5000-5010/tcp"));
  EXPECT_TRUE(covered("1-4999,5000-5004/tcp,5005-65535"));
  EXPECT_FALSE(covered("80/tcp"));
  EXPECT_FALSE(covered("80/tcp, 5000-5009/tcp"));
  EXPECT_FALSE(covered("80/udp, 5000-5010/tcp"));
  flow.ports.push_back({.protocol = 17, .ranges = {{Port{53}, Port{53}}}});
  EXPECT_FALSE(covered("80/tcp, 5000-5010/tcp"));
  EXPECT_TRUE(covered("1-65535"));
  flow.ports.clear();  // a ping
  EXPECT_FALSE(covered("1-65535"));
  Waiver other = waiver("NET001");
  other.ports = "80/tcp";
  EXPECT_TRUE(covers(other, finding(Code::kNet001)));
}

TEST(Waivers, NameAContainerOfNoEnvironmentAlone) {
  Finding pivot = finding(Code::kNet004);
  pivot.subjects = {{.kind = "container", .host = "laptop", .name = "traefik", .environment = ""},
                    {.kind = "network", .host = "laptop", .name = "dev-net", .environment = ""}};
  EXPECT_TRUE(covers(waiver("NET004", "traefik", "production"), pivot));
  EXPECT_TRUE(covers(waiver("NET004", "development/*", "production/*"), pivot));
  EXPECT_FALSE(covers(waiver("NET004", "nginx", "production"), pivot));
  EXPECT_FALSE(covers(waiver("NET004", "development/api", "production"), pivot));
}

TEST(Waivers, ThatHaveExpiredWaiveNothingAndAreReported) {
  Waiver old = waiver("NET001");
  old.expires = *parse_date("2026-11-22");
  const Estate estate = build_estate(two_environments().build(), three_tiers().waiver(old).build());
  const Report out = report(estate, {finding(Code::kNet001)});
  EXPECT_THAT(codes(out), ElementsAre("NET001", "AUD003"));
  EXPECT_EQ(out.findings[0].status, Finding::Status::kOpen);
  EXPECT_EQ(out.findings[1].severity, Severity::kMedium);
  EXPECT_THAT(out.findings[1].place, HasSubstr("firebreak.yaml:"));
  EXPECT_THAT(out.findings[1].notes, Contains(HasSubstr("open again")));
}

TEST(Waivers, ThatMatchNothingAreReported) {
  const Estate estate =
      build_estate(two_environments().build(), three_tiers().waiver(waiver("NET005")).build());
  const Report out = report(estate, {});
  EXPECT_THAT(codes(out), ElementsAre("AUD004"));
  EXPECT_EQ(out.exit, 0);
}

TEST(Exit, IsZeroIfAllIsSeparated) {
  const Report out = report(build_estate(two_environments().build(), three_tiers().build()), {});
  EXPECT_EQ(out.exit, 0);
  EXPECT_EQ(out.outcome, Outcome::kSeparated);
}

TEST(Exit, IsOneFromTheSeverityThatFails) {
  const Estate estate = build_estate(two_environments().build(), three_tiers().build());
  AssessOptions strict = options();
  strict.fail_on = Severity::kHigh;
  EXPECT_EQ(assess(estate, {finding(Code::kNet001)}, strict).exit, 1);
  EXPECT_EQ(assess(estate, {finding(Code::kNet001)}, strict).outcome, Outcome::kFindings);
  strict.fail_on = Severity::kCritical;
  EXPECT_EQ(assess(estate, {finding(Code::kNet001)}, strict).exit, 0);
}

TEST(Exit, IsZeroForWhatIsWaivedOrAccepted) {
  const Policy waived = three_tiers().waiver(waiver("NET001")).build();
  EXPECT_EQ(report(build_estate(two_environments().build(), waived), {finding(Code::kNet001)}).exit,
            0);
  AssessOptions any = options();
  any.fail_on = Severity::kInfo;
  const Policy accepted = three_tiers().require("production", "*", {}).build();
  EXPECT_EQ(
      assess(build_estate(two_environments().build(), accepted), {finding(Code::kNet001)}, any)
          .exit,
      0);
}

TEST(Exit, IsThreeForARequiredGapAndOneIfSomethingWasFoundToo) {
  const SnapshotBuilder b = two_environments().gap("networks", "permission denied", {"NET001"});
  const Estate estate = build_estate(b.build(), three_tiers().build());
  const Report out = report(estate, {});
  EXPECT_THAT(codes(out), ElementsAre("AUD006"));
  EXPECT_EQ(out.exit, 3);
  EXPECT_EQ(out.outcome, Outcome::kIncomplete);
  EXPECT_EQ(out.findings[0].title, "networks on laptop could not be seen: permission denied");
  EXPECT_EQ(report(estate, {finding(Code::kNet001)}).exit, 1);
}

TEST(Exit, IsNothingToCompareWithOneEnvironment) {
  SnapshotBuilder b;
  b.host("laptop").container("api").label("env", "dev");
  const Report out = report(build_estate(b.build(), Policy{}), {});
  EXPECT_EQ(out.outcome, Outcome::kNothingToCompare);
  EXPECT_EQ(out.exit, 0);
  EXPECT_THAT(out.notes, Contains(HasSubstr("nothing to compare")));
}

TEST(Exit, IsThreeEvenWithNothingToCompareIfAHostCouldNotBeAsked) {
  SnapshotBuilder b;
  b.host("laptop").gap("the host", "connection refused");
  const Report out = report(build_estate(b.build(), Policy{}), {});
  EXPECT_EQ(out.exit, 3);
  EXPECT_EQ(out.findings[0].title, "the host laptop could not be seen: connection refused");
}

TEST(Gaps, ThatNoRequiredCheckNeedsStayGaps) {
  const SnapshotBuilder b = two_environments().gap("volumes", "too slow", {"REG002", "NET008"});
  const Report out = report(build_estate(b.build(), three_tiers().build()), {});
  EXPECT_THAT(out.findings, IsEmpty());
  EXPECT_EQ(out.gaps.size(), 1U);
  EXPECT_EQ(out.exit, 0);
}

TEST(Gaps, OfAnInfluenceAreRequiredWithAnyDimension) {
  const SnapshotBuilder b = two_environments().gap("volumes", "too slow", {"HOST003"});
  EXPECT_EQ(report(build_estate(b.build(), three_tiers().build()), {}).exit, 3);
}

TEST(Gaps, OfAnInferredRunMayHideTheOtherEnvironment) {
  SnapshotBuilder b;
  b.host("laptop").container("api").label("env", "dev");
  b.gap("inspect of container db", "cut short", {"NET001"});
  EXPECT_EQ(report(build_estate(b.build(), Policy{}), {}).exit, 3);
}

// What `audit` makes of flows.
Report with_packets(PacketBasis basis, std::vector<Finding> found = {}) {
  const Estate estate = build_estate(two_environments().build(), three_tiers().build());
  AssessOptions asked = options();
  asked.packets = std::move(basis);
  return assess(estate, std::move(found), asked);
}

TEST(Packets, ThatWereNotLookedAtLeaveTheirCodesUnchecked) {
  const Estate estate = build_estate(two_environments().build(), three_tiers().build());
  EXPECT_THAT(report(estate, {}).not_checked, Contains("NET002"));
  EXPECT_THAT(report(estate, {}).not_checked, Contains("NET003"));
  const Report out = with_packets({});
  EXPECT_THAT(out.not_checked, Not(Contains("NET002")));
  EXPECT_THAT(out.not_checked, Not(Contains("NET003")));
  EXPECT_THAT(out.not_checked, Contains("NET008"));
}

TEST(Packets, ThatNobodyUnderstandsMakeTheAuditIncomplete) {
  const Report out = with_packets({.gaps = {{.what = "rule of the packet filter",
                                             .why = "filter FORWARD: -m recent",
                                             .host = "laptop",
                                             .needed_by = {"NET002", "NET003"}}},
                                   .blind_hosts = {}});
  EXPECT_EQ(out.exit, 3);
  EXPECT_THAT(codes(out), ElementsAre("AUD006"));
  EXPECT_EQ(cell(out, "development", "production", Dimension::kNetwork).level, "unknown");
}

TEST(Packets, OfHostsThatWereNotLookedIntoAreANote) {
  const Report out = with_packets({.gaps = {}, .blind_hosts = {"far"}});
  EXPECT_EQ(out.exit, 0);
  EXPECT_THAT(out.notes, Contains(HasSubstr("The kernel of far was not looked into")));
  EXPECT_EQ(cell(out, "development", "production", Dimension::kNetwork).basis, "configuration");
}

TEST(Packets, ThatGetThroughMakeTheNetworkOpenOneWay) {
  const Report out = with_packets({}, {finding(Code::kNet003)});
  EXPECT_EQ(out.exit, 1);
  EXPECT_EQ(cell(out, "development", "production", Dimension::kNetwork).level, "open");
  EXPECT_EQ(cell(out, "development", "production", Dimension::kNetwork).basis, "packets");
  EXPECT_EQ(cell(out, "production", "development", Dimension::kNetwork).level, "separate");
}

TEST(Matrix, HasACellForEachOrderedPairAndDimension) {
  const Report out = report(build_estate(two_environments().build(), three_tiers().build()), {});
  EXPECT_EQ(out.matrix.size(), 3U * 2U * 5U);
  EXPECT_EQ(cell(out, "development", "production", Dimension::kHost).level, "shared");
  EXPECT_EQ(cell(out, "development", "production", Dimension::kHost).required, "any");
  EXPECT_TRUE(cell(out, "development", "production", Dimension::kHost).met);
  EXPECT_EQ(cell(out, "development", "production", Dimension::kNetwork).level, "separate");
  EXPECT_EQ(cell(out, "development", "production", Dimension::kNetwork).required, "separate");
  EXPECT_TRUE(cell(out, "development", "production", Dimension::kNetwork).met);
  EXPECT_EQ(cell(out, "development", "production", Dimension::kCredentials).level,
            "separate-values");
  EXPECT_EQ(cell(out, "development", "production", Dimension::kRegistry).level, "separate");
  EXPECT_EQ(cell(out, "development", "production", Dimension::kData).level, "unknown");
}

TEST(Matrix, SaysNothingOfAnEnvironmentWithoutMembers) {
  SnapshotBuilder b;
  b.host("laptop").container("api").label("env", "dev");
  const Estate estate = build_estate(b.build(), three_tiers().build());
  EXPECT_TRUE(report(estate, {}).matrix.empty());
  EXPECT_EQ(report(estate, {finding(Code::kCred005)}).matrix.size(), kDimensions.size());
}

TEST(Matrix, ShowsFindingsInBothDirectionsUnlessTheyHaveOne) {
  const Report out = report(build_estate(two_environments().build(), three_tiers().build()),
                            {finding(Code::kNet001), finding(Code::kCred005)});
  const std::string network = finding(Code::kNet001).fingerprint;
  for (const auto& [from, to] :
       {std::pair("development", "production"), std::pair("production", "development")}) {
    EXPECT_EQ(cell(out, from, to, Dimension::kNetwork).level, "shared");
    EXPECT_FALSE(cell(out, from, to, Dimension::kNetwork).met);
    EXPECT_THAT(cell(out, from, to, Dimension::kNetwork).findings, ElementsAre(network));
  }
  EXPECT_EQ(cell(out, "development", "production", Dimension::kCredentials).level,
            "shared-systems");
  EXPECT_EQ(cell(out, "production", "development", Dimension::kCredentials).level,
            "separate-values");
}

TEST(Matrix, IsUnknownWhereAGapHidesIt) {
  const SnapshotBuilder b = two_environments().gap("networks", "denied", {"NET001"});
  const Report out = report(build_estate(b.build(), three_tiers().build()), {});
  EXPECT_EQ(cell(out, "development", "production", Dimension::kNetwork).level, "unknown");
  EXPECT_FALSE(cell(out, "development", "production", Dimension::kNetwork).met);
  EXPECT_EQ(cell(out, "development", "production", Dimension::kCredentials).level,
            "separate-values");
}

TEST(Matrix, TellsRegistriesFromNamespaces) {
  SnapshotBuilder b;
  b.host("a").container("api", "registry.example.com/dev/api:1").label("env", "dev");
  b.container("db", "postgres:15").label("env", "dev");
  b.host("b").container("api", "registry.example.com/prod/api:1").label("env", "production");
  b.container("web", "other.example.com/prod/web:1").label("env", "staging");
  b.container("db", "postgres:15").label("env", "staging");
  const Report out = report(build_estate(b.build(), three_tiers().build()), {});
  EXPECT_EQ(cell(out, "development", "production", Dimension::kRegistry).level,
            "separate-namespaces");
  EXPECT_EQ(cell(out, "development", "staging", Dimension::kRegistry).level, "separate");
  EXPECT_EQ(cell(out, "development", "staging", Dimension::kHost).level, "separate");
}

TEST(Matrix, DoesNotClaimWhatConfigurationCannotShow) {
  const Policy policy = three_tiers()
                            .require("production", "*",
                                     {{Dimension::kCredentials, Level::kSeparateSystems},
                                      {Dimension::kData, Level::kMasked}})
                            .build();
  const Report out = report(build_estate(two_environments().build(), policy), {});
  EXPECT_FALSE(cell(out, "development", "production", Dimension::kCredentials).met);
  EXPECT_FALSE(cell(out, "development", "production", Dimension::kData).met);
  EXPECT_EQ(out.exit, 3);
  ASSERT_EQ(out.gaps.size(), 2U);
  EXPECT_EQ(out.gaps[0].what, "whether `credentials: separate-systems` holds");
  EXPECT_THAT(out.gaps[0].why, HasSubstr("required for development and production"));
  EXPECT_THAT(out.gaps[1].needed_by, Contains("DATA001"));
  EXPECT_THAT(codes(out), ElementsAre("AUD006", "AUD006"));
}

TEST(Matrix, WhatAFindingDecidesIsNoGap) {
  const Policy policy = three_tiers()
                            .require("production", "development",
                                     {{Dimension::kCredentials, Level::kSeparateSystems}})
                            .build();
  const Estate estate = build_estate(two_environments().build(), policy);
  EXPECT_TRUE(report(estate, {finding(Code::kCred001)}).gaps.empty());
}

TEST(Matrix, WhatIsRequiredOfEnvironmentsThatAreNotThereIsNoGap) {
  SnapshotBuilder b;
  b.host("laptop").container("api").label("env", "dev");
  b.container("db").label("env", "production");
  const auto masked = [](const char* other) {
    return three_tiers().require("production", other, {{Dimension::kData, Level::kMasked}}).build();
  };
  EXPECT_TRUE(report(build_estate(b.build(), masked("staging")), {}).gaps.empty());
  EXPECT_FALSE(report(build_estate(b.build(), masked("development")), {}).gaps.empty());
}

TEST(Matrix, RegistriesThatHaveNothingInCommonNeedNoAsking) {
  SnapshotBuilder b;
  b.host("a").container("api", "registry.example.com/dev/api:1").label("env", "dev");
  b.host("b").container("api", "registry.example.com/prod/api:1").label("env", "production");
  b.container("web", "other.example.com/prod/web:1").label("env", "staging");
  const auto strict = [](const char* one, const char* other) {
    return three_tiers()
        .require(one, other, {{Dimension::kRegistry, Level::kSeparateCredentials}})
        .build();
  };
  EXPECT_EQ(report(build_estate(b.build(), strict("development", "staging")), {}).exit, 0);
  EXPECT_EQ(report(build_estate(b.build(), strict("development", "production")), {}).exit, 3);
}

TEST(Compose, WhereHostsMustBeSeparateIsAGap) {
  SnapshotBuilder b;
  b.compose_host();
  b.planned("shop", "api").label("env", "dev");
  b.planned("shop", "db").label("env", "production");
  EXPECT_EQ(report(build_estate(b.build(), three_tiers().build()), {}).exit, 0);
  const Policy strict =
      three_tiers().require("production", "*", {{Dimension::kHost, Level::kSeparate}}).build();
  const Report out = report(build_estate(b.build(), strict), {});
  EXPECT_EQ(out.exit, 3);
  EXPECT_EQ(cell(out, "development", "production", Dimension::kHost).level, "unknown");
}

TEST(Order, GroupsByPairWorstFirst) {
  const Estate estate = build_estate(two_environments().build(), three_tiers().build());
  const Report out =
      report(estate, {finding(Code::kHost001, {"development", "staging"}), finding(Code::kHost001),
                      finding(Code::kNet001), finding(Code::kHost002, {"staging", "production"})});
  EXPECT_THAT(codes(out), ElementsAre("HOST002", "NET001", "HOST001", "HOST001"));
  EXPECT_THAT(out.findings[2].environments, ElementsAre("development", "production"));
}

TEST(Order, DoesNotDependOnTheOrderOfTheInput) {
  const Estate estate = build_estate(two_environments().build(), three_tiers().build());
  std::vector<Finding> found;
  for (const Code code : {Code::kNet001, Code::kHost001, Code::kCred005, Code::kHost002}) {
    found.push_back(finding(code));
    found.push_back(finding(code, {"development", "staging"}));
  }
  const Report one = report(estate, found);
  std::ranges::reverse(found);
  for (Finding& f : found) std::ranges::reverse(f.subjects);
  const Report other = report(estate, found);
  ASSERT_EQ(one.findings.size(), other.findings.size());
  for (std::size_t i = 0; i < one.findings.size(); ++i) {
    EXPECT_EQ(one.findings[i].fingerprint, other.findings[i].fingerprint);
    EXPECT_EQ(one.findings[i].subjects, other.findings[i].subjects);
  }
}

TEST(Notes, SayHowOldIsWhatWasSeen) {
  Snapshot snapshot = two_environments().build();
  snapshot.taken = *parse_timestamp(kNow) - std::chrono::minutes(59);
  const auto notes = [&] {
    return report(build_estate(snapshot, three_tiers().build()), {}).notes;
  };
  EXPECT_THAT(notes(), Not(Contains(HasSubstr("ago"))));
  snapshot.taken -= std::chrono::hours(1);
  EXPECT_THAT(notes(), Contains(HasSubstr("seen 1 hour ago, at ")));
  snapshot.taken -= std::chrono::hours(30 * 24);
  EXPECT_THAT(notes(), Contains(HasSubstr("seen 30 days ago, at ")));
}

TEST(Notes, SayThatAFreshKeyCannotCompareAcrossSnapshots) {
  Snapshot snapshot = two_environments().build();
  EXPECT_THAT(report(build_estate(snapshot, three_tiers().build()), {}).notes,
              Contains(HasSubstr("--fingerprint-key")));
  snapshot.key_lasting = true;
  EXPECT_THAT(report(build_estate(snapshot, three_tiers().build()), {}).notes,
              Not(Contains(HasSubstr("--fingerprint-key"))));
}

TEST(Notes, SayThatSnapshotsUnderDifferentKeysWereNotCompared) {
  Snapshot one = two_environments().build();
  Snapshot other = two_environments().build();
  other.key_id = "00000000000000bb";
  const Estate estate = build_estate(merge({one, other}), three_tiers().build());
  const Report out = report(estate, {});
  EXPECT_THAT(out.notes, Contains(HasSubstr("not between them")));
  EXPECT_EQ(out.exit, 3);  // CRED001 is required
}

TEST(Sections, DescribeTheEstate) {
  SnapshotBuilder b;
  b.host("laptop").network("shared-net");
  b.container("api").label("env", "dev").on("shared-net");
  const Report out = report(build_estate(b.build(), Policy{}), {});
  ASSERT_EQ(out.hosts.size(), 1U);
  EXPECT_EQ(out.hosts[0].engine, "docker 20.10.24 (API 1.41)");
  ASSERT_EQ(out.workloads.size(), 1U);
  EXPECT_EQ(out.workloads[0].kind, "container");
  EXPECT_EQ(out.workloads[0].environment, "development");
  EXPECT_THAT(out.workloads[0].networks, ElementsAre("shared-net"));
  EXPECT_FALSE(out.workloads[0].reasons.empty());
  EXPECT_TRUE(out.inferred);
  EXPECT_THAT(out.not_checked, Contains("NET002"));
  EXPECT_THAT(out.not_checked, Not(Contains("NET001")));
}

}  // namespace
}  // namespace firebreak
