// HOST005: ways to an engine's API that another environment can take.
//
// Four of them show in a snapshot: the address at which we were told to ask the engine, what the
// engine itself warns of, containers that pass its socket on, and DOCKER_HOST variables. Where
// flows were worked out, an open port counts for those whose packets get there; elsewhere it is
// enough that it is open.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "checks/flow_ends.h"
#include "checks/flow_words.h"
#include "checks/host_families.h"
#include "checks/rights.h"
#include "checks/support.h"

namespace firebreak {
namespace {

bool is_loopback(std::string_view address) {
  if (address == "localhost" || address == "[::1]" || address == "::1") return true;
  const auto parsed = IpAddress::parse(address);
  return parsed && parsed->is_loopback();
}

// "prod-1" of "tcp://prod-1:2375"; empty if it is no such URL.
std::string_view tcp_host(std::string_view url) {
  for (const std::string_view scheme : {"tcp://", "http://", "https://"}) {
    if (!url.starts_with(scheme)) continue;
    url.remove_prefix(scheme.size());
    url = url.substr(0, url.find('/'));
    return url.substr(0, url.rfind(':'));
  }
  return {};
}

struct OpenApi {
  std::string at;
  std::string why;
  std::optional<Port> port;
};

// 2375 of "tcp://prod-1:2375/".
std::optional<Port> tcp_port(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  while (!url.empty() && (url.back() == '.' || url.back() == ',')) url.remove_suffix(1);
  return Port::parse(url.substr(url.rfind(':') + 1));
}

constexpr std::string_view kWarning = "API is accessible on ";

// The engine's own words: "WARNING: API is accessible on http://0.0.0.0:2375 without encryption."
std::vector<OpenApi> open_by_warning(const Host& host) {
  std::vector<OpenApi> out;
  for (const std::string& warning : host.engine.warnings) {
    const std::size_t at = warning.find(kWarning);
    if (at == std::string::npos) continue;
    const std::string_view rest = std::string_view(warning).substr(at + kWarning.size());
    const std::string_view url = rest.substr(0, rest.find(' '));
    const std::string_view address = tcp_host(url);
    if (address.empty() || is_loopback(address)) continue;
    out.push_back({.at = "engine of " + host.name + " at " + std::string(url),
                   .why = "it warns that nobody has to prove who they are",
                   .port = tcp_port(url)});
  }
  return out;
}

std::vector<OpenApi> open_endpoints(const Host& host) {
  std::vector<OpenApi> out = open_by_warning(host);
  const std::string_view address = tcp_host(host.endpoint);
  if (out.empty() && !address.empty() && !host.tls && !is_loopback(address)) {
    out.push_back({.at = "engine of " + host.name + " at " + host.endpoint,
                   .why = "it answers without TLS: nobody has to prove who they are",
                   .port = tcp_port(host.endpoint)});
  }
  return out;
}

class ApiCheck {
 public:
  ApiCheck(const Estate& estate, const HostFacts& facts, const PacketFlows* flows, Findings& out)
      : estate_(estate), facts_(facts), flows_(flows), ends_(estate), out_(out) {}

  void run() {
    for (std::size_t i = 0; i < estate_.snapshot().hosts.size(); ++i) {
      const HostId host(i);
      if (estate_[host].kind == Host::Kind::kCompose) continue;
      for (const OpenApi& open : open_endpoints(estate_[host])) report_open(host, open);
    }
    for (std::size_t i = 0; i < estate_.workloads().size(); ++i) check_proxy(WorkloadId(i));
    check_variables();
  }

 private:
  // Whether the policy lets hosts reach each other; by default all of them do.
  [[nodiscard]] bool in_one_zone(HostId a, HostId b) const {
    const auto& zones = estate_.policy().zones;
    if (zones.empty() || a == b) return true;
    return std::ranges::any_of(zones, [&](const std::vector<std::string>& zone) {
      return std::ranges::find(zone, estate_[a].name) != zone.end() &&
             std::ranges::find(zone, estate_[b].name) != zone.end();
    });
  }

  [[nodiscard]] std::set<EnvironmentId> who_reaches(HostId host) const {
    std::set<EnvironmentId> out;
    for (std::size_t i = 0; i < estate_.snapshot().hosts.size(); ++i) {
      if (!in_one_zone(host, HostId(i))) continue;
      const auto there = estate_.environments_on(HostId(i));
      out.insert(there.begin(), there.end());
    }
    return out;
  }

