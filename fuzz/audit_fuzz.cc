// A policy (or none) up to the first zero byte and any snapshot behind it, all the way to the
// report: no crash; hosts and containers in another order give the same bytes; the report can be
// read back; a first policy written for the snapshot loads without complaint and says what was
// inferred.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "checks/checks.h"
#include "estate/estate.h"
#include "findings/assess.h"
#include "policy/load.h"
#include "report/parse.h"
#include "report/render.h"
#include "report/starter_policy.h"
#include "snapshot/json.h"

namespace {

using namespace firebreak;

template <class T, class Key>
bool all_differ(const std::vector<T>& list, Key key) {
  std::set<decltype(key(list.front()))> seen;
  return std::ranges::all_of(list, [&](const T& each) { return seen.insert(key(each)).second; });
}

// Engines give everything an id of its own; where a snapshot does not, its order may tell.
bool has_one_order(const Snapshot& snapshot) {
  const auto by_id = [](const auto& each) { return each.id.value; };
  std::set<std::string> containers;
  return all_differ(snapshot.hosts, [](const Host& host) { return host.name; }) &&
         std::ranges::all_of(snapshot.hosts, [&](const Host& host) {
           return all_differ(host.networks, by_id) && all_differ(host.swarm.services, by_id) &&
                  std::ranges::all_of(host.containers, [&](const Container& container) {
                    return containers.insert(container.id.value).second;
                  });
         });
}

Snapshot turned(Snapshot snapshot) {
  std::ranges::reverse(snapshot.hosts);
  for (Host& host : snapshot.hosts) {
    std::ranges::reverse(host.containers);
    std::ranges::reverse(host.networks);
    std::ranges::reverse(host.swarm.services);
  }
  return snapshot;
}

std::string audited(const Snapshot& snapshot, const Policy& policy) {
  const Estate estate = build_estate(snapshot, policy);
  const Report report = assess(estate, run_checks(estate),
                               {.now = Timestamp{}, .fail_on = Severity::kMedium, .version = "0"});
  for (const Finding& finding : report.findings) {
    CHECK(!finding.title.empty());
    CHECK(finding.fingerprint.size() == 16);
  }
  std::string json = to_json(report);
  const auto again = parse_report(json, "again.json");
  CHECK(again.has_value());
  CHECK(to_json(*again) == json);
  CHECK(!to_text(report, {.colour = false, .width = 80, .verbose = true}).empty());
  return json;
}

std::string_view environment_of(const Estate& estate, const Workload& workload) {
  return workload.environment ? std::string_view(estate[*workload.environment].name)
                              : std::string_view();
}

void check_starter_policy(const Snapshot& snapshot) {
  const Estate inferred = build_estate(snapshot, {});
  const std::string text = starter_policy(inferred);
  const LoadedPolicy loaded = load_policy(text, "firebreak.yaml");
  CHECK(loaded.diagnostics.empty());
  const Estate assigned = build_estate(snapshot, loaded.policy);
  CHECK(assigned.workloads().size() == inferred.workloads().size());
  for (std::size_t i = 0; i < inferred.workloads().size(); ++i) {
    const Workload& before = inferred.workloads()[i];
    CHECK(assigned.workloads()[i].candidates.size() <= 1);
    if (environment_of(assigned, assigned.workloads()[i]) == environment_of(inferred, before))
      continue;
    CHECK(text.contains(printable(before.stable_name.substr(0, 200))));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = input.find('\0');
  if (zero == std::string_view::npos) return -1;
  const auto snapshot = parse_snapshot(input.substr(zero + 1), "fuzzed");
  if (!snapshot) return -1;
  LoadedPolicy loaded;  // none
  if (zero > 0) loaded = load_policy(input.substr(0, zero), "firebreak.yaml");
  if (!loaded.ok()) return -1;
  const std::string report = audited(*snapshot, loaded.policy);
  if (has_one_order(*snapshot)) CHECK(audited(turned(*snapshot), loaded.policy) == report);
  check_starter_policy(*snapshot);
  return 0;
}
