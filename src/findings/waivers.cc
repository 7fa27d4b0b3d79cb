#include "findings/waivers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"

namespace firebreak {
namespace {

bool is_workload(const Subject& subject) {
  return subject.kind == "container" || subject.kind == "service";
}

// A pattern without a slash names an environment, or a container that belongs to none.
bool matches(const std::string& pattern, const Subject& subject) {
  if (subject.environment.empty()) return glob_match(pattern, subject.name);
  if (pattern.find('/') == std::string::npos) return glob_match(pattern, subject.environment);
  return glob_match(pattern, subject.environment + "/" + subject.name);
}

bool names_environment(std::string_view pattern, const std::string& environment) {
  if (pattern.ends_with("/*")) pattern.remove_suffix(2);
  return pattern.find('/') == std::string_view::npos && glob_match(pattern, environment);
}

// Whether the pattern covers all workloads of one environment ("": those of none) among the
// finding's subjects. nullopt if there are none.
std::optional<bool> covers_workloads(const std::string& pattern, const Finding& finding,
                                     std::string_view environment) {
  std::optional<bool> all;
  for (const Subject& subject : finding.subjects) {
    if (!is_workload(subject) || subject.environment != environment) continue;
    all = all.value_or(true) && matches(pattern, subject);
  }
  return all;
}

// Whether the pattern covers the finding's side of one environment.
bool covers_side(const std::string& pattern, const Finding& finding,
                 const std::string& environment) {
  if (pattern.empty()) return true;
  if (const auto all = covers_workloads(pattern, finding, environment)) return *all;
  if (names_environment(pattern, environment)) return true;
  if (covers_workloads(pattern, finding, "").value_or(false)) return true;
  return std::ranges::any_of(finding.subjects, [&](const Subject& subject) {
    return !is_workload(subject) && subject.environment == environment && matches(pattern, subject);
  });
}

bool covers_sides(const Waiver& waiver, const Finding& finding) {
  if (waiver.from.empty() && waiver.to.empty()) return true;
  if (finding.environments.empty()) return false;
  const std::string& first = finding.environments.front();
  const std::string& last = finding.environments.back();
  if (covers_side(waiver.from, finding, first) && covers_side(waiver.to, finding, last)) {
    return true;
  }
  return !has_direction(finding.code) && covers_side(waiver.from, finding, last) &&
         covers_side(waiver.to, finding, first);
}

struct WaivedPorts {
  PortRange range;
  std::optional<Protocol> protocol;
};

// "9090/tcp, 5000-5010": the policy was read, so that it is well formed.
std::vector<WaivedPorts> waived_ports(std::string_view text) {
  std::vector<WaivedPorts> out;
  for (std::string_view part : split(text, ',')) {
    part = trim(part);
    WaivedPorts each;
    if (const std::size_t slash = part.find('/'); slash != std::string_view::npos) {
      each.protocol = parse_protocol(part.substr(slash + 1));
      part = part.substr(0, slash);
    }
    const std::size_t dash = part.find('-');
    const auto first = Port::parse(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : Port::parse(part.substr(dash + 1));
    if (!first || !last) continue;
    each.range = {*first, *last};
    out.push_back(each);
  }
  return out;
}

bool is_of(const WaivedPorts& waived, std::uint8_t protocol) {
  if (!waived.protocol) return true;
  switch (*waived.protocol) {
    case Protocol::kTcp: return protocol == 6;
    case Protocol::kUdp: return protocol == 17;
    case Protocol::kSctp: return protocol == 132;
  }
  return false;
}

// Whether every port of the range is waived. Each step goes behind the furthest range that holds
// the first port left.
bool covers_range(const std::vector<WaivedPorts>& waived, std::uint8_t protocol,
                  const PortRange& range) {
  std::uint32_t next = range.first.value;
  while (next <= range.last.value) {
    std::uint32_t behind = next;
    for (const WaivedPorts& each : waived) {
      if (is_of(each, protocol) && each.range.first.value <= next) {
        behind = std::max<std::uint32_t>(behind, each.range.last.value + 1U);
      }
    }
    if (behind == next) return false;
    next = behind;
  }
  return true;
}

bool covers_ports(const Waiver& waiver, const Finding& finding) {
  const bool about_ports = finding.code == Code::kNet002 || finding.code == Code::kNet003;
  if (waiver.ports.empty() || !about_ports) return true;
  const std::vector<WaivedPorts> waived = waived_ports(waiver.ports);
  return !finding.ports.empty() &&
         std::ranges::all_of(finding.ports, [&](const FindingPorts& ports) {
           return std::ranges::all_of(ports.ranges, [&](const PortRange& range) {
             return covers_range(waived, ports.protocol, range);
           });
         });
}

bool covers_environments(const Waiver& waiver, const Finding& finding) {
  return std::ranges::all_of(waiver.environments, [&](const std::string& environment) {
    return std::ranges::find(finding.environments, environment) != finding.environments.end();
  });
}

// "CRED001 between staging and development", for titles.
std::string described(const Waiver& waiver) {
  std::string out;
  const auto add = [&](std::string_view word, const std::string& value) {
    if (value.empty()) return;
    if (!out.empty()) out += ' ';
    out += word;
    out += value;
  };
  add("", waiver.code);
  add("fingerprint ", waiver.fingerprint);
  add("from ", waiver.from);
  add("to ", waiver.to);
  add("ports ", waiver.ports);
  add("between ", join(waiver.environments, " and "));
  return out.empty() ? "everything" : out;
}

Finding about(Code code, const Policy& policy, const Waiver& waiver) {
  Finding out;
  out.code = code;
  out.severity = info(code).severity;
  const std::string what = described(waiver);
  out.fingerprint = finding_fingerprint(
      code, {}, {what, waiver.reason, waiver.approved_by, date_text(waiver.expires)});
  out.subjects.push_back({.kind = "waiver", .host = "", .name = what, .environment = ""});
  if (waiver.at.line > 0) {
    out.place =
        policy.file + ":" + std::to_string(waiver.at.line) + ":" + std::to_string(waiver.at.column);
  }
  out.path.push_back({.at = out.place.empty() ? "the policy" : out.place,
                      .why = "\"" + waiver.reason + "\", approved by " + waiver.approved_by +
                             " until " + date_text(waiver.expires)});
  return out;
}

Finding expired_finding(const Policy& policy, const Waiver& waiver, std::size_t covered) {
  Finding out = about(Code::kAud003, policy, waiver);
  out.title = "the waiver for " + described(waiver) + " expired on " + date_text(waiver.expires);
  if (covered == 0) {
    out.remedy.push_back({.text = "It covers nothing any more: delete it.", .commands = {}});
  } else {
    out.notes.push_back(
        "it covered " + std::to_string(covered) +
        (covered == 1 ? " finding, which is open again" : " findings, which are open again"));
    out.remedy.push_back(
        {.text = "Close what it covered, or have it approved anew with a new date.",
         .commands = {}});
  }
  return out;
}

Finding idle_finding(const Policy& policy, const Waiver& waiver) {
  Finding out = about(Code::kAud004, policy, waiver);
  out.title = "the waiver for " + described(waiver) + " matched nothing";
  out.remedy.push_back({.text = "Delete it, or correct the names in it.", .commands = {}});
  return out;
}

void waive(const Waiver& waiver, Finding& finding) {
  if (finding.status == Finding::Status::kWaived) return;
  finding.status = Finding::Status::kWaived;
  finding.waiver = waiver.reason + ", approved by " + waiver.approved_by + ", until " +
                   date_text(waiver.expires);
}

}  // namespace

bool covers(const Waiver& waiver, const Finding& finding) {
  if (finding.code == Code::kAud003 || finding.code == Code::kAud004 ||
      finding.code == Code::kAud006) {
    return false;
  }
  if (!waiver.fingerprint.empty() && lower(waiver.fingerprint) != finding.fingerprint) return false;
  if (!waiver.code.empty() && parse_code(waiver.code) != finding.code) return false;
  return covers_environments(waiver, finding) && covers_sides(waiver, finding) &&
         covers_ports(waiver, finding);
}

bool expired(const Waiver& waiver, Timestamp now) {
  return std::chrono::floor<std::chrono::days>(now) > waiver.expires;
}

void apply_waivers(const Policy& policy, Timestamp now, std::vector<Finding>& findings) {
  std::vector<Finding> about_waivers;
  for (const Waiver& waiver : policy.waivers) {
    const bool out_of_date = expired(waiver, now);
    std::size_t covered = 0;
    for (Finding& finding : findings) {
      if (!covers(waiver, finding)) continue;
      ++covered;
      if (!out_of_date) waive(waiver, finding);
    }
    if (out_of_date) {
      about_waivers.push_back(expired_finding(policy, waiver, covered));
    } else if (covered == 0) {
      about_waivers.push_back(idle_finding(policy, waiver));
    }
  }
  std::ranges::move(about_waivers, std::back_inserter(findings));
}

}  // namespace firebreak
