// What `firebreak paths` tells: the flows between two things, the influences that need no packet,
// and the ways over others. Pure: estate, flows and findings in, one value out.
#pragma once

#include <string>
#include <vector>

#include "checks/checks.h"
#include "estate/estate.h"
#include "findings/finding.h"
#include "paths/end.h"
#include "reach/packet_flows.h"
#include "report/render.h"
#include "snapshot/snapshot.h"

namespace firebreak {

// One end of a flow, as reports name it.
struct PathPlace {
  std::string host;
  std::string container;               // empty: the host's own namespace
  std::string environment;             // empty: none, or several
  std::string name;                    // "development/api", "@laptop"
  std::vector<std::string> workloads;  // all that use the namespace

  friend auto operator<=>(const PathPlace&, const PathPlace&) = default;
};

struct PathFlow {
  PathPlace from;
  PathPlace to;
  Flow flow;
  std::vector<Hop> hops;  // with `explain` only
};

// A finding that is a way to act on the other side without a packet of one's own: the engine's
// socket, a shared volume, a shared namespace, …
struct PathInfluence {
  Code code = Code::kHost002;
  std::string title;
  std::string fingerprint;
  std::vector<std::string> environments;
  std::vector<Hop> path;
};

// A way over things that are on neither side, at least two steps long.
struct PathChain {
  std::string from;
  std::string to;
  std::vector<Hop> steps;  // `at`: who acts; `why`: how it gets to the next one
};

// A packet that was followed because no flow leads there; with `explain` only.
struct PathRefusal {
  std::string from;
  std::string to;
  std::string packet;   // "tcp 10.81.2.2:5432"
  std::string outcome;  // "stopped", "no-answer", "left", "delivered", "unknown"
  std::vector<Hop> hops;
};

struct PathReport {
  std::string from;  // as typed; empty: anything
  std::string to;
  bool all = false;
  std::vector<PathFlow> flows;            // by pair, then listening first
  std::vector<PathInfluence> influences;  // as the findings are ordered
  std::vector<PathChain> chains;          // shortest first
  std::size_t chains_left_out = 0;
  std::vector<PathRefusal> refusals;
  std::vector<Gap> gaps;

  // 1: there is a path; 3: none, but something could not be decided; 0: none.
  [[nodiscard]] int exit() const;
};

struct PathQuestion {
  PathEnd from;
  PathEnd to;
  bool all = false;
  bool explain = false;
};

// Whether the answer needs flows within one environment too (ReachOptions::all).
[[nodiscard]] bool needs_all_flows(const PathQuestion& question);

// `findings` are those of run_checks. Without FROM and TO, and without `all`, only what crosses
// from one environment into another is told.
[[nodiscard]] PathReport find_paths(const Estate& estate, const FlowEnds& ends,
                                    const PacketFlows& flows, const Findings& findings,
                                    const PathQuestion& question);

// Text, or JSON "firebreak/paths/1" (docs/schema/paths-1.json).
[[nodiscard]] std::string to_text(const PathReport& report, const TextStyle& style);
[[nodiscard]] std::string to_json(const PathReport& report);

}  // namespace firebreak
