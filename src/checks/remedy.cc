// Commands and instructions that close a finding. They must be right when pasted: the right engine,
// names quoted, nothing that deletes data.
#include <array>
#include <string>

#include "base/text.h"
#include "checks/support.h"

namespace firebreak {
namespace {

bool is_default_endpoint(std::string_view endpoint) {
  constexpr std::array<std::string_view, 5> kDefaults = {
      "", "unix:///var/run/docker.sock", "unix:///run/docker.sock",
      "unix:///run/podman/podman.sock", "unix:///var/run/podman/podman.sock"};
  for (const std::string_view one : kDefaults) {
    if (endpoint == one) return true;
  }
  return false;
}

Remedy without_for_service(const Estate& estate, const Workload& workload, const Removal& removal) {
  Remedy out;
  out.text = "Take " + removal.compose + " out of Swarm service " + service_name(estate, workload) +
             " in its stack file and deploy it again.";
  if (removal.service_update.empty()) return out;
  std::vector<std::string> words = {"service", "update"};
  words.insert(words.end(), removal.service_update.begin(), removal.service_update.end());
  words.push_back(service_name(estate, workload));
  out.commands.push_back(command_line(engine_command(estate, workload.host), words));
  return out;
}

}  // namespace

std::string service_name(const Estate& estate, const Workload& workload) {
  const Container& first = estate[workload.containers.front()];
  if (first.state == RunState::kPlanned) return first.name;
  if (const std::string_view name = label(first, "com.docker.swarm.service.name"); !name.empty()) {
    return std::string(name);
  }
  return workload.project.empty() ? workload.name : workload.project + "_" + workload.name;
}

std::string engine_command(const Estate& estate, HostId id) {
  const Host& host = estate[id];
  if (host.kind == Host::Kind::kCompose) return {};
  const bool podman = host.engine.product == "podman";
  std::string program = podman ? "podman" : "docker";
  if (is_default_endpoint(host.endpoint)) return program;
  const std::string where = shell_quoted(host.endpoint);
  if (podman) return program + " --url " + where;
  return program + " --host " + where + (host.tls ? " --tlsverify" : "");
}

std::string quoted_name(const Estate& estate, ContainerId id) {
  return shell_quoted(estate[id].name);
}

std::string command_line(std::string_view command, std::span<const std::string> words) {
  std::string out(command);
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    out += shell_quoted(word);
  }
  return out;
}

std::string command_line(std::string_view command, std::initializer_list<std::string> words) {
  return command_line(command, std::span<const std::string>(words.begin(), words.size()));
}

std::string definition_of(const Estate& estate, WorkloadId id) {
  const Workload& workload = estate[id];
  switch (workload.kind) {
    case Workload::Kind::kContainer: return "container " + workload.name;
    case Workload::Kind::kComposeService:
      return "service " + workload.name + " of compose project " + workload.project;
    case Workload::Kind::kSwarmService: return "Swarm service " + service_name(estate, workload);
  }
  return {};
}

Remedy recreate_without(const Estate& estate, WorkloadId id, const Removal& removal) {
  const Workload& workload = estate[id];
  if (workload.kind == Workload::Kind::kSwarmService) {
    return without_for_service(estate, workload, removal);
  }
  const bool by_hand = workload.kind == Workload::Kind::kContainer;
  const std::string engine = engine_command(estate, workload.host);
  Remedy out;
  if (by_hand && !engine.empty()) {
    out.text =
        "Remove " + definition_of(estate, id) + " and run it again without " + removal.option + ".";
  } else {
    out.text = "Take " + removal.compose + " out of " + definition_of(estate, id) +
               (engine.empty() ? "." : ", then bring it up again.");
  }
  if (engine.empty()) return out;
  for (const ContainerId container : workload.containers) {
    if (estate[container].state == RunState::kPlanned) continue;
    out.commands.push_back(command_line(engine, {"rm", "--force", estate[container].name}));
  }
  return out;
}

}  // namespace firebreak
