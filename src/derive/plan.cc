#include "derive/plan.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include "base/text.h"

namespace firebreak::derive {
namespace {

constexpr std::size_t kShortId = 12;

bool flag_of(const Network& network, std::string_view name, bool otherwise) {
  const std::string text = lower(option_of(network, name));
  if (text == "true" || text == "1" || text == "t") return true;
  if (text == "false" || text == "0" || text == "f") return false;
  return otherwise;
}

bool is_default_bridge(const Network& network) {
  return network.name == "bridge" ||
         flag_of(network, "com.docker.network.bridge.default_bridge", false);
}

// Snapshots come from anywhere, and these names become words of rules. The kernel allows more than
// this, but no engine makes it.
bool is_device_name(std::string_view name) {
  constexpr std::size_t kLongest = 15;
  return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
  });
}

std::string device_of(const Network& network) {
  const std::string_view named = option_of(network, "com.docker.network.bridge.name");
  if (is_device_name(named)) return std::string(named);
  if (is_default_bridge(network)) return "docker0";
  if (network.name == "docker_gwbridge") return network.name;
  return "br-" + network.id.value.substr(0, kShortId);
}

// 27 knows "routed", 28 the rest; older engines take the option and do nothing.
GatewayMode mode_of(const Network& network, bool six, EngineVersion version) {
  const std::string_view text =
      option_of(network, six ? "com.docker.network.bridge.gateway_mode_ipv6"
                             : "com.docker.network.bridge.gateway_mode_ipv4");
  if (version.major >= 27 && text == "routed") return GatewayMode::kRouted;
  if (version.major >= 28 && text == "nat-unprotected") return GatewayMode::kNatUnprotected;
  if (version.major >= 28 && text == "isolated") return GatewayMode::kIsolated;
  return GatewayMode::kNat;
}

std::optional<BridgeSide> side_of(const Network& network, bool six, EngineVersion version) {
  const Cidr* subnet = subnet_of(network, six);
  if (subnet == nullptr || (six && !network.ipv6)) return std::nullopt;
  BridgeSide side;
  const AddressRange all = AddressRange::of(*subnet);
  side.subnet = {all.first, subnet->prefix};
  side.mode = mode_of(network, six, version);
  if (side.mode != GatewayMode::kIsolated) side.gateway = gateway_of(network, *subnet);
  side.snat = IpAddress::parse(
      option_of(network, six ? "com.docker.network.host_ipv6" : "com.docker.network.host_ipv4"));
  return side;
}

Bridge bridge_of(const Network& network, EngineVersion version) {
  Bridge bridge;
  bridge.network = &network;
  bridge.device = device_of(network);
  // Swarm makes docker_gwbridge so, whatever its options say.
  bridge.icc =
      flag_of(network, "com.docker.network.bridge.enable_icc", network.name != "docker_gwbridge");
  bridge.masquerade = flag_of(network, "com.docker.network.bridge.enable_ip_masquerade", true);
  if (version >= EngineVersion{28, 2, 0}) {
    for (const std::string_view name :
         split(option_of(network, "com.docker.network.bridge.trusted_host_interfaces"), ':')) {
      if (is_device_name(name)) bridge.trusted.emplace_back(name);
    }
  }
  bridge.v4 = side_of(network, false, version);
  bridge.v6 = side_of(network, true, version);
  return bridge;
}

std::vector<Bridge> bridges_of(const Host& host, EngineVersion version) {
  std::vector<Bridge> bridges;
  for (const Network& network : host.networks) {
    if (network.driver == "bridge") bridges.push_back(bridge_of(network, version));
  }
  std::ranges::sort(bridges, {}, [](const Bridge& bridge) {
    return std::tuple(!is_default_bridge(*bridge.network), bridge.network->name,
                      bridge.network->id);
  });
  for (std::size_t i = 0; i < bridges.size(); ++i) {
    if (!is_device_name(bridges[i].device)) bridges[i].device = "br-unnamed" + std::to_string(i);
  }
  return bridges;
}

const Network* network_of(const Host& host, const Endpoint& endpoint) {
  const auto same_id = [&](const Network& n) {
    return !endpoint.network.empty() && n.id == endpoint.network;
  };
  auto found = std::ranges::find_if(host.networks, same_id);
  if (found == host.networks.end()) {
    found = std::ranges::find(host.networks, endpoint.network_name, &Network::name);
  }
  return found == host.networks.end() ? nullptr : &*found;
}

std::vector<Attachment> attachments_of(const Host& host, const Container& container,
                                       const std::vector<Bridge>& bridges) {
  std::vector<Attachment> out;
  for (const Endpoint& endpoint : container.endpoints) {
    const Network* network = network_of(host, endpoint);
    if (network == nullptr || (!endpoint.ipv4 && !endpoint.ipv6)) continue;
    Attachment attachment{&endpoint, network, std::nullopt};
    const auto bridge = std::ranges::find(bridges, network, &Bridge::network);
    if (bridge != bridges.end()) {
      attachment.bridge = static_cast<std::size_t>(bridge - bridges.begin());
    }
    out.push_back(attachment);
  }
  const std::string& started_in = container.isolation.network_mode;
  std::ranges::sort(out, {}, [&](const Attachment& attachment) {
    const Network& network = *attachment.network;
    const bool first = network.name == started_in || network.id.value == started_in ||
                       (started_in == "default" && network.name == "bridge");
    return std::tuple(!first, network.name, network.id);
  });
  return out;
}

