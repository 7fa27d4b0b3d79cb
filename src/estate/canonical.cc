#include "estate/canonical.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace firebreak {
namespace {

template <class T, class Key>
void sort_by(std::vector<T>& list, Key key) {
  const auto before = [&](const T& a, const T& b) { return key(a) < key(b); };
  if (!std::ranges::is_sorted(list, before)) std::ranges::stable_sort(list, before);
}

bool maybe_one_machine(const Host& a, const Host& b) {
  return a.kind == b.kind && (a.engine.machine.empty() || b.engine.machine.empty() ||
                              a.engine.machine == b.engine.machine);
}

// Whether `a` is the better witness of an engine that both saw.
bool tells_more(const Host& a, const Host& b) {
  const auto weight = [](const Host& host) {
    return std::tuple(host.containers.size(), host.networks.size(), host.swarm.services.size());
  };
  if (weight(a) != weight(b)) return weight(a) > weight(b);
  return a.name < b.name;
}

bool same_containers(const Host& a, const Host& b) {
  if (a.containers.size() != b.containers.size()) return false;
  std::vector<std::pair<std::string_view, RunState>> in_a;
  std::vector<std::pair<std::string_view, RunState>> in_b;
  in_a.reserve(a.containers.size());
  in_b.reserve(b.containers.size());
  for (const Container& container : a.containers)
    in_a.emplace_back(container.id.value, container.state);
  for (const Container& container : b.containers)
    in_b.emplace_back(container.id.value, container.state);
  std::ranges::sort(in_a);
  std::ranges::sort(in_b);
  return in_a == in_b;
}

// The common case, which needs no look at containers.
bool all_machines_differ(const std::vector<Host>& hosts) {
  std::unordered_set<std::string_view> machines;
  std::size_t engines = 0;
  for (const Host& host : hosts) {
    if (host.kind != Host::Kind::kEngine) continue;
    ++engines;
    if (host.engine.machine.empty() && hosts.size() > 1) return false;
    machines.insert(host.engine.machine);
  }
  return machines.size() == engines;
}

// For each host the one that stands for it.
std::vector<std::size_t> representatives(const std::vector<Host>& hosts) {
  std::vector<std::size_t> stands_for(hosts.size());
  std::unordered_map<std::string_view, std::size_t> seen_on;
  for (std::size_t h = 0; h < hosts.size(); ++h) {
    stands_for[h] = h;
    if (hosts[h].kind != Host::Kind::kEngine) continue;
    for (const Container& container : hosts[h].containers) {
      const auto [at, fresh] = seen_on.try_emplace(container.id.value, h);
      if (fresh) continue;
      std::size_t& other = stands_for[at->second];
      if (other == h || !maybe_one_machine(hosts[other], hosts[h])) continue;
      const bool better = tells_more(hosts[h], hosts[other]);
      stands_for[h] = better ? h : other;
      if (better) other = h;
    }
  }
  for (std::size_t h = 0; h < hosts.size(); ++h) {
    while (stands_for[h] != stands_for[stands_for[h]]) stands_for[h] = stands_for[stands_for[h]];
  }
  return stands_for;
}

}  // namespace

std::vector<HostAlias> keep_each_engine_once(Snapshot& snapshot) {
  std::vector<HostAlias> aliases;
  if (all_machines_differ(snapshot.hosts)) return aliases;
  const std::vector<std::size_t> stands_for = representatives(snapshot.hosts);
  std::vector<Host> kept;
  for (std::size_t h = 0; h < snapshot.hosts.size(); ++h) {
    if (stands_for[h] == h) continue;
    const Host& one = snapshot.hosts[stands_for[h]];
    const Host& twin = snapshot.hosts[h];
    aliases.push_back({.dropped = twin.name, .kept = one.name});
    // What the view that is not used did not see does not matter.
    std::erase_if(snapshot.gaps, [&](const Gap& gap) { return gap.host == twin.name; });
    if (!same_containers(one, twin)) {
      snapshot.gaps.push_back({.what = "one engine seen as " + one.name + " and as " + twin.name,
                               .why = "the two views differ; the view of " + one.name + " is used",
                               .host = one.name,
                               .needed_by = {}});
    }
  }
  if (aliases.empty()) return aliases;
  for (std::size_t h = 0; h < snapshot.hosts.size(); ++h) {
    if (stands_for[h] == h) kept.push_back(std::move(snapshot.hosts[h]));
  }
  snapshot.hosts = std::move(kept);
  return aliases;
}

void put_in_order(Snapshot& snapshot) {
  // As snapshots are written (snapshot/json.h), so that one that was read is in order already.
  sort_by(snapshot.hosts, [](const Host& host) { return std::tie(host.name, host.endpoint); });
  for (Host& host : snapshot.hosts) {
    sort_by(host.containers, [](const Container& c) { return std::tie(c.id, c.name); });
    sort_by(host.networks, [](const Network& n) { return std::tie(n.id, n.name); });
    sort_by(host.swarm.services, [](const Service& s) { return std::tie(s.id, s.name); });
  }
}

}  // namespace firebreak
