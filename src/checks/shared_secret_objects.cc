// CRED001: one Swarm or compose secret given to workloads of two environments. Its value is never
// seen, but the object is the same one: a cluster's secrets have unique names.
//
// Names of compose files' secrets are the real ones ("shop_key" for a project's own, the bare name
// for an external one), so equal names are one object there too. Limits: whether two objects hold
// equal values is not known.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "checks/credentials.h"
#include "checks/support.h"

namespace firebreak {
namespace {

// The cluster (or host, or set of compose files) whose namespace the name lives in, and the name.
using SecretObject = std::tuple<std::string, std::string>;
using Users = std::map<EnvironmentId, std::set<WorkloadId>>;

SecretObject object_of(const Estate& estate, const Workload& workload, const std::string& name) {
  const Host& host = estate[workload.host];
  if (host.kind == Host::Kind::kCompose) return {"the compose files", name};
  if (!host.swarm.cluster.empty()) return {"cluster " + host.swarm.cluster, name};
  return {"host " + host.name, name};
}

std::map<SecretObject, Users> list_users(const Estate& estate) {
  std::map<SecretObject, Users> result;
  for (std::size_t index = 0; index < estate.workloads().size(); ++index) {
    const WorkloadId id(index);
    const Workload& workload = estate[id];
    for (const ContainerId container : workload.containers)
      for (const std::string& name : estate[container].secrets)
        for (const EnvironmentId side : sides_of(workload))
          result[object_of(estate, workload, name)][side].insert(id);
  }
  return result;
}

// A secret's content cannot be changed, only replaced by another object: for each user on the lower
// side the commands of a Swarm service, or what to write into the compose file.
Remedy remedy_for(const Estate& estate, WorkloadId id, const std::string& name,
                  const std::string& own_name) {
  const Workload& workload = estate[id];
  Remedy remedy;
  if (workload.kind != Workload::Kind::kSwarmService || workload.planned) {
    remedy.text =
        fmt::format("{}define a secret {} for this environment alone and name it under `secrets`.",
                    definition_of(estate, id), printable(own_name));
    return remedy;
  }
  const std::string docker = engine_command(estate, workload.host);
  remedy.text = fmt::format(
      "Give {} a secret of its own (the first command reads its new value from the terminal).",
      display_name(estate, id));
  remedy.commands.push_back(command_line(docker, {"secret", "create", own_name, "-"}));
  remedy.commands.push_back(command_line(
      docker,
      {"service", "update", "--secret-rm", name, "--secret-add",
       fmt::format("source={},target={}", own_name, name), service_name(estate, workload)}));
  return remedy;
}

Finding finding_of(const Estate& estate, const SecretObject& object, const EnvironmentPair& pair,
                   const std::vector<WorkloadId>& from, const std::vector<WorkloadId>& to) {
  const auto& [scope, name] = object;
  std::vector<WorkloadId> both = from;
  both.insert(both.end(), to.begin(), to.end());
  std::vector<std::string> stable = {"secret " + name};
  for (const WorkloadId id : both) stable.push_back(stable_name(estate, id));
  Finding finding = make_finding(estate, Code::kCred001, pair, std::move(stable));
  finding.title = fmt::format("{} and {} are given the same secret {}", listed(estate, from, 2),
                              listed(estate, to, 2), printable(name));
  finding.subjects.push_back(
      {"secret", printable(estate[estate[from.front()].host].name), printable(name), ""});
  add_workloads(estate, both, finding);
  for (const WorkloadId id : both)
    finding.path.push_back(
        {display_name(estate, id),
         fmt::format("is given secret {} of {}", printable(name), printable(scope))});
  for (const WorkloadId id : from)
    finding.remedy.push_back(remedy_for(estate, id, name, name + "_" + estate[pair.from].name));
  return finding;
}

}  // namespace

void check_shared_secret_objects(const Estate& estate, Findings& out) {
  for (const auto& [object, users] : list_users(estate))
    for (auto one = users.begin(); one != users.end(); ++one)
      for (auto other = std::next(one); other != users.end(); ++other) {
        const EnvironmentPair pair = undirected(estate, one->first, other->first);
        std::vector<WorkloadId> from(users.at(pair.from).begin(), users.at(pair.from).end());
        std::vector<WorkloadId> to(users.at(pair.to).begin(), users.at(pair.to).end());
        const auto crosses = [&](const std::vector<WorkloadId>& ids, EnvironmentId own,
                                 EnvironmentId other_side) {
          return std::ranges::all_of(
              ids, [&](WorkloadId id) { return only_for(estate[id], own, other_side); });
        };
        if (crosses(from, pair.from, pair.to) && crosses(to, pair.to, pair.from))
          out.push_back(finding_of(estate, object, pair, from, to));
      }
}

}  // namespace firebreak
