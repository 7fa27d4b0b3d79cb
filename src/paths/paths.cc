#include "paths/paths.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.h"
#include "checks/flow_gaps.h"
#include "checks/flow_words.h"
#include "checks/support.h"
#include "paths/chains.h"
#include "paths/influences.h"
#include "paths/refusals.h"

namespace firebreak {
namespace {

constexpr std::size_t kMostChains = 100;

bool is_part(PathEnd::Kind kind) {
  return kind == PathEnd::Kind::kWorkloads || kind == PathEnd::Kind::kHost ||
         kind == PathEnd::Kind::kAddress;
}

std::vector<WorkloadId> common(const std::vector<WorkloadId>& side, const PathEnd& end) {
  if (end.kind == PathEnd::Kind::kAnything) return side;
  std::vector<WorkloadId> out;
  std::ranges::set_intersection(side, end.workloads, std::back_inserter(out));
  return out;
}

class PathFinder {
 public:
  PathFinder(const Estate& estate, const FlowEnds& ends, const PacketFlows& flows,
             const PathQuestion& question)
      : estate_(estate), ends_(ends), flows_(flows), question_(question) {
    const bool both = question.from.kind != PathEnd::Kind::kAnything &&
                      question.to.kind != PathEnd::Kind::kAnything;
    only_crossing_ =
        !question.all && !both && !is_part(question.from.kind) && !is_part(question.to.kind);
  }

  PathReport find(const Findings& findings) {
    out_.from = question_.from.text;
    out_.to = question_.to.text;
    out_.all = question_.all;
    const std::vector<Influence> influences = influences_of(estate_, findings);
    find_flows();
    find_influences(influences);
    find_chains(influences);
    if (question_.explain) {
      out_.refusals = refusals_of(estate_, ends_, flows_, question_, out_.flows);
    }
    find_gaps();
    return std::move(out_);
  }

 private:
  // Both belong to environments, and not to the same ones.
  [[nodiscard]] bool crosses(const Flow& flow) const {
    const auto from = environments_at(flow.from);
    const auto to = environments_at(flow.to);
    return std::ranges::any_of(from, [&](EnvironmentId one) {
      return std::ranges::any_of(to, [&](EnvironmentId other) { return one != other; });
    });
  }

  [[nodiscard]] std::set<EnvironmentId> environments_at(const FlowEnd& end) const {
    std::set<EnvironmentId> out;
    for (const WorkloadId id : ends_.workloads_at(end)) {
      if (estate_[id].environment) out.insert(*estate_[id].environment);
    }
    return out;
  }

  [[nodiscard]] PathPlace place_of(const FlowEnd& end) const {
    PathPlace out;
    out.host = estate_[end.host].name;
    if (end.container) out.container = estate_[*end.container].name;
    const auto environments = environments_at(end);
    if (environments.size() == 1) out.environment = estate_[*environments.begin()].name;
    for (const WorkloadId id : ends_.workloads_at(end)) {
      out.workloads.push_back(display_name(estate_, id));
    }
    out.name = ends_.name_of(end);
    if (!end.container && !out.workloads.empty()) out.name += " (" + listed(out.workloads) + ")";
    return out;
  }

  void find_flows() {
    for (const Flow& flow : flows_.flows.flows) {
      if (flow.from == flow.to) continue;
      if (!starts_at(question_.from, flow) || !ends_at(question_.to, flow)) continue;
      if (only_crossing_ && !crosses(flow)) continue;
      PathFlow one{.from = place_of(flow.from), .to = place_of(flow.to), .flow = flow, .hops = {}};
      if (question_.explain)
        one.hops = hops_of(estate_, ends_, flows_.trace(flow.from, flow.example));
      out_.flows.push_back(std::move(one));
    }
    const auto rank = [](const PathFlow& one) {
      const int listening = one.flow.listening == true ? 0 : one.flow.listening ? 2 : 1;
      return std::tuple(!one.flow.open, listening);
    };
    std::ranges::stable_sort(out_.flows, [&](const PathFlow& a, const PathFlow& b) {
      const auto pair = std::tie(a.from, a.to) <=> std::tie(b.from, b.to);
      return pair != 0 ? pair < 0 : rank(a) < rank(b);
    });
  }

