#include "report/html.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "report/html_parts.h"
#include "report/map_layout.h"
#include "report/render.h"
#include "report/testing.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t number = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++number;
  return number;
}

TEST(Html, EscapesEveryForeignName) {
  const std::string html = to_html(testing::hostile());
  EXPECT_EQ(occurrences(html, "<script>"), 1U);  // its own
  EXPECT_EQ(occurrences(html, "</script>"), 1U);
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, Not(HasSubstr("<b><img")));
  EXPECT_THAT(html, Not(HasSubstr("<a href=//")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

TEST(Html, AsksNobodyForAnything) {
  for (const Report& report : {testing::mistakes(), testing::hostile(), testing::separated()}) {
    const std::string html = to_html(report);
    EXPECT_THAT(html, HasSubstr("default-src 'none'"));
    EXPECT_THAT(html, Not(HasSubstr("unsafe-inline")));
    EXPECT_THAT(html, Not(HasSubstr("<link")));
    EXPECT_THAT(html, Not(HasSubstr(" src=\"")));
    EXPECT_THAT(html, Not(HasSubstr("url(")));
    EXPECT_THAT(html, Not(HasSubstr(" style=\"")));  // the policy would refuse it
    EXPECT_EQ(occurrences(html, "http://") + occurrences(html, "https://"), 1U);
    EXPECT_THAT(html, HasSubstr("xmlns=\"http://www.w3.org/2000/svg\""));
  }
}

TEST(Html, LinksCellsAndMapToFindingsThatExist) {
  const Report report = testing::mistakes();
  const std::string html = to_html(report);
  for (const Finding& finding : report.findings) {
    EXPECT_EQ(occurrences(html, "id=\"" + html_id(finding) + "\""), 1U);
  }
  EXPECT_THAT(html, HasSubstr("<a href=\"#f-3f9a1c52e07b4d68\""));
  for (auto at = html.find("href=\"#"); at != std::string::npos;
       at = html.find("href=\"#", at + 1)) {
    const auto end = html.find('"', at + 7);
    EXPECT_THAT(html, HasSubstr("id=\"" + html.substr(at + 7, end - at - 7) + "\""));
  }
}

TEST(Html, SaysWhatWasNotSeenAndWhatIsAccepted) {
  const std::string html = to_html(testing::incomplete());
  EXPECT_THAT(html, HasSubstr("Residual risk"));
  EXPECT_THAT(html, HasSubstr("connection refused"));
  EXPECT_THAT(html, HasSubstr("approved by security@example.com"));
}

TEST(Map, GivesEachNetworkALineAndEachFindingAMark) {
  const Report report = testing::mistakes();
  const MapLayout map = map_layout(report);
  ASSERT_EQ(map.lanes.size(), 3U);  // production, development, none
  EXPECT_EQ(map.boxes.size(), 4U);
  ASSERT_EQ(map.buses.size(), 2U);
  const auto shared = std::ranges::find(map.buses, "shared-net", &MapBus::name);
  ASSERT_NE(shared, map.buses.end());
  EXPECT_EQ(shared->rows.size(), 3U);
  EXPECT_EQ(shared->lanes.size(), 3U);
  ASSERT_NE(shared->finding, nullptr);
  EXPECT_EQ(shared->finding->code, Code::kNet001);
  ASSERT_EQ(map.brackets.size(), 1U);
  EXPECT_EQ(map.brackets[0].finding->code, Code::kCred001);
  const auto marked =
      std::ranges::find_if(map.boxes, [](const MapBox& box) { return box.finding != nullptr; });
  ASSERT_NE(marked, map.boxes.end());
  EXPECT_EQ(marked->name, "dev-api");
}

TEST(Map, KeepsLinesOfOneColumnApart) {
  const MapLayout map = map_layout(testing::large(290));
  EXPECT_LT(map.columns, map.buses.size());
  for (const MapBus& a : map.buses) {
    for (const MapBus& b : map.buses) {
      if (&a == &b || a.column != b.column) continue;
      EXPECT_TRUE(a.rows.back() < b.first_row || b.rows.back() < a.first_row);
    }
  }
}

TEST(Map, TellsNetworksOfEqualNamesOnTwoHostsApart) {
  Report report = testing::separated();
  report.workloads[1].host = "prod-2";
  for (ReportWorkload& each : report.workloads) each.networks = {"shop_default"};
  report.hosts.push_back({"prod-2", "", ""});
  EXPECT_EQ(map_layout(report).buses.size(), 2U);
  // But one overlay is one network wherever its members run.
  report.networks = {{"prod-1", "shop_default", "overlay", ""}};
  EXPECT_EQ(map_layout(report).buses.size(), 1U);
}

TEST(Map, GroupsWorkloadsWhenThereAreMany) {
  const MapLayout map = map_layout(testing::large(10'000));
  EXPECT_TRUE(map.grouped);
  EXPECT_LE(map.boxes.size(), 300U);
  std::size_t drawn = 0;
  for (const MapBox& box : map.boxes) drawn += box.workloads;
  EXPECT_EQ(drawn, 10'000U);
  EXPECT_FALSE(map_layout(testing::large(290)).grouped);
}

TEST(Map, CountsWhatItCannotDraw) {
  Report report = testing::large(1'000);
  for (std::size_t i = 0; i < report.workloads.size(); ++i) {
    report.workloads[i].networks = {fmt::format("network-{}", i)};
  }
  const MapLayout map = map_layout(report, 50);
  EXPECT_EQ(map.boxes.size(), 50U);
  EXPECT_EQ(std::ranges::count(map.rows, MapRow::Kind::kMore, &MapRow::kind), 3);
}

TEST(Map, DoesNotDependOnTheOrderOfWorkloads) {
  Report report = testing::mistakes();
  const std::string map = html_map(report);
  std::ranges::reverse(report.workloads);
  std::ranges::reverse(report.networks);
  EXPECT_EQ(html_map(report), map);
}

}  // namespace
}  // namespace firebreak
