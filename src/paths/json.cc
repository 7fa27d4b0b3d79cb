// `firebreak paths --format json`: schema "firebreak/paths/1" (docs/schema/paths-1.json).
#include "report/json.h"

#include "checks/flow_words.h"
#include "paths/paths.h"
#include "report/json_writer.h"

namespace firebreak {
namespace {

using enum JsonWriter::Shape;

void write(JsonWriter& json, std::string_view name, const PathPlace& place) {
  json.key(name).open_object();
  json.member("host", place.host);
  json.key("container").text_or_null(place.container);
  json.key("environment").text_or_null(place.environment);
  json.member("workloads", place.workloads);
  json.close();
}

void write(JsonWriter& json, std::string_view name, const std::vector<Hop>& hops) {
  json.key(name).open_array();
  for (const Hop& hop : hops) {
    json.open_object().member("at", hop.at).member("why", hop.why).close();
  }
  json.close();
}

void write(JsonWriter& json, const PathFlow& path) {
  const Flow& flow = path.flow;
  json.open_object();
  write(json, "from", path.from);
  write(json, "to", path.to);
  json.member("protocol", protocol_text(flow.protocol));
  json.key("sources").open_array();
  for (const AddressRange& range : flow.sources) json.value(range_text(range));
  json.close();
  json.member("address", range_text(flow.address)).member("ports", ports_text(flow.ports));
  if (!flow.also_at.empty()) {
    json.key("also_at").open_array();
    for (const AddressRange& range : flow.also_at) json.value(range_text(range));
    json.close();
  }
  json.key("delivered").open_object();
  json.member("address", range_text(flow.delivered));
  json.member("ports", ports_text(flow.delivered_ports)).close();
  json.key("listening");
  if (flow.listening) {
    json.value(*flow.listening);
  } else {
    json.null();
  }
  json.member("via", name_of(flow.via));
  json.member("verdict", flow.open ? "open" : "unknown");
  json.member("rules", flow.derived ? "derived" : "read");
  write(json, "hops", path.hops);
  json.close();
}

void write(JsonWriter& json, const PathInfluence& influence) {
  json.open_object();
  json.member("code", info(influence.code).name).member("title", influence.title);
  json.member("environments", influence.environments);
  json.member("fingerprint", influence.fingerprint);
  write(json, "path", influence.path);
  json.close();
}

void write(JsonWriter& json, const PathChain& chain) {
  json.open_object().member("from", chain.from).member("to", chain.to);
  write(json, "steps", chain.steps);
  json.close();
}

void write(JsonWriter& json, const PathRefusal& refusal) {
  json.open_object().member("from", refusal.from).member("to", refusal.to);
  json.member("packet", refusal.packet).member("outcome", refusal.outcome);
  write(json, "hops", refusal.hops);
  json.close();
}

template <class T>
void write_paths(JsonWriter& json, std::string_view name, const std::vector<T>& items) {
  json.key(name).open_array(kLines);
  for (const T& item : items) write(json, item);
  json.close();
}

}  // namespace

std::string to_json(const PathReport& report) {
  JsonWriter json;
  json.open_object(kLines);
  json.member("schema", "firebreak/paths/1");
  json.key("from").text_or_null(report.from);
  json.key("to").text_or_null(report.to);
  json.member("all", report.all);
  write_paths(json, "flows", report.flows);
  write_paths(json, "influences", report.influences);
  write_paths(json, "chains", report.chains);
  json.member("chains_left_out", std::uint64_t{report.chains_left_out});
  write_paths(json, "refusals", report.refusals);
  json.key("gaps").open_array(kLines);
  for (const Gap& gap : report.gaps) write_json(json, gap);
  json.close();
  json.close();
  return json.finish();
}

}  // namespace firebreak
