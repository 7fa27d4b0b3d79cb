// Text and JSON against golden files; FIREBREAK_UPDATE_GOLDEN=1 writes them anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "paths/testing.h"

namespace firebreak {
namespace {

using namespace testing_paths;

constexpr TextStyle kPathStyle{.colour = false, .width = 100, .verbose = false};

void expect_golden_paths(const std::string& name, const std::string& content) {
  const std::filesystem::path path = std::filesystem::path("tests/golden/paths") / name;
  if (std::getenv("FIREBREAK_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }
  std::ifstream file(path, std::ios::binary);
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(content, expected.str()) << path;
}

// A bit of everything.
PathReport everything(const Estate& estate, bool explain) {
  Flow published = flow(estate, "api", "db", "10.81.1.1", 5433, FlowVia::kUserlandProxy);
  published.delivered = only("10.81.2.2");
  published.delivered_ports = port(5432);
  Flow idle = flow(estate, "api", "db", "10.81.2.2", 1);
  idle.ports = idle.delivered_ports = {{Port{1}, Port{5431}}, {Port{5433}, Port{65535}}};
  idle.listening = false;
  Flow unknown = flow(estate, "ci", "db", "10.81.2.2", 53);
  unknown.protocol = 17;
  unknown.open = false;
  unknown.listening = std::nullopt;
  Flow ping = flow(estate, "ci", "db", "10.81.2.2", 1);
  ping.protocol = 1;
  ping.ports.clear();
  ping.delivered_ports.clear();
  ping.listening = std::nullopt;
  ping.derived = true;
  Flows flows{.flows = {published, idle, unknown, ping,
                        flow(estate, "api", "proxy", "10.81.1.4", 80, FlowVia::kSameNetwork),
                        flow(estate, "proxy", "db", "10.81.2.2", 5432, FlowVia::kSameNetwork)},
              .gaps = {{.host = HostId(0),
                        .container = std::nullopt,
                        .what = "rule of the packet filter",
                        .why = "filter FORWARD: -A FORWARD -m recent --rcheck -j DROP"}}};
  std::ranges::sort(flows.flows);
  return find(estate, flows,
              {.from = "development", .to = "production", .all = false, .explain = explain});
}

PathReport stopped(const Estate& estate) {
  return find(estate, {}, {.from = "development/api", .to = "production", .explain = true});
}

TEST(PathsRendered, AsText) {
  const Estate estate = build_estate(shop().build(), policy());
  expect_golden_paths("everything.txt", to_text(everything(estate, false), kPathStyle));
  expect_golden_paths("explained.txt", to_text(everything(estate, true), kPathStyle));
  expect_golden_paths("stopped.txt", to_text(stopped(estate), kPathStyle));
}

TEST(PathsRendered, AsJson) {
  const Estate estate = build_estate(shop().build(), policy());
  expect_golden_paths("explained.json", to_json(everything(estate, true)));
  expect_golden_paths("stopped.json", to_json(stopped(estate)));
}

TEST(PathsRendered, KeepWithinAHundredColumns) {
  const Estate estate = build_estate(shop().build(), policy());
  std::istringstream lines(to_text(everything(estate, true), kPathStyle));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 110U) << line;  // bytes: arrows and dots take three
  }
}

}  // namespace
}  // namespace firebreak
