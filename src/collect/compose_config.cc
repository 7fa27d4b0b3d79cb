#include "collect/compose_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "collect/compose_short.h"
#include "collect/host_answers.h"
#include "collect/parts.h"

namespace firebreak {

namespace {

// A map of texts, or a list of "NAME=VALUE". Names without a value take it from somewhere else.
std::vector<PlainPair> pairs_of(const Json& json) {
  std::vector<PlainPair> found;
  if (json.is_list()) {
    for (const std::string& entry : json.texts()) {
      const std::size_t equals = entry.find('=');
      if (equals != std::string::npos)
        found.emplace_back(entry.substr(0, equals), without_escapes(entry.substr(equals + 1)));
    }
    return found;
  }
  json.members([&found](std::string_view name, const Json& value) {
    if (value.present()) found.emplace_back(std::string(name), without_escapes(value.scalar()));
  });
  return found;
}

std::vector<std::string> words_of(const Json& json) {
  if (json.is_text()) return shell_words(without_escapes(json.text()));
  std::vector<std::string> words = json.texts();
  for (std::string& word : words) word = without_escapes(std::move(word));
  return words;
}

std::vector<std::string> health_of(const Json& test) {
  if (test.is_text()) return {"CMD-SHELL", without_escapes(test.text())};
  return words_of(test);
}

// Reads one service; what it needs of the whole project stands beside it.
class ServiceReader {
 public:
  ServiceReader(const Json& config, const ComposeNaming& naming, const FingerprintKeys& keys)
      : config_(config), naming_(naming), keys_(keys) {}

  [[nodiscard]] Container read(std::string_view name, const Json& service) const;

  // The name on the engine of a network, volume, secret or config that the file calls `key`.
  [[nodiscard]] std::string real_name(std::string_view kind, std::string_view key) const;
  [[nodiscard]] static bool is_external(const Json& definition);

 private:
  void read_values(std::string_view name, const Json& service, Container& container) const;
  void read_networks(std::string_view name, const Json& service, Container& container) const;
  void read_mounts(const Json& service, Container& container) const;
  void read_isolation(const Json& service, Isolation& isolation) const;
  [[nodiscard]] std::vector<std::string> given(const Json& list, std::string_view kind) const;
  [[nodiscard]] std::string mode(const Json& json) const;

