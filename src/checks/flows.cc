// NET002 and NET003: what packets can do between environments.
//
// One finding for each pair of workloads and each way their packets take, with all ports in it. Not
// reported is what another finding says already, with the same remedy: members of a common network
// reach each other (NET001), and a container in the host's network reaches everything on the host
// (NET005). What the container in the host's network offers is reported: its ports are what counts.
#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>

#include "checks/flow_checks.h"
#include "checks/flow_words.h"
#include "checks/network_families.h"
#include "checks/support.h"

namespace firebreak {
namespace {

class FlowCheck {
 public:
  FlowCheck(const Estate& estate, const PacketFlows& flows, Findings& out)
      : estate_(estate), flows_(flows), ends_(estate), out_(out) {}

  void run() {
    for (const Flow& flow : flows_.flows.flows) {
      if (!flow.open || told_elsewhere(flow)) continue;
      if (flow.via != FlowVia::kHostService) {
        sort_in(flow);
      } else if (auto own = without_proxies(flow)) {
        sort_in(trimmed_.emplace_back(*std::move(own)));
      }
    }
    for (auto& [crossing, flows] : groups_) report(crossing, flows);
  }

 private:
  [[nodiscard]] bool told_elsewhere(const Flow& flow) const {
    if (!flow.from.container) return true;  // NET005
    if (flow.via == FlowVia::kHostService)
      return !may_be_answered(flow);  // what it offers, no more
    return flow.via == FlowVia::kSameNetwork && flow.to.container &&
           share_network(*flow.from.container, *flow.to.container);
  }

  // What a docker-proxy takes on the host's address is the published port's matter.
  [[nodiscard]] std::optional<Flow> without_proxies(const Flow& flow) const {
    const auto& kernel = estate_[flow.to.host].kernel;
    if (!kernel) return flow;
    Flow out = flow;
    for (const UserlandProxy& proxy : kernel->proxies) {
      if (protocol_text(flow.protocol) != name_of(proxy.protocol)) continue;
      out.ports = without_port(out.ports, proxy.host_port);
    }
    if (out.ports.empty()) return std::nullopt;
    out.delivered_ports = out.ports;
    out.example.destination_port = out.ports.front().first;
    return out;
  }

  [[nodiscard]] static std::vector<PortRange> without_port(const std::vector<PortRange>& ports,
                                                           Port port) {
    std::vector<PortRange> out;
    for (const PortRange& range : ports) {
      if (port < range.first || range.last < port) {
        out.push_back(range);
        continue;
      }
      const auto before = static_cast<std::uint16_t>(port.value - 1);
      const auto behind = static_cast<std::uint16_t>(port.value + 1);
      if (range.first < port) out.push_back({range.first, Port{before}});
      if (port < range.last) out.push_back({Port{behind}, range.last});
    }
    return out;
  }

  [[nodiscard]] bool share_network(ContainerId one, ContainerId other) const {
    return std::ranges::any_of(estate_[one].endpoints, [&](const Endpoint& endpoint) {
      const auto network = estate_.network_of(one, endpoint);
      return network && joins_members(*estate_[*network].network) &&
             std::ranges::any_of(estate_[other].endpoints, [&](const Endpoint& theirs) {
               return estate_.network_of(other, theirs) == network;
             });
    });
  }

  void sort_in(const Flow& flow) {
    for (const WorkloadId from : ends_.workloads_at(flow.from)) {
      for (const WorkloadId to : ends_.workloads_at(flow.to)) {
        for (const EnvironmentId a : sides_of(estate_[from])) {
          for (const EnvironmentId b : sides_of(estate_[to])) {
            if (stands_for(estate_[to], a) || stands_for(estate_[from], b)) continue;
            groups_[{.from = from, .to = to, .via = flow.via, .pair = {a, b}}].push_back(&flow);
          }
        }
      }
    }
  }

  void report(const FlowCrossing& crossing, const std::vector<const Flow*>& flows) {
    const FlowUse use = use_of(flows);
    const bool past = crossing.via == FlowVia::kPublishedPort ||
                      crossing.via == FlowVia::kUserlandProxy ||
                      crossing.via == FlowVia::kHostService;
    Finding finding =
        make_finding(estate_, past ? Code::kNet003 : Code::kNet002, crossing.pair,
                     {stable_name(estate_, crossing.from), stable_name(estate_, crossing.to),
                      std::string(name_of(crossing.via))});
    finding.ports = use.ports;
    finding.title = title_of(crossing, use);
    const std::array workloads = {crossing.from, crossing.to};
    add_workloads(estate_, workloads, finding);
    weigh(use, flows, finding);
    const Flow& shown = *use.told.front();
    finding.path = path_of(crossing, shown);
    finding.remedy.push_back(close_flows(estate_, crossing, use.told));
    out_.push_back(std::move(finding));
  }

