// Builds snapshots and policies in tests, a line for each fact. For tests of src/estate,
// src/checks and src/findings.
//
//   SnapshotBuilder b;
//   b.host("laptop").network("shared-net");
//   b.container("api").env("DATABASE_URL", target("postgres://dev-db:5432/app")).on("shared-net");
//   const Estate estate = build_estate(b.build(), PolicyBuilder().environment(…).build());
//
// Calls after host() are about that host, calls after container() or service() about that
// container. What is not said gets a default: container ids, addresses (counted up in each
// network), and the names that the engine gives to an endpoint.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/ip.h"
#include "base/text.h"
#include "estate/estate.h"
#include "policy/policy.h"
#include "snapshot/snapshot.h"

namespace firebreak {

// A system as the scanner would read it from a URL: "postgres://app@prod-db:5432/shop".
[[nodiscard]] inline Target target(std::string_view url) {
  Target out;
  if (const std::size_t end = url.find("://"); end != std::string_view::npos) {
    out.scheme = lower(url.substr(0, end));
    url.remove_prefix(end + 3);
  }
  const std::size_t slash = url.find('/');
  if (slash != std::string_view::npos) {
    out.database = url.substr(slash + 1);
    url = url.substr(0, slash);
  }
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    out.user = url.substr(0, at);
    url.remove_prefix(at + 1);
  }
  const std::size_t colon = url.rfind(':');
  if (colon != std::string_view::npos && url.find(':') == colon) {
    out.port = Port::parse(url.substr(colon + 1));
    url = url.substr(0, colon);
  }
  out.host = lower(url);
  return out;
}

// A secret whose fingerprint is made from `text`: equal texts, equal fingerprints.
[[nodiscard]] inline Secret secret(std::string_view text, SecretKind kind = SecretKind::kPassword) {
  Secret out;
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
  for (std::size_t i = 0; i < out.fingerprint.bytes.size(); ++i) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    hash = (hash ^ i) * 0x100000001B3U;
    out.fingerprint.bytes[i] = static_cast<std::uint8_t>(hash >> 32U);
  }
  out.kind = kind;
  out.length = text.size() < 8    ? LengthClass::kUnder8
               : text.size() < 16 ? LengthClass::k8To15
               : text.size() < 32 ? LengthClass::k16To31
               : text.size() < 64 ? LengthClass::k32To63
                                  : LengthClass::k64OrMore;
  return out;
}

// 64 hexadecimal digits, as engines make them.
[[nodiscard]] inline std::string engine_id(std::string_view text) {
  std::string out;
  for (const std::string_view half : {"a", "b"}) {
    for (const std::uint8_t byte :
         secret(std::string(half) + std::string(text)).fingerprint.bytes) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out += kDigits[byte / 16];
      out += kDigits[byte % 16];
    }
  }
  return out;
}

[[nodiscard]] inline Value plain(std::string_view text) {
  Value out;
  out.text = text;
  return out;
}

class SnapshotBuilder {
 public:
  SnapshotBuilder() {
    snapshot_.tool_version = "test";
    snapshot_.key_id = "00000000000000aa";
  }

  // Every engine has the networks that engines make.
  SnapshotBuilder& host(std::string_view name) {
    Host& host = add_host(name);
    host.endpoint = "unix:///var/run/docker.sock";
    host.engine = {.product = "docker",
                   .version = "20.10.24",
                   .api_version = "1.41",
                   .id = "engine-" + host.name,
                   .machine = host.name + "-machine",
                   .operating_system = "Debian",
                   .kernel = "6.1",
                   .root_dir = "/var/lib/docker",
                   .default_runtime = "runc",
                   .security_options = {},
                   .authorization_plugins = {},
                   .warnings = {},
                   .bridge_nf_iptables = true};
    network("bridge").network("host", "host").network("none", "null");
    return *this;
  }

  // A host for what compose files plan; containers are added by planned().
  SnapshotBuilder& compose_host(std::string_view name = "compose") {
    Host& host = add_host(name);
    host.kind = Host::Kind::kCompose;
    host.endpoint = "docker-compose.yml";
    return *this;
  }

