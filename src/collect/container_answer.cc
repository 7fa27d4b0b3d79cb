#include "collect/container_answer.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "collect/parts.h"

namespace firebreak {

namespace {

constexpr std::size_t kShortId = 12;

std::string without_slash(std::string name) {
  if (name.starts_with('/')) name.erase(0, 1);
  return name;
}

RunState run_state(std::string_view status) {
  const bool stopped = status == "created" || status == "exited" || status == "dead" ||
                       status == "removing" || status == "configured" || status == "stopped" ||
                       status == "initialized";
  return stopped ? RunState::kStopped : RunState::kRunning;
}

Mount::Type mount_type(std::string_view text) {
  if (text == "bind") return Mount::Type::kBind;
  if (text == "volume") return Mount::Type::kVolume;
  if (text == "tmpfs") return Mount::Type::kTmpfs;
  return Mount::Type::kOther;
}

Mount mount_point(const Json& json) {
  Mount mount;
  mount.type = mount_type(json.required("Type").text());
  mount.volume = json["Name"].text();
  mount.source = json["Source"].text();
  mount.destination = json.required("Destination").text();
  mount.read_write = json["RW"].flag();
  mount.propagation = json["Propagation"].text();
  return mount;
}

// HostConfig.Mounts, as it was asked for.
Mount requested_mount(const Json& json) {
  Mount mount;
  mount.type = mount_type(json["Type"].text());
  (mount.type == Mount::Type::kVolume ? mount.volume : mount.source) = json["Source"].text();
  mount.destination = json["Target"].text();
  mount.read_write = !json["ReadOnly"].flag();
  mount.propagation = json["BindOptions"]["Propagation"].text();
  return mount;
}

// What is mounted; else what a container that was only created asks for.
std::vector<Mount> mounts_of(const Json& answer) {
  std::vector<Mount> mounts;
  answer.expected("Mounts").each([&](const Json& json) { mounts.push_back(mount_point(json)); });
  if (!mounts.empty()) return mounts;
  answer["HostConfig"]["Binds"].each([&](const Json& json) {
    auto mount = parse_bind(json.text());
    if (!mount) json.complain("is not a mount");
    if (mount) mounts.push_back(std::move(*mount));
  });
  answer["HostConfig"]["Mounts"].each(
      [&](const Json& json) { mounts.push_back(requested_mount(json)); });
  return mounts;
}

std::optional<IpAddress> address_of(const Json& json) {
  const std::string text = json.text();
  if (text.empty()) return std::nullopt;
  const auto address = IpAddress::parse(text);
  if (!address) json.complain("is not an IP address");
  return address;
}

// The names that the embedded DNS answers on a network of the user's.
std::vector<std::string> dns_names(const Json& json, const Container& container) {
  std::vector<std::string> names = json["Aliases"].texts();
  std::ranges::move(json["DNSNames"].texts(), std::back_inserter(names));  // from API 1.44
  names.push_back(container.name);
  names.push_back(container.id.value.substr(0, kShortId));
  tidy(names);
  return names;
}

Endpoint endpoint_of(std::string_view network, const Json& json, const Container& container,
                     bool podman) {
  Endpoint endpoint;
  endpoint.network_name = network;
  endpoint.network = NetworkKey(json["NetworkID"].text());
  endpoint.ipv4 = address_of(json["IPAddress"]);
  endpoint.ipv6 = address_of(json["GlobalIPv6Address"]);
  if (!is_predefined_network(network, podman)) endpoint.names = dns_names(json, container);
  return endpoint;
}

void read_networks(const Json& networks, bool podman, FoundContainer& found) {
  networks.members([&](std::string_view name, const Json& json) {
    found.container.endpoints.push_back(endpoint_of(name, json, found.container, podman));
    for (const std::string& link : json["Links"].texts()) {
      const std::size_t colon = link.find(':');
      if (colon != std::string::npos)
        found.links.push_back({link.substr(0, colon), link.substr(colon + 1)});
    }
  });
}

// HostConfig.Links: "/target:/this/alias".
void read_legacy_links(const Json& links, FoundContainer& found) {
  for (const std::string& link : links.texts()) {
    const std::size_t colon = link.find(':');
    if (colon == std::string::npos) continue;
    found.links.push_back({without_slash(link.substr(0, colon)), link.substr(link.rfind('/') + 1)});
  }
}

// One member of NetworkSettings.Ports or HostConfig.PortBindings.
void add_ports(std::string_view key, const Json& bindings, bool chosen,
               std::vector<PublishedPort>& ports) {
  const auto inside = parse_port_key(key);
  if (!inside) {
    bindings.complain("is not a port");
    return;
  }
  bindings.each([&](const Json& json) {
    const std::string host_port = json["HostPort"].text();
    const auto port = Port::parse(host_port);
    // Without a host port: a routed network when running, else any free one or one of a range.
    if (chosen && !port && !host_port.empty()) json.complain("has no port number");
    ports.push_back({listen_address(json["HostIp"].text()), port.value_or(Port{}), inside->first,
                     inside->second});
  });
}

std::vector<PublishedPort> ports_of(const Json& answer, RunState state) {
  std::vector<PublishedPort> ports;
  const bool chosen = state == RunState::kRunning;
  const Json given =
      chosen ? answer["NetworkSettings"]["Ports"] : answer["HostConfig"]["PortBindings"];
  given.members(
      [&](std::string_view key, const Json& json) { add_ports(key, json, chosen, ports); });
  if (!chosen && answer["HostConfig"]["PublishAllPorts"].flag()) {
    answer["Config"]["ExposedPorts"].members([&](std::string_view key, const Json&) {
      const auto inside = parse_port_key(key);
      if (inside &&
          std::ranges::find(ports, inside->first, &PublishedPort::container_port) == ports.end())
        ports.push_back({std::nullopt, Port{}, inside->first, inside->second});
    });
  }
  std::ranges::sort(ports);
  const auto repeated = std::ranges::unique(ports);  // 0.0.0.0 and [::] are both "every address"
  ports.erase(repeated.begin(), repeated.end());
  return ports;
}

std::vector<ExposedPort> exposed_by(const Json& answer) {
  std::vector<ExposedPort> out;
  answer["Config"]["ExposedPorts"].members([&](std::string_view key, const Json&) {
    if (const auto inside = parse_port_key(key)) out.push_back({inside->first, inside->second});
  });
  std::ranges::sort(out);
  return out;
}

// `--security-opt systempaths=unconfined` leaves no trace but two empty lists.
bool system_paths_open(const Json& host_config) {
  const auto empty_list = [](const Json& json) { return json.is_list() && json.texts().empty(); };
  return empty_list(host_config["MaskedPaths"]) && empty_list(host_config["ReadonlyPaths"]);
}

Isolation isolation_of(const Json& host_config, const Json& config, bool podman) {
  Isolation isolation;
  isolation.privileged = host_config["Privileged"].flag();
  isolation.added_capabilities = capability_names(host_config["CapAdd"].texts());
  isolation.dropped_capabilities = capability_names(host_config["CapDrop"].texts());
  host_config["Devices"].each(
      [&](const Json& json) { isolation.devices.push_back(json.required("PathOnHost").text()); });
  isolation.device_rules = host_config["DeviceCgroupRules"].texts();
  isolation.security_options = security_options(host_config["SecurityOpt"].texts());
  if (!podman && !isolation.privileged && system_paths_open(host_config))
    isolation.security_options.emplace_back("systempaths=unconfined");
  isolation.network_mode = host_config.required("NetworkMode").text();
  isolation.pid_mode = host_config["PidMode"].text();
  isolation.ipc_mode = host_config["IpcMode"].text();
  isolation.uts_mode = host_config["UTSMode"].text();
  isolation.user_mode = host_config["UsernsMode"].text();
  isolation.cgroup_mode = host_config["CgroupnsMode"].text();
  isolation.runtime = host_config["Runtime"].text();
  isolation.user = config["User"].text();
  return isolation;
}

std::vector<std::string> argv_of(const Json& answer) {
  std::vector<std::string> argv;
  if (std::string path = answer["Path"].text(); !path.empty()) {
    argv.push_back(std::move(path));
    std::ranges::move(answer["Args"].texts(), std::back_inserter(argv));
    return argv;
  }
  argv = answer["Config"]["Entrypoint"].texts();
  std::ranges::move(answer["Config"]["Cmd"].texts(), std::back_inserter(argv));
  return argv;
}

// What Podman sets itself in every container belongs to nobody.
void mark_engine_variables(std::vector<EnvVar>& variables) {
  for (EnvVar& variable : variables) {
    const std::string& name = variable.name;
    if (name == "container" || name == "HOSTNAME" || name == "TERM") variable.from_image = true;
  }
}

void read_values(const Json& answer, const ContainerReader& reader, Container& container) {
  const Json config = answer.required("Config");
  const auto labels = plain_pairs(config.expected("Labels"));
  const auto environment = config.expected("Env").texts();
  container.labels = redacted_labels(labels, reader.keys);
  container.env = redacted_environment(environment, reader.image_variables(container), reader.keys);
  if (reader.podman) mark_engine_variables(container.env);
  container.command = redacted_commands(
      {argv_of(answer), config["Healthcheck"]["Test"].texts(), labels, environment}, reader.keys);
}

}  // namespace

bool is_predefined_network(std::string_view name, bool podman) {
  return name == "host" || name == "none" || name == (podman ? "podman" : "bridge");
}

std::string listed_name(const Json& entry) {
  const auto names = entry["Names"].texts();
  // Legacy links add names like "/other/alias"; the own one has one slash.
  for (const std::string& name : names) {
    if (name.find('/', 1) == std::string::npos) return without_slash(name);
  }
  return entry["Id"].text().substr(0, kShortId);
}

FoundContainer ContainerReader::inspected(const Json& answer) const {
  FoundContainer found;
  Container& container = found.container;
  const Json config = answer.required("Config");
  const Json host_config = answer.required("HostConfig");
  container.id = ContainerKey(answer.required("Id").text());
  container.name = without_slash(answer.required("Name").text());
  container.image = config.required("Image").text();
  container.image_id = ImageKey(answer["Image"].text());
  container.state = run_state(answer.required("State").required("Status").text());
  container.hostname = config["Hostname"].text();
  read_values(answer, *this, container);
  container.mounts = mounts_of(answer);
  read_networks(answer.required("NetworkSettings").expected("Networks"), podman, found);
  found.sandbox = answer["NetworkSettings"]["SandboxKey"].text();
  read_legacy_links(host_config["Links"], found);
  container.ports = ports_of(answer, container.state);
  container.exposed = exposed_by(answer);
  container.volumes_from = host_config["VolumesFrom"].texts();
  host_config["ExtraHosts"].each([&](const Json& json) {
    if (auto host = parse_extra_host(json.text()))
      container.extra_hosts.push_back(std::move(*host));
  });
  container.isolation = isolation_of(host_config, config, podman);
  return found;
}

FoundContainer ContainerReader::listed(const Json& entry) const {
  FoundContainer found;
  Container& container = found.container;
  container.id = ContainerKey(entry.required("Id").text());
  container.name = listed_name(entry);
  container.image = entry["Image"].text();
  container.image_id = ImageKey(entry["ImageID"].text());
  container.state = run_state(entry["State"].text());
  container.labels = redacted_labels(plain_pairs(entry["Labels"]), keys);
  entry["Mounts"].each([&](const Json& json) { container.mounts.push_back(mount_point(json)); });
  read_networks(entry["NetworkSettings"]["Networks"], podman, found);
  container.isolation.network_mode = entry["HostConfig"]["NetworkMode"].text();
  return found;
}

}  // namespace firebreak