  // What of it counts: ports at which something answers; if there are none, all; a ping if that is
  // all there is.
  [[nodiscard]] static FlowUse use_of(const std::vector<const Flow*>& flows) {
    FlowUse out;
    const auto keep = [&](const auto& wanted) {
      std::ranges::copy_if(flows, std::back_inserter(out.told), wanted);
      return !out.told.empty();
    };
    if (!keep([](const Flow* flow) { return may_be_answered(*flow); })) {
      out.idle = keep([](const Flow* flow) { return !is_echo(flow->protocol); });
      if (!out.idle) out.echo = keep([](const Flow*) { return true; });
    }
    std::ranges::stable_sort(out.told, {},
                             [](const Flow* flow) { return flow->listening != true; });
    std::map<std::uint8_t, std::vector<PortRange>> ports;
    for (const Flow* flow : out.told) {
      auto& of_protocol = ports[flow->protocol];
      of_protocol.insert(of_protocol.end(), flow->delivered_ports.begin(),
                         flow->delivered_ports.end());
    }
    for (auto& [protocol, ranges] : ports) {
      if (!ranges.empty()) out.ports.push_back({protocol, merged(std::move(ranges))});
    }
    return out;
  }

  [[nodiscard]] std::string title_of(const FlowCrossing& crossing, const FlowUse& use) const {
    const std::string from = display_name(estate_, crossing.from);
    const std::string to = display_name(estate_, crossing.to);
    if (use.echo) return from + " can ping " + to;
    const std::string opens = from + " can open " + words_for(use.ports) + " on ";
    switch (crossing.via) {
      case FlowVia::kPublishedPort:
      case FlowVia::kUserlandProxy: return opens + to + " through the host's address";
      case FlowVia::kHostService:
        return opens + estate_[use.told.front()->to.host].name + " itself, whose network " + to +
               " uses";
      default: return opens + to;
    }
  }

  // "tcp 5432 and udp 53", "tcp 22, 80 and 9 more ports", "any tcp port".
  [[nodiscard]] static std::string words_for(const std::vector<FindingPorts>& ports) {
    std::vector<std::string> protocols;
    for (const FindingPorts& each : ports) {
      const std::string protocol = protocol_text(each.protocol);
      const bool any = each.ranges.size() == 1 && each.ranges[0].first.value <= 1 &&
                       each.ranges[0].last == Port{65535};
      std::vector<std::string> ranges;
      ranges.reserve(each.ranges.size());
      for (const PortRange& range : each.ranges) ranges.push_back(ports_text({&range, 1}));
      protocols.push_back(any ? "any " + protocol + " port" : protocol + " " + listed(ranges));
    }
    return listed(protocols, protocols.size());
  }

  static void weigh(const FlowUse& use, const std::vector<const Flow*>& flows, Finding& finding) {
    if (use.idle || use.echo) finding.severity = lowered(finding.severity);
    if (use.echo) {
      finding.severity = lowered(finding.severity);
      finding.notes.emplace_back("better: only echo requests get there, no connection");
    }
    if (use.idle) finding.notes.emplace_back("better: nothing is known to listen there now");
    const bool known =
        std::ranges::any_of(use.told, [](const Flow* flow) { return flow->listening.has_value(); });
    if (!known && !use.echo && !use.idle) {
      finding.notes.emplace_back("it is not known whether anything listens there");
    }
    if (!use.idle && !use.echo &&
        std::ranges::any_of(flows, [](const Flow* flow) { return flow->listening == false; })) {
      finding.notes.emplace_back(
          "other ports are open too; nothing is known to listen on them now");
    }
    if (std::ranges::any_of(use.told, &Flow::derived)) {
      finding.notes.emplace_back(
          "the packet filter's rules were derived from the engine's version, not read");
    }
  }

  [[nodiscard]] std::vector<Hop> path_of(const FlowCrossing& crossing, const Flow& flow) const {
    const PacketTrace trace = flows_.trace(flow.from, flow.example);
    if (trace.outcome == PacketTrace::Outcome::kDelivered && !trace.hops.empty()) {
      return hops_of(estate_, ends_, trace);
    }
    return {
        {.at = display_name(estate_, crossing.from),
         .why = "connects to " + destination_text(flow) + ", " + std::string(phrase_of(flow.via))},
        {.at = display_name(estate_, crossing.to), .why = "gets it at " + delivered_text(flow)}};
  }

  const Estate& estate_;
  const PacketFlows& flows_;
  FlowEnds ends_;
  Findings& out_;
  std::deque<Flow> trimmed_;
  std::map<FlowCrossing, std::vector<const Flow*>> groups_;
};

}  // namespace

void check_flows(const Estate& estate, const PacketFlows& flows, Findings& out) {
  if (estate.environments().size() < 2) return;
  FlowCheck(estate, flows, out).run();
}

}  // namespace firebreak
