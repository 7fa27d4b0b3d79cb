#include "derive/rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace firebreak::derive {
namespace {

// What a network's packets get for a source when they leave it; and, without docker-proxy, what the
// host's own loopback packets get when they enter it.
void add_source_nat(Firewall& firewall, const Bridge& bridge, const BridgeSide& side) {
  const std::string& device = bridge.device;
  const std::string target =
      side.snat ? "SNAT --to-source " + side.snat->text() : std::string("MASQUERADE");
  if (bridge.masquerade && side.mode != GatewayMode::kRouted) {
    firewall.nat.insert("POSTROUTING",
                        fmt::format("-s {} ! -o {} -j {}", side.subnet.text(), device, target));
  }
  if (!firewall.plan.options.userland_proxy) {
    firewall.nat.insert("POSTROUTING",
                        fmt::format("-o {} -m addrtype --src-type LOCAL -j {}", device, target));
  }
}

// Packets of these networks to published ports are left to docker-proxy. Gone in 29.
bool skips_nat(const Plan& plan, const Bridge& bridge, const BridgeSide& side) {
  if (plan.family() == EngineFamily::kNoIsolation) return false;
  const bool routed = side.mode == GatewayMode::kRouted && plan.version < EngineVersion{28, 2, 0};
  return routed || (bridge.masquerade && plan.options.userland_proxy);
}

void add_destination_nat(Firewall& firewall, const Binding& binding) {
  if (binding.host_port.value == 0) return;
  const bool proxy = firewall.plan.options.userland_proxy;
  const std::string container = host_text(binding.container_address);
  std::string rule;
  if (firewall.six && firewall.plan.version.major >= 28) rule += "! -s fe80::/10 ";
  if (!binding.host_address.is_unspecified()) {
    rule += fmt::format("-d {} ", host_text(binding.host_address));
  }
  if (proxy) rule += fmt::format("! -i {} ", firewall.plan.bridges[binding.bridge].device);
  firewall.nat.append(
      "DOCKER", rule + fmt::format("{} -j DNAT --to-destination {}",
                                   port_match(binding.protocol, binding.host_port),
                                   socket_text(binding.container_address, binding.container_port)));
  if (proxy && firewall.plan.version.major >= 28) return;
  // A container that connects to its own published port.
  firewall.nat.append("POSTROUTING",
                      fmt::format("-s {0} -d {0} {1} -j MASQUERADE", container,
                                  port_match(binding.protocol, binding.container_port)));
}

std::string bridge_sets(const Plan& plan) {
  std::string out;
  for (const bool six : {false, true}) {
    if (six && !plan.ip6tables) continue;
    const std::string name = fmt::format("docker-ext-bridges-v{}", six ? 6 : 4);
    out += fmt::format("create {} hash:net family {} hashsize 1024 maxelem 65536\n", name,
                       six ? "inet6" : "inet");
    for (const Bridge& bridge : plan.bridges) {
      const auto& side = bridge.side(six);
      if (side && !bridge.network->internal) {
        out += fmt::format("add {} {}\n", name, side->subnet.text());
      }
    }
  }
  return out;
}

std::string family_text(const Plan& plan, const Host& host, bool six) {
  Firewall firewall{plan, six};
  const bool old = plan.family() == EngineFamily::kForward;
  if (old) {
    add_old_filter(firewall);
  } else {
    add_new_filter(firewall);
    add_raw(firewall);
  }
  add_nat(firewall);
  if (!six) add_ingress(firewall, host);
  if (plan.options.forward_policy_drop) firewall.filter.drop_by_default("FORWARD");
  return (old ? "" : firewall.raw.text()) + firewall.filter.text() + firewall.nat.text();
}

}  // namespace

std::vector<Binding> ruled_bindings(const Plan& plan, bool six) {
  std::vector<Binding> out;
  for (const Tenant& tenant : plan.tenants) {
    std::ranges::copy_if(tenant.bindings, std::back_inserter(out), [six](const Binding& binding) {
      return !binding.crosses() && binding.host_address.is_v6() == six;
    });
  }
  return out;
}

void add_nat(Firewall& firewall) {
  SaveTable& nat = firewall.nat;
  const bool proxy = firewall.plan.options.userland_proxy;
  const std::string local = "-m addrtype --dst-type LOCAL -j DOCKER";
  nat.add_chain("DOCKER");
  nat.append("PREROUTING", local);
  nat.append("OUTPUT", (!proxy         ? ""
                        : firewall.six ? "! -d ::1/128 "
                                       : "! -d 127.0.0.0/8 ") +
                           local);
  for (const Bridge& bridge : firewall.plan.bridges) {
    const auto& side = bridge.side(firewall.six);
    if (!side || bridge.network->internal) continue;
    add_source_nat(firewall, bridge, *side);
    if (skips_nat(firewall.plan, bridge, *side)) {
      nat.insert("DOCKER", fmt::format("-i {} -j RETURN", bridge.device));
    }
  }
  for (const Binding& binding : ruled_bindings(firewall.plan, firewall.six)) {
    add_destination_nat(firewall, binding);
  }
}

FilterTexts filter_texts(const Plan& plan, const Host& host) {
  FilterTexts out;
  out.iptables_nft = family_text(plan, host, false);
  if (plan.ip6tables) out.ip6tables_nft = family_text(plan, host, true);
  if (plan.family() == EngineFamily::kBridgeSet) out.ipset = bridge_sets(plan);
  return out;
}

}  // namespace firebreak::derive
