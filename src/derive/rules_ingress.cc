// Swarm's DOCKER-INGRESS chains. The filter rules name neither interface nor address: they let
// every packet with that port through, before networks are isolated.
#include <fmt/format.h>

#include <algorithm>

#include "derive/rules.h"

namespace firebreak::derive {
namespace {

// The ingress network's sandbox is the first to get an address on docker_gwbridge.
std::optional<IpAddress> sandbox_address(const Plan& plan) {
  for (const Bridge& bridge : plan.bridges) {
    if (bridge.network->name != "docker_gwbridge" || !bridge.v4 || !bridge.v4->gateway) continue;
    auto bytes = bridge.v4->gateway->bytes();
    ++bytes[3];
    return IpAddress::of(Family::kV4, bytes);
  }
  return std::nullopt;
}

}  // namespace

std::vector<PublishedPort> ingress_ports(const Host& host) {
  std::vector<PublishedPort> out;
  if (!host.swarm.active || !std::ranges::any_of(host.networks, &Network::ingress)) return out;
  for (const Service& service : host.swarm.services) {
    std::ranges::copy_if(service.spec.ports, std::back_inserter(out),
                         [](const PublishedPort& port) { return port.host_port.value != 0; });
  }
  std::ranges::sort(out);
  return out;
}

void add_ingress(Firewall& firewall, const Host& host) {
  const auto ports = ingress_ports(host);
  const auto sandbox = sandbox_address(firewall.plan);
  if (ports.empty() || !sandbox) return;
  const std::string chain = "DOCKER-INGRESS";
  SaveTable& filter = firewall.filter;
  SaveTable& nat = firewall.nat;
  for (const PublishedPort& port : ports) {
    const std::string name(name_of(port.protocol));
    filter.append(chain, port_match(port.protocol, port.host_port) + " -j ACCEPT");
    filter.append(chain, fmt::format("-p {0} -m conntrack --ctstate RELATED,ESTABLISHED -m {0} "
                                     "--sport {1} -j ACCEPT",
                                     name, port.host_port.value));
    nat.append(chain, fmt::format("{} -j DNAT --to-destination {}",
                                  port_match(port.protocol, port.host_port),
                                  socket_text(*sandbox, port.host_port)));
  }
  filter.append(chain, "-j RETURN");
  nat.append(chain, "-j RETURN");
  nat.insert("PREROUTING", "-m addrtype --dst-type LOCAL -j " + chain);
  nat.insert("OUTPUT", "-m addrtype --dst-type LOCAL -j " + chain);
  nat.insert("POSTROUTING", "-o docker_gwbridge -m addrtype --src-type LOCAL -j MASQUERADE");
  const EngineFamily family = firewall.plan.family();
  if (family == EngineFamily::kForward || family == EngineFamily::kBridgeSet) {
    filter.insert_after("FORWARD", "-j DOCKER-USER", "-j " + chain);
  } else {
    filter.insert("DOCKER-FORWARD", "-j " + chain);
  }
}

}  // namespace firebreak::derive