bool has_gateway(const Attachment& attachment, const Plan& plan, bool six) {
  const auto& address = six ? attachment.endpoint->ipv6 : attachment.endpoint->ipv4;
  if (!address) return false;
  if (!attachment.bridge) return subnet_of(*attachment.network, six) != nullptr;
  const auto& side = plan.bridges[*attachment.bridge].side(six);
  return side && side->gateway;
}

// Which network leads outwards. Sandboxes order their endpoints: internal networks last, those with
// gateways of both families first, then by name. Priorities (GwPriority, from 28) are not known.
// Up to 27 one endpoint serves both families, from 28 the first one that has a gateway for each.
void choose_gateways(const Plan& plan, Tenant& tenant) {
  std::vector<std::size_t> order(tenant.attachments.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) {
    const Attachment& at = tenant.attachments[i];
    const bool both = has_gateway(at, plan, false) && has_gateway(at, plan, true);
    return std::tuple(at.network->internal, !both, at.network->name);
  });
  // Before 25 a container of internal networks alone had a default route, too.
  if (plan.version.major >= 25) {
    std::erase_if(order, [&](std::size_t i) { return tenant.attachments[i].network->internal; });
  }
  if (plan.version.major < 28 && order.size() > 1) order.resize(1);
  for (const std::size_t i : order) {
    const Attachment& at = tenant.attachments[i];
    if (!tenant.gateway4 && has_gateway(at, plan, false)) tenant.gateway4 = i;
    if (!tenant.gateway6 && has_gateway(at, plan, true)) tenant.gateway6 = i;
  }
}

struct Outlet {
  std::size_t bridge = 0;
  IpAddress address;
  GatewayMode mode = GatewayMode::kNat;
};

// Where published ports of one family lead to.
std::optional<Outlet> outlet_of(const Plan& plan, const Tenant& tenant, bool six) {
  const auto& chosen = six ? tenant.gateway6 : tenant.gateway4;
  if (!chosen) return std::nullopt;
  const Attachment& at = tenant.attachments[*chosen];
  if (!at.bridge || at.network->internal) return std::nullopt;
  const auto& address = six ? at.endpoint->ipv6 : at.endpoint->ipv4;
  return Outlet{*at.bridge, *address, plan.bridges[*at.bridge].side(six)->mode};
}

void bind_port(const Plan& plan, const Tenant& tenant, const PublishedPort& port, bool six,
               std::vector<Binding>& out) {
  if (port.address && port.address->is_v6() != six) return;
  const IpAddress everywhere = six ? IpAddress::v6({}) : IpAddress::v4(0);
  Binding binding{
      port.protocol, port.address.value_or(everywhere), port.host_port, {}, port.container_port, 0};
  auto outlet = outlet_of(plan, tenant, six);
  if (outlet && outlet->mode == GatewayMode::kRouted) {
    binding.host_address = everywhere;
    binding.host_port = Port{};
  } else if (port.host_port.value == 0) {
    return;
  }
  if (!outlet && six && plan.options.userland_proxy) {
    outlet = outlet_of(plan, tenant, false);
  }
  if (!outlet) return;
  binding.container_address = outlet->address;
  binding.bridge = outlet->bridge;
  out.push_back(binding);
}

void bind_ports(const Plan& plan, Tenant& tenant) {
  for (const PublishedPort& port : tenant.container->ports) {
    for (const bool six : {false, true}) bind_port(plan, tenant, port, six, tenant.bindings);
  }
}

bool has_own_namespace(const Container& container) {
  const std::string& mode = container.isolation.network_mode;
  return container.state == RunState::kRunning && mode != "host" && !mode.starts_with("container:");
}

}  // namespace

std::string_view option_of(const Network& network, std::string_view name) {
  for (const auto& [key, value] : network.options) {
    if (key == name) return value;
  }
  return {};
}

const Cidr* subnet_of(const Network& network, bool six) {
  const auto found = std::ranges::find(network.subnets, six,
                                       [](const Cidr& subnet) { return subnet.address.is_v6(); });
  return found == network.subnets.end() ? nullptr : &*found;
}

IpAddress gateway_of(const Network& network, const Cidr& subnet) {
  for (const IpAddress& gateway : network.gateways) {
    if (subnet.contains(gateway)) return gateway;
  }
  const AddressRange all = AddressRange::of(subnet);
  std::array<std::uint8_t, 16> bytes = all.first.bytes();
  const std::size_t last = all.first.is_v6() ? bytes.size() - 1 : 3;
  if (all.first != all.last) bytes.at(last) |= 1U;
  return IpAddress::of(all.first.family(), bytes);
}

Plan make_plan(const Host& host, EngineVersion version, const DaemonOptions& options) {
  Plan plan{version,
            options,
            options.ip6tables.value_or(version.major >= 27),
            bridges_of(host, version),
            {}};
  for (const Container& container : host.containers) {
    if (!has_own_namespace(container)) continue;
    Tenant tenant;
    tenant.container = &container;
    tenant.attachments = attachments_of(host, container, plan.bridges);
    choose_gateways(plan, tenant);
    bind_ports(plan, tenant);
    plan.tenants.push_back(std::move(tenant));
  }
  std::ranges::sort(plan.tenants, {}, [](const Tenant& tenant) {
    return std::tuple(tenant.container->name, tenant.container->id);
  });
  return plan;
}

}  // namespace firebreak::derive
