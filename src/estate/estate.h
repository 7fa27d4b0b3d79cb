// The snapshot read through the policy: every object indexed, every workload in an environment (or
// in none, with the reason). All checks read this and nothing else.
#pragma once

#include <cstdint>
#include <forward_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/id.h"
#include "policy/policy.h"
#include "snapshot/snapshot.h"

namespace firebreak {

using EnvironmentId = Id<struct EnvironmentTag>;
using HostId = Id<struct HostTag>;
using WorkloadId = Id<struct WorkloadTag>;
using ContainerId = Id<struct ContainerTag>;
using NetworkId = Id<struct NetworkTag>;

struct Environment {
  std::string name;
  Tier tier = Tier::kDevelopment;
  std::vector<NetworkId> networks;  // owned by it; in an inferred run also used by it alone. Sorted
  std::vector<WorkloadId> workloads;
};

// Why a workload is where it is. In an inferred run each piece of evidence is one of these.
struct Evidence {
  std::string environment;
  std::string reason;  // "label env=production", "variable DATABASE_URL names host prod-db"
};

// A container that stands alone, or all replicas of one compose or Swarm service on one host
// (Swarm: on the cluster). The unit that findings speak of.
struct Workload {
  enum class Kind : std::uint8_t { kContainer, kComposeService, kSwarmService };

  Kind kind = Kind::kContainer;
  HostId host;              // of its first container
  std::string name;         // as a person says it: "api", unique within host and project
  std::string project;      // compose project or Swarm stack; may be empty
  std::string stable_name;  // "project/service" or the container's name: for fingerprints
  std::optional<EnvironmentId> environment;
  std::vector<EnvironmentId> candidates;  // more than one: its selectors or evidence disagree
  bool shared = false;                // serves several environments on purpose (policy `shared`)
  std::vector<EnvironmentId> serves;  // if shared
  std::vector<Evidence> evidence;
  std::vector<ContainerId>
      containers;        // never empty; a service without containers has its spec here
  bool running = false;  // one of its containers runs
  bool planned = false;  // stands in a compose file only
};

struct Member {
  WorkloadId workload;
  ContainerId container;     // the workload's, or one of no environment whose namespace it uses
  std::size_t endpoint = 0;  // index into the container's endpoints
};

struct EstateNetwork {
  HostId host;                         // where it was first seen
  const Network* network = nullptr;    // into the snapshot; never null
  std::vector<HostId> hosts;           // more than one for Swarm-scoped networks
  std::vector<Member> members;         // sorted by workload
  std::optional<EnvironmentId> owner;  // the policy says so, or its name does in an inferred run
};

// What a host name or address means when a container uses it.
struct Resolution {
  enum class Kind : std::uint8_t {
    kContainers,  // one or more containers in sight
    kItself,      // localhost, its own name, or a container that shares its network namespace
    kHost,        // the machine it runs on (host.docker.internal, host-gateway, a published port)
    kOutside,     // a name or address that nothing in the snapshot has
  };
  Kind kind = Kind::kOutside;
  std::vector<ContainerId> containers;  // sorted; several when a name is claimed more than once
  std::optional<NetworkId> network;     // on which the embedded DNS answers it
};

// A system that a workload's configuration points at. Replicas that point at the same thing count
// once. Variables of the image are left out.
struct Connection {
  WorkloadId from;
  ContainerId container;
  std::string variable;            // "DATABASE_URL", "label traefik.url", or "command pg_dump"
  const Target* target = nullptr;  // into the snapshot; never null
  Resolution resolution;
};

// Where a secret stands: a variable, label or command of a workload; replicas have the same places.
struct SecretPlace {
  WorkloadId workload;
  std::string name;  // "DATABASE_URL", "label traefik.auth", "command pg_dump"

  friend auto operator<=>(const SecretPlace&, const SecretPlace&) = default;
};

// One of a container's secrets. Those of the image are left out.
struct SecretUse {
  SecretPlace place;
  const Secret* secret = nullptr;  // into the snapshot; never null
};

// Its snapshot is in canonical order, each engine once. Immutable after build_estate; references
// into it stay valid as long as it lives. Moving keeps them.
class Estate {
 public:
  Estate(Estate&&) noexcept = default;
  Estate& operator=(Estate&&) noexcept = default;
  Estate(const Estate&) = delete;
  Estate& operator=(const Estate&) = delete;

  [[nodiscard]] const Snapshot& snapshot() const { return *snapshot_; }
  [[nodiscard]] const Policy& policy() const { return *policy_; }
  [[nodiscard]] bool inferred() const { return policy_->environments.empty(); }

  [[nodiscard]] std::span<const Environment> environments() const { return environments_; }
  [[nodiscard]] std::span<const Workload> workloads() const { return workloads_; }
  [[nodiscard]] std::span<const EstateNetwork> networks() const { return networks_; }
  [[nodiscard]] std::span<const Connection> connections() const { return connections_; }
  [[nodiscard]] std::span<const SecretUse> secret_uses() const { return secret_uses_; }
  [[nodiscard]] std::size_t container_count() const { return containers_.size(); }

  [[nodiscard]] const Environment& operator[](EnvironmentId id) const {
    return environments_[id.index()];
  }
  [[nodiscard]] const Workload& operator[](WorkloadId id) const { return workloads_[id.index()]; }
  [[nodiscard]] const EstateNetwork& operator[](NetworkId id) const {
    return networks_[id.index()];
  }
  [[nodiscard]] const Host& operator[](HostId id) const { return snapshot_->hosts[id.index()]; }
  [[nodiscard]] const Container& operator[](ContainerId id) const {
    return *containers_[id.index()].container;
  }