  SnapshotBuilder& network(std::string_view name, std::string_view driver = "bridge") {
    Network network;
    network.name = name;
    const bool planned = current_host().kind == Host::Kind::kCompose;
    const bool swarm = driver == "overlay";
    network.id = NetworkKey(planned ? network.name
                            : swarm ? "net-" + network.name
                                    : "net-" + current_host().name + "-" + network.name);
    network.driver = driver;
    network.scope = swarm ? "swarm" : "local";
    if (driver != "host" && driver != "null") {
      const auto second = static_cast<std::uint32_t>(17 + networks_++);
      network.subnets.push_back(
          {.address = IpAddress::v4((172U << 24U) + (second << 16U)), .prefix = 16});
    }
    current_host().networks.push_back(std::move(network));
    return *this;
  }

  SnapshotBuilder& container(std::string_view name, std::string_view image = "my-api:1") {
    Container container;
    container.name = name;
    container.image = image;
    container.id = ContainerKey(engine_id(current_host().name + "/" + container.name));
    container.hostname = container.id.value.substr(0, 12);
    current_host().containers.push_back(std::move(container));
    return point_at_container();
  }

  // A replica of a compose service, as `docker compose up` makes it.
  SnapshotBuilder& compose(std::string_view project, std::string_view service, int number = 1) {
    const std::string name =
        std::string(project) + "-" + std::string(service) + "-" + std::to_string(number);
    return container(name)
        .label("com.docker.compose.project", project)
        .label("com.docker.compose.service", service);
  }

  // A service of a compose file that nothing runs yet.
  SnapshotBuilder& planned(std::string_view project, std::string_view service) {
    const std::string key = "compose:" + std::string(project) + "/" + std::string(service);
    container(std::string(project) + "-" + std::string(service) + "-1");
    return edit([&](Container& c) {
      c.id = ContainerKey(key);
      c.hostname.clear();
      c.state = RunState::kPlanned;
    });
  }

  // A Swarm service as a manager tells of it; its spec is the current container.
  SnapshotBuilder& service(std::string_view id, std::string_view name, std::uint64_t tasks = 0) {
    SwarmState& swarm = current_host().swarm;
    swarm.active = swarm.manager = true;
    swarm.cluster = "cluster";
    Service made;
    made.id = ServiceKey(std::string(id));
    made.name = name;
    made.tasks = tasks;
    made.spec.name = name;
    made.spec.image = "my-api:1";
    made.spec.state = RunState::kPlanned;
    swarm.services.push_back(std::move(made));
    current_ = {host_, swarm.services.size() - 1, true};
    return *this;
  }

  // A task of a Swarm service on the current host.
  SnapshotBuilder& task(std::string_view service_id, std::string_view service_name, int slot = 1) {
    return container(std::string(service_name) + "." + std::to_string(slot) + ".x1y2z3")
        .label("com.docker.swarm.service.id", service_id)
        .label("com.docker.swarm.service.name", service_name);
  }

  SnapshotBuilder& env(std::string_view name, std::string_view text) {
    return env(name, plain(text));
  }
  SnapshotBuilder& env(std::string_view name, Target at) {
    return env(name, Value{.text = {}, .opaque = false, .secrets = {}, .targets = {std::move(at)}});
  }
  SnapshotBuilder& env(std::string_view name, Secret value) {
    return env(name,
               Value{.text = {}, .opaque = false, .secrets = {std::move(value)}, .targets = {}});
  }
  SnapshotBuilder& env(std::string_view name, Value value) {
    current().env.push_back(
        {.name = std::string(name), .value = std::move(value), .from_image = false});
    return *this;
  }
  // The last env() came from the image.
  SnapshotBuilder& from_image() {
    current().env.back().from_image = true;
    return *this;
  }
  SnapshotBuilder& label(std::string_view name, std::string_view text) {
    current().labels.push_back({.name = std::string(name), .value = plain(text)});
    return *this;
  }

  // Attaches the container. Its names there are its name, the service's and `aliases`.
  SnapshotBuilder& on(std::string_view network, std::string_view address = "",
                      std::initializer_list<std::string> aliases = {}) {
    Container& container = current();
    const Network* known = find_network(network);
    Endpoint endpoint;
    endpoint.network_name = network;
    endpoint.network = known != nullptr ? known->id : NetworkKey(std::string(network));
    if (container.state != RunState::kPlanned) endpoint.names.push_back(container.name);
    if (!container.hostname.empty()) endpoint.names.push_back(container.hostname);
    const std::string_view service = firebreak::label(container, "com.docker.compose.service");
    if (!service.empty()) endpoint.names.emplace_back(service);
    endpoint.names.insert(endpoint.names.end(), aliases);
    if (!address.empty()) {
      endpoint.ipv4 = IpAddress::parse(address);
    } else if (known != nullptr && !known->subnets.empty()) {
      const auto& bytes = known->subnets.front().address.bytes();
      endpoint.ipv4 = IpAddress::v4((std::uint32_t{bytes[0]} << 24U) +
                                    (std::uint32_t{bytes[1]} << 16U) + 256U + ++addresses_);
    }
    container.endpoints.push_back(std::move(endpoint));
    return *this;
  }

