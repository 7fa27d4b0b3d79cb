// What the engine makes of its networks and running containers, before it is turned into rules,
// links and sockets. Internal to this folder.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "derive/derive.h"

namespace firebreak::derive {

enum class GatewayMode : std::uint8_t { kNat, kNatUnprotected, kRouted, kIsolated };

// One address family of a bridge.
struct BridgeSide {
  Cidr subnet;
  std::optional<IpAddress> gateway;  // the bridge's own address; none in mode "isolated"
  GatewayMode mode = GatewayMode::kNat;
  std::optional<IpAddress> snat;  // host_ipv4, host_ipv6: instead of masquerading
};

struct Bridge {
  const Network* network = nullptr;
  std::string device;
  bool icc = true;
  bool masquerade = true;
  std::vector<std::string> trusted;  // trusted_host_interfaces
  std::optional<BridgeSide> v4;
  std::optional<BridgeSide> v6;

  [[nodiscard]] const std::optional<BridgeSide>& side(bool six) const { return six ? v6 : v4; }
};

// A container's place in one network.
struct Attachment {
  const Endpoint* endpoint = nullptr;
  const Network* network = nullptr;
  std::optional<std::size_t> bridge;  // index into Plan::bridges
};

// A published port in one family of the host.
struct Binding {
  Protocol protocol = Protocol::kTcp;
  IpAddress host_address;
  Port host_port;  // 0: a routed network has none
  IpAddress container_address;
  Port container_port;
  std::size_t bridge = 0;
  // Rules are for packets that keep their family; docker-proxy alone leads from one to the other.
  [[nodiscard]] bool crosses() const { return host_address.is_v6() != container_address.is_v6(); }
};

struct Tenant {
  const Container* container = nullptr;
  std::vector<Attachment> attachments;  // the network it was started in first, then by name
  std::optional<std::size_t> gateway4;  // attachments that the default routes lead to
  std::optional<std::size_t> gateway6;
  std::vector<Binding> bindings;
};

struct Plan {
  EngineVersion version;
  DaemonOptions options;
  bool ip6tables = false;
  std::vector<Bridge> bridges;  // the default bridge first, then by name
  std::vector<Tenant> tenants;  // running, with a namespace of their own; by name
  [[nodiscard]] EngineFamily family() const { return family_of(version); }
};

[[nodiscard]] Plan make_plan(const Host& host, EngineVersion version, const DaemonOptions& options);

// The subnet's gateway: the one that the engine lists, else the subnet's first address.
[[nodiscard]] IpAddress gateway_of(const Network& network, const Cidr& subnet);
[[nodiscard]] const Cidr* subnet_of(const Network& network, bool six);
[[nodiscard]] std::string_view option_of(const Network& network, std::string_view name);

}  // namespace firebreak::derive
