// A report as SARIF 2.1.0 (OASIS), for code scanning services.
//
// Findings are about running systems, not about lines of code. A result therefore stands at the
// place in the policy file if it has one, else at an artifact that names the host
// ("docker-host/NAME"), and names its subjects as logical locations. The path is a code flow.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "report/escape.h"
#include "report/json_writer.h"
#include "report/render.h"
#include "report/view.h"

namespace firebreak {
namespace {

using enum JsonWriter::Shape;

std::string_view level_of(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
    case Severity::kHigh: return "error";
    case Severity::kMedium: return "warning";
    case Severity::kLow: return "note";
    case Severity::kInfo: return "none";
  }
  return "none";
}

// GitHub sorts by this number, as if it were a CVSS score.
std::string_view security_severity(Severity severity) {
  switch (severity) {
    case Severity::kCritical: return "9.5";
    case Severity::kHigh: return "8.0";
    case Severity::kMedium: return "5.5";
    case Severity::kLow: return "3.0";
    case Severity::kInfo: return "0.0";
  }
  return "0.0";
}

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
  json.key(name).open_object().member("text", text).close();
}

using RuleIndex = std::map<Code, std::uint64_t>;

RuleIndex write_rules(JsonWriter& json, const Report& report) {
  RuleIndex index;
  json.key("rules").open_array(kLines);
  for (const CodeInfo& code : all_codes()) {
    bool used = code.checked;
    for (const Finding& finding : report.findings) used = used || finding.code == code.code;
    if (!used) continue;
    index.emplace(code.code, index.size());
    json.open_object();
    json.member("id", code.name);
    write_text(json, "shortDescription", code.title);
    write_text(json, "fullDescription", code.rationale);
    write_text(json, "help", code.remedy);
    json.key("defaultConfiguration").open_object();
    json.member("level", level_of(code.severity)).close();
    json.key("properties").open_object();
    json.member("security-severity", security_severity(code.severity));
    json.key("tags").open_array().value("security");
    if (code.dimension) json.value(name_of(*code.dimension));
    for (const std::string_view control : code.controls) json.value(control);
    json.close().close().close();
  }
  json.close();
  return index;
}

struct Place {
  std::string file;
  std::uint64_t line = 0;
  std::uint64_t column = 0;
};

std::optional<std::uint64_t> number_after_last_colon(std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, number);
  if (error != std::errc() || stop != end || number == 0) return std::nullopt;
  text.resize(colon);
  return number;
}

// "firebreak.yaml:12:5", "firebreak.yaml:12" or "firebreak.yaml".
Place place_of(std::string text) {
  Place place;
  const auto last = number_after_last_colon(text);
  const auto before = last ? number_after_last_colon(text) : std::nullopt;
  place.line = before ? *before : last.value_or(0);
  place.column = before ? *last : 0;
  place.file = std::move(text);
  return place;
}

// A relative reference; a leading slash makes it absolute.
std::string path_uri(std::string_view path) {
  std::string out = path.starts_with('/') ? "file://" : "";
  bool first = true;
  for (const std::string_view segment : split(path, '/')) {
    if (!first) out += '/';
    out += uri_segment(segment);
    first = false;
  }
  return out;
}

void write_physical(JsonWriter& json, std::string_view uri, const Place& place) {
  json.key("physicalLocation").open_object();
  json.key("artifactLocation").open_object().member("uri", uri).close();
  if (place.line > 0) {
    json.key("region").open_object().member("startLine", place.line);
    if (place.column > 0) json.member("startColumn", place.column);
    json.close();
  }
  json.close();
}

std::string host_uri(std::string_view host) { return "docker-host/" + uri_segment(host); }

void write_logical(JsonWriter& json, const Finding& finding, std::string_view host) {
  json.key("logicalLocations").open_array();
  for (const Subject& subject : finding.subjects) {
    if (!host.empty() && subject.host != host) continue;
    std::vector<std::string> parts;
    for (const std::string& part : {subject.host, subject.environment, subject.name}) {
      // A host stands once, also where it is the subject itself.
      if (!part.empty() && (parts.empty() || parts.back() != part)) parts.push_back(part);
    }
    json.open_object().member("name", subject.name);
    json.member("fullyQualifiedName", join(parts, "/")).member("kind", subject.kind).close();
  }
  json.close();
}

