#include "verify/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "checks/flow_words.h"

namespace firebreak {
namespace {

using enum ProbeOutcome;

constexpr std::uint8_t kDatagram = 17;

Judgement settled(ProbeVerdict verdict, std::string reason = {}) {
  return {.verdict = verdict, .happened = {}, .reason = std::move(reason)};
}
Judgement not_proven(std::string reason) {
  return settled(ProbeVerdict::kNotProven, std::move(reason));
}

// "Nobody has this port", said by whoever has the address: what an open port of datagrams says when
// nothing listens.
bool is_port_unreachable(const PlannedProbe& probe, const ProbeResult& result) {
  if (result.outcome != kUnreachable || probe.packet.protocol != kDatagram) return false;
  if (!result.icmp) return true;  // the socket was told "refused", which means just that
  const IcmpError& icmp = *result.icmp;
  const bool port =
      icmp.from.is_v6() ? icmp.type == 1 && icmp.code == 4 : icmp.type == 3 && icmp.code == 3;
  const auto landing = probe.landing();
  return port &&
         (icmp.from == probe.packet.destination || (landing && icmp.from == landing->first));
}

bool connected(ProbeOutcome outcome) {
  return outcome == kAnswered || outcome == kMute || outcome == kClosed;
}

bool expects(const PlannedProbe& probe, const FlowEnd& end) {
  return std::ranges::any_of(probe.flows, [&](const Flow* flow) { return flow->to == end; });
}

// A refusal that a listening socket would not give.
Judgement refusal_where_open(const PlannedProbe& probe, const ProbeEvidence& evidence) {
  if (evidence.own_listener) return settled(ProbeVerdict::kDisagrees);
  if (probe.flows.front()->listening == true) {
    return not_proven("refused where something listened when the kernel was read");
  }
  return settled(ProbeVerdict::kAgrees);
}

Judgement silence_where_open(const PlannedProbe& probe, const ProbeEvidence& evidence) {
  if (probe.packet.protocol == kDatagram && !evidence.own_listener) {
    return not_proven("datagrams that nobody has to answer");
  }
  return settled(ProbeVerdict::kDisagrees);
}

Judgement judge_open(const PlannedProbe& probe, const ProbeResult& result,
                     const ProbeEvidence& evidence) {
  switch (result.outcome) {
    case kAnswered:
      if (evidence.answered_by && !expects(probe, *evidence.answered_by)) {
        return settled(ProbeVerdict::kDisagrees);
      }
      return settled(ProbeVerdict::kAgrees);
    case kMute:
    case kClosed: return settled(ProbeVerdict::kAgrees);
    case kReset: return refusal_where_open(probe, evidence);
    case kUnreachable:
      if (is_port_unreachable(probe, result)) return refusal_where_open(probe, evidence);
      return settled(ProbeVerdict::kDisagrees);
    case kSilence: return silence_where_open(probe, evidence);
    case kProhibited:
    case kNoRoute: return settled(ProbeVerdict::kDisagrees);
    case kNoSource: return not_proven("the sender has lost its address");
    case kLocalError:
      if (result.error == EPERM)
        return settled(ProbeVerdict::kDisagrees);  // a rule for what is sent
      return not_proven("the sender's machine did not send it");
  }
  CHECK(false);
}

Judgement silence_where_closed(const PlannedProbe& probe, const ProbeEvidence& evidence) {
  if (evidence.arrived && !evidence.one_way) return settled(ProbeVerdict::kDisagrees);
  if (!evidence.control) return not_proven("nothing answers this sender at all");
  if (probe.packet.protocol == kDatagram && !evidence.own_listener) {
    return not_proven("datagrams that nobody has to answer");
  }
  return settled(ProbeVerdict::kAgrees);
}

Judgement judge_closed(const PlannedProbe& probe, const ProbeResult& result,
                       const ProbeEvidence& evidence) {
  if (connected(result.outcome)) return settled(ProbeVerdict::kDisagrees);
  switch (result.outcome) {
    case kReset:
      return settled(evidence.refused ? ProbeVerdict::kAgrees : ProbeVerdict::kDisagrees);
    case kUnreachable:
      return settled(is_port_unreachable(probe, result) && !evidence.refused
                         ? ProbeVerdict::kDisagrees
                         : ProbeVerdict::kAgrees);
    case kSilence: return silence_where_closed(probe, evidence);
    case kNoSource: return not_proven("the sender has lost its address");
    case kLocalError:
      if (result.error == EPERM || result.error == EACCES) return settled(ProbeVerdict::kAgrees);
      return not_proven("the sender's machine did not send it");
    default: return settled(ProbeVerdict::kAgrees);
  }
}

}  // namespace

std::string words_of(const PlannedProbe& probe, const ProbeResult& result) {
  const bool tcp = probe.packet.protocol == 6;
  const auto refusal = [&](std::string_view what) {
    return result.icmp ? fmt::format("{} ({} says so: ICMP type {} code {})", what,
                                     result.icmp->from.text(), result.icmp->type, result.icmp->code)
                       : std::string(what);
  };
  switch (result.outcome) {
    case kAnswered: return tcp ? "a connection was opened" : "it was answered";
    case kMute: return "a connection was opened, and nothing more came";
    case kClosed: return "a connection was opened, and closed at once";
    case kReset: return "the connection was refused by a reset";
    case kProhibited: return refusal("refused as prohibited");
    case kUnreachable: return refusal("refused as unreachable");
    case kSilence: return "nothing came back";
    case kNoRoute: return "the sender has no route to it";
    case kNoSource: return "the sender does not have the address";
    case kLocalError:
      return fmt::format("the sender's machine did not send it (errno {})", result.error);
  }
  CHECK(false);
}

bool is_control(const PlannedProbe& probe, const ProbeResult& result) {
  if (probe.packet.destination.is_loopback()) return false;
  if (connected(result.outcome) || result.outcome == kReset) return true;
  // The sender's own machine may say that nobody has the address.
  return result.icmp && result.icmp->from != probe.packet.source;
}

Judgement judge(const PlannedProbe& probe, const ProbeResult& result,
                const ProbeEvidence& evidence) {
  Judgement out;
  switch (probe.prediction) {
    case Prediction::kOpen: out = judge_open(probe, result, evidence); break;
    case Prediction::kClosed: out = judge_closed(probe, result, evidence); break;
    case Prediction::kUnknown: out = settled(ProbeVerdict::kUnknown); break;
  }
  out.happened = words_of(probe, result);
  if (evidence.arrived && result.outcome == kSilence) out.happened += ", but the packet arrived";
  return out;
}

}  // namespace firebreak
