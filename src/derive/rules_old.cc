// The filter table of 20.10 to 27: each bridge's rules stand in FORWARD, the newest bridge's first.
// Nothing drops ports that are not published; the policy of FORWARD may.
#include <fmt/format.h>

#include "derive/rules.h"

namespace firebreak::derive {
namespace {

constexpr const char* kStage1 = "DOCKER-ISOLATION-STAGE-1";
constexpr const char* kStage2 = "DOCKER-ISOLATION-STAGE-2";

void add_old_icc(Firewall& firewall, const Bridge& bridge) {
  const std::string inside = fmt::format("-i {0} -o {0} -j ", bridge.device);
  if (bridge.icc) {
    firewall.filter.insert("FORWARD", inside + "ACCEPT");
  } else {
    firewall.filter.append("FORWARD", inside + "DROP");
  }
}

void add_old_internal(Firewall& firewall, const Bridge& bridge, const BridgeSide& side) {
  const std::string subnet = side.subnet.text();
  // From 25 bridged neighbour discovery of IPv6, whose source may be elsewhere, passes.
  const bool excepted = firewall.six && firewall.plan.version.major >= 25;
  const std::string& device = bridge.device;
  firewall.filter.insert(kStage1, fmt::format("! -d {} -i {}{} -j DROP", subnet, device,
                                              excepted ? " ! -o " + device : ""));
  firewall.filter.insert(kStage1, fmt::format("! -s {}{} -o {} -j DROP", subnet,
                                              excepted ? " ! -i " + device : "", device));
  add_old_icc(firewall, bridge);
}

void add_old_bridge(Firewall& firewall, const Bridge& bridge, const BridgeSide& side) {
  SaveTable& filter = firewall.filter;
  const std::string& device = bridge.device;
  add_old_icc(firewall, bridge);
  if (side.mode == GatewayMode::kRouted) {
    filter.insert("FORWARD", fmt::format("-o {} -p {} -j ACCEPT", device,
                                         firewall.six ? "ipv6-icmp" : "icmp"));
  }
  filter.insert("FORWARD", fmt::format("-i {0} ! -o {0} -j ACCEPT", device));
  filter.insert("FORWARD", fmt::format("-o {} -j DOCKER", device));
  filter.insert("FORWARD",
                fmt::format("-o {} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", device));
}

void add_old_isolation(SaveTable& filter, const std::string& device) {
  filter.insert(kStage1, fmt::format("-i {0} ! -o {0} -j {1}", device, kStage2));
  filter.insert(kStage2, fmt::format("-o {} -j DROP", device));
}

void add_old_ports(Firewall& firewall) {
  for (const Binding& binding : ruled_bindings(firewall.plan, firewall.six)) {
    firewall.filter.append(
        "DOCKER",
        fmt::format("-d {0} ! -i {1} -o {1} {2} -j ACCEPT", host_text(binding.container_address),
                    firewall.plan.bridges[binding.bridge].device,
                    port_match(binding.protocol, binding.container_port)));
  }
}

}  // namespace

void add_old_filter(Firewall& firewall) {
  SaveTable& filter = firewall.filter;
  for (const char* chain : {"DOCKER", kStage1, kStage2}) filter.add_chain(chain);
  filter.append(kStage1, "-j RETURN");
  filter.append(kStage2, "-j RETURN");
  for (const Bridge& bridge : firewall.plan.bridges) {
    const auto& side = bridge.side(firewall.six);
    if (side && bridge.network->internal) add_old_internal(firewall, bridge, *side);
    if (side && !bridge.network->internal) add_old_bridge(firewall, bridge, *side);
    // These are made in both families, whichever the network has.
    if (!bridge.network->internal) add_old_isolation(filter, bridge.device);
  }
  add_old_ports(firewall);
  filter.insert("FORWARD", fmt::format("-j {}", kStage1));
  if (!firewall.six || firewall.plan.version.major >= 23) {  // 20.10 has it for IPv4 only
    filter.append("DOCKER-USER", "-j RETURN");
    filter.insert("FORWARD", "-j DOCKER-USER");
  }
}

}  // namespace firebreak::derive
