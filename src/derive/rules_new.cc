// The filter table of 28 and 29: ports that are not published are dropped in DOCKER, whatever the
// policy of FORWARD. 29 has no isolation between networks beside that.
#include <fmt/format.h>

#include "derive/rules.h"

namespace firebreak::derive {
namespace {

constexpr const char* kIsolation1 = "DOCKER-ISOLATION-STAGE-1";
constexpr const char* kIsolation2 = "DOCKER-ISOLATION-STAGE-2";

bool isolates(const Firewall& firewall) {
  return firewall.plan.family() != EngineFamily::kNoIsolation;
}

// 28.0.0 has no chain of its own for what bridges send.
const char* sending_chain(const Firewall& firewall) {
  return firewall.plan.family() == EngineFamily::kBridgeSet ? "FORWARD" : "DOCKER-FORWARD";
}

void add_new_internal(Firewall& firewall, const Bridge& bridge, const BridgeSide& side) {
  const char* chain = isolates(firewall) ? kIsolation1 : "DOCKER-INTERNAL";
  const std::string& device = bridge.device;
  const std::string subnet = side.subnet.text();
  firewall.filter.insert(chain, fmt::format("! -d {} -i {}{} -j DROP", subnet, device,
                                            firewall.six ? " ! -o " + device : ""));
  firewall.filter.insert(chain, fmt::format("! -s {}{} -o {} -j DROP", subnet,
                                            firewall.six ? " ! -i " + device : "", device));
  firewall.filter.append(sending_chain(firewall), fmt::format("-i {0} -o {0} -j {1}", device,
                                                              bridge.icc ? "ACCEPT" : "DROP"));
}

void add_new_isolation(SaveTable& filter, const std::string& device, GatewayMode mode) {
  if (mode == GatewayMode::kRouted) {
    filter.insert(kIsolation1, fmt::format("-o {} -j RETURN", device));
    filter.insert(
        kIsolation1,
        fmt::format("-i {} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", device));
  }
  filter.append(kIsolation1, fmt::format("-i {0} ! -o {0} -j {1}", device, kIsolation2));
  filter.insert(kIsolation2, fmt::format("-o {} -j DROP", device));
}

void add_new_bridge(Firewall& firewall, const Bridge& bridge, const BridgeSide& side) {
  SaveTable& filter = firewall.filter;
  const std::string& device = bridge.device;
  const char* sending = sending_chain(firewall);
  if (bridge.icc) {
    filter.append(sending, fmt::format("-i {} -j ACCEPT", device));
  } else {
    filter.append(sending, fmt::format("-i {0} -o {0} -j DROP", device));
    filter.append(sending, fmt::format("-i {0} ! -o {0} -j ACCEPT", device));
  }
  if (side.mode == GatewayMode::kRouted) {
    filter.append("DOCKER", fmt::format("-o {} -p {} -j ACCEPT", device,
                                        firewall.six ? "ipv6-icmp" : "icmp"));
  }
  const bool open = side.mode == GatewayMode::kNatUnprotected;
  filter.append("DOCKER", fmt::format("! -i {0} -o {0} -j {1}", device, open ? "ACCEPT" : "DROP"));
  if (firewall.plan.family() != EngineFamily::kBridgeSet) {
    filter.append("DOCKER-CT", fmt::format("-o {} -m conntrack --ctstate RELATED,ESTABLISHED "
                                           "-j ACCEPT",
                                           device));
    filter.append("DOCKER-BRIDGE", fmt::format("-o {} -j DOCKER", device));
  }
  if (isolates(firewall)) add_new_isolation(filter, device, side.mode);
}

// At the head, before the drops.
void add_new_ports(Firewall& firewall) {
  for (const Binding& binding : ruled_bindings(firewall.plan, firewall.six)) {
    const Bridge& bridge = firewall.plan.bridges[binding.bridge];
    if (bridge.side(firewall.six)->mode == GatewayMode::kNatUnprotected) continue;
    firewall.filter.insert(
        "DOCKER",
        fmt::format("-d {0} ! -i {1} -o {1} {2} -j ACCEPT", host_text(binding.container_address),
                    bridge.device, port_match(binding.protocol, binding.container_port)));
  }
}

void add_jumps(Firewall& firewall) {
  SaveTable& filter = firewall.filter;
  if (firewall.plan.family() == EngineFamily::kBridgeSet) {
    const std::string known =
        fmt::format("-m set --match-set docker-ext-bridges-v{} dst", firewall.six ? 6 : 4);
    filter.append("FORWARD", known + " -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
    filter.append("FORWARD", fmt::format("-j {}", kIsolation1));
    filter.append("FORWARD", known + " -j DOCKER");
    return;
  }
  filter.append("FORWARD", "-j DOCKER-FORWARD");
  filter.append("DOCKER-FORWARD", "-j DOCKER-CT");
  filter.append("DOCKER-FORWARD",
                fmt::format("-j {}", isolates(firewall) ? kIsolation1 : "DOCKER-INTERNAL"));
  filter.append("DOCKER-FORWARD", "-j DOCKER-BRIDGE");
}

void add_chains(Firewall& firewall) {
  SaveTable& filter = firewall.filter;
  for (const char* chain : {"DOCKER", "DOCKER-USER"}) filter.add_chain(chain);
  if (firewall.plan.family() != EngineFamily::kBridgeSet) {
    for (const char* chain : {"DOCKER-FORWARD", "DOCKER-BRIDGE", "DOCKER-CT"}) {
      filter.add_chain(chain);
    }
  }
  if (!isolates(firewall)) return filter.add_chain("DOCKER-INTERNAL");
  for (const char* chain : {kIsolation1, kIsolation2}) filter.add_chain(chain);
}

}  // namespace

void add_new_filter(Firewall& firewall) {
  add_chains(firewall);
  if (firewall.plan.version <= EngineVersion{28, 2, 0}) {
    firewall.filter.append("DOCKER-USER", "-j RETURN");
  }
  firewall.filter.append("FORWARD", "-j DOCKER-USER");
  add_jumps(firewall);
  for (const Bridge& bridge : firewall.plan.bridges) {
    const auto& side = bridge.side(firewall.six);
    if (!side) continue;
    if (bridge.network->internal) {
      add_new_internal(firewall, bridge, *side);
    } else {
      add_new_bridge(firewall, bridge, *side);
    }
  }
  add_new_ports(firewall);
}

}  // namespace firebreak::derive
