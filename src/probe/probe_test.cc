#include "probe/probe.h"

#include <gmock/gmock.h>

#include "io/scripted_machine.h"
#include "probe/testing.h"

namespace firebreak {
namespace {

using std::chrono::milliseconds;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing_probe::ScriptedProbes;

constexpr Port kOpen{80};
constexpr Port kSlow{81};
constexpr Port kLate{82};  // answers from the second attempt on
constexpr Port kRefused{83};
constexpr Port kDropped{90};

ScriptedProbes network() {
  ScriptedProbes out;
  out.answers[kOpen] = {.result = {.outcome = ProbeOutcome::kAnswered, .word = "hello"}};
  out.answers[kSlow] = {.result = {.outcome = ProbeOutcome::kAnswered}, .after = milliseconds(900)};
  out.answers[kLate] = {.result = {.outcome = ProbeOutcome::kAnswered}, .from_attempt = 2};
  out.answers[kRefused] = {.result = {.outcome = ProbeOutcome::kReset}};
  return out;
}

ProbeTarget to(Port port) { return {ProbeProtocol::kTcp, {}, IpAddress::v4(0x0a000001), port}; }

std::vector<ProbeOutcome> outcomes(ScriptedProbes& sockets, const std::vector<ProbeTarget>& targets,
                                   const ProbeOptions& options = {}) {
  const auto results = probe(sockets, targets, options);
  EXPECT_TRUE(results.has_value());
  std::vector<ProbeOutcome> out;
  for (const ProbeResult& result : *results) out.push_back(result.outcome);
  return out;
}

TEST(Probe, ResultsStandInTheOrderOfTheTargets) {
  ScriptedProbes sockets = network();
  EXPECT_THAT(outcomes(sockets, {to(kDropped), to(kSlow), to(kRefused), to(kOpen), to(kOpen)}),
              ElementsAre(ProbeOutcome::kSilence, ProbeOutcome::kAnswered, ProbeOutcome::kReset,
                          ProbeOutcome::kAnswered, ProbeOutcome::kAnswered));
  EXPECT_THAT(outcomes(sockets, {}), SizeIs(0));
}

TEST(Probe, SilenceIsAskedAgainAndNothingElse) {
  ScriptedProbes sockets = network();
  EXPECT_THAT(outcomes(sockets, {to(kLate), to(kRefused), to(kDropped)}, {.retries = 2}),
              ElementsAre(ProbeOutcome::kAnswered, ProbeOutcome::kReset, ProbeOutcome::kSilence));
  EXPECT_THAT(sockets.sent, SizeIs(2 + 1 + 3));

  ScriptedProbes once = network();
  EXPECT_THAT(outcomes(once, {to(kLate)}, {.retries = 0}), ElementsAre(ProbeOutcome::kSilence));
}

TEST(Probe, AConnectionThatStaysMuteIsAskedAgain) {
  ScriptedProbes sockets = network();
  sockets.answers[kDropped] = {.result = {.outcome = ProbeOutcome::kMute}};
  EXPECT_THAT(outcomes(sockets, {to(kDropped)}, {.word = true}), ElementsAre(ProbeOutcome::kMute));
  EXPECT_THAT(sockets.sent, SizeIs(2));
}

TEST(Probe, PatienceIsCountedFromEachPacket) {
  ScriptedProbes sockets = network();
  EXPECT_THAT(outcomes(sockets, {to(kSlow)}, {.patience = milliseconds(899), .retries = 0}),
              ElementsAre(ProbeOutcome::kSilence));
  EXPECT_EQ(sockets.passed(), milliseconds(899));
  EXPECT_THAT(outcomes(sockets, {to(kSlow)}, {.patience = milliseconds(901), .retries = 0}),
              ElementsAre(ProbeOutcome::kAnswered));
}

TEST(Probe, NoMoreAreUnderWayThanTheWindowTakes) {
  ScriptedProbes sockets = network();
  const std::vector<ProbeTarget> targets(10, to(kDropped));
  outcomes(sockets, targets, {.per_second = 0, .window = 3, .retries = 0});
  EXPECT_EQ(sockets.most_under_way, 3);
  EXPECT_EQ(sockets.passed(), milliseconds(4000));
}

TEST(Probe, TheRateHoldsInEverySecond) {
  ScriptedProbes sockets = network();
  outcomes(sockets, std::vector<ProbeTarget>(1000, to(kOpen)), {.per_second = 100});
  EXPECT_THAT(sockets.sent, SizeIs(1000));
  for (std::size_t i = 120; i < sockets.sent.size(); ++i) {
    EXPECT_GT(sockets.sent[i].at - sockets.sent[i - 120].at, milliseconds(990));
  }
  EXPECT_LT(sockets.passed(), milliseconds(10100));
}

TEST(Probe, APauseIsNotFollowedByABurst) {
  ScriptedProbes sockets = network();
  // The window is full for a second; what could have been sent meanwhile is not made up for.
  std::vector<ProbeTarget> targets(10, to(kDropped));
  targets.resize(400, to(kOpen));
  outcomes(sockets, targets, {.per_second = 100, .window = 10, .retries = 0});
  for (std::size_t i = 25; i < sockets.sent.size(); ++i) {
    EXPECT_GT(sockets.sent[i].at - sockets.sent[i - 25].at, milliseconds(100));
  }
}

TEST(Probe, PayloadsNameTheirTarget) {
  ScriptedProbes sockets = network();
  const ProbeOptions options{.retries = 0, .marker = "f00d"};
  outcomes(sockets, {to(kOpen), to(kDropped)}, options);
  ASSERT_THAT(sockets.sent, SizeIs(2));
  EXPECT_EQ(sockets.sent[0].payload, "f00d-0");
  EXPECT_EQ(sockets.sent[1].payload, payload_of(options, 1));
}

TEST(Probe, WhatTheKernelRefusesIsSaid) {
  ScriptedProbes sockets = network();
  sockets.broken = Error{ErrorKind::kIo, "bad file descriptor", "epoll", {}};
  const std::vector<ProbeTarget> targets{to(kOpen)};
  const auto results = probe(sockets, targets, {});
  ASSERT_FALSE(results.has_value());
  EXPECT_EQ(results.error().what, "bad file descriptor");
}

TEST(Probe, ANamespaceThatCannotBeEnteredIsAnError) {
  ScriptedMachine machine;
  const std::vector<ProbeTarget> targets{to(kOpen)};
  EXPECT_FALSE(probe(machine, {"/proc/1/ns/net"}, targets, {}).has_value());
  machine.namespaces["/proc/1/ns/net"] = {};
  const auto without = probe(machine, {"/proc/1/ns/net"}, targets, {});
  ASSERT_FALSE(without.has_value());
  EXPECT_THAT(without.error().text(), HasSubstr("raw socket"));
}

TEST(EntryBudget, SilentProbesHoldTheirEntryForTwoMinutes) {
  ScriptedProbes sockets = network();
  EntryBudget budget(5);
  ProbeOptions options{.per_second = 0, .retries = 0};
  options.budget = &budget;
  EXPECT_THAT(outcomes(sockets, std::vector<ProbeTarget>(12, to(kDropped)), options),
              Each(ProbeOutcome::kSilence));
  EXPECT_EQ(sockets.most_under_way, 5);
  ASSERT_THAT(sockets.sent, SizeIs(12));
  EXPECT_EQ(sockets.sent[4].at, milliseconds(0));
  EXPECT_EQ(sockets.sent[5].at, milliseconds(120'000));
  EXPECT_EQ(sockets.sent[11].at, milliseconds(240'000));
  EXPECT_EQ(budget.held(), 2);
}

TEST(EntryBudget, AnsweredProbesMakeRoomAtOnce) {
  ScriptedProbes sockets = network();
  EntryBudget budget(5);
  ProbeOptions options{.per_second = 0};
  options.budget = &budget;
  outcomes(sockets, std::vector<ProbeTarget>(500, to(kOpen)), options);
  EXPECT_LE(sockets.most_under_way, 5);
  EXPECT_EQ(sockets.passed(), milliseconds(0));
  EXPECT_EQ(budget.held(), 0);
}

TEST(EntryBudget, ItIsSharedByAllThatPassThroughAHost) {
  ScriptedProbes sockets = network();
  EntryBudget budget(3);
  ProbeOptions options{.per_second = 0, .retries = 0};
  options.budget = &budget;
  outcomes(sockets, {to(kDropped), to(kDropped)}, options);
  outcomes(sockets, {to(kDropped), to(kDropped)}, options);
  EXPECT_EQ(sockets.sent[2].at, milliseconds(1000));
  EXPECT_EQ(sockets.sent[3].at, milliseconds(120'000));
}

TEST(EntryBudget, ATenthOfTheTable) {
  ScriptedFiles files;
  EXPECT_EQ(careful_limit(files), std::nullopt);
  files.put("/proc/sys/net/netfilter/nf_conntrack_max", "262144\n");
  EXPECT_EQ(careful_limit(files), 26214);
  files.put("/proc/sys/net/netfilter/nf_conntrack_max", "5\n");
  EXPECT_EQ(careful_limit(files), 1);
  files.put("/proc/sys/net/netfilter/nf_conntrack_max", "many\n");
  EXPECT_EQ(careful_limit(files), std::nullopt);
}

}  // namespace
}  // namespace firebreak
