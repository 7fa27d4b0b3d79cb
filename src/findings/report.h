// The report: the one value that all formats print. Schema "firebreak/report/1"
// (docs/schema/report-1.json).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/timestamp.h"
#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace firebreak {

// A matrix cell: from one environment into another, in one dimension.
struct Cell {
  std::string from;
  std::string to;
  Dimension dimension = Dimension::kHost;
  std::string
      level;  // what was found: "shared", "open", "separate", "separate-values", "unknown", …
  std::string required;  // "separate", "any", …
  std::string basis;     // "configuration" (read from engines), later "packets", "identity"
  bool met = false;  // the level satisfies what is required; never true for "unknown" unless "any"
  std::vector<std::string> findings;  // fingerprints, sorted
};

struct ReportEnvironment {
  std::string name;
  std::string tier;
  std::size_t workloads = 0;
  std::vector<std::string> networks;
};

// For the map and for readers who want to know why.
struct ReportWorkload {
  std::string host;
  std::string name;
  std::string kind;         // "container", "compose service", "swarm service"
  std::string environment;  // empty: none
  std::vector<std::string> reasons;
  std::vector<std::string> networks;  // names
  bool running = false;
  std::size_t replicas = 1;
  std::string project;  // compose project or Swarm stack; may be empty
};

struct ReportNetwork {
  std::string host;
  std::string name;
  std::string driver;
  std::string environment;  // whose it is; empty: nobody's or shared
};

struct ReportHost {
  std::string name;
  std::string endpoint;
  std::string engine;  // "docker 20.10.24+dfsg1 (API 1.41)"
};

enum class Outcome : std::uint8_t { kSeparated, kFindings, kIncomplete, kNothingToCompare };
[[nodiscard]] std::string_view name_of(Outcome outcome);

struct Report {
  Timestamp generated{};
  std::string version;
  std::string policy_file;  // empty: none
  std::string policy_digest;
  bool inferred = false;
  Outcome outcome = Outcome::kNothingToCompare;
  int exit = 0;  // 0, 1 or 3
  Severity fail_on = Severity::kMedium;
  std::vector<ReportHost> hosts;
  std::vector<ReportEnvironment> environments;
  std::vector<ReportWorkload> workloads;
  std::vector<ReportNetwork> networks;
  std::vector<Cell> matrix;
  std::vector<Finding> findings;  // by pair of environments, worst first
  std::vector<Gap> gaps;
  std::vector<std::string> notes;        // what the reader should know: fresh fingerprint key, …
  std::vector<std::string> not_checked;  // codes that this version cannot decide yet

  // Open findings of one severity (waived and AUD006 ones apart).
  [[nodiscard]] std::size_t open(Severity severity) const;
  [[nodiscard]] std::size_t waived() const;
};

}  // namespace firebreak