  SnapshotBuilder& publish(std::uint16_t host_port, std::uint16_t container_port,
                           std::string_view address = "") {
    PublishedPort port;
    if (!address.empty()) port.address = IpAddress::parse(address);
    port.host_port = Port{host_port};
    port.container_port = Port{container_port};
    current().ports.push_back(port);
    return *this;
  }
  SnapshotBuilder& bind(std::string_view source, std::string_view destination,
                        bool writable = true) {
    Mount mount;
    mount.source = source;
    mount.destination = destination;
    mount.read_write = writable;
    current().mounts.push_back(std::move(mount));
    return *this;
  }
  SnapshotBuilder& volume(std::string_view name, std::string_view destination,
                          bool writable = true) {
    Mount mount;
    mount.type = Mount::Type::kVolume;
    mount.volume = name;
    mount.destination = destination;
    mount.read_write = writable;
    current().mounts.push_back(std::move(mount));
    std::vector<Volume>& volumes = current_host().volumes;
    if (std::ranges::find(volumes, name, &Volume::name) == volumes.end()) {
      volumes.push_back({.name = std::string(name),
                         .driver = "local",
                         .scope = "local",
                         .device = {},
                         .labels = {}});
    }
    return *this;
  }
  SnapshotBuilder& extra_host(std::string_view name, std::string_view address) {
    current().extra_hosts.push_back({.name = std::string(name), .address = std::string(address)});
    return *this;
  }
  SnapshotBuilder& command(std::initializer_list<CommandStep> steps) {
    current().command = steps;
    return *this;
  }
  SnapshotBuilder& stopped() {
    current().state = RunState::kStopped;
    return *this;
  }
  SnapshotBuilder& network_mode(std::string_view mode) {
    current().isolation.network_mode = mode;
    return *this;
  }
  // Everything else.
  SnapshotBuilder& edit(const std::function<void(Container&)>& change) {
    change(current());
    return *this;
  }
  SnapshotBuilder& edit_network(std::string_view name,
                                const std::function<void(Network&)>& change) {
    const auto at = std::ranges::find(current_host().networks, name, &Network::name);
    CHECK(at != current_host().networks.end());
    change(*at);
    return *this;
  }
  SnapshotBuilder& edit_host(const std::function<void(Host&)>& change) {
    change(current_host());
    return *this;
  }
  SnapshotBuilder& gap(std::string_view what, std::string_view why,
                       std::vector<std::string> needed_by = {}) {
    snapshot_.gaps.push_back({.what = std::string(what),
                              .why = std::string(why),
                              .host = snapshot_.hosts.empty() ? "" : current_host().name,
                              .needed_by = std::move(needed_by)});
    return *this;
  }

  // The engine's id of the container that was added last.
  [[nodiscard]] std::string id() { return current().id.value; }
  [[nodiscard]] Snapshot build() const { return snapshot_; }

 private:
  struct Cursor {
    std::size_t host = 0;
    std::size_t index = 0;
    bool service = false;
  };

  Host& add_host(std::string_view name) {
    host_ = snapshot_.hosts.size();
    Host& host = snapshot_.hosts.emplace_back();
    host.name = name;
    return host;
  }
  SnapshotBuilder& point_at_container() {
    current_ = {host_, current_host().containers.size() - 1, false};
    return *this;
  }
  Host& current_host() {
    CHECK(host_ < snapshot_.hosts.size());
    return snapshot_.hosts[host_];
  }
  Container& current() {
    Host& host = snapshot_.hosts[current_.host];
    return current_.service ? host.swarm.services[current_.index].spec
                            : host.containers[current_.index];
  }
  const Network* find_network(std::string_view name) {
    for (const Network& network : current_host().networks) {
      if (network.name == name) return &network;
    }
    for (const Host& host : snapshot_.hosts) {
      for (const Network& network : host.networks) {
        if (network.name == name && network.scope == "swarm") return &network;
      }
    }
    return nullptr;
  }