  const Json& config_;
  const ComposeNaming& naming_;
  const FingerprintKeys& keys_;
};

// `external: true`, or v1's `external: {name: x}`.
bool ServiceReader::is_external(const Json& definition) {
  const Json external = definition["external"];
  return external.is_object() || external.flag();
}

std::string ServiceReader::real_name(std::string_view kind, std::string_view key) const {
  const Json definition = config_[kind][key];
  std::string name = definition["name"].text();
  if (!name.empty()) return name;
  if (const Json external = definition["external"]; external.is_object())
    name = external["name"].text();
  if (!name.empty()) return name;
  if (is_external(definition)) return std::string(key);
  return naming_.project + "_" + std::string(key);
}

// "service:x" is a container of the same project.
std::string ServiceReader::mode(const Json& json) const {
  constexpr std::string_view kService = "service:";
  std::string text = json.text();
  if (!text.starts_with(kService)) return text;
  return "container:compose:" + naming_.project + "/" + text.substr(kService.size());
}

void ServiceReader::read_values(std::string_view name, const Json& service,
                                Container& container) const {
  std::vector<PlainPair> labels = pairs_of(service["labels"]);
  for (PlainPair& label : pairs_of(service["deploy"]["labels"])) {
    if (std::ranges::find(labels, label.first, &PlainPair::first) == labels.end())
      labels.push_back(std::move(label));
  }
  labels.emplace_back("com.docker.compose.project", naming_.project);
  labels.emplace_back("com.docker.compose.service", name);
  std::vector<std::string> environment;
  for (const auto& [variable, value] : pairs_of(service["environment"]))
    environment.push_back(fmt::format("{}={}", variable, value));
  std::vector<std::string> argv = words_of(service["entrypoint"]);
  std::ranges::move(words_of(service["command"]), std::back_inserter(argv));
  container.labels = redacted_labels(labels, keys_);
  container.env = redacted_environment(environment, nullptr, keys_);
  container.command = redacted_commands(
      {std::move(argv), health_of(service["healthcheck"]["test"]), labels, environment}, keys_);
}

void ServiceReader::read_networks(std::string_view name, const Json& service,
                                  Container& container) const {
  const auto attach = [&](std::string_view key, const Json& json) {
    Endpoint endpoint;
    endpoint.network_name = real_name("networks", key);
    endpoint.network = NetworkKey(endpoint.network_name);
    endpoint.names = json["aliases"].texts();
    endpoint.names.emplace_back(name);
    endpoint.names.push_back(container.name);
    tidy(endpoint.names);
    endpoint.ipv4 = IpAddress::parse(json["ipv4_address"].text());
    endpoint.ipv6 = IpAddress::parse(json["ipv6_address"].text());
    container.endpoints.push_back(std::move(endpoint));
  };
  if (service["network_mode"].present()) return;
  const Json networks = service["networks"];
  if (networks.is_list()) {
    for (const std::string& key : networks.texts()) attach(key, Json());
  } else {
    networks.members(attach);
  }
  if (!networks.present()) attach("default", Json());
}

void ServiceReader::read_mounts(const Json& service, Container& container) const {
  service["volumes"].each([&](const Json& json) {
    std::optional<Mount> mount;
    if (json.is_text()) {
      mount = parse_bind(json.text());
    } else {
      const std::string type = json["type"].text();
      const bool volume = type == "volume";
      mount.emplace();
      mount->type = volume            ? Mount::Type::kVolume
                    : type == "bind"  ? Mount::Type::kBind
                    : type == "tmpfs" ? Mount::Type::kTmpfs
                                      : Mount::Type::kOther;
      (volume ? mount->volume : mount->source) = json["source"].text();
      mount->destination = json["target"].text();
      mount->read_write = !json["read_only"].flag();
      mount->propagation = json["bind"]["propagation"].text();
    }
    if (!mount) {
      json.complain("is not a volume");
      return;
    }
    if (!mount->volume.empty()) mount->volume = real_name("volumes", mount->volume);
    container.mounts.push_back(std::move(*mount));
  });
}

void read_ports(const Json& service, Container& container) {
  service["ports"].each([&](const Json& json) {
    std::string text = json.is_object() ? json["target"].scalar() : json.scalar();
    if (json.is_object()) {
      const std::string published = json["published"].scalar();
      const std::string protocol = json["protocol"].text();
      if (!published.empty()) text = published + ":" + text;
      if (!protocol.empty()) text += "/" + protocol;
    }
    auto ports = parse_short_ports(text);
    if (!ports) {
      json.complain("is not a port");
      return;
    }
    for (PublishedPort& port : *ports) {
      if (json.is_object()) port.address = listen_address(json["host_ip"].text());
      container.ports.push_back(port);
    }
  });
}

// A list of "name=address", or a map to an address or several.
void read_extra_hosts(const Json& json, std::vector<ExtraHost>& hosts) {
  const auto add = [&hosts](const Json& at, const std::string& text) {
    auto host = parse_extra_host(text);
    if (!host) at.complain("is not a host and its address");
    if (host) hosts.push_back(std::move(*host));
  };
  if (json.is_list()) {
    json.each([&](const Json& entry) { add(entry, entry.text()); });
    return;
  }
  json.members([&](std::string_view name, const Json& value) {
    const std::string prefix = std::string(name) + "=";
    if (value.is_list()) {
      for (const std::string& address : value.texts()) add(value, prefix + address);
    } else {
      add(value, prefix + value.text());
    }
  });
}

void ServiceReader::read_isolation(const Json& service, Isolation& isolation) const {
  isolation.privileged = service["privileged"].flag();
  isolation.added_capabilities = capability_names(service["cap_add"].texts());
  isolation.dropped_capabilities = capability_names(service["cap_drop"].texts());
  service["devices"].each([&](const Json& json) {
    const std::string device = json.is_object() ? json["source"].text() : json.text();
    isolation.devices.push_back(device.substr(0, device.find(':')));
  });
  isolation.device_rules = service["device_cgroup_rules"].texts();
  isolation.security_options = security_options(service["security_opt"].texts());
  isolation.network_mode = mode(service["network_mode"]);
  isolation.pid_mode = mode(service["pid"]);
  isolation.ipc_mode = mode(service["ipc"]);
  isolation.uts_mode = service["uts"].text();
  isolation.user_mode = service["userns_mode"].text();
  isolation.cgroup_mode = service["cgroup"].text();
  isolation.runtime = service["runtime"].text();
  isolation.user = service["user"].scalar();
}

// Secrets and configs that the service is given: names, or objects with a source.
std::vector<std::string> ServiceReader::given(const Json& list, std::string_view kind) const {
  std::vector<std::string> names;
  list.each([&](const Json& json) {
    names.push_back(real_name(kind, json.is_object() ? json["source"].text() : json.text()));
  });
  tidy(names);
  return names;
}

Container ServiceReader::read(std::string_view name, const Json& service) const {
  Container container;
  container.id = ContainerKey(fmt::format("compose:{}/{}", naming_.project, name));
  container.state = RunState::kPlanned;
  container.name = service["container_name"].text();
  const std::string own = fmt::format("{}{}{}", naming_.project, naming_.separator, name);
  if (container.name.empty()) container.name = own + naming_.separator + "1";
  container.image = service["image"].text();
  if (container.image.empty()) container.image = own;  // what `build` calls its result
  container.hostname = service["hostname"].text();
  read_values(name, service, container);
  read_networks(name, service, container);
  read_mounts(service, container);
  read_ports(service, container);
  read_extra_hosts(service["extra_hosts"], container.extra_hosts);
  container.volumes_from = service["volumes_from"].texts();
  container.secrets = given(service["secrets"], "secrets");
  container.configs = given(service["configs"], "configs");
  read_isolation(service, container.isolation);
  return container;
}

Network read_network(std::string name, const Json& json, const FingerprintKeys& keys) {
  Network network;
  network.name = std::move(name);
  network.id = NetworkKey(network.name);
  network.driver = json["driver"].text();
  network.external = ServiceReader::is_external(json);
  if (network.driver.empty() && !network.external) network.driver = "bridge";
  network.scope = network.driver == "overlay" ? "swarm" : "local";
  network.internal = json["internal"].flag();
  network.attachable = json["attachable"].flag();
  network.ipv6 = json["enable_ipv6"].flag();
  json["ipam"]["config"].each([&](const Json& pool) {
    if (const auto subnet = Cidr::parse(pool["subnet"].text())) network.subnets.push_back(*subnet);
  });
  network.labels = redacted_labels(pairs_of(json["labels"]), keys);
  network.options = redacted_options(pairs_of(json["driver_opts"]), keys);
  return network;
}

// The project that creates a network knows more of it than those that only name it.
void add_network(Network network, std::vector<Network>& networks) {
  const auto known = std::ranges::find(networks, network.id, &Network::id);
  if (known == networks.end()) {
    networks.push_back(std::move(network));
  } else if (known->external && !network.external) {
    *known = std::move(network);
  }
}

void read_volume(std::string name, const Json& json, const FingerprintKeys& keys,
                 std::vector<Volume>& volumes) {
  if (std::ranges::find(volumes, name, &Volume::name) != volumes.end()) return;
  Volume volume;
  volume.name = std::move(name);
  volume.driver = json["driver"].text();
  if (volume.driver.empty() && !ServiceReader::is_external(json)) volume.driver = "local";
  volume.scope = "local";
  if (volume.driver == "local") volume.device = device_behind(json["driver_opts"]);
  volume.labels = redacted_labels(pairs_of(json["labels"]), keys);
  volumes.push_back(std::move(volume));
}

}  // namespace

void read_compose_config(const Json& config, const ComposeNaming& naming,
                         const FingerprintKeys& keys, Host& host) {
  const ServiceReader reader(config, naming, keys);
  const std::size_t first = host.containers.size();
  config.required("services").members([&](std::string_view name, const Json& service) {
    host.containers.push_back(reader.read(name, service));
  });
  config["networks"].members([&](std::string_view key, const Json& json) {
    add_network(read_network(reader.real_name("networks", key), json, keys), host.networks);
  });
  config["volumes"].members([&](std::string_view key, const Json& json) {
    read_volume(reader.real_name("volumes", key), json, keys, host.volumes);
  });
  // v1 does not print networks that the file leaves out: "default".
  for (std::size_t i = first; i < host.containers.size(); ++i) {
    for (const Endpoint& endpoint : host.containers[i].endpoints) {
      if (std::ranges::find(host.networks, endpoint.network, &Network::id) == host.networks.end())
        host.networks.push_back(read_network(endpoint.network_name, Json(), keys));
    }
  }
}

}  // namespace firebreak
