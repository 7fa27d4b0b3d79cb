// A whole run with made-up answers: counts, what disagrees, text and JSON against golden files.
// FIREBREAK_UPDATE_GOLDEN=1 writes them anew.
#include "verify/report.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "reach/reach.h"
#include "reach/testing.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void expect_golden_verify(const std::string& name, const std::string& content) {
  const std::filesystem::path path = std::filesystem::path("tests/golden/verify") / name;
  if (std::getenv("FIREBREAK_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }
  std::ifstream file(path, std::ios::binary);
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(content, expected.str()) << path;
}

// A host with a container that has an HTTP server, and one apart from it.
struct VerifyRun {
  Estate estate;
  Flows flows;
  std::vector<VerifyPlace> places;
  ProbePlan plan;

  VerifyRun()
      : estate(make()),
        flows(*reach(estate, {.all = true})),
        places(verify_places(estate)),
        plan(plan_probes(places, flows.flows, {.most = 2})) {}

  static Estate make() {
    ReachBuilder b;
    b.host("laptop")
        .bridge("br-a", {"10.81.1.1/24"})
        .bridge("br-b", {"10.81.2.1/24"})
        .iptables(
            "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
            "-A FORWARD -i br-b -o br-a -j DROP\n-A FORWARD -i br-a -o br-b -j DROP\nCOMMIT\n");
    b.container("web").on("br-a", {"10.81.1.2/24"}).listens(80);
    b.container("db").on("br-b", {"10.81.2.2/24"});
    return b.estate();
  }

  [[nodiscard]] VerifyBasis basis() const {
    return {estate,
            plan,
            places,
            {.flows = flows, .trace = [this](const auto& from, const auto& packet) {
               return trace_packet(estate, from, packet);
             }}};
  }

  // What is predicted comes true.
  [[nodiscard]] Answers as_predicted() const {
    Answers out;
    for (const PlannedProbe& one : plan.probes) {
      ProbeResult result;
      if (one.prediction == Prediction::kOpen) result.outcome = ProbeOutcome::kAnswered;
      out.results.emplace_back(result);
    }
    out.arrived.resize(plan.probes.size());
    out.answered_by.resize(plan.probes.size());
    return out;
  }

  [[nodiscard]] std::size_t index(std::string_view from, std::string_view packet) const {
    PacketHeader header = header_from(packet);
    header.source_port = {};
    for (std::size_t i = 0; i < plan.probes.size(); ++i) {
      if (plan.probes[i].from == end_named(estate, from) && plan.probes[i].packet == header)
        return i;
    }
    CHECK(false);
    return 0;
  }
};

constexpr std::string_view kToWeb = "10.81.1.1 -> 10.81.1.2:80";
constexpr std::string_view kFromDb = "10.81.2.2 -> 10.81.1.2:80";

TEST(VerifyReport, CountsWhatAgrees) {
  const VerifyRun run;
  const VerifyReport report = report_answers(run.basis(), run.as_predicted());
  EXPECT_EQ(report.asked, run.plan.probes.size());
  EXPECT_EQ(report.agreed + report.not_proven, report.asked);
  EXPECT_THAT(report.disagreements, IsEmpty());
  EXPECT_EQ(report.exit(), 0);
}

TEST(VerifyReport, TellsOfEachDisagreement) {
  const VerifyRun run;
  Answers answers = run.as_predicted();
  answers.results[run.index("laptop", kToWeb)]->outcome = ProbeOutcome::kSilence;
  answers.results[run.index("laptop/db", kFromDb)]->outcome = ProbeOutcome::kReset;
  const VerifyReport report = report_answers(run.basis(), answers);
  std::vector<std::string> titles;
  titles.reserve(report.disagreements.size());
  for (const Disagreement& one : report.disagreements) titles.push_back(one.finding.title);
  EXPECT_THAT(
      titles,
      ElementsAre("@laptop to web at tcp 10.81.1.2:80: predicted open, but nothing came back",
                  "db to web at tcp 10.81.1.2:80: predicted closed, but the connection was "
                  "refused by a reset"));
  EXPECT_EQ(report.exit(), 1);
  EXPECT_EQ(doubtful(run.basis(), answers).size(), 2);
}

TEST(VerifyReport, BelievesNoSilenceOfASenderThatNobodyAnswers) {
  const VerifyRun run;
  Answers answers = run.as_predicted();
  for (std::size_t i = 0; i < run.plan.probes.size(); ++i) {
    if (run.plan.probes[i].from == end_named(run.estate, "laptop/db")) {
      answers.results[i]->outcome = ProbeOutcome::kSilence;
    }
  }
  const VerifyReport report = report_answers(run.basis(), answers);
  EXPECT_GT(report.unproven.at("nothing answers this sender at all"), 0);
}

TEST(VerifyReport, IsIncompleteWhereSomethingWasNotAsked) {
  const VerifyRun run;
  Answers answers = run.as_predicted();
  answers.results[0].reset();
  answers.unasked.push_back({run.plan.probes[0].from, "it is gone"});
  EXPECT_EQ(report_answers(run.basis(), answers).exit(), 3);
}

TEST(VerifyReport, IsRendered) {
  const VerifyRun run;
  Answers answers = run.as_predicted();
  answers.results[run.index("laptop", kToWeb)]->outcome = ProbeOutcome::kSilence;
  answers.results[run.index("laptop/db", kFromDb)]->outcome = ProbeOutcome::kAnswered;
  answers.unasked.push_back({end_named(run.estate, "laptop/web"), "it is gone"});
  const VerifyReport report = report_answers(run.basis(), answers);
  constexpr TextStyle kStyle{.colour = false, .width = 100, .verbose = false};
  constexpr TextStyle kVerbose{.colour = false, .width = 100, .verbose = true};
  expect_golden_verify("answers.txt", to_text(report, kVerbose));
  expect_golden_verify("answers.json", to_json(report));
  const VerifyReport plan = report_plan(run.basis(), 200);
  expect_golden_verify("plan.txt", to_text(plan, kStyle));
  expect_golden_verify("plan.json", to_json(plan));
}

}  // namespace
}  // namespace firebreak
