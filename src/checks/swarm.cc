#include <algorithm>

#include "checks/host_families.h"

namespace firebreak {
namespace {

// Workers do not know their Swarm's id, but its manager lists their nodes.
bool in_one_swarm(const Host& a, const Host& b) {
  if (!a.swarm.active || !b.swarm.active) return false;
  if (!a.swarm.cluster.empty() && a.swarm.cluster == b.swarm.cluster) return true;
  const auto lists = [](const Host& manager, const Host& node) {
    return std::ranges::find(manager.swarm.nodes, node.swarm.node, &Node::id) !=
           manager.swarm.nodes.end();
  };
  return lists(a, b) || lists(b, a);
}

}  // namespace

std::vector<HostId> swarm_of(const Estate& estate, HostId id) {
  if (!estate[id].swarm.active) return {id};
  const std::size_t count = estate.snapshot().hosts.size();
  std::vector<HostId> out;
  for (std::size_t i = 0; i < count; ++i) {
    if (i == id.index() || in_one_swarm(estate[id], estate[HostId(i)])) out.emplace_back(i);
  }
  // Two workers know each other only through a manager.
  for (std::size_t i = 0; i < count; ++i) {
    const bool through_one = std::ranges::any_of(
        out, [&](HostId other) { return in_one_swarm(estate[other], estate[HostId(i)]); });
    if (through_one && std::ranges::find(out, HostId(i)) == out.end()) out.emplace_back(i);
  }
  std::ranges::sort(out);
  return out;
}

namespace {

std::vector<EnvironmentId> ruled_by(const Estate& estate, HostId id) {
  const auto here = estate.environments_on(id);
  std::vector<EnvironmentId> out(here.begin(), here.end());
  if (!estate[id].swarm.manager) return out;
  for (const HostId other : swarm_of(estate, id)) {
    const auto there = estate.environments_on(other);
    out.insert(out.end(), there.begin(), there.end());
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

}  // namespace

HostFacts::HostFacts(const Estate& estate) {
  const std::size_t count = estate.snapshot().hosts.size();
  mounts.reserve(count);
  ruled.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    mounts.emplace_back(estate[HostId(i)]);
    ruled.push_back(ruled_by(estate, HostId(i)));
  }
}

void weigh_planned_host(const Estate& estate, HostId id, Finding& finding) {
  if (estate[id].kind != Host::Kind::kCompose) return;
  finding.severity = std::min(finding.severity, Severity::kLow);
  finding.notes.emplace_back(
      "counts only if these compose files are brought up on one host, which they do not say");
}

}  // namespace firebreak
