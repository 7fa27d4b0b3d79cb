// A report as JSON, schema "firebreak/report/1" (docs/schema/report-1.json).
#include "report/json.h"

#include <cstdint>

#include "base/timestamp.h"
#include "findings/code.h"
#include "report/json_writer.h"
#include "report/render.h"

namespace firebreak {
namespace {

using enum JsonWriter::Shape;

void write_policy(JsonWriter& json, const Report& report) {
  json.key("policy").open_object();
  json.key("file").text_or_null(report.policy_file);
  json.member("inferred", report.inferred);
  json.key("digest").text_or_null(report.policy_digest);
  json.close();
}

void write_summary(JsonWriter& json, const Report& report) {
  json.key("summary").open_object();
  json.member("result", name_of(report.outcome));
  json.member("exit", static_cast<std::uint64_t>(report.exit));
  json.member("fail_on", name_of(report.fail_on));
  json.key("open").open_object();
  for (const Severity severity :
       {Severity::kCritical, Severity::kHigh, Severity::kMedium, Severity::kLow, Severity::kInfo}) {
    json.member(name_of(severity), std::uint64_t{report.open(severity)});
  }
  json.close();
  json.member("waived", std::uint64_t{report.waived()});
  json.member("gaps", std::uint64_t{report.gaps.size()});
  json.close();
}

void write(JsonWriter& json, const ReportHost& host) {
  json.open_object();
  json.member("name", host.name).member("endpoint", host.endpoint).member("engine", host.engine);
  json.close();
}

void write(JsonWriter& json, const ReportEnvironment& environment) {
  json.open_object();
  json.member("name", environment.name).member("tier", environment.tier);
  json.member("workloads", std::uint64_t{environment.workloads});
  json.member("networks", environment.networks);
  json.close();
}

void write(JsonWriter& json, const ReportWorkload& workload) {
  json.open_object();
  json.member("host", workload.host).member("name", workload.name).member("kind", workload.kind);
  json.key("project").text_or_null(workload.project);
  json.key("environment").text_or_null(workload.environment);
  json.member("reasons", workload.reasons).member("networks", workload.networks);
  json.member("running", workload.running);
  json.member("replicas", std::uint64_t{workload.replicas});
  json.close();
}

void write(JsonWriter& json, const ReportNetwork& network) {
  json.open_object();
  json.member("host", network.host).member("name", network.name).member("driver", network.driver);
  json.key("environment").text_or_null(network.environment);
  json.close();
}

void write(JsonWriter& json, const Cell& cell) {
  json.open_object();
  json.member("from", cell.from).member("to", cell.to);
  json.member("dimension", name_of(cell.dimension));
  json.member("level", cell.level).member("required", cell.required);
  json.member("met", cell.met).member("basis", cell.basis);
  json.member("findings", cell.findings);
  json.close();
}

void write(JsonWriter& json, const Subject& subject) {
  json.open_object();
  json.member("kind", subject.kind);
  json.key("host").text_or_null(subject.host);
  json.member("name", subject.name);
  json.key("environment").text_or_null(subject.environment);
  json.close();
}

void write(JsonWriter& json, const Hop& hop) {
  json.open_object().member("at", hop.at).member("why", hop.why).close();
}

void write(JsonWriter& json, const Remedy& remedy) {
  json.open_object().member("text", remedy.text).member("commands", remedy.commands).close();
}

void write(JsonWriter& json, const Gap& gap) {
  json.open_object();
  json.member("what", gap.what).member("why", gap.why);
  json.key("host").text_or_null(gap.host);
  json.member("needed_by", gap.needed_by);
  json.close();
}

void write(JsonWriter& json, const Finding& finding);

template <class T>
void write_list(JsonWriter& json, std::string_view name, const std::vector<T>& items,
                JsonWriter::Shape shape = kInline) {
  json.key(name).open_array(shape);
  for (const T& item : items) write(json, item);
  json.close();
}

void write(JsonWriter& json, const Finding& finding) {
  const CodeInfo& code = info(finding.code);
  json.open_object();
  json.member("code", code.name).member("severity", name_of(finding.severity));
  json.member("status", finding.status == Finding::Status::kWaived ? "waived" : "open");
  json.member("accepted", finding.accepted).member("fingerprint", finding.fingerprint);
  json.member("title", finding.title).member("environments", finding.environments);
  write_list(json, "subjects", finding.subjects);
  write_list(json, "path", finding.path);
  write_list(json, "remedy", finding.remedy);
  json.member("notes", finding.notes);
  json.key("waiver").text_or_null(finding.waiver);
  json.key("place").text_or_null(finding.place);
  json.key("controls").open_array();
  for (const std::string_view control : code.controls) json.value(control);
  json.close();
  json.close();
}

}  // namespace

std::string to_json(const Report& report) {
  JsonWriter json;
  json.open_object(kLines);
  json.member("schema", "firebreak/report/1").member("generated", to_text(report.generated));
  json.member("version", report.version);
  write_policy(json, report);
  write_summary(json, report);
  write_list(json, "hosts", report.hosts, kLines);
  write_list(json, "environments", report.environments, kLines);
  write_list(json, "workloads", report.workloads, kLines);
  write_list(json, "networks", report.networks, kLines);
  write_list(json, "matrix", report.matrix, kLines);
  write_list(json, "findings", report.findings, kLines);
  write_list(json, "gaps", report.gaps, kLines);
  json.member("notes", report.notes).member("not_checked", report.not_checked);
  json.close();
  return json.finish();
}

void write_json(JsonWriter& json, const Finding& finding) { write(json, finding); }
void write_json(JsonWriter& json, const ReportWorkload& workload) { write(json, workload); }
void write_json(JsonWriter& json, const Gap& gap) { write(json, gap); }

std::string matrix_json(const Report& report) {
  JsonWriter json;
  json.open_object(kLines);
  json.member("schema", "firebreak/matrix/1").member("generated", to_text(report.generated));
  json.member("version", report.version);
  write_policy(json, report);
  write_list(json, "environments", report.environments, kLines);
  write_list(json, "matrix", report.matrix, kLines);
  json.close();
  return json.finish();
}

std::string code_json(const CodeInfo& code) {
  JsonWriter json;
  json.open_object(kLines);
  json.member("schema", "firebreak/code/1").member("code", code.name).member("title", code.title);
  json.key("dimension").text_or_null(code.dimension ? name_of(*code.dimension) : "");
  json.member("severity", name_of(code.severity)).member("unstated", name_of(code.unstated));
  json.member("influence", code.influence).member("checked", code.checked);
  json.member("rationale", code.rationale).member("remedy", code.remedy);
  json.key("controls").open_array();
  for (const std::string_view control : code.controls) json.value(control);
  json.close().close();
  return json.finish();
}

}  // namespace firebreak
