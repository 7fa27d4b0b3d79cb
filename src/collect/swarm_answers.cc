#include "collect/swarm_answers.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "collect/parts.h"
#include "secret/scan.h"

namespace firebreak {

namespace {

constexpr std::string_view kServiceLabel = "com.docker.swarm.service.id";

Mount spec_mount(const Json& json) {
  Mount mount;
  const std::string type = json.required("Type").text();
  const std::string source = json["Source"].text();
  mount.type = type == "bind"     ? Mount::Type::kBind
               : type == "volume" ? Mount::Type::kVolume
               : type == "tmpfs"  ? Mount::Type::kTmpfs
                                  : Mount::Type::kOther;
  (mount.type == Mount::Type::kVolume ? mount.volume : mount.source) = source;
  mount.destination = json["Target"].text();
  mount.read_write = !json["ReadOnly"].flag();
  mount.propagation = json["BindOptions"]["Propagation"].text();
  return mount;
}

// "10.0.0.9 db1 alias": an address and its names.
void read_host(const Json& json, std::vector<ExtraHost>& hosts) {
  const std::string line = json.text();
  const auto words = split(line, ' ');
  const auto address = IpAddress::parse(words.front());
  if (!address && words.front() != "host-gateway") {
    json.complain("does not start with an address");
    return;
  }
  for (const std::string_view name : std::span(words).subspan(1)) {
    if (!name.empty())
      hosts.push_back({std::string(name), address ? address->text() : "host-gateway"});
  }
}

void read_networks(const Json& networks, Container& spec) {
  networks.each([&](const Json& json) {
    Endpoint endpoint;
    endpoint.network = NetworkKey(json.required("Target").text());
    endpoint.names = json["Aliases"].texts();
    endpoint.names.push_back(spec.name);
    endpoint.names.push_back("tasks." + spec.name);
    tidy(endpoint.names);
    spec.endpoints.push_back(std::move(endpoint));
  });
}

void read_endpoint_ports(const Json& ports, Container& spec) {
  constexpr std::uint64_t kHighest = 65535;
  ports.each([&](const Json& json) {
    const std::uint64_t inside = json["TargetPort"].count();
    const std::uint64_t outside = json["PublishedPort"].count();
    const std::string name = json["Protocol"].text();
    const auto protocol = name.empty() ? std::optional(Protocol::kTcp) : parse_protocol(name);
    if (inside > kHighest || outside > kHighest || !protocol) {
      json.complain("is not a port");
      return;
    }
    spec.ports.push_back({std::nullopt, Port{static_cast<std::uint16_t>(outside)},
                          Port{static_cast<std::uint16_t>(inside)}, *protocol});
  });
}

void read_isolation(const Json& container, Isolation& isolation) {
  isolation.added_capabilities = capability_names(container["CapabilityAdd"].texts());
  isolation.dropped_capabilities = capability_names(container["CapabilityDrop"].texts());
  isolation.user = container["User"].text();
  const Json privileges = container["Privileges"];
  if (privileges["SELinuxContext"]["Disable"].flag())
    isolation.security_options.emplace_back("label=disable");
  const std::string seccomp = privileges["Seccomp"]["Mode"].text();  // from API 1.44
  if (!seccomp.empty() && seccomp != "default")
    isolation.security_options.push_back("seccomp=" + seccomp);
  if (privileges["AppArmor"]["Mode"].text() == "disabled")
    isolation.security_options.emplace_back("apparmor=unconfined");
}

std::vector<PlainPair> labels_of(const Json& spec, const Json& container) {
  std::vector<PlainPair> labels = plain_pairs(container["Labels"]);
  for (PlainPair& label : plain_pairs(spec["Labels"])) {
    if (std::ranges::find(labels, label.first, &PlainPair::first) == labels.end())
      labels.push_back(std::move(label));
  }
  return labels;
}

Container read_spec(const Json& spec, const FingerprintKeys& keys) {
  const Json task = spec.required("TaskTemplate");
  const Json container = task["ContainerSpec"];  // plugins and attachments have none
  Container found;
  found.state = RunState::kPlanned;
  found.name = spec["Name"].text();
  found.image = container["Image"].text();
  found.hostname = container["Hostname"].text();
  const auto labels = labels_of(spec, container);
  const auto environment = container["Env"].texts();
  found.labels = redacted_labels(labels, keys);
  found.env = redacted_environment(environment, nullptr, keys);
  std::vector<std::string> argv = container["Command"].texts();
  std::ranges::move(container["Args"].texts(), std::back_inserter(argv));
  found.command = redacted_commands(
      {std::move(argv), container["Healthcheck"]["Test"].texts(), labels, environment}, keys);
  container["Mounts"].each([&](const Json& json) { found.mounts.push_back(spec_mount(json)); });
  container["Hosts"].each([&](const Json& json) { read_host(json, found.extra_hosts); });
  container["Secrets"].each(
      [&](const Json& json) { found.secrets.push_back(json["SecretName"].text()); });
  container["Configs"].each(
      [&](const Json& json) { found.configs.push_back(json["ConfigName"].text()); });
  read_networks(task["Networks"].present() ? task["Networks"] : spec["Networks"], found);
  read_endpoint_ports(spec["EndpointSpec"]["Ports"], found);
  read_isolation(container, found.isolation);
  return found;
}

std::string_view label_of(const Container& container, std::string_view name) {
  const auto label = std::ranges::find(container.labels, name, &Label::name);
  return label == container.labels.end() ? std::string_view() : label->value.text;
}

void add_service_names(const Container& spec, Container& container) {
  for (Endpoint& endpoint : container.endpoints) {
    const auto same = std::ranges::find(spec.endpoints, endpoint.network, &Endpoint::network);
    if (same == spec.endpoints.end()) continue;
    endpoint.names.insert(endpoint.names.end(), same->names.begin(), same->names.end());
    tidy(endpoint.names);
  }
}

}  // namespace

Service read_service(const Json& entry, const FingerprintKeys& keys) {
  Service service;
  service.id = ServiceKey(entry.required("ID").text());
  const Json spec = entry.required("Spec");
  service.name = spec.required("Name").text();
  service.spec = read_spec(spec, keys);
  return service;
}

void count_tasks(const Json& answer, std::vector<Service>& services) {
  std::map<std::string, std::uint64_t> running;
  answer.each([&](const Json& task) {
    const std::string state = task.required("Status").required("State").text();
    if (state == "running") ++running[task["ServiceID"].text()];
  });
  for (Service& service : services) {
    const auto found = running.find(service.id.value);
    if (found != running.end()) service.tasks = found->second;
  }
}

Node read_node(const Json& entry, const FingerprintKeys& keys) {
  Node node;
  node.id = NodeKey(entry.required("ID").text());
  node.hostname = entry["Description"]["Hostname"].text();
  node.manager = entry.required("Spec")["Role"].text() == "manager";
  node.labels = redacted_labels(plain_pairs(entry["Spec"]["Labels"]), keys);
  return node;
}

std::vector<std::string> read_spec_names(const Json& answer) {
  std::vector<std::string> names;
  answer.each(
      [&](const Json& entry) { names.push_back(entry.required("Spec").required("Name").text()); });
  tidy(names);
  return names;
}

void complete_tasks(const SwarmState& swarm, std::vector<Container>& containers) {
  std::map<std::string_view, const Service*> by_id;
  for (const Service& service : swarm.services) by_id.emplace(service.id.value, &service);
  for (Container& container : containers) {
    const auto found = by_id.find(label_of(container, kServiceLabel));
    if (found == by_id.end()) continue;
    container.secrets = found->second->spec.secrets;
    container.configs = found->second->spec.configs;
    add_service_names(found->second->spec, container);
  }
}

}  // namespace firebreak