  // An API that is open to the network, for everybody whose packets get there.
  void report_open(HostId host, const OpenApi& open) {
    const auto& reached = facts_.ruled[host.index()];
    const auto from_anywhere = who_reaches(host);
    for (const EnvironmentId to : reached) {
      for (const EnvironmentId from : from_anywhere) {
        if (from == to) continue;
        const bool both_ways = std::ranges::binary_search(reached, from);
        if (both_ways && undirected(estate_, from, to).from != from) continue;
        const Flow* way = way_to(host, open, from);
        if (way == nullptr && is_closed(host, open, from)) continue;
        Finding finding = start(host, {from, to}, {"open " + stable_name(estate_, host, "")});
        finding.title = "the engine's API of " + estate_[host].name + ", where " +
                        estate_[to].name + " runs, is open to " + estate_[from].name;
        finding.path = {first_hop(way, from), {.at = open.at, .why = open.why}};
        finding.remedy.push_back(
            {.text = "On " + estate_[host].name +
                     ", take the tcp:// address out of the engine's options (-H, or `hosts` in "
                     "/etc/docker/daemon.json), or require client certificates (--tlsverify), and "
                     "restart it. Until then let only administrators' addresses reach the port.",
             .commands = {}});
        close(host, to, std::move(finding));
      }
    }
  }

  // A flow on which a container of the environment can open a connection to the API.
  [[nodiscard]] const Flow* way_to(HostId host, const OpenApi& open, EnvironmentId from) const {
    if (flows_ == nullptr || !open.port) return nullptr;
    for (const Flow& flow : flows_->flows.flows) {
      if (flow.open && leads_there(flow, host, *open.port) && starts_in(flow.from, from)) {
        return &flow;
      }
    }
    return nullptr;
  }

  [[nodiscard]] static bool leads_there(const Flow& flow, HostId host, Port port) {
    constexpr std::uint8_t kTcp = 6;
    return flow.protocol == kTcp && flow.to.host == host && !flow.to.container &&
           std::ranges::any_of(flow.delivered_ports, [&](const PortRange& range) {
             return range.first <= port && port <= range.last;
           });
  }

  [[nodiscard]] bool starts_in(const FlowEnd& end, EnvironmentId environment) const {
    return std::ranges::any_of(ends_.workloads_at(end),
                               [&](WorkloadId id) { return stands_for(estate_[id], environment); });
  }

  // Whether it is known that no packet of the environment gets there: the kernels of the hosts that
  // it runs on, and of this one, were read and understood. Containers in the host's own namespace
  // need no packet.
  [[nodiscard]] bool is_closed(HostId host, const OpenApi& open, EnvironmentId from) const {
    const FlowEnd own{.host = host, .container = std::nullopt};
    if (flows_ == nullptr || !open.port || !ends_.workloads_at(own).empty()) return false;
    std::set<HostId> hosts = {host};
    for (const WorkloadId id : estate_[from].workloads) {
      for (const ContainerId container : estate_[id].containers) {
        hosts.insert(estate_.host_of(container));
      }
    }
    const bool read =
        std::ranges::all_of(hosts, [&](HostId id) { return estate_[id].kernel.has_value(); });
    // Flows into a namespace of no environment may not have been asked for at all.
    const bool asked = std::ranges::any_of(flows_->flows.flows, [&](const Flow& flow) {
      return flow.to == own && starts_in(flow.from, from);
    });
    const bool gap = std::ranges::any_of(
        flows_->flows.gaps, [&](const FlowGap& one) { return hosts.contains(one.host); });
    const bool unknown = std::ranges::any_of(flows_->flows.flows, [&](const Flow& flow) {
      return !flow.open && leads_there(flow, host, *open.port);
    });
    return read && asked && !gap && !unknown;
  }

  [[nodiscard]] Hop first_hop(const Flow* way, EnvironmentId from) const {
    if (way == nullptr) {
      return {.at = estate_[from].name, .why = "its containers can send to the host"};
    }
    return {.at = ends_.name_of(way->from), .why = "can open " + destination_text(*way)};
  }

  // A container that passes the engine's socket on to a network.
  void check_proxy(WorkloadId id) {
    for (const ContainerId container : estate_[id].containers) {
      const HostId host = estate_.host_of(container);
      if (!passes_socket_on(host, container)) continue;
      const auto& reached = facts_.ruled[host.index()];
      for (const auto& [from, way] : users_of(id, container)) {
        for (const EnvironmentId to : reached) {
          if (from == to || shared_between(id, from, to)) continue;
          report_proxy(id, container, {from, to}, way);
        }
      }
      return;  // its replicas are no other subject
    }
  }

