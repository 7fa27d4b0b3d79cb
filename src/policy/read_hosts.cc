// hosts, zones, systems, databases: what there is to look at, and where.
#include <fmt/format.h>

#include "policy/location.h"
#include "policy/sections.h"

namespace firebreak {
namespace {

HostSource read_host(Reader& reader, const YamlEntry& entry) {
  HostSource host;
  host.at = reader.position(*entry.key);
  host.name = entry.name;
  if (entry.value->is_scalar()) {  // short form
    host.location = reader.text(*entry.value, "the host's address").value_or("");
    if (!host.location.empty()) check_docker_url(reader, *entry.value, host.location);
    return host;
  }
  const Fields fields(reader, *entry.value, *entry.key, "a host", {"docker", "snapshot", "tls"});
  host.location = fields.text("docker");
  const std::string snapshot = fields.text("snapshot");
  host.tls_directory = fields.text("tls");
  const bool docker = fields.find("docker") != nullptr;
  const bool tcp = docker && !host.location.empty() &&
                   check_docker_url(reader, *fields.find("docker"), host.location);
  if (docker && fields.find("snapshot") != nullptr) {
    reader.error(*entry.key,
                 fmt::format("host {} is both an engine and a snapshot", quoted(entry.name)),
                 "keep one of 'docker' and 'snapshot'");
  } else if (fields.find("snapshot") != nullptr) {
    host.kind = HostSource::Kind::kSnapshot;
    host.location = snapshot;
  } else if (!docker && entry.value->is_mapping() && !fields.has_unknown()) {
    reader.error(*entry.key, fmt::format("host {} has no place", quoted(entry.name)),
                 "give it 'docker: URL' or 'snapshot: FILE'");
  }
  if (fields.find("tls") != nullptr && !tcp && (!docker || !host.location.empty())) {
    reader.error(*fields.find("tls"), "'tls' is for engines at tcp:// alone");
  }
  return host;
}

}  // namespace

void check_host(Reader& reader, const YamlNode& node, std::string_view name, const Draft& draft) {
  if (draft.more_hosts || name.find_first_of("*?") != std::string_view::npos) return;
  reader.known(node, name, draft.hosts, "host");
}

void read_hosts(Reader& reader, const YamlNode& node, Draft& draft) {
  const auto entries = reader.entries(node, "'hosts'", true);
  draft.more_hosts = entries.empty();
  for (const YamlEntry& entry : entries) {
    draft.hosts.emplace(entry.name, entry.key);
    if (!reader.name(*entry.key, entry.name, "a host's name")) continue;
    draft.policy.hosts.push_back(read_host(reader, entry));
    if (draft.policy.hosts.back().kind == HostSource::Kind::kSnapshot) draft.more_hosts = true;
  }
}

void read_zones(Reader& reader, const YamlNode& node, Draft& draft) {
  for (const YamlNode* zone : reader.items(node, "'zones'", true)) {
    if (!zone->is_sequence()) {
      reader.error(*zone, "a zone is a list of hosts", "write - [host-1, host-2]");
      continue;
    }
    auto hosts = reader.texts(*zone, "a zone");
    if (zone->items.empty()) reader.error(*zone, "this zone has no hosts");
    for (const YamlNode* host : zone->items) {
      if (host->is_scalar() && !host->is_null()) check_host(reader, *host, host->text, draft);
    }
    draft.policy.zones.push_back(std::move(hosts));
  }
}

void read_systems(Reader& reader, const YamlNode& node, Draft& draft) {
  for (const YamlEntry& entry : reader.entries(node, "'systems'", true)) {
    if (!reader.name(*entry.key, entry.name, "a system's name")) continue;
    const Fields fields(reader, *entry.value, *entry.key, "a system",
                        {"environment", "kind", "url", "ask"});
    System system{.at = reader.position(*entry.key),
                  .name = entry.name,
                  .environment = fields.need_text("environment"),
                  .kind = fields.need_text("kind", "for example vault, postgres, oidc"),
                  .url = fields.need_text("url"),
                  .ask = fields.text("ask")};
    if (!system.environment.empty()) {
      check_environment(reader, *fields.find("environment"), system.environment, draft);
    }
    if (!system.url.empty()) check_system_url(reader, *fields.find("url"), system.url);
    draft.policy.systems.push_back(std::move(system));
  }
}

void read_databases(Reader& reader, const YamlNode& node, Draft& draft) {
  for (const YamlEntry& entry : reader.entries(node, "'databases'", true)) {
    if (!reader.name(*entry.key, entry.name, "a database's name")) continue;
    const Fields fields(reader, *entry.value, *entry.key, "a database",
                        {"environment", "url", "masks"});
    Database database{.at = reader.position(*entry.key),
                      .name = entry.name,
                      .environment = fields.need_text("environment"),
                      .url = fields.need_text("url"),
                      .masks = fields.text("masks")};
    if (!database.environment.empty()) {
      check_environment(reader, *fields.find("environment"), database.environment, draft);
    }
    if (!database.url.empty()) check_database_url(reader, *fields.find("url"), database.url);
    if (!database.masks.empty()) {
      reader.known(*fields.find("masks"), database.masks, draft.masks, "set of masks");
    }
    draft.policy.databases.push_back(std::move(database));
  }
}

}  // namespace firebreak
