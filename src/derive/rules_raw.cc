// The raw table, from 28: packets to a container's own address that do not come from its bridge,
// and packets from elsewhere to ports published on the loopback address, are dropped before NAT.
#include <fmt/format.h>

#include "derive/rules.h"

namespace firebreak::derive {
namespace {

bool reached_directly(const Bridge& bridge, bool six) {
  const auto& side = bridge.side(six);
  return !side || bridge.network->internal || side->mode != GatewayMode::kNat;
}

// 28.2 and later: whatever the port.
void drop_direct(Firewall& firewall, const Tenant& tenant) {
  for (const Attachment& at : tenant.attachments) {
    const auto& address = firewall.six ? at.endpoint->ipv6 : at.endpoint->ipv4;
    if (!at.bridge || !address) continue;
    const Bridge& bridge = firewall.plan.bridges[*at.bridge];
    if (reached_directly(bridge, firewall.six)) continue;
    for (const std::string& trusted : bridge.trusted) {
      firewall.raw.append("PREROUTING",
                          fmt::format("-d {} -i {} -j ACCEPT", host_text(*address), trusted));
    }
    firewall.raw.append("PREROUTING",
                        fmt::format("-d {} ! -i {} -j DROP", host_text(*address), bridge.device));
  }
}

void drop_port(Firewall& firewall, const Binding& binding) {
  const Bridge& bridge = firewall.plan.bridges[binding.bridge];
  if (reached_directly(bridge, firewall.six)) return;
  firewall.raw.append(
      "PREROUTING",
      fmt::format("-d {} ! -i {} {} -j DROP", host_text(binding.container_address), bridge.device,
                  port_match(binding.protocol, binding.container_port)));
}

void drop_loopback(Firewall& firewall, const Binding& binding) {
  if (firewall.six || !binding.host_address.is_loopback() || binding.host_port.value == 0) return;
  firewall.raw.append("PREROUTING",
                      fmt::format("-d {} ! -i lo {} -j DROP", host_text(binding.host_address),
                                  port_match(binding.protocol, binding.host_port)));
}

}  // namespace

void add_raw(Firewall& firewall) {
  const bool by_port = firewall.plan.version < EngineVersion{28, 2, 0};
  for (const Tenant& tenant : firewall.plan.tenants) {
    if (!by_port && !firewall.plan.options.direct_routing) drop_direct(firewall, tenant);
    for (const Binding& binding : tenant.bindings) {
      if (binding.crosses() || binding.host_address.is_v6() != firewall.six) continue;
      if (by_port) drop_port(firewall, binding);
      drop_loopback(firewall, binding);
    }
  }
}

}  // namespace firebreak::derive
