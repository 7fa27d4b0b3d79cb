#include "verify/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "checks/flow_ends.h"
#include "checks/flow_words.h"
#include "checks/support.h"

namespace firebreak {
namespace {

// "tcp 10.0.0.1:5433", "icmp 10.0.0.1"
std::string packet_text(const PacketHeader& packet) {
  Flow flow;
  flow.protocol = packet.protocol;
  flow.address = {packet.destination, packet.destination};
  if (!is_echo(packet.protocol)) flow.ports = {{packet.destination_port, packet.destination_port}};
  return destination_text(flow);
}

class Reporter {
 public:
  explicit Reporter(const VerifyBasis& basis)
      : basis_(basis), estate_(basis.estate), ends_(basis.estate) {}

  VerifyReport plan(double per_second) const {
    VerifyReport out = begin();
    out.dry_run = true;
    out.seconds = static_cast<double>(basis_.plan.probes.size()) / std::max(per_second, 1.0);
    for (const PlannedProbe& one : basis_.plan.probes) out.planned.push_back(asked(one));
    return out;
  }

  VerifyReport answers(const Answers& answers) {
    VerifyReport out = begin();
    find_controls(answers);
    for (std::size_t i = 0; i < basis_.plan.probes.size(); ++i) {
      if (i < answers.results.size() && answers.results[i]) add(i, answers, out);
    }
    for (const Unasked& one : answers.unasked) {
      out.gaps.push_back(gap("network namespace of " + ends_.name_of(one.end), one.why,
                             estate_[one.end.host].name));
    }
    return out;
  }

  std::vector<std::size_t> doubtful(const Answers& answers) {
    find_controls(answers);
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < answers.results.size(); ++i) {
      if (answers.results[i] && judged(i, answers).verdict == ProbeVerdict::kDisagrees)
        out.push_back(i);
    }
    return out;
  }

 private:
  static Gap gap(std::string what, std::string why, std::string host) {
    return {.what = std::move(what),
            .why = std::move(why),
            .host = std::move(host),
            .needed_by = {"NET009"}};
  }

  VerifyReport begin() const {
    VerifyReport out;
    out.listeners = !basis_.plan.listeners.empty();
    for (const PlannedProbe& one : basis_.plan.probes) ++out.plan[one.prediction];
    for (const Host& host : estate_.snapshot().hosts) {
      if (host.kernel || host.kind == Host::Kind::kCompose) continue;
      const std::string why =
          host.kernel_missing.empty() ? "its kernel was not read" : host.kernel_missing;
      out.gaps.push_back(gap("network namespaces", why, host.name));
    }
    return out;
  }

  VerifyEnd end(const FlowEnd& at) const {
    VerifyEnd out;
    out.host = estate_[at.host].name;
    if (at.container) out.container = estate_[*at.container].name;
    std::set<EnvironmentId> environments;
    for (const WorkloadId id : ends_.workloads_at(at)) {
      if (estate_[id].environment) environments.insert(*estate_[id].environment);
      out.workloads.push_back(display_name(estate_, id));
    }
    if (environments.size() == 1) out.environment = estate_[*environments.begin()].name;
    out.name = ends_.name_of(at);
    return out;
  }

  AskedProbe asked(const PlannedProbe& one, std::string happened = {}) const {
    return {.from = end(one.from),
            .to = end(one.to),
            .packet = one.packet,
            .prediction = one.prediction,
            .happened = std::move(happened)};
  }

  void find_controls(const Answers& answers) {
    controls_.clear();
    for (std::size_t i = 0; i < answers.results.size(); ++i) {
      const PlannedProbe& one = basis_.plan.probes[i];
      if (answers.results[i] && is_control(one, *answers.results[i])) {
        controls_.emplace(one.from, one.packet.destination.family());
      }
    }
  }

