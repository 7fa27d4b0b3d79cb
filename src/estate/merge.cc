// Several snapshots become one.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "estate/estate.h"

namespace firebreak {
namespace {

template <class Visit>
void each_secret(Value& value, Visit visit) {
  for (Secret& secret : value.secrets) visit(secret);
}

template <class Visit>
void each_secret(std::vector<Label>& labels, Visit visit) {
  for (Label& label : labels) each_secret(label.value, visit);
}

template <class Visit>
void each_secret(Container& container, Visit visit) {
  each_secret(container.labels, visit);
  for (EnvVar& variable : container.env) each_secret(variable.value, visit);
  for (CommandStep& step : container.command) {
    for (Secret& secret : step.secrets) visit(secret);
  }
}

template <class Visit>
void each_secret(Snapshot& snapshot, Visit visit) {
  for (Host& host : snapshot.hosts) {
    for (Container& container : host.containers) each_secret(container, visit);
    for (Service& service : host.swarm.services) each_secret(service.spec, visit);
    for (Node& node : host.swarm.nodes) each_secret(node.labels, visit);
    for (Network& network : host.networks) each_secret(network.labels, visit);
    for (Volume& volume : host.volumes) each_secret(volume.labels, visit);
  }
}

// Moves a fingerprint into a space of its own: equal ones of one group stay equal, and no others
// become so (but for the chance that two hashes differ in exactly these bits).
void set_apart(Fingerprint& fingerprint, std::size_t group) {
  for (std::size_t i = 0; i < sizeof(group); ++i) {
    fingerprint.bytes[i] =
        static_cast<std::uint8_t>(fingerprint.bytes[i] ^ ((group >> (8 * i)) & 0xFFU));
  }
}

// `group` numbers the lasting key, `document` the snapshot: guessable secrets have a key that lived
// as long as one collection.
void set_apart(Snapshot& snapshot, std::size_t group, std::size_t document) {
  if (group == 0 && document == 0) return;
  each_secret(snapshot, [&](Secret& secret) {
    set_apart(secret.fingerprint, secret.weak ? document : group);
  });
}

// Gives each host a name of its own, and gaps that of their host.
void rename_hosts(Snapshot& snapshot, std::set<std::string>& taken) {
  std::map<std::string, std::string> renamed;
  for (Host& host : snapshot.hosts) {
    std::string name = host.name;
    for (int number = 2; !taken.insert(name).second; ++number) {
      name = host.name + "-" + std::to_string(number);
    }
    if (name == host.name) continue;
    renamed.emplace(host.name, name);
    host.name = name;
  }
  for (Gap& gap : snapshot.gaps) {
    if (const auto at = renamed.find(gap.host); at != renamed.end()) gap.host = at->second;
  }
}

auto order_of(const Snapshot& snapshot) {
  std::vector<std::tuple<std::string, std::string, std::size_t>> hosts;
  hosts.reserve(snapshot.hosts.size());
  for (const Host& host : snapshot.hosts) {
    hosts.emplace_back(host.name, host.engine.machine, host.containers.size());
  }
  return std::tuple(snapshot.taken, snapshot.key_id, std::move(hosts));
}

}  // namespace

Snapshot merge(std::vector<Snapshot> snapshots) {
  if (snapshots.empty()) return {};
  std::ranges::stable_sort(snapshots, {}, order_of);
  Snapshot merged;
  merged.tool_version = snapshots.front().tool_version;
  merged.taken = snapshots.front().taken;
  merged.key_id = snapshots.front().key_id;
  merged.key_lasting = snapshots.front().key_lasting;
  std::map<std::string, std::size_t> groups;
  std::set<std::string> taken;
  for (std::size_t document = 0; document < snapshots.size(); ++document) {
    Snapshot& snapshot = snapshots[document];
    // Without a name for its key, nothing says that it is another one's.
    const std::string key =
        snapshot.key_id.empty() ? fmt::format("of document {}", document) : snapshot.key_id;
    const std::size_t group = groups.try_emplace(key, groups.size()).first->second;
    set_apart(snapshot, group, document);
    rename_hosts(snapshot, taken);
    std::ranges::move(snapshot.hosts, std::back_inserter(merged.hosts));
    std::ranges::move(snapshot.gaps, std::back_inserter(merged.gaps));
  }
  if (groups.size() > 1) {
    merged.key_id.clear();
    merged.key_lasting = false;
    merged.gaps.push_back({.what = "equal secrets across snapshots",
                           .why = "the snapshots were made with different fingerprint keys; make "
                                  "them with the same --fingerprint-key",
                           .host = {},
                           .needed_by = {"CRED001"}});
  }
  return merged;
}

}  // namespace firebreak
