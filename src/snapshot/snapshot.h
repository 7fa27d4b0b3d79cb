// What was seen at one time on a set of hosts, as plain data: redacted, ordered, complete in its
// gaps. A snapshot can be saved, moved and audited elsewhere (snapshot/json.h).
//
// A host is a Docker engine (or Podman's Docker-compatible service), or a set of compose files that
// nothing runs yet. Lists are never empty because something failed: then a Gap stands beside them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/ip.h"
#include "base/timestamp.h"
#include "snapshot/kernel.h"
#include "snapshot/secret.h"

namespace firebreak {

using ContainerKey =
    Key<struct ContainerKeyTag>;  // the engine's id; "compose:PROJECT/SERVICE" when planned
using NetworkKey = Key<struct NetworkKeyTag>;  // the engine's id (Podman: the name)
using ImageKey = Key<struct ImageKeyTag>;      // "sha256:…"
using ServiceKey = Key<struct ServiceKeyTag>;  // a Swarm service's id
using NodeKey = Key<struct NodeKeyTag>;        // a Swarm node's id

// Something that should have been seen and was not.
struct Gap {
  std::string what;                    // "volumes", "the host", "inspect of container api"
  std::string why;                     // "permission denied", "answer cut short after 4096 bytes"
  std::string host;                    // the policy's name of the host; empty: all of them
  std::vector<std::string> needed_by;  // finding codes that cannot be decided without it, sorted

  friend auto operator<=>(const Gap&, const Gap&) = default;
};

struct Label {
  std::string name;
  Value value;

  friend auto operator<=>(const Label&, const Label&) = default;
};

struct EnvVar {
  std::string name;
  Value value;
  bool from_image = false;  // the same name and value stand in the image's Env

  friend auto operator<=>(const EnvVar&, const EnvVar&) = default;
};

// One program in a container's command, entrypoint, health check or job label, with what it
// connects to. Only programs of a known table are named; all other words are left out.
struct CommandStep {
  std::string program;  // "pg_dump", "pg_dump --schema-only", "psql", …; empty: not in the table
  std::vector<Target> targets;  // what its words and variables name; what is copied from is first
  std::vector<Secret> secrets;
  bool pipes_into_next = false;  // `|`, or a dump file that the next step reads

  friend auto operator<=>(const CommandStep&, const CommandStep&) = default;
};

struct Mount {
  enum class Type : std::uint8_t { kBind, kVolume, kTmpfs, kOther };

  Type type = Type::kBind;
  std::string volume;       // a volume's name
  std::string source;       // the path on the host
  std::string destination;  // the path in the container
  bool read_write = true;
  std::string propagation;

  friend auto operator<=>(const Mount&, const Mount&) = default;
};

// A container's membership of one network.
struct Endpoint {
  NetworkKey network;
  std::string network_name;
  std::vector<std::string>
      names;  // what the embedded DNS answers for it there: name, aliases, short id
  std::optional<IpAddress> ipv4;
  std::optional<IpAddress> ipv6;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

struct PublishedPort {
  std::optional<IpAddress> address;  // nullopt: every address
  Port host_port;  // 0: not chosen yet; of a running container: a routed network has none
  Port container_port;
  Protocol protocol = Protocol::kTcp;

  friend auto operator<=>(const PublishedPort&, const PublishedPort&) = default;
};

// A port that the image or its user says the container serves, whether published or not.
struct ExposedPort {
  Port port;
  Protocol protocol = Protocol::kTcp;

  friend auto operator<=>(const ExposedPort&, const ExposedPort&) = default;
};

struct ExtraHost {
  std::string name;
  std::string address;  // an address, or "host-gateway"

  friend auto operator<=>(const ExtraHost&, const ExtraHost&) = default;
};

// How far the container is held apart from its host and its neighbours. Modes are as the engine
// writes them: "", "host", "private", "shareable", "container:<id>", "none", "default", a network.
struct Isolation {
  bool privileged = false;
  std::vector<std::string>
      added_capabilities;  // without "CAP_", upper case, sorted; may hold "ALL"
  std::vector<std::string> dropped_capabilities;
  std::vector<std::string> devices;           // paths on the host
  std::vector<std::string> device_rules;      // DeviceCgroupRules
  std::vector<std::string> security_options;  // "seccomp=unconfined", …
  std::string network_mode;
  std::string pid_mode;
  std::string ipc_mode;
  std::string uts_mode;
  std::string user_mode;    // UsernsMode
  std::string cgroup_mode;  // CgroupnsMode
  std::string runtime;      // "runc", "runsc", "kata-runtime", …
  std::string user;         // Config.User; empty: root

