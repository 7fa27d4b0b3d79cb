// `firebreak verify --format json`: schema "firebreak/verify/1" (docs/schema/verify-1.json).
#include "report/json.h"

#include "checks/flow_words.h"
#include "report/json_writer.h"
#include "verify/report.h"

namespace firebreak {
namespace {

using enum JsonWriter::Shape;

void write_end(JsonWriter& json, std::string_view name, const VerifyEnd& end) {
  json.key(name).open_object();
  json.member("host", end.host);
  json.key("container").text_or_null(end.container);
  json.key("environment").text_or_null(end.environment);
  json.member("workloads", end.workloads);
  json.close();
}

// The members of a probe, into an object that is open.
void write_probe(JsonWriter& json, const AskedProbe& probe) {
  write_end(json, "from", probe.from);
  write_end(json, "to", probe.to);
  json.member("protocol", protocol_text(probe.packet.protocol));
  json.member("source", probe.packet.source.text());
  json.member("address", probe.packet.destination.text());
  json.key("port");
  if (is_echo(probe.packet.protocol)) {
    json.null();
  } else {
    json.value(std::uint64_t{probe.packet.destination_port.value});
  }
  json.member("predicted", name_of(probe.prediction));
  json.key("happened").text_or_null(probe.happened);
}

void write_disagreement(JsonWriter& json, const Disagreement& one) {
  json.open_object();
  json.member("code", info(one.finding.code).name);
  json.member("severity", name_of(one.finding.severity));
  json.member("fingerprint", one.finding.fingerprint);
  json.member("title", one.finding.title);
  write_probe(json, one.probe);
  json.key("path").open_array();
  for (const Hop& hop : one.finding.path) {
    json.open_object().member("at", hop.at).member("why", hop.why).close();
  }
  json.close();
  json.close();
}

void write_probes(JsonWriter& json, std::string_view name, const std::vector<AskedProbe>& probes) {
  json.key(name).open_array(kLines);
  for (const AskedProbe& probe : probes) {
    json.open_object();
    write_probe(json, probe);
    json.close();
  }
  json.close();
}

void write_counts(JsonWriter& json, const VerifyReport& report) {
  json.key("plan").open_object();
  for (const Prediction kind : {Prediction::kOpen, Prediction::kUnknown, Prediction::kClosed}) {
    const auto count = report.plan.find(kind);
    json.member(name_of(kind), std::uint64_t{count == report.plan.end() ? 0 : count->second});
  }
  json.close();
  json.key("counts").open_object();
  json.member("asked", std::uint64_t{report.asked});
  json.member("agreed", std::uint64_t{report.agreed});
  json.member("disagreed", std::uint64_t{report.disagreements.size()});
  json.member("not_proven", std::uint64_t{report.not_proven});
  json.member("unknown", std::uint64_t{report.unknown});
  json.close();
}

}  // namespace

std::string to_json(const VerifyReport& report) {
  JsonWriter json;
  json.open_object(kLines);
  json.member("schema", "firebreak/verify/1");
  json.member("dry_run", report.dry_run);
  json.member("listeners", report.listeners);
  write_counts(json, report);
  json.key("disagreements").open_array(kLines);
  for (const Disagreement& one : report.disagreements) write_disagreement(json, one);
  json.close();
  write_probes(json, "unknown", report.unknown_probes);
  json.key("not_proven").open_array(kLines);
  for (const auto& [why, count] : report.unproven) {
    json.open_object().member("why", why).member("probes", std::uint64_t{count}).close();
  }
  json.close();
  write_probes(json, "planned", report.planned);
  json.key("gaps").open_array(kLines);
  for (const Gap& gap : report.gaps) write_json(json, gap);
  json.close();
  json.close();
  return json.finish();
}

}  // namespace firebreak
