#include "verify/judge.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "reach/testing.h"

namespace firebreak {
namespace {

using enum ProbeOutcome;

const FlowEnd kSender{HostId(0), ContainerId(0)};
const FlowEnd kReceiver{HostId(0), ContainerId(1)};
const FlowEnd kStranger{HostId(0), ContainerId(2)};

Flow some_flow(std::optional<bool> listening) {
  Flow flow;
  flow.from = kSender;
  flow.to = kReceiver;
  flow.address = flow.delivered = {address_of("10.81.1.3"), address_of("10.81.1.3")};
  flow.ports = flow.delivered_ports = {{Port{80}, Port{80}}};
  flow.listening = listening;
  return flow;
}

const Flow kListening = some_flow(true);
const Flow kIdle = some_flow(false);

PlannedProbe probe_of(std::string_view packet, Prediction prediction, const Flow* flow) {
  PlannedProbe out;
  out.from = kSender;
  out.to = kReceiver;
  out.packet = header_from(packet);
  out.prediction = prediction;
  if (flow != nullptr) out.flows = {flow};
  return out;
}

const PlannedProbe kOpenTcp = probe_of("10.81.1.2 -> 10.81.1.3:80", Prediction::kOpen, &kListening);
const PlannedProbe kIdleTcp = probe_of("10.81.1.2 -> 10.81.1.3:80", Prediction::kOpen, &kIdle);
const PlannedProbe kIdleUdp = probe_of("udp 10.81.1.2 -> 10.81.1.3:80", Prediction::kOpen, &kIdle);
const PlannedProbe kOpenEcho = probe_of("icmp 10.81.1.2 -> 10.81.1.3", Prediction::kOpen, &kIdle);
const PlannedProbe kClosedTcp = probe_of("10.81.1.2 -> 10.81.1.3:80", Prediction::kClosed, nullptr);
const PlannedProbe kClosedUdp =
    probe_of("udp 10.81.1.2 -> 10.81.1.3:80", Prediction::kClosed, nullptr);

ProbeVerdict verdict(const PlannedProbe& probe, const ProbeResult& result,
                     ProbeEvidence evidence = {}) {
  return judge(probe, result, evidence).verdict;
}

ProbeResult refused(std::uint8_t code, std::string_view from, ProbeOutcome outcome = kUnreachable) {
  return {.outcome = outcome, .icmp = IcmpError{.type = 3, .code = code, .from = address_of(from)}};
}

TEST(AnOpenWay, IsProvenByWhoeverIsReached) {
  for (const ProbeOutcome outcome : {kAnswered, kMute, kClosed}) {
    EXPECT_EQ(verdict(kOpenTcp, {.outcome = outcome}), ProbeVerdict::kAgrees);
  }
  EXPECT_EQ(verdict(kIdleTcp, {.outcome = kReset}), ProbeVerdict::kAgrees);
  EXPECT_EQ(verdict(kIdleUdp, refused(3, "10.81.1.3")), ProbeVerdict::kAgrees);
  EXPECT_EQ(verdict(kIdleUdp, {.outcome = kUnreachable}), ProbeVerdict::kAgrees);
}

TEST(AnOpenWay, IsNotThereWhenNothingComesOrSomebodyRefuses) {
  for (const PlannedProbe& probe : {kOpenTcp, kIdleTcp, kOpenEcho}) {
    EXPECT_EQ(verdict(probe, {.outcome = kSilence}), ProbeVerdict::kDisagrees);
    EXPECT_EQ(verdict(probe, {.outcome = kNoRoute}), ProbeVerdict::kDisagrees);
    EXPECT_EQ(verdict(probe, refused(13, "10.81.1.1", kProhibited)), ProbeVerdict::kDisagrees);
    EXPECT_EQ(verdict(probe, refused(1, "10.81.1.1")), ProbeVerdict::kDisagrees);
    EXPECT_EQ(verdict(probe, {.outcome = kLocalError, .error = EPERM}), ProbeVerdict::kDisagrees);
  }
  EXPECT_EQ(verdict(kIdleUdp, refused(3, "10.81.1.1")),
            ProbeVerdict::kDisagrees);  // somebody between
}

TEST(AnOpenWay, MustLeadToWhomItIsSaidToLead) {
  ProbeEvidence evidence{.own_listener = true, .answered_by = kReceiver};
  EXPECT_EQ(verdict(kIdleTcp, {.outcome = kAnswered}, evidence), ProbeVerdict::kAgrees);
  evidence.answered_by = kStranger;
  EXPECT_EQ(verdict(kIdleTcp, {.outcome = kAnswered}, evidence), ProbeVerdict::kDisagrees);
}

TEST(AReset, SaysNothingGoodWhereOurListenerStands) {
  EXPECT_EQ(verdict(kIdleTcp, {.outcome = kReset}, {.own_listener = true}),
            ProbeVerdict::kDisagrees);
  EXPECT_EQ(verdict(kOpenTcp, {.outcome = kReset}), ProbeVerdict::kNotProven);
}

TEST(SilentDatagrams, ProveNothingWithoutAListener) {
  EXPECT_EQ(verdict(kIdleUdp, {.outcome = kSilence}), ProbeVerdict::kNotProven);
  EXPECT_EQ(verdict(kIdleUdp, {.outcome = kSilence}, {.own_listener = true}),
            ProbeVerdict::kDisagrees);
  EXPECT_EQ(verdict(kClosedUdp, {.outcome = kSilence}, {.control = true}),
            ProbeVerdict::kNotProven);
  EXPECT_EQ(verdict(kClosedUdp, {.outcome = kSilence}, {.control = true, .own_listener = true}),
            ProbeVerdict::kAgrees);
}

TEST(AClosedWay, IsOpenWhenSomebodyIsReached) {
  for (const ProbeOutcome outcome : {kAnswered, kMute, kClosed, kReset}) {
    EXPECT_EQ(verdict(kClosedTcp, {.outcome = outcome}, {.control = true}),
              ProbeVerdict::kDisagrees);
  }
  EXPECT_EQ(verdict(kClosedUdp, refused(3, "10.81.1.3")), ProbeVerdict::kDisagrees);
}

TEST(AClosedWay, MayBeRefusedByARule) {
  EXPECT_EQ(verdict(kClosedTcp, {.outcome = kReset}, {.refused = true}), ProbeVerdict::kAgrees);
  EXPECT_EQ(verdict(kClosedUdp, refused(3, "10.81.1.3"), {.refused = true}), ProbeVerdict::kAgrees);
  EXPECT_EQ(verdict(kClosedTcp, refused(3, "10.81.1.1")), ProbeVerdict::kAgrees);
  EXPECT_EQ(verdict(kClosedTcp, refused(13, "10.81.1.1", kProhibited)), ProbeVerdict::kAgrees);
  EXPECT_EQ(verdict(kClosedTcp, {.outcome = kNoRoute}), ProbeVerdict::kAgrees);
  EXPECT_EQ(verdict(kClosedTcp, {.outcome = kLocalError, .error = EPERM}), ProbeVerdict::kAgrees);
}

TEST(Silence, IsBelievedOnlyBesideAnAnswer) {
  EXPECT_EQ(verdict(kClosedTcp, {.outcome = kSilence}), ProbeVerdict::kNotProven);
  EXPECT_EQ(verdict(kClosedTcp, {.outcome = kSilence}, {.control = true}), ProbeVerdict::kAgrees);
}

TEST(WhatArrivedAndWasNotAnswered, AgreesOnlyIfThatWasPredicted) {
  ProbeEvidence evidence{.control = true, .own_listener = true, .arrived = true};
  EXPECT_EQ(verdict(kClosedUdp, {.outcome = kSilence}, evidence), ProbeVerdict::kDisagrees);
  evidence.one_way = true;
  EXPECT_EQ(verdict(kClosedUdp, {.outcome = kSilence}, evidence), ProbeVerdict::kAgrees);
}

TEST(WhatIsNotPredicted, IsNeverADisagreement) {
  PlannedProbe probe = kOpenTcp;
  probe.prediction = Prediction::kUnknown;
  for (const ProbeOutcome outcome : {kAnswered, kSilence, kReset, kNoRoute}) {
    EXPECT_EQ(verdict(probe, {.outcome = outcome}), ProbeVerdict::kUnknown);
  }
}

TEST(AControl, IsAnAnswerFromSomebodyElse) {
  EXPECT_TRUE(is_control(kOpenTcp, {.outcome = kReset}));
  EXPECT_TRUE(is_control(kOpenTcp, refused(3, "10.81.1.1")));
  EXPECT_FALSE(is_control(kOpenTcp, refused(1, "10.81.1.2")));  // the sender's own machine
  EXPECT_FALSE(is_control(kOpenTcp, {.outcome = kSilence}));
  EXPECT_FALSE(is_control(probe_of("127.0.0.1 -> 127.0.0.1:80", Prediction::kOpen, &kIdle),
                          {.outcome = kAnswered}));
}

}  // namespace
}  // namespace firebreak
