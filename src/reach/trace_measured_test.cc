// Traces against what was measured on real engines: tests/golden/reach/NAME/snapshot.json was taken
// from an engine right after connections had been tried from every namespace to many addresses
// (measured.txt: "answered", "refused": reached but nothing listens, or a rule says so, "silent").
// UDP servers there answer from the address that was asked. Settings that are 0 are left out of the
// snapshots.
//
// Not among them: connections from ::1 to another address of the same machine on which nothing
// listens. The kernel loses the refusal (it looks for ::1 on the wrong interface).
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "reach/testing.h"
#include "reach/trace.h"
#include "snapshot/json.h"

namespace firebreak {
namespace {

std::string golden_text(const std::string& name, const std::string& file_name) {
  std::ifstream file(std::filesystem::path("tests/golden/reach") / name / file_name,
                     std::ios::binary);
  CHECK(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

// "answered", "refused", "silent", "rejected" (whether that is heard is not traced), or why there
// is no such answer.
std::string predicted(const PacketTrace& trace) {
  const std::string& last = trace.hops.back().why;
  switch (trace.outcome) {
    case PacketTrace::Outcome::kDelivered: break;
    case PacketTrace::Outcome::kUnknown: return "unknown: " + last;
    default: return last.find(" -j REJECT") == std::string::npos ? "silent" : "rejected";
  }
  return last == "listening" || last == "reached" ? "answered" : "refused";
}

struct Measured {
  int count = 0;
  std::string wrong;
};

Measured compare_traces(const std::string& name) {
  auto snapshot = parse_snapshot(golden_text(name, "snapshot.json"), name);
  CHECK(snapshot.has_value());
  const Estate estate = build_estate(std::move(*snapshot), {});
  const Tracer tracer(estate);
  Measured out;
  std::istringstream lines(golden_text(name, "measured.txt"));
  std::string from;
  std::string source;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    if (!line.starts_with(' ')) {
      words >> from >> source;
      continue;
    }
    std::string answer;
    std::string protocol;
    words >> answer >> protocol;
    for (std::string to; words >> to; ++out.count) {
      const std::string packet = (protocol == "tcp" ? "" : protocol + " ") + source + " -> " + to;
      const std::string told =
          predicted(tracer.trace(end_named(estate, from), header_from(packet)));
      const bool right = told == answer || (told == "rejected" && answer != "answered");
      if (!right) out.wrong += from + " " + packet + ": " + answer + ", not " + told + "\n";
    }
  }
  return out;
}

TEST(TraceMeasured, Docker28) {
  const Measured measured = compare_traces("docker-28");
  EXPECT_EQ(measured.wrong, "");
  EXPECT_GT(measured.count, 3000);
}

TEST(TraceMeasured, Docker20WithoutUserlandProxy) {
  const Measured measured = compare_traces("docker-20.10-without-proxy");
  EXPECT_EQ(measured.wrong, "");
  EXPECT_GT(measured.count, 1000);
}

// One that routes to the other's containers, a container that routes, an administrator's NAT,
// marks, NOTRACK, rp_filter.
TEST(TraceMeasured, TwoHosts) {
  const Measured measured = compare_traces("two-hosts");
  EXPECT_EQ(measured.wrong, "");
  EXPECT_GT(measured.count, 1500);
}

}  // namespace
}  // namespace firebreak