  friend auto operator<=>(const Isolation&, const Isolation&) = default;
};

enum class RunState : std::uint8_t {
  kRunning,  // also paused and restarting
  kStopped,  // created, exited, dead
  kPlanned,  // stands in a compose file or a service without tasks
};

struct Container {
  ContainerKey id;
  std::string name;   // without the leading slash
  std::string image;  // the reference as given
  ImageKey image_id;
  RunState state = RunState::kRunning;
  std::string hostname;
  std::vector<Label> labels;
  std::vector<EnvVar> env;
  std::vector<CommandStep> command;
  std::vector<Mount> mounts;
  std::vector<Endpoint> endpoints;
  std::vector<PublishedPort> ports;
  std::vector<ExposedPort> exposed;  // sorted; as engines tell, not compose files
  std::vector<std::string> volumes_from;
  std::vector<ExtraHost> extra_hosts;
  std::vector<std::string> secrets;  // names of Swarm or compose secrets it is given
  std::vector<std::string> configs;
  Isolation isolation;
};

struct Network {
  NetworkKey id;
  std::string name;
  std::string driver;  // "bridge", "overlay", "macvlan", "ipvlan", "host", "null", …
  std::string scope;   // "local", "swarm"
  bool internal = false;
  bool attachable = false;
  bool ingress = false;
  bool external = false;  // a compose file names it and does not create it
  bool ipv6 = false;
  std::vector<Cidr> subnets;
  std::vector<IpAddress> gateways;  // as the engine lists them: not all of them do
  std::vector<Label> labels;
  std::vector<std::pair<std::string, std::string>> options;  // sorted; "encrypted", "parent", …
};

struct Volume {
  std::string name;
  std::string driver;
  std::string scope;
  std::string device;  // what really stands behind a local volume: "nfs 10.0.0.5:/data", "/dev/sdb"
  std::vector<Label> labels;
};

struct Image {
  ImageKey id;
  std::vector<std::string> tags;     // "registry.example.com/shop/api:1.4"
  std::vector<std::string> digests;  // "registry.example.com/shop/api@sha256:…"
};

struct Service {
  ServiceKey id;
  std::string name;
  std::uint64_t tasks = 0;  // running tasks seen
  Container spec;           // what its tasks are made of; id empty, state kPlanned
};

struct Node {
  NodeKey id;
  std::string hostname;
  bool manager = false;
  std::vector<Label> labels;
};

struct SwarmState {
  bool active = false;
  bool manager = false;  // this engine answers for the cluster
  NodeKey node;
  std::string cluster;  // the cluster's id; empty on a worker
  std::vector<Service> services;
  std::vector<Node> nodes;
  std::vector<std::string> secrets;  // names
  std::vector<std::string> configs;
};

struct Engine {
  std::string product;      // "docker", "podman"
  std::string version;      // "20.10.24+dfsg1"
  std::string api_version;  // negotiated, "1.41"
  std::string id;       // as /info says; cloned machines share it, Podman's changes at every call
  std::string machine;  // the host's own name
  std::string operating_system;
  std::string kernel;
  std::string root_dir;  // DockerRootDir
  std::string default_runtime;
  std::vector<std::string> security_options;  // "userns", "rootless", "seccomp", …: the names
  std::vector<std::string> authorization_plugins;
  std::vector<std::string> warnings;       // as /info gives them
  std::optional<bool> bridge_nf_iptables;  // gone from API 1.50: nullopt
};

struct Host {
  enum class Kind : std::uint8_t { kEngine, kCompose };

  std::string name;  // the policy's or command line's name
  std::string
      endpoint;  // "unix:///var/run/docker.sock", "tcp://prod-1:2376", compose files; no userinfo
  Kind kind = Kind::kEngine;
  bool tls = false;  // the endpoint asked for, and checked, certificates
  Engine engine;
  SwarmState swarm;
  std::vector<Container> containers;
  std::vector<Network> networks;
  std::vector<Volume> volumes;
  std::vector<Image> images;
  std::optional<KernelState> kernel;
  std::string kernel_missing;  // why there is no `kernel` although it was wanted
};

struct Snapshot {
  std::string tool_version;
  Timestamp taken{};
  // Names the fingerprint key without telling it. Snapshots with equal ids can be compared.
  std::string key_id;
  bool key_lasting = false;  // given with --fingerprint-key, so that other snapshots can share it
  std::vector<Host> hosts;
  std::vector<Gap> gaps;
};

}  // namespace firebreak
