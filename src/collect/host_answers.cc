#include "collect/host_answers.h"

#include <algorithm>

#include "base/text.h"
#include "collect/parts.h"
#include "secret/scan.h"

namespace firebreak {

namespace {

// Podman derives a network's id from its name; this is the one of "podman", in every version.
constexpr std::string_view kPodmanDefaultNetwork =
    "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9";

// "name=seccomp,profile=default" -> "seccomp". Before API 1.25 it was the plain name.
std::string option_name(const std::string& option) {
  const std::string_view first = split(option, ',').front();
  return std::string(first.starts_with("name=") ? first.substr(5) : first);
}

// A host name or address out of mount options; everything else may be a secret.
std::string option_value(std::string_view options, std::string_view name) {
  for (const std::string_view option : split(options, ',')) {
    if (!option.starts_with(name) || option.substr(name.size(), 1) != "=") continue;
    const std::string_view value = option.substr(name.size() + 1);
    const bool plain = std::ranges::all_of(value, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '.' || c == ':' || c == '-';
    });
    if (plain) return std::string(value);
  }
  return {};
}

// "//user:password@files/share" as cifs accepts it: what stands before the '@' is nobody's
// business.
std::string without_userinfo(const std::string& place) {
  const std::size_t slashes = place.find("//");
  if (slashes == std::string::npos) return place;
  const std::size_t from = slashes + 2;
  const std::size_t at = place.rfind('@');
  if (at == std::string::npos || at < from) return place;
  return place.substr(0, from) + "***" + place.substr(at);
}

}  // namespace

std::string device_behind(const Json& options) {
  const std::string device = options["device"].text();
  if (device.empty()) return {};
  std::string type = options["type"].text();
  const std::string mount_options = options["o"].text();
  if (type == "none" || type.empty())
    type = contains_ignoring_case(mount_options, "bind") ? "bind" : "";
  std::string place = device;
  if (place.starts_with(':')) place = option_value(mount_options, "addr") + place;
  place = without_userinfo(place);
  return redacted(type.empty() ? place : type + " " + place);
}

void read_version(const Json& answer, Engine& engine) {
  engine.version = answer.required("Version").text();
  engine.kernel = answer["KernelVersion"].text();
  engine.product = "docker";
  answer["Components"].each([&](const Json& component) {
    if (component["Name"].text() == "Podman Engine") engine.product = "podman";
  });
}

void read_info(const Json& answer, Engine& engine, SwarmState& swarm) {
  engine.id = answer["ID"].text();
  engine.machine = answer.required("Name").text();
  engine.operating_system = answer["OperatingSystem"].text();
  if (std::string kernel = answer["KernelVersion"].text(); !kernel.empty())
    engine.kernel = std::move(kernel);
  engine.root_dir = answer.required("DockerRootDir").text();
  engine.default_runtime = answer["DefaultRuntime"].text();
  for (const std::string& option : answer["SecurityOptions"].texts())
    engine.security_options.push_back(option_name(option));
  tidy(engine.security_options);
  engine.authorization_plugins = answer["Plugins"]["Authorization"].texts();
  for (const std::string& warning : answer["Warnings"].texts())
    engine.warnings.push_back(redacted(warning));
  const Json bridge_nf = answer["BridgeNfIptables"];  // gone from API 1.50
  if (bridge_nf.present()) engine.bridge_nf_iptables = bridge_nf.flag();

  const Json state = answer.required("Swarm");
  swarm.active = state.required("LocalNodeState").text() == "active";
  swarm.manager = state["ControlAvailable"].flag();
  swarm.node = NodeKey(state["NodeID"].text());
  swarm.cluster = state["Cluster"]["ID"].text();
}

// The gateway of a pool of addresses. Of a pool that hands out a part of its subnet the engine
// takes the part's first address, without saying so.
std::optional<IpAddress> gateway_in(const Json& pool) {
  const std::string listed = pool["Gateway"].text();
  if (!listed.empty()) return IpAddress::parse(listed.substr(0, listed.find('/')));
  const auto subnet = Cidr::parse(pool["Subnet"].text());
  const auto part = Cidr::parse(pool["IPRange"].text());
  if (!subnet || !part) return std::nullopt;
  const AddressRange all = AddressRange::of(*subnet);
  const AddressRange handed_out = AddressRange::of(*part);
  if (handed_out.first == all.first) return std::nullopt;
  return handed_out.first;
}

Network read_network(const Json& entry, bool podman, const FingerprintKeys& keys) {
  Network network;
  network.name = entry.required("Name").text();
  network.id = NetworkKey(entry.required("Id").text());
  if (podman) {
    if (network.id.value == kPodmanDefaultNetwork) network.name = "podman";
    network.id = NetworkKey(network.name);
  }
  network.driver = entry.required("Driver").text();
  network.scope = entry["Scope"].text();
  network.internal = entry["Internal"].flag();
  network.attachable = entry["Attachable"].flag();
  network.ingress = entry["Ingress"].flag();
  network.ipv6 = entry["EnableIPv6"].flag();
  entry["IPAM"]["Config"].each([&](const Json& pool) {
    const std::string text = pool["Subnet"].text();
    if (text.empty()) return;
    const auto subnet = Cidr::parse(text);
    if (!subnet) pool.complain("has no valid Subnet");
    if (subnet) network.subnets.push_back(*subnet);
    if (const auto gateway = gateway_in(pool)) network.gateways.push_back(*gateway);
  });
  network.labels = redacted_labels(plain_pairs(entry["Labels"]), keys);
  network.options = redacted_options(plain_pairs(entry["Options"]), keys);
  return network;
}

std::vector<std::string> read_members(const Json& answer) {
  // Swarm's own endpoints ("lb-web", "ep-…", "ingress-sbox") stand among the containers.
  constexpr std::size_t kIdLength = 64;
  std::vector<std::string> found;
  answer["Containers"].members([&found](std::string_view id, const Json&) {
    const bool hex = std::ranges::all_of(
        id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (id.size() == kIdLength && hex) found.emplace_back(id);
  });
  return found;
}

Volume read_volume(const Json& entry, const FingerprintKeys& keys) {
  Volume volume;
  volume.name = entry.required("Name").text();
  volume.driver = entry.required("Driver").text();
  volume.scope = entry["Scope"].text();
  volume.labels = redacted_labels(plain_pairs(entry["Labels"]), keys);
  if (volume.driver == "local") volume.device = device_behind(entry["Options"]);
  return volume;
}

Image read_image(const Json& entry) {
  Image image;
  image.id = ImageKey(entry.required("Id").text());
  image.tags = entry["RepoTags"].texts();
  image.digests = entry["RepoDigests"].texts();
  std::erase(image.tags, "<none>:<none>");
  std::erase(image.digests, "<none>@<none>");
  return image;
}

std::set<std::string> read_image_variables(const Json& answer) {
  const auto list = answer["Config"]["Env"].texts();
  return {list.begin(), list.end()};
}

}  // namespace firebreak