  Snapshot snapshot_;
  std::size_t host_ = 0;
  Cursor current_;
  std::size_t networks_ = 0;
  std::uint32_t addresses_ = 1;
};

// "label: env=production", "compose: shop", "host: a, name: db-*".
[[nodiscard]] inline Selector selector(std::string_view text, int line = 1) {
  Selector out;
  out.at = {.line = line, .column = 9};
  out.text = text;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t colon = part.find(':');
    CHECK(colon != std::string_view::npos);
    const std::string_view key = trim(part.substr(0, colon));
    const std::string value(trim(part.substr(colon + 1)));
    if (key == "label") {
      const std::size_t equals = value.find('=');
      out.label_name = value.substr(0, equals);
      out.label_value = equals == std::string::npos ? "*" : value.substr(equals + 1);
      continue;
    }
    std::string* field = key == "compose"   ? &out.compose
                         : key == "service" ? &out.service
                         : key == "name"    ? &out.name
                         : key == "image"   ? &out.image
                         : key == "network" ? &out.network
                         : key == "host"    ? &out.host
                                            : nullptr;
    CHECK(field != nullptr);
    *field = value;
  }
  return out;
}

class PolicyBuilder {
 public:
  PolicyBuilder() { policy_.file = "firebreak.yaml"; }

  PolicyBuilder& environment(std::string_view name, Tier tier,
                             std::initializer_list<std::string_view> match,
                             std::initializer_list<std::string> networks = {}) {
    EnvironmentRule rule;
    rule.at = {.line = ++line_, .column = 3};
    rule.name = name;
    rule.tier = tier;
    rule.networks = networks;
    for (const std::string_view text : match) rule.match.push_back(selector(text, ++line_));
    policy_.environments.push_back(std::move(rule));
    return *this;
  }
  PolicyBuilder& shared(std::string_view match, std::initializer_list<std::string> serves) {
    SharedRule rule;
    rule.at = {.line = ++line_, .column = 5};
    rule.match = {selector(match, line_)};
    rule.serves = serves;
    rule.reason = "on purpose";
    policy_.shared.push_back(std::move(rule));
    return *this;
  }
  PolicyBuilder& require(std::string_view first, std::string_view second,
                         std::initializer_list<std::pair<const Dimension, Level>> levels) {
    policy_.require.push_back({.at = {.line = ++line_, .column = 5},
                               .first = std::string(first),
                               .second = std::string(second),
                               .levels = levels});
    return *this;
  }
  PolicyBuilder& system(std::string_view name, std::string_view environment, std::string_view url) {
    System made;
    made.at = {.line = ++line_, .column = 3};
    made.name = name;
    made.environment = environment;
    made.url = url;
    policy_.systems.push_back(std::move(made));
    return *this;
  }
  PolicyBuilder& database(std::string_view name, std::string_view environment,
                          std::string_view url) {
    Database made;
    made.at = {.line = ++line_, .column = 3};
    made.name = name;
    made.environment = environment;
    made.url = url;
    policy_.databases.push_back(std::move(made));
    return *this;
  }
  PolicyBuilder& waiver(Waiver waiver) {
    waiver.at = {.line = ++line_, .column = 5};
    policy_.waivers.push_back(std::move(waiver));
    return *this;
  }
  [[nodiscard]] Policy build() const { return policy_; }

 private:
  Policy policy_;
  int line_ = 1;
};

// The workload of that name ("api") or stable name ("shop/api"); fails if there is not exactly one.
[[nodiscard]] inline const Workload& workload(const Estate& estate, std::string_view name) {
  const Workload* found = nullptr;
  for (const Workload& candidate : estate.workloads()) {
    if (candidate.name != name && candidate.stable_name != name) continue;
    CHECK(found == nullptr);
    found = &candidate;
  }
  CHECK(found != nullptr);
  return *found;
}

// The name of its environment; "" if it has none.
[[nodiscard]] inline std::string environment_of(const Estate& estate, std::string_view name) {
  const Workload& found = workload(estate, name);
  return found.environment ? estate[*found.environment].name : std::string();
}

[[nodiscard]] inline const EstateNetwork& network(const Estate& estate, std::string_view name) {
  const EstateNetwork* found = nullptr;
  for (const EstateNetwork& candidate : estate.networks()) {
    if (candidate.network->name != name) continue;
    CHECK(found == nullptr);
    found = &candidate;
  }
  CHECK(found != nullptr);
  return *found;
}

}  // namespace firebreak
