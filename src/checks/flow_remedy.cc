// How flows are closed: where the packets can really be stopped differs by the way they take.
#include <algorithm>
#include <set>

#include "checks/flow_checks.h"
#include "checks/flow_words.h"
#include "checks/support.h"

namespace firebreak {
namespace {

std::uint8_t ip_protocol(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp: return 6;
    case Protocol::kUdp: return 17;
    case Protocol::kSctp: return 132;
  }
  return 6;
}

// "5433:5432", "127.0.0.1:5433:5432/udp": as -p and compose files take it.
std::string published_text(const PublishedPort& port, std::string_view address) {
  std::string out;
  if (!address.empty()) out = std::string(address) + ":";
  if (port.host_port.value != 0) out += std::to_string(port.host_port.value) + ":";
  out += std::to_string(port.container_port.value);
  if (port.protocol != Protocol::kTcp) out += "/" + std::string(name_of(port.protocol));
  return out;
}

bool leads_to(const PublishedPort& port, const std::vector<const Flow*>& flows) {
  return std::ranges::any_of(flows, [&](const Flow* flow) {
    return flow->protocol == ip_protocol(port.protocol) &&
           std::ranges::any_of(flow->delivered_ports, [&](const PortRange& range) {
             return range.first <= port.container_port && port.container_port <= range.last;
           });
  });
}

// Publishing again on loopback closes it: no other namespace's packets get there.
Remedy unpublish(const Estate& estate, WorkloadId id, const std::vector<const Flow*>& flows) {
  std::set<std::pair<std::string, std::string>> ports;  // as it is, and on loopback
  std::set<std::string> container_ports;
  for (const ContainerId container : estate[id].containers) {
    for (const PublishedPort& port : estate[container].ports) {
      if (!leads_to(port, flows)) continue;
      const std::string address =
          port.address && !port.address->is_unspecified()
              ? (port.address->is_v6() ? "[" + port.address->text() + "]" : port.address->text())
              : std::string();
      ports.emplace(published_text(port, address), published_text(port, "127.0.0.1"));
      container_ports.insert(std::to_string(port.container_port.value));
    }
  }
  if (ports.empty()) {
    return {.text = "Take out the rule or the relay that leads to it: the path names it.",
            .commands = {}};
  }
  Removal removal;
  std::string instead;
  for (const auto& [now, loopback] : ports) {
    removal.compose += (removal.compose.empty() ? "`" : ", `") + now + "`";
    removal.option += (removal.option.empty() ? "`-p " : " -p ") + now;
    instead += (instead.empty() ? "`" : ", `") + loopback + "`";
  }
  removal.compose += " under `ports:`";
  removal.option += "`";
  for (const std::string& port : container_ports) {
    removal.service_update.insert(removal.service_update.end(), {"--publish-rm", port});
  }
  Remedy out = recreate_without(estate, id, removal);
  if (estate[id].kind != Workload::Kind::kSwarmService) {
    out.text +=
        " Where programs of the host need it, publish it on loopback, which no container "
        "reaches: " +
        instead + ".";
  }
  return out;
}

Remedy leave_host_network(const Estate& estate, const FlowCrossing& crossing) {
  Remedy out = recreate_without(
      estate, crossing.to,
      {.compose = "`network_mode: host`", .option = "`--network host`", .service_update = {}});
  out.text += " Give it a network of " + estate[crossing.pair.to].name +
              "; or let it listen on loopback only. What else listens on the host is the host's: "
              "filter it in INPUT.";
  return out;
}

// The subnet of a network of that host that holds the address; else the address alone.
std::string subnet_text(const Estate& estate, HostId host, const IpAddress& address) {
  for (const Network& network : estate[host].networks) {
    for (const Cidr& subnet : network.subnets) {
      if (subnet.contains(address)) return subnet.text();
    }
  }
  return address.text();
}

// Docker's own place for rules of others, which its rules never overrun; without it, FORWARD.
std::string forward_chain(const Host& host) {
  const auto has = [](const std::string& text) {
    return text.find(":DOCKER-USER") != std::string::npos;
  };
  if (!host.kernel) return "DOCKER-USER";
  const FilterTexts& texts = host.kernel->host.filters;
  return has(texts.iptables_nft) || has(texts.iptables_legacy) ? "DOCKER-USER" : "FORWARD";
}

Remedy drop_routed(const Estate& estate, const std::vector<const Flow*>& flows) {
  std::set<std::string> commands;
  const HostId host = flows.front()->to.host;
  for (const Flow* flow : flows) {
    const IpAddress& source =
        flow->sources.empty() ? flow->example.source : flow->sources.front().first;
    std::string from = subnet_text(estate, flow->from.host, source);
    std::string to = subnet_text(estate, flow->to.host, flow->delivered.first);
    if (from == to) {
      from = source.text();
      to = flow->delivered.first.text();
    }
    commands.insert(std::string(source.is_v6() ? "ip6tables" : "iptables") + " -I " +
                    forward_chain(estate[host]) + " -s " + from + " -d " + to + " -j DROP");
  }
  return {.text = "On " + estate[host].name +
                  ", as root, drop what goes from the one network to the other, and keep the rule "
                  "where it is restored at boot; or give up the route that joins them.",
          .commands = {commands.begin(), commands.end()}};
}

}  // namespace

Remedy close_flows(const Estate& estate, const FlowCrossing& crossing,
                   const std::vector<const Flow*>& flows) {
  switch (crossing.via) {
    case FlowVia::kPublishedPort:
    case FlowVia::kUserlandProxy: return unpublish(estate, crossing.to, flows);
    case FlowVia::kHostService: return leave_host_network(estate, crossing);
    case FlowVia::kSameNetwork:
      return {.text =
                  "They stand on one network segment although no network of the engine joins "
                  "them: give each environment a bridge, parent interface or VLAN of its own.",
              .commands = {}};
    case FlowVia::kRouted:
    case FlowVia::kFromHost: break;
  }
  return drop_routed(estate, flows);
}

}  // namespace firebreak