  [[nodiscard]] HostId host_of(ContainerId id) const { return containers_[id.index()].host; }
  [[nodiscard]] WorkloadId workload_of(ContainerId id) const {
    return containers_[id.index()].workload;
  }
  // The container whose network namespace it uses: itself, or the one that it joined.
  [[nodiscard]] ContainerId namespace_owner(ContainerId id) const {
    return containers_[id.index()].namespace_owner;
  }
  // The network of one of the container's endpoints (a reference into it). O(1).
  [[nodiscard]] std::optional<NetworkId> network_of(ContainerId id, const Endpoint& endpoint) const;
  // Environments that have a workload on this host, sorted.
  [[nodiscard]] std::span<const EnvironmentId> environments_on(HostId id) const;
  // Containers of a host, by id (services without containers are not among them).
  [[nodiscard]] std::span<const ContainerId> containers_on(HostId id) const;
  // By container name, id or id prefix on one host ("container:<id>" modes).
  [[nodiscard]] std::optional<ContainerId> find_container(HostId host,
                                                          std::string_view name_or_id) const;

  // What `name` (a host name or address text) means inside the container, as Docker's embedded DNS,
  // /etc/hosts (extra_hosts) and the networks in sight decide it.
  [[nodiscard]] Resolution resolve(ContainerId container, std::string_view name) const;

  // The same, and a port that a container of that machine publishes leads to that container; so do
  // the names of other machines in the snapshot.
  [[nodiscard]] Resolution resolve(ContainerId container, std::string_view name,
                                   std::optional<Port> port) const;

  // What the policy requires of a pair; see policy.h. Inferred environments count by their tiers.
  [[nodiscard]] Required required(EnvironmentId a, EnvironmentId b, Dimension dimension) const;
  // Whether anything done from `from` into `to` climbs into a higher tier.
  [[nodiscard]] bool climbs(EnvironmentId from, EnvironmentId to) const;

  // The environment that a host name or a database's name speaks of: the policy's `systems` and
  // `databases` first, then whole words that name one environment alone ("prod-db", "app_staging";
  // not "product"). nullopt if it speaks of none, or of several.
  [[nodiscard]] std::optional<EnvironmentId> environment_named(std::string_view name) const;

  // Selectors of the policy that no workload matched (AUD005), as positions into the policy.
  [[nodiscard]] std::span<const Selector* const> unmatched_selectors() const { return unmatched_; }

 private:
  friend class EstateBuilder;
  friend class Resolver;
  struct ContainerEntry {
    const Container* container = nullptr;
    HostId host;
    WorkloadId workload;
    ContainerId namespace_owner;  // whose network namespace it uses; itself in most cases
    std::uint32_t endpoints = 0;  // where its endpoints begin in endpoint_networks_
  };
  // A TCP port of a machine that leads to a container.
  struct Published {
    Port port;
    ContainerId container;
    bool loopback = false;  // on the machine's loopback address only
    friend auto operator<=>(const Published&, const Published&) = default;
  };
  struct HostIndex {
    std::vector<ContainerId> containers;
    std::vector<EnvironmentId> environments;
    std::unordered_map<std::string_view, NetworkId> networks;  // by id and by name
    std::vector<std::pair<std::size_t, ContainerId>> by_name;  // by the name's hash
    std::vector<NetworkId> network_list;                       // each once, sorted
    std::vector<Published> published;                          // sorted
  };
  struct NameClaim {
    std::string_view name;  // lower case
    ContainerId container;
    friend auto operator<=>(const NameClaim&, const NameClaim&) = default;
  };
  struct AddressClaim {
    IpAddress address;
    ContainerId container;
    friend auto operator<=>(const AddressClaim&, const AddressClaim&) = default;
  };
  // What is answered on a network, sorted for binary search.
  struct NetworkIndex {
    std::vector<NameClaim> names;  // empty where no embedded DNS serves
    std::vector<AddressClaim> addresses;
  };

  Estate(Snapshot snapshot, Policy policy);

  std::unique_ptr<const Snapshot> snapshot_;
  std::unique_ptr<const Policy> policy_;
  std::vector<Environment> environments_;  // sorted by tier (highest first), then name
  std::vector<Workload> workloads_;
  std::vector<EstateNetwork> networks_;
  std::vector<Connection> connections_;
  std::vector<SecretUse> secret_uses_;
  std::vector<ContainerEntry> containers_;
  std::vector<HostIndex> hosts_;
  std::vector<std::optional<NetworkId>> endpoint_networks_;  // of all containers, one after another
  std::vector<NetworkIndex> network_index_;                  // one for each of networks_
  std::forward_list<std::string> lower_names_;  // text of the claims that were not lower case
  std::unordered_map<std::string_view, HostId> machines_;  // by the names hosts are reached under
  std::unordered_map<ContainerId, std::vector<ContainerId>> namespace_sharers_;  // by owner
  std::vector<const Selector*> unmatched_;
};

// Several snapshots become one, in whatever order they are given: hosts are kept apart by name (a
// second "local" becomes "local-2"), and fingerprints that were made with different keys are made
// incomparable, for which a gap stands. The time is that of the oldest one.
[[nodiscard]] Snapshot merge(std::vector<Snapshot> snapshots);

// Hosts that are one engine seen twice (a container id in common, on machines of one name) are kept
// once, with a gap only if they disagree; selectors may use either name.
//
// Never fails: what cannot be assigned is left unassigned. Environments come from the policy, or
// are inferred when it has none (estate/infer.h).
[[nodiscard]] Estate build_estate(Snapshot snapshot, Policy policy);

// A label's text by its name; empty if absent or redacted.
[[nodiscard]] std::string_view label(const Container& container, std::string_view name);

}  // namespace firebreak
