// What all checks share: names, subjects, pairs of environments, the commands of an engine. Finding
// texts are built here so that one thing is called the same everywhere.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks/checks.h"
#include "estate/estate.h"
#include "findings/finding.h"

namespace firebreak {

// Two environments, in the order in which a finding names them.
struct EnvironmentPair {
  EnvironmentId from;
  EnvironmentId to;

  friend auto operator<=>(const EnvironmentPair&, const EnvironmentPair&) = default;
};
// The lower tier first, then by name: for findings that have no direction.
[[nodiscard]] EnvironmentPair undirected(const Estate& estate, EnvironmentId a, EnvironmentId b);
// Every unordered pair of distinct environments, in the order above. `environments` may repeat.
[[nodiscard]] std::vector<EnvironmentPair> pairs_of(const Estate& estate,
                                                    std::vector<EnvironmentId> environments);

// The environments that a workload stands for: its own, or those that a shared service serves.
// Empty for one that belongs to none. Valid as long as the estate.
[[nodiscard]] std::span<const EnvironmentId> sides_of(const Workload& workload);
[[nodiscard]] bool stands_for(const Workload& workload, EnvironmentId environment);
// Stands for `one` and not for `other`: a shared service that serves both crosses nothing.
[[nodiscard]] bool only_for(const Workload& workload, EnvironmentId one, EnvironmentId other);

// "development/api"; "api" for a workload of no environment.
[[nodiscard]] std::string display_name(const Estate& estate, WorkloadId id);
[[nodiscard]] Subject subject_of(const Estate& estate, WorkloadId id);
[[nodiscard]] Subject subject_of(const Estate& estate, NetworkId id);
[[nodiscard]] Subject subject_of(const Estate& estate, HostId id);
// "a", "a and b", "a, b and 3 more".
[[nodiscard]] std::string listed(std::span<const std::string> names, std::size_t most = 3);
// display_name of each, listed.
[[nodiscard]] std::string listed(const Estate& estate, std::span<const WorkloadId> workloads,
                                 std::size_t most = 3);

// A finding with code, default severity, environments' names, and fingerprint. `environments` are
// from and to, or one, or none. `stable` as finding_fingerprint takes them.
[[nodiscard]] Finding make_finding(const Estate& estate, Code code,
                                   std::span<const EnvironmentId> environments,
                                   std::vector<std::string> stable);
[[nodiscard]] Finding make_finding(const Estate& estate, Code code, const EnvironmentPair& pair,
                                   std::vector<std::string> stable);
// Adds the workloads as subjects, and lowers the severity once if none of them runs or is planned.
// Call it once per finding.
void add_workloads(const Estate& estate, std::span<const WorkloadId> workloads, Finding& finding);
// What a thing is called in fingerprints: with its host's name where there are several hosts, for
// two of them may each have an "api".
[[nodiscard]] std::string stable_name(const Estate& estate, WorkloadId id);
[[nodiscard]] std::string stable_name(const Estate& estate, NetworkId id);
[[nodiscard]] std::string stable_name(const Estate& estate, HostId id, std::string_view name);

// "docker", "docker --host unix:///tmp/x.sock", "podman": what stands before every command for this
// host, so that it reaches the right engine when pasted. Empty for compose files: nothing runs.
[[nodiscard]] std::string engine_command(const Estate& estate, HostId id);
// The engine's name for a container, quoted for a shell.
[[nodiscard]] std::string quoted_name(const Estate& estate, ContainerId id);
// The words with spaces between; each quoted where a shell needs it. `command` goes first as it is.
[[nodiscard]] std::string command_line(std::string_view command,
                                       std::span<const std::string> words);
[[nodiscard]] std::string command_line(std::string_view command,
                                       std::initializer_list<std::string> words);
// Where the definition of a workload stands: "service api of compose project shop", "Swarm service
// shop_api", "container api".
[[nodiscard]] std::string definition_of(const Estate& estate, WorkloadId id);
// The engine's name of a Swarm service: "shop_api", where Workload::name is "api".
[[nodiscard]] std::string service_name(const Estate& estate, const Workload& workload);
// What to leave out of a definition, in the words of each of its three forms.
struct Removal {
  std::string compose;                      // "`privileged: true`": in a compose or stack file
  std::string option;                       // "--privileged": of docker run
  std::vector<std::string> service_update;  // options of docker service update; may be empty
};
// A remedy for what only re-creation changes: says what to change in the file or command that made
// the workload, and removes its containers (never their volumes), so that they are made anew.
[[nodiscard]] Remedy recreate_without(const Estate& estate, WorkloadId id, const Removal& removal);

}  // namespace firebreak