  void find_influences(const std::vector<Influence>& influences) {
    std::set<std::string> told;
    for (const Influence& one : influences) {
      const bool here =
          !common(one.from, question_.from).empty() && !common(one.to, question_.to).empty();
      if (!here || !told.insert(one.finding->fingerprint).second) continue;
      out_.influences.push_back({.code = one.finding->code,
                                 .title = one.finding->title,
                                 .fingerprint = one.finding->fingerprint,
                                 .environments = one.finding->environments,
                                 .path = one.finding->path});
    }
  }

  // The sides between which ways over others are looked for: what was asked, or every pair of
  // environments.
  [[nodiscard]] std::vector<std::vector<WorkloadId>> sides(const PathEnd& end) const {
    if (end.kind != PathEnd::Kind::kAnything) return {end.workloads};
    std::vector<std::vector<WorkloadId>> out;
    for (const Environment& environment : estate_.environments()) {
      out.push_back(environment.workloads);
      std::ranges::sort(out.back());
    }
    return out;
  }

  void find_chains(const std::vector<Influence>& influences) {
    const WayGraph graph(estate_, ends_, flows_.flows, influences);
    for (const auto& from : sides(question_.from)) {
      for (const auto& to : sides(question_.to)) {
        std::vector<WorkloadId> shared;
        std::ranges::set_intersection(from, to, std::back_inserter(shared));
        if (!shared.empty()) continue;  // no way need be looked for to where one is
        auto found = graph.chains(from, to);
        std::ranges::move(found, std::back_inserter(out_.chains));
      }
    }
    std::ranges::stable_sort(out_.chains, {},
                             [](const PathChain& chain) { return chain.steps.size(); });
    if (out_.chains.size() <= kMostChains) return;
    out_.chains_left_out = out_.chains.size() - kMostChains;
    out_.chains.resize(kMostChains);
  }

  // Of the hosts that are asked about.
  void find_gaps() {
    std::set<std::string> hosts;
    for (const PathEnd* end : {&question_.from, &question_.to}) {
      for (const FlowEnd& each : end->ends) hosts.insert(estate_[each.host].name);
      if (end->kind == PathEnd::Kind::kAnything) {
        for (const Host& host : estate_.snapshot().hosts) hosts.insert(host.name);
      }
    }
    const bool anything = question_.from.kind == PathEnd::Kind::kAnything ||
                          question_.to.kind == PathEnd::Kind::kAnything;
    std::vector<Gap> all = estate_.snapshot().gaps;
    FlowKnowledge knowledge = flow_knowledge(estate_, ends_, flows_.flows);
    std::ranges::move(knowledge.gaps, std::back_inserter(all));
    std::ranges::move(knowledge.without_kernel, std::back_inserter(all));
    for (Gap& gap : all) {
      if (!hides_paths(gap)) continue;
      if (anything || gap.host.empty() || hosts.contains(gap.host)) {
        out_.gaps.push_back(std::move(gap));
      }
    }
    std::ranges::sort(out_.gaps);
    const auto repeated = std::ranges::unique(out_.gaps);
    out_.gaps.erase(repeated.begin(), repeated.end());
  }

  [[nodiscard]] static bool hides_paths(const Gap& gap) {
    return gap.what == "the host" ||
           std::ranges::any_of(gap.needed_by, [](const std::string& name) {
             return name.starts_with("NET") || name.starts_with("HOST");
           });
  }

  const Estate& estate_;
  const FlowEnds& ends_;
  const PacketFlows& flows_;
  const PathQuestion& question_;
  bool only_crossing_ = true;
  PathReport out_;
};

}  // namespace

int PathReport::exit() const {
  const bool open = std::ranges::any_of(flows, [](const PathFlow& one) { return one.flow.open; });
  if (open || !influences.empty() || !chains.empty()) return 1;
  return flows.empty() && gaps.empty() ? 0 : 3;
}

bool needs_all_flows(const PathQuestion& question) {
  if (question.all || is_part(question.from.kind) || is_part(question.to.kind)) return true;
  return question.from.kind == PathEnd::Kind::kEnvironment &&
         question.to.environment == question.from.environment;
}

PathReport find_paths(const Estate& estate, const FlowEnds& ends, const PacketFlows& flows,
                      const Findings& findings, const PathQuestion& question) {
  return PathFinder(estate, ends, flows, question).find(findings);
}

}  // namespace firebreak