  [[nodiscard]] bool passes_socket_on(HostId host, ContainerId id) const {
    const Container& container = estate_[id];
    if (!facts_.mounts[host.index()].has_engine_socket(container)) return false;
    const bool by_name = contains_ignoring_case(container.image, "socket-proxy") ||
                         contains_ignoring_case(container.image, "docker-proxy") ||
                         contains_ignoring_case(container.image, "socat") ||
                         contains_ignoring_case(container.name, "socket-proxy");
    const bool by_command = std::ranges::any_of(
        container.command, [](const CommandStep& step) { return step.program == "socat"; });
    const bool by_port = std::ranges::any_of(container.ports, [](const PublishedPort& port) {
      return port.container_port == Port{2375} || port.container_port == Port{2376};
    });
    return by_name || by_command || by_port;
  }

  [[nodiscard]] bool shared_between(WorkloadId id, EnvironmentId a, EnvironmentId b) const {
    const Workload& workload = estate_[id];
    return workload.shared && stands_for(workload, a) && stands_for(workload, b);
  }

  // Whose containers reach the proxy, and the way they take. The proxy's own side counts too.
  [[nodiscard]] std::map<EnvironmentId, Hop> users_of(WorkloadId id, ContainerId container) const {
    std::map<EnvironmentId, Hop> out;
    for (const Endpoint& endpoint : estate_[container].endpoints) {
      const auto network = estate_.network_of(container, endpoint);
      if (!network) continue;
      for (const Member& member : estate_[*network].members) {
        if (member.workload == id) continue;
        for (const EnvironmentId side : sides_of(estate_[member.workload])) {
          out.try_emplace(side, Hop{.at = display_name(estate_, member.workload),
                                    .why = "is on network " + endpoint.network_name + " with " +
                                           display_name(estate_, id)});
        }
      }
    }
    const bool open = estate_[container].isolation.network_mode == "host" ||
                      std::ranges::any_of(estate_[container].ports, [](const PublishedPort& port) {
                        return !port.address || !port.address->is_loopback();
                      });
    if (!open) return out;
    for (const EnvironmentId side : estate_.environments_on(estate_.host_of(container))) {
      out.try_emplace(side, Hop{.at = estate_[side].name,
                                .why = "its containers reach what " + display_name(estate_, id) +
                                       " publishes on the host"});
    }
    return out;
  }

  void report_proxy(WorkloadId id, ContainerId container, const EnvironmentPair& pair,
                    const Hop& way) {
    const HostId host = estate_.host_of(container);
    Finding finding = start(host, pair, {stable_name(estate_, id)});
    finding.title = estate_[pair.from].name + " can call the engine of " + estate_[host].name +
                    ", where " + estate_[pair.to].name + " runs, through " +
                    display_name(estate_, id);
    finding.path = {way, {.at = display_name(estate_, id), .why = "passes the engine's socket on"}};
    if (!may_write(container)) {
      finding.severity = lowered(finding.severity);
      finding.notes.emplace_back(
          "better: nothing shows that the proxy lets requests through that change something; "
          "reading alone still tells every variable of every container");
    }
    const std::array workloads = {id};
    add_workloads(estate_, workloads, finding);
    finding.remedy.push_back(proxy_remedy(id, container, pair.from));
    close(host, pair.to, std::move(finding));
  }

  // Proxies of Tecnativa's kind forbid POST unless told otherwise; a plain relay forbids nothing.
  [[nodiscard]] bool may_write(ContainerId id) const {
    const Container& container = estate_[id];
    const bool filters = contains_ignoring_case(container.image, "socket-proxy");
    if (!filters) return true;
    return std::ranges::any_of(container.env, [](const EnvVar& variable) {
      return variable.name == "POST" && variable.value.text != "0" && !variable.from_image;
    });
  }

  [[nodiscard]] Remedy proxy_remedy(WorkloadId id, ContainerId container,
                                    EnvironmentId from) const {
    Remedy out;
    const std::string engine = engine_command(estate_, estate_.host_of(container));
    for (const Endpoint& endpoint : estate_[container].endpoints) {
      const auto network = estate_.network_of(container, endpoint);
      if (!network || engine.empty()) continue;
      const bool used = std::ranges::any_of(estate_[*network].members, [&](const Member& member) {
        return member.workload != id && stands_for(estate_[member.workload], from);
      });
      if (!used) continue;
      out.commands.push_back(command_line(
          engine, {"network", "disconnect", endpoint.network_name, estate_[container].name}));
    }
    out.text = "Keep " + definition_of(estate_, id) +
               " on a network that only its users are on, publish none of its ports, and let it "
               "pass only the calls that they need.";
    return out;
  }

