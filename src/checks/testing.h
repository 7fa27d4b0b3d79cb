// What tests of checks share: findings as lines, and the same snapshot in another order.
#pragma once

#include <algorithm>
#include <ranges>
#include <string>
#include <vector>

#include "base/text.h"
#include "checks/checks.h"
#include "estate/estate.h"
#include "estate/testing.h"

namespace firebreak {

using Lines = std::vector<std::string>;

using Check = void (*)(const Estate&, Findings&);

[[nodiscard]] inline Findings run(Check check, const Estate& estate) {
  Findings found;
  check(estate, found);
  return found;
}

// The check that decides a code.
[[nodiscard]] inline Check check_for(Code code) {
  const std::string_view name = info(code).name;
  if (code == Code::kHost002 || code == Code::kHost005) return check_takeover;
  if (name.starts_with("HOST")) return check_host;
  if (name.starts_with("NET")) return check_network;
  if (name.starts_with("CRED")) return check_credentials;
  if (name.starts_with("REG")) return check_registry;
  return name.starts_with("DATA") ? check_data : check_audit;
}

[[nodiscard]] inline Findings findings_of(const Estate& estate, Code code) {
  Findings found = run(check_for(code), estate);
  std::erase_if(found, [&](const Finding& finding) { return finding.code != code; });
  return found;
}

// "high development->production: TITLE", one for each finding of the code.
[[nodiscard]] inline Lines titles_of(const Estate& estate, Code code) {
  Lines lines;
  for (const Finding& finding : findings_of(estate, code))
    lines.push_back(std::string(name_of(finding.severity)) + " " +
                    join(finding.environments, "->") + ": " + finding.title);
  return lines;
}

// Everything that a report prints of a finding.
[[nodiscard]] inline std::string dump(const Finding& finding) {
  std::string out = std::string(info(finding.code).name) + " " +
                    std::string(name_of(finding.severity)) + " " + finding.fingerprint + " " +
                    join(finding.environments, "->") + " " + finding.title + " " + finding.place +
                    "\n";
  for (const Subject& subject : finding.subjects)
    out += "  subject " + subject.kind + " " + subject.host + " " + subject.name + " " +
           subject.environment + "\n";
  for (const Hop& hop : finding.path) out += "  path " + hop.at + ": " + hop.why + "\n";
  for (const Remedy& remedy : finding.remedy) {
    out += "  remedy " + remedy.text + "\n";
    for (const std::string& command : remedy.commands) out += "    $ " + command + "\n";
  }
  for (const std::string& note : finding.notes) out += "  note " + note + "\n";
  return out;
}

[[nodiscard]] inline std::string dump(const Findings& findings) {
  std::string out;
  for (const Finding& finding : findings) out += dump(finding);
  return out;
}

// The same facts, every list from its end.
[[nodiscard]] inline Snapshot reversed(Snapshot snapshot) {
  std::ranges::reverse(snapshot.hosts);
  for (Host& host : snapshot.hosts) {
    std::ranges::reverse(host.containers);
    std::ranges::reverse(host.networks);
    std::ranges::reverse(host.volumes);
    std::ranges::reverse(host.images);
    std::ranges::reverse(host.swarm.services);
    for (Container& container : host.containers) {
      std::ranges::reverse(container.env);
      std::ranges::reverse(container.labels);
      std::ranges::reverse(container.mounts);
      std::ranges::reverse(container.endpoints);
      std::ranges::reverse(container.secrets);
    }
  }
  return snapshot;
}

}  // namespace firebreak
