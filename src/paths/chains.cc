#include "paths/chains.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "checks/flow_words.h"
#include "checks/support.h"

namespace firebreak {
namespace {

constexpr std::size_t kMostSteps = 4;

bool on_side(std::span<const WorkloadId> side, WorkloadId id) {
  return std::ranges::binary_search(side, id);
}

}  // namespace

WayGraph::WayGraph(const Estate& estate, const FlowEnds& ends, const Flows& flows,
                   std::span<const Influence> influences)
    : estate_(estate), from_(estate.workloads().size()) {
  add_flows(ends, flows);
  for (const Influence& influence : influences) {
    ways_.push_back({.to = influence.to, .flow = nullptr, .influence = &influence});
    for (const WorkloadId id : influence.from) from_[id.index()].push_back(ways_.size() - 1);
  }
}

// One way for each pair of workloads, by the first flow: which of them is used makes no difference.
void WayGraph::add_flows(const FlowEnds& ends, const Flows& flows) {
  std::set<std::pair<WorkloadId, WorkloadId>> seen;
  for (const Flow& flow : flows.flows) {
    if (!flow.open || !may_be_answered(flow)) continue;
    for (const WorkloadId one : ends.workloads_at(flow.from)) {
      for (const WorkloadId other : ends.workloads_at(flow.to)) {
        if (one == other || !seen.emplace(one, other).second) continue;
        ways_.push_back({.to = {other}, .flow = &flow, .influence = nullptr});
        from_[one.index()].push_back(ways_.size() - 1);
      }
    }
  }
}

std::string WayGraph::words(const Way& way) const {
  if (way.flow != nullptr) {
    return "opens " + destination_text(*way.flow) + ", " + std::string(phrase_of(way.flow->via));
  }
  const Finding& finding = *way.influence->finding;
  return std::string(info(finding.code).name) + ": " + finding.title;
}

class WayGraph::Search {
 public:
  Search(const WayGraph& graph, std::span<const WorkloadId> from, std::span<const WorkloadId> to)
      : graph_(graph), from_(from), to_(to), reached_(graph.from_.size()) {}

  std::vector<PathChain> run() {
    std::vector<WorkloadId> frontier(from_.begin(), from_.end());
    for (std::size_t steps = 1; steps <= kMostSteps && !frontier.empty(); ++steps) {
      std::vector<WorkloadId> next;
      for (const WorkloadId id : frontier) expand(id, steps, next);
      frontier = std::move(next);
    }
    return std::move(out_);
  }

 private:
  struct Arrival {
    WorkloadId before;
    std::size_t way = 0;
  };

  void expand(WorkloadId id, std::size_t steps, std::vector<WorkloadId>& next) {
    for (const std::size_t index : graph_.from_[id.index()]) {
      const Way& way = graph_.ways_[index];
      std::vector<WorkloadId> arrived;
      for (const WorkloadId other : way.to) {
        if (on_side(to_, other)) {
          arrived.push_back(other);
        } else if (!on_side(from_, other) && !reached_[other.index()]) {
          reached_[other.index()] = Arrival{.before = id, .way = index};
          next.push_back(other);
        }
      }
      if (steps > 1 && !arrived.empty()) tell(id, index, arrived);
    }
  }

  void tell(WorkloadId last, std::size_t way, const std::vector<WorkloadId>& arrived) {
    PathChain chain;
    chain.to = listed(graph_.estate_, arrived);
    const auto step = [&](WorkloadId at, std::size_t index) {
      chain.steps.push_back(
          {.at = display_name(graph_.estate_, at), .why = graph_.words(graph_.ways_[index])});
    };
    step(last, way);
    WorkloadId at = last;
    while (reached_[at.index()]) {
      const Arrival arrival = *reached_[at.index()];
      step(arrival.before, arrival.way);
      at = arrival.before;
    }
    std::ranges::reverse(chain.steps);
    chain.from = chain.steps.front().at;
    out_.push_back(std::move(chain));
  }

  const WayGraph& graph_;
  std::span<const WorkloadId> from_;
  std::span<const WorkloadId> to_;
  std::vector<std::optional<Arrival>> reached_;
  std::vector<PathChain> out_;  // by length, as the search goes in rounds
};

std::vector<PathChain> WayGraph::chains(std::span<const WorkloadId> from,
                                        std::span<const WorkloadId> to) const {
  std::vector<PathChain> out = Search(*this, from, to).run();
  std::ranges::sort(out, [](const PathChain& a, const PathChain& b) {
    const std::size_t first = a.steps.size();
    const std::size_t second = b.steps.size();
    return std::tie(first, a.from, a.to, a.steps) < std::tie(second, b.from, b.to, b.steps);
  });
  return out;
}

}  // namespace firebreak
