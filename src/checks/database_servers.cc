// DATA006: one database server to which workloads of two environments connect.
//
// Method: connections are grouped by the server that they reach: the workload that answers, the
// machine and port, or the address and port outside. Names are compared only after resolving them
// in the asking container. A server that stands in an environment serves it, whether or not one of
// its workloads was seen to connect. Cost: linear in the connections, plus the pairs found. Limits:
// a name without a dot that nobody in sight answers is not compared: "db" of one container is not
// "db" of another. Two names of one outside server are two servers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "checks/data.h"
#include "checks/image_reference.h"
#include "checks/support.h"
#include "checks/systems.h"

namespace firebreak {
namespace {

struct Server {
  std::optional<WorkloadId> workload;
  std::string address;  // "10.0.0.5:5432", "prod-1:5433"; empty for a workload

  friend auto operator<=>(const Server&, const Server&) = default;
};

using Clients = std::map<EnvironmentId, std::vector<const Connection*>>;

bool is_database_image(const std::string& image) {
  static constexpr std::array<std::string_view, 32> kNames = {
      "cassandra",    "clickhouse",  "clickhouse-server",
      "cockroach",    "couchbase",   "couchdb",
      "db2",          "dragonfly",   "elasticsearch",
      "influxdb",     "keydb",       "mariadb",
      "mongo",        "mongodb",     "mysql",
      "mysql-server", "neo4j",       "opensearch",
      "oracle-free",  "oracle-xe",   "percona",
      "pgvector",     "postgis",     "postgres",
      "postgresql",   "redis",       "redis-stack",
      "scylla",       "timescaledb", "timescaledb-ha",
      "valkey",       "yugabyte"};
  static_assert(std::ranges::is_sorted(kNames));
  const auto reference = ImageReference::parse(image);
  if (!reference) return false;
  const std::string_view repository = reference->repository;
  if (repository == "mssql/server") return true;
  return std::ranges::binary_search(kNames, repository.substr(repository.rfind('/') + 1));
}

// Ports on which nothing but databases is commonly found, for hosts that were given without a
// scheme.
bool is_database_port(const Target& target) {
  static constexpr std::array<std::uint16_t, 9> kPorts = {1433, 1521, 3306,  5432, 6379,
                                                          6432, 9042, 26257, 27017};
  return target.scheme.empty() && target.port &&
         std::ranges::find(kPorts, target.port->value) != kPorts.end();
}

bool is_database(const Estate& estate, const Connection& connection) {
  const Target& target = *connection.target;
  if (is_database_scheme(target.scheme) || is_database_port(target)) return true;
  return std::ranges::any_of(connection.resolution.containers,
                             [&](ContainerId id) { return is_database_image(estate[id].image); });
}

std::optional<Server> server_of(const Estate& estate, const Connection& connection) {
  const Target& target = *connection.target;
  switch (connection.resolution.kind) {
    case Resolution::Kind::kItself: return std::nullopt;
    case Resolution::Kind::kContainers: {
      std::set<WorkloadId> workloads;
      for (const ContainerId id : connection.resolution.containers)
        workloads.insert(estate.workload_of(id));
      if (workloads.size() != 1) return std::nullopt;  // who answers is a matter of NET007
      return Server{*workloads.begin(), {}};
    }
    case Resolution::Kind::kHost: {
      const std::optional<Port> port = target.port ? target.port : default_port(target.scheme);
      if (!port) return std::nullopt;
      return Server{
          std::nullopt,
          fmt::format("{}:{}", estate[estate.host_of(connection.container)].name, port->value)};
    }
    case Resolution::Kind::kOutside: break;
  }
  if (target.host.starts_with('/')) return std::nullopt;
  if (target.host.find_first_of(".:") == std::string::npos) return std::nullopt;
  return Server{std::nullopt, host_and_port(target)};
}

std::map<Server, Clients> list_servers(const Estate& estate) {
  std::map<Server, Clients> servers;
  for (const Connection& connection : estate.connections()) {
    if (sides_of(estate[connection.from]).empty() || !is_database(estate, connection)) continue;
    const auto server = server_of(estate, connection);
    if (!server || server->workload == connection.from) continue;
    for (const EnvironmentId side : sides_of(estate[connection.from]))
      servers[*server][side].push_back(&connection);
  }
  for (auto& [server, clients] : servers)
    if (server.workload)
      for (const EnvironmentId side : sides_of(estate[*server.workload])) clients[side];
  return servers;
}

std::string server_name(const Estate& estate, const Server& server) {
  return server.workload ? display_name(estate, *server.workload) : server.address;
}

// What both sides call their databases there: separate ones are the lesser evil.
std::string note_on_databases(const std::vector<const Connection*>& from,
                              const std::vector<const Connection*>& to) {
  const auto names = [](const std::vector<const Connection*>& connections) {
    std::set<std::string> result;
    for (const Connection* connection : connections) result.insert(connection->target->database);
    return result;
  };
  const std::set<std::string> one = names(from);
  const std::set<std::string> other = names(to);
  if (one.contains("") || other.contains("") || one.empty() || other.empty()) return {};
  std::vector<std::string> both;
  std::ranges::set_intersection(one, other, std::back_inserter(both));
  if (both.empty())
    return "They use different databases of it; its superuser, disk and upgrades are shared.";
  for (std::string& name : both) name = printable(name);
  return fmt::format("Both use the same database there: {}.", listed(both));
}

Remedy remedy_for(const Estate& estate, WorkloadId id, const std::set<std::string>& variables,
                  const std::string& server) {
  std::vector<std::string> names(variables.begin(), variables.end());
  Remedy remedy;
  remedy.text = fmt::format(
      "Run a database server for {} alone, and point {} of {} at it instead of {}.",
      estate[sides_of(estate[id]).front()].name, listed(names), definition_of(estate, id), server);
  return remedy;
}

Finding finding_of(const Estate& estate, const Server& server, const EnvironmentPair& pair,
                   const std::vector<const Connection*>& from,
                   const std::vector<const Connection*>& to) {
  const std::string name = server_name(estate, server);
  Finding finding =
      make_finding(estate, Code::kData006, pair,
                   {server.workload ? stable_name(estate, *server.workload) : server.address});
  finding.title = fmt::format("one database server, {}, serves {} and {}", name,
                              estate[pair.from].name, estate[pair.to].name);
  std::map<WorkloadId, std::set<std::string>> from_users;
  std::set<WorkloadId> users;
  for (const auto* side : {&from, &to})
    for (const Connection* connection : *side) {
      users.insert(connection->from);
      if (side == &from) from_users[connection->from].insert(printable(connection->variable));
      finding.path.push_back(
          {fmt::format("{} {}", display_name(estate, connection->from),
                       printable(connection->variable)),
           fmt::format("connects to {}, which is {}", target_text(*connection->target), name)});
    }
  if (server.workload) {
    users.insert(*server.workload);
  } else {
    finding.subjects.push_back({"system", "", name, ""});
  }
  add_workloads(estate, std::vector<WorkloadId>(users.begin(), users.end()), finding);
  if (std::string note = note_on_databases(from, to); !note.empty())
    finding.notes.push_back(std::move(note));
  for (const auto& [id, variables] : from_users)
    finding.remedy.push_back(remedy_for(estate, id, variables, name));
  return finding;
}

// Connections of workloads that stand for `own` alone.
std::vector<const Connection*> only(const Estate& estate, const Clients& clients, EnvironmentId own,
                                    EnvironmentId other) {
  std::vector<const Connection*> result;
  std::ranges::copy_if(clients.at(own), std::back_inserter(result),
                       [&](const Connection* c) { return only_for(estate[c->from], own, other); });
  return result;
}

}  // namespace

void check_database_servers(const Estate& estate, Findings& out) {
  for (const auto& [server, clients] : list_servers(estate)) {
    std::vector<EnvironmentId> environments;
    for (const auto& [environment, _] : clients) environments.push_back(environment);
    for (const EnvironmentPair& pair : pairs_of(estate, environments)) {
      const auto serves = [&](EnvironmentId own, EnvironmentId other) {
        return server.workload && only_for(estate[*server.workload], own, other);
      };
      if (server.workload && stands_for(estate[*server.workload], pair.from) &&
          stands_for(estate[*server.workload], pair.to))
        continue;  // shared on purpose
      const auto from = only(estate, clients, pair.from, pair.to);
      const auto to = only(estate, clients, pair.to, pair.from);
      if ((!from.empty() || serves(pair.from, pair.to)) &&
          (!to.empty() || serves(pair.to, pair.from)))
        out.push_back(finding_of(estate, server, pair, from, to));
    }
  }
}

}  // namespace firebreak
