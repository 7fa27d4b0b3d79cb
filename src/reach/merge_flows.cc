#include <algorithm>
#include <map>

#include "reach/flows.h"

namespace firebreak {
namespace {

void merge_ports(std::vector<PortRange>& ports) {
  std::ranges::sort(ports);
  std::vector<PortRange> out;
  for (const PortRange& range : ports) {
    if (!out.empty() && range.first.value <= out.back().last.value + 1) {
      out.back().last = std::max(out.back().last, range.last);
    } else {
      out.push_back(range);
    }
  }
  ports = std::move(out);
}

bool keeps_ports(const Flow& flow) { return flow.ports == flow.delivered_ports; }

// Flows with equal keys become one; the smallest example stays.
template <class Key, class Join>
std::vector<Flow> join_alike(const std::vector<Flow>& flows, const Key& key, const Join& join) {
  std::map<Flow, Flow> joined;
  for (const Flow& flow : flows) {
    const auto [found, fresh] = joined.try_emplace(key(flow), flow);
    if (fresh) continue;
    join(found->second, flow);
    found->second.example = std::min(found->second.example, flow.example);
  }
  std::vector<Flow> out;
  out.reserve(joined.size());
  for (auto& [alike, flow] : joined) out.push_back(std::move(flow));
  return out;
}

}  // namespace

std::vector<Flow> merge_flows(std::vector<Flow> flows) {
  const auto but_ports = [](Flow flow) {
    if (keeps_ports(flow) && !flow.ports.empty()) {
      // One range stands for "the same at both ends".
      flow.ports = flow.delivered_ports = {PortRange{Port{0}, Port{0}}};
    } else {
      flow.ports.clear();
    }
    flow.example = {};
    return flow;
  };
  flows = join_alike(flows, but_ports, [](Flow& one, const Flow& other) {
    const bool same = keeps_ports(one);
    one.ports.insert(one.ports.end(), other.ports.begin(), other.ports.end());
    merge_ports(one.ports);
    if (same) one.delivered_ports = one.ports;
  });
  const auto but_sources = [](Flow flow) {
    flow.sources.clear();
    flow.example = {};
    return flow;
  };
  flows = join_alike(flows, but_sources, [](Flow& one, const Flow& other) {
    one.sources.insert(one.sources.end(), other.sources.begin(), other.sources.end());
    std::ranges::sort(one.sources);
    one.sources.erase(std::ranges::unique(one.sources).begin(), one.sources.end());
  });
  const auto but_addresses = [](Flow flow) {
    if (flow.delivered != flow.address) flow.address = {};
    flow.also_at.clear();
    flow.example = {};
    return flow;
  };
  flows = join_alike(flows, but_addresses, [](Flow& one, const Flow& other) {
    one.also_at.push_back(other.address);
    one.also_at.insert(one.also_at.end(), other.also_at.begin(), other.also_at.end());
    one.also_at.push_back(one.address);
    std::ranges::sort(one.also_at);
    one.also_at.erase(std::ranges::unique(one.also_at).begin(), one.also_at.end());
    one.address = one.also_at.front();
    one.also_at.erase(one.also_at.begin());
  });
  std::ranges::sort(flows);
  return flows;
}

}  // namespace firebreak