  // DOCKER_HOST variables: whoever has one was given an engine.
  void check_variables() {
    std::set<std::tuple<WorkloadId, HostId>> seen;
    for (const Connection& connection : estate_.connections()) {
      if (connection.variable != "DOCKER_HOST") continue;
      const auto host = engine_at(connection);
      if (!host || !seen.emplace(connection.from, *host).second) continue;
      const Workload& workload = estate_[connection.from];
      for (const EnvironmentId from : sides_of(workload)) {
        for (const EnvironmentId to : facts_.ruled[host->index()]) {
          if (!stands_for(workload, to)) report_variable(connection, *host, {from, to});
        }
      }
    }
  }

  // The host whose engine the variable points at: the container's own machine, another host's
  // address, or through a proxy. An engine inside a container (docker:dind) is none of them.
  [[nodiscard]] std::optional<HostId> engine_at(const Connection& connection) const {
    const HostId own = estate_.host_of(connection.container);
    switch (connection.resolution.kind) {
      case Resolution::Kind::kHost: return own;
      case Resolution::Kind::kContainers:
        for (const ContainerId id : connection.resolution.containers) {
          const HostId host = estate_.host_of(id);
          if (facts_.mounts[host.index()].has_engine_socket(estate_[id])) return host;
        }
        return std::nullopt;
      case Resolution::Kind::kOutside:
        for (std::size_t i = 0; i < estate_.snapshot().hosts.size(); ++i) {
          const Host& host = estate_[HostId(i)];
          if (lower(tcp_host(host.endpoint)) == connection.target->host) return HostId(i);
        }
        return std::nullopt;
      case Resolution::Kind::kItself: break;
    }
    return std::nullopt;
  }

  void report_variable(const Connection& connection, HostId host, const EnvironmentPair& pair) {
    Finding finding = start(host, pair, {stable_name(estate_, connection.from), "DOCKER_HOST"});
    finding.title = display_name(estate_, connection.from) + " is given the engine of " +
                    estate_[host].name + ", where " + estate_[pair.to].name + " runs";
    finding.path = {{.at = display_name(estate_, connection.from) + ", variable DOCKER_HOST",
                     .why = "points at " + connection.target->host}};
    finding.subjects.push_back({.kind = "variable",
                                .host = estate_[estate_.host_of(connection.container)].name,
                                .name = "DOCKER_HOST",
                                .environment = estate_[pair.from].name});
    const std::array workloads = {connection.from};
    add_workloads(estate_, workloads, finding);
    finding.remedy.push_back(recreate_without(estate_, connection.from,
                                              {.compose = "the variable `DOCKER_HOST`",
                                               .option = "`-e DOCKER_HOST=…`",
                                               .service_update = {"--env-rm", "DOCKER_HOST"}}));
    close(host, pair.to, std::move(finding));
  }

  [[nodiscard]] Finding start(HostId host, const EnvironmentPair& pair,
                              std::vector<std::string> stable) const {
    stable.push_back("engine of " + estate_[host].name);
    return make_finding(estate_, Code::kHost005, pair, std::move(stable));
  }

  void close(HostId host, EnvironmentId to, Finding finding) {
    finding.subjects.push_back(subject_of(estate_, host));
    finding.path.push_back(
        {.at = "host " + estate_[host].name, .why = "runs workloads of " + estate_[to].name});
    if (!estate_[host].engine.authorization_plugins.empty()) {
      finding.notes.push_back("better: the authorization plugin " +
                              listed(estate_[host].engine.authorization_plugins) +
                              " may refuse some calls");
    }
    weigh_planned_host(estate_, host, finding);
    out_.push_back(std::move(finding));
  }

  const Estate& estate_;
  const HostFacts& facts_;
  const PacketFlows* flows_;
  FlowEnds ends_;
  Findings& out_;
};

}  // namespace

void check_engine_api(const Estate& estate, const HostFacts& facts, const PacketFlows* flows,
                      Findings& out) {
  if (estate.environments().size() < 2) return;
  ApiCheck(estate, facts, flows, out).run();
}

}  // namespace firebreak