  // What the simple evaluator says becomes of the packet; only where it makes a difference.
  void follow(const PlannedProbe& one, ProbeEvidence& evidence) const {
    PacketHeader packet = one.packet;
    if (!is_echo(packet.protocol)) packet.source_port = Port{40000};
    const PacketTrace trace = basis_.flows.trace(one.from, packet);
    evidence.one_way = trace.outcome == PacketTrace::Outcome::kNoAnswer;
    evidence.refused =
        trace.outcome == PacketTrace::Outcome::kStopped && !trace.hops.empty() &&
        (trace.hops.back().why.contains("REJECT") || trace.hops.back().why.contains("reject"));
  }

  Judgement judged(std::size_t i, const Answers& answers) const {
    const PlannedProbe& one = basis_.plan.probes[i];
    const ProbeResult& result = *answers.results[i];
    ProbeEvidence evidence;
    evidence.control = controls_.contains({one.from, one.packet.destination.family()});
    evidence.arrived = answers.arrived[i];
    evidence.answered_by = answers.answered_by[i];
    const auto landing = one.landing();
    const auto there = answers.listening.find(one.to);
    evidence.own_listener =
        landing && there != answers.listening.end() &&
        there->second.contains({one.packet.protocol, landing->first, landing->second});
    const bool close_call = result.outcome == ProbeOutcome::kReset ||
                            result.outcome == ProbeOutcome::kUnreachable || evidence.arrived;
    if (one.prediction == Prediction::kClosed && close_call) follow(one, evidence);
    return judge(one, result, evidence);
  }

  void add(std::size_t i, const Answers& answers, VerifyReport& out) const {
    const PlannedProbe& one = basis_.plan.probes[i];
    Judgement judgement = judged(i, answers);
    ++out.asked;
    switch (judgement.verdict) {
      case ProbeVerdict::kAgrees: ++out.agreed; break;
      case ProbeVerdict::kNotProven:
        ++out.not_proven;
        ++out.unproven[judgement.reason];
        break;
      case ProbeVerdict::kUnknown:
        ++out.unknown;
        out.unknown_probes.push_back(asked(one, std::move(judgement.happened)));
        break;
      case ProbeVerdict::kDisagrees:
        out.disagreements.push_back(disagreement(i, answers, judgement));
    }
  }

  Disagreement disagreement(std::size_t i, const Answers& answers,
                            const Judgement& judgement) const {
    const PlannedProbe& one = basis_.plan.probes[i];
    Disagreement out{.probe = asked(one, judgement.happened), .finding = {}};
    if (const auto& by = answers.answered_by[i]) {
      out.probe.happened += " by " + ends_.name_of(*by);
    }
    Finding& finding = out.finding;
    finding.code = Code::kNet009;
    finding.severity = info(Code::kNet009).severity;
    finding.title =
        fmt::format("{} to {} at {}: predicted {}, but {}", out.probe.from.name, out.probe.to.name,
                    packet_text(one.packet), name_of(one.prediction), out.probe.happened);
    for (const std::string& name : {out.probe.from.environment, out.probe.to.environment}) {
      if (!name.empty()) finding.environments.push_back(name);
    }
    finding.fingerprint =
        finding_fingerprint(Code::kNet009, finding.environments,
                            {out.probe.from.name, out.probe.to.name, packet_text(one.packet)});
    PacketHeader packet = one.packet;
    if (!is_echo(packet.protocol)) packet.source_port = Port{40000};
    finding.path = hops_of(estate_, ends_, basis_.flows.trace(one.from, packet));
    return out;
  }

  const VerifyBasis& basis_;
  const Estate& estate_;
  FlowEnds ends_;
  std::set<std::pair<FlowEnd, Family>> controls_;
};

}  // namespace

int VerifyReport::exit() const {
  if (!disagreements.empty()) return 1;
  return gaps.empty() ? 0 : 3;
}

VerifyReport report_plan(const VerifyBasis& basis, double per_second) {
  return Reporter(basis).plan(per_second);
}

VerifyReport report_answers(const VerifyBasis& basis, const Answers& answers) {
  return Reporter(basis).answers(answers);
}

std::vector<std::size_t> doubtful(const VerifyBasis& basis, const Answers& answers) {
  return Reporter(basis).doubtful(answers);
}

}  // namespace firebreak