// One location for each host that the finding touches; the policy's place alone if it has one.
void write_locations(JsonWriter& json, const Report& report, const Finding& finding) {
  json.key("locations").open_array();
  std::vector<std::string> hosts;
  for (const Subject& subject : finding.subjects) {
    const bool known = std::ranges::find(hosts, subject.host) != hosts.end();
    if (!subject.host.empty() && !known) hosts.push_back(subject.host);
  }
  if (!finding.place.empty() || hosts.empty()) {
    Place place = place_of(finding.place.empty() ? report.policy_file : finding.place);
    const std::string uri = place.file.empty() ? "docker-host" : path_uri(place.file);
    json.open_object();
    write_physical(json, uri, place);
    write_logical(json, finding, "");
    json.close();
  } else {
    for (const std::string& host : hosts) {
      json.open_object();
      write_physical(json, host_uri(host), {});
      write_logical(json, finding, host);
      json.close();
    }
  }
  json.close();
}

void write_flow(JsonWriter& json, const Finding& finding) {
  if (finding.path.empty()) return;
  json.key("codeFlows").open_array().open_object().key("threadFlows").open_array().open_object();
  json.key("locations").open_array();
  for (const Hop& hop : finding.path) {
    json.open_object().key("location").open_object();
    write_text(json, "message", hop.why.empty() ? hop.at : hop.at + ": " + hop.why);
    json.close().close();
  }
  json.close().close().close().close().close();
}

std::string message_of(const Finding& finding) {
  std::string text = finding.title;
  for (const Remedy& remedy : finding.remedy) {
    text += "\n" + remedy.text;
    for (const std::string& command : remedy.commands) text += "\n  " + command;
  }
  return text;
}

void write_result(JsonWriter& json, const Report& report, const Finding& finding,
                  const RuleIndex& rules) {
  json.open_object();
  json.member("ruleId", info(finding.code).name).member("ruleIndex", rules.at(finding.code));
  const std::string_view level = level_of(finding.severity);
  json.member("kind", level == "none" ? "informational" : "fail").member("level", level);
  write_text(json, "message", message_of(finding));
  write_locations(json, report, finding);
  write_flow(json, finding);
  json.key("partialFingerprints").open_object();
  json.member("firebreak/1", finding.fingerprint).close();
  json.key("suppressions").open_array();
  if (finding.status == Finding::Status::kWaived) {
    json.open_object().member("kind", "external").member("status", "accepted");
    json.member("justification", finding.waiver).close();
  }
  json.close();
  json.key("properties").open_object();
  json.member("severity", name_of(finding.severity)).member("accepted", finding.accepted);
  json.member("environments", finding.environments).member("notes", finding.notes);
  json.close().close();
}

void write_artifacts(JsonWriter& json, const Report& report) {
  json.key("artifacts").open_array(kLines);
  for (const ReportHost& host : report.hosts) {
    json.open_object();
    json.key("location").open_object().member("uri", host_uri(host.name)).close();
    write_text(json, "description", host.engine + " at " + host.endpoint);
    json.close();
  }
  json.close();
}

void write_invocation(JsonWriter& json, const Report& report) {
  const ReportView view = view_of(report);
  json.key("invocations").open_array().open_object();
  json.member("executionSuccessful", view.unchecked.empty());
  json.member("endTimeUtc", to_text(report.generated));
  json.member("exitCode", static_cast<std::uint64_t>(report.exit));
  json.member("exitCodeDescription", summary_line(report));
  json.key("toolExecutionNotifications").open_array(kLines);
  for (const Gap& gap : report.gaps) {
    json.open_object();
    json.key("descriptor").open_object().member("id", info(Code::kAud006).name).close();
    const bool required = std::ranges::find(view.other_gaps, &gap) == view.other_gaps.end();
    json.member("level", required ? "error" : "warning");
    const std::string host = gap.host.empty() ? "" : gap.host + ": ";
    write_text(json, "message", host + gap.what + ": " + gap.why);
    json.key("properties").open_object().member("needed_by", gap.needed_by).close();
    json.close();
  }
  for (const std::string& note : report.notes) {
    json.open_object().member("level", "note");
    write_text(json, "message", note);
    json.close();
  }
  json.close().close().close();
}

}  // namespace

std::string to_sarif(const Report& report) {
  JsonWriter json;
  json.open_object(kLines);
  json.member("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
  json.member("version", "2.1.0");
  json.key("runs").open_array().open_object(kLines);
  json.key("tool").open_object().key("driver").open_object(kLines);
  json.member("name", "firebreak").member("version", report.version);
  const RuleIndex rules = write_rules(json, report);
  json.close().close();
  write_invocation(json, report);
  write_artifacts(json, report);
  json.key("results").open_array(kLines);
  for (const Finding& finding : report.findings) write_result(json, report, finding, rules);
  json.close();
  json.key("properties").open_object();
  json.member("result", name_of(report.outcome)).member("fail_on", name_of(report.fail_on));
  json.close();
  json.close().close().close();
  return json.finish();
}

}  // namespace firebreak
