// What `firebreak verify` tells.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "estate/estate.h"
#include "findings/finding.h"
#include "reach/packet_flows.h"
#include "report/render.h"
#include "verify/judge.h"
#include "verify/send.h"

namespace firebreak {

// A network namespace, as reports name it.
struct VerifyEnd {
  std::string host;
  std::string container;               // empty: the host's own namespace
  std::string environment;             // empty: none, or several
  std::string name;                    // "development/api", "@laptop"
  std::vector<std::string> workloads;  // all that use it
};

struct AskedProbe {
  VerifyEnd from;
  VerifyEnd to;
  PacketHeader packet;
  Prediction prediction = Prediction::kClosed;
  std::string happened;  // empty: not sent (--dry-run)
};

struct Disagreement {
  AskedProbe probe;
  Finding finding;  // NET009; its path is what was predicted, hop by hop
};

struct VerifyReport {
  bool dry_run = false;
  bool listeners = false;
  double seconds = 0;  // --dry-run: how long sending would take
  std::size_t asked = 0;
  std::size_t agreed = 0;
  std::size_t not_proven = 0;
  std::size_t unknown = 0;
  std::vector<Disagreement> disagreements;      // as planned
  std::vector<AskedProbe> unknown_probes;       // what came where nothing was predicted
  std::map<std::string, std::size_t> unproven;  // by reason
  std::vector<AskedProbe> planned;              // --dry-run alone
  std::map<Prediction, std::size_t> plan;       // how many of each
  std::vector<Gap> gaps;                        // hosts and namespaces that were not asked

  // 1: a disagreement; 3: none, but something could not be asked; 0: all that was asked agrees.
  [[nodiscard]] int exit() const;
};

struct VerifyBasis {
  const Estate& estate;
  const ProbePlan& plan;
  const std::vector<VerifyPlace>& places;
  PacketFlows flows;
};

// The plan alone.
[[nodiscard]] VerifyReport report_plan(const VerifyBasis& basis, double per_second);
[[nodiscard]] VerifyReport report_answers(const VerifyBasis& basis, const Answers& answers);

// Of the probes that were answered, those that disagree.
[[nodiscard]] std::vector<std::size_t> doubtful(const VerifyBasis& basis, const Answers& answers);

// Text, or JSON "firebreak/verify/1" (docs/schema/verify-1.json).
[[nodiscard]] std::string to_text(const VerifyReport& report, const TextStyle& style);
[[nodiscard]] std::string to_json(const VerifyReport& report);

}  // namespace firebreak
