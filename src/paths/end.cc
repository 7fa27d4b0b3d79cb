#include "paths/end.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "checks/support.h"

namespace firebreak {
namespace {

struct TypedPort {
  std::string_view rest;  // what stands before it
  std::optional<Port> port;
  std::optional<std::uint8_t> protocol;
};

std::uint8_t number_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp: return 6;
    case Protocol::kUdp: return 17;
    case Protocol::kSctp: return 132;
  }
  return 6;
}

// ":5432/tcp" at the end. The colons of an IPv6 address are none, unless it stands in brackets.
Result<TypedPort> split_port(std::string_view text) {
  TypedPort out{.rest = text, .port = std::nullopt, .protocol = std::nullopt};
  if (IpAddress::parse(text)) return out;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos) {
    std::string_view port = text.substr(colon + 1);
    const std::size_t slash = port.find('/');
    if (slash != std::string_view::npos) {
      const auto protocol = parse_protocol(port.substr(slash + 1));
      if (!protocol) {
        return fail(ErrorKind::kUsage,
                    fmt::format("'{}' is no protocol", printable(port.substr(slash + 1))), "",
                    "one of tcp, udp, sctp");
      }
      out.protocol = number_of(*protocol);
      port = port.substr(0, slash);
    }
    out.port = Port::parse(port);
    if (!out.port || out.port->value == 0) {
      return fail(ErrorKind::kUsage, fmt::format("'{}' is no port", printable(port)), "",
                  "a number from 1 to 65535, as in production/db:5432/tcp");
    }
    out.rest = text.substr(0, colon);
  }
  if (out.rest.starts_with('[') && out.rest.ends_with(']')) {
    out.rest = out.rest.substr(1, out.rest.size() - 2);
  }
  return out;
}

// Whether a person who says `name` may mean this workload.
bool is_called(const Estate& estate, const Workload& workload, std::string_view name) {
  if (workload.name == name || workload.stable_name == name) return true;
  return std::ranges::any_of(workload.containers,
                             [&](ContainerId id) { return estate[id].name == name; });
}

// Addresses of a host's own namespace, and of the namespaces of its containers.
void collect_addresses(const Estate& estate, const FlowEnds& ends, HostId host,
                       const IpAddress& address, std::set<FlowEnd>& out) {
  const auto has = [&](const NetNamespace& state) {
    return std::ranges::any_of(state.links, [&](const NetLink& link) {
      return std::ranges::find(link.addresses, address, &LinkAddress::address) !=
             link.addresses.end();
    });
  };
  for (const ContainerId id : estate.containers_on(host)) {
    for (const Endpoint& endpoint : estate[id].endpoints) {
      if (endpoint.ipv4 == address || endpoint.ipv6 == address) out.insert(ends.end_of(id));
    }
  }
  const auto& kernel = estate[host].kernel;
  if (!kernel || address.is_loopback()) return;
  if (has(kernel->host)) out.insert({.host = host, .container = std::nullopt});
  for (const ContainerNamespace& inside : kernel->containers) {
    const auto id = estate.find_container(host, inside.container);
    if (id && has(inside.state)) out.insert(ends.end_of(*id));
  }
}

// An address that a network's subnet holds is in sight although nobody has it.
bool in_a_subnet(const Estate& estate, const IpAddress& address) {
  return std::ranges::any_of(estate.networks(), [&](const EstateNetwork& network) {
    return std::ranges::any_of(network.network->subnets,
                               [&](const Cidr& subnet) { return subnet.contains(address); });
  });
}

std::vector<std::string> known_words(const Estate& estate) {
  std::set<std::string> out;
  for (const Environment& environment : estate.environments()) out.insert(environment.name);
  for (std::size_t i = 0; i < estate.workloads().size(); ++i) {
    out.insert(display_name(estate, WorkloadId(i)));
  }
  for (const Host& host : estate.snapshot().hosts) out.insert("@" + host.name);
  return {out.begin(), out.end()};
}

class EndParser {
 public:
  EndParser(const Estate& estate, const FlowEnds& ends) : estate_(estate), ends_(ends) {}

  Result<PathEnd> parse(std::string_view word) {
    if (word.starts_with('@')) return host(word);
    if (const auto address = IpAddress::parse(word)) return at(*address);
    if (auto found = environment(word)) return *std::move(found);
    if (auto found = workload(word)) return *std::move(found);
    return unknown(word);
  }

 private:
  Result<PathEnd> host(std::string_view word) {
    for (std::size_t i = 0; i < estate_.snapshot().hosts.size(); ++i) {
      if (estate_[HostId(i)].name != word.substr(1)) continue;
      PathEnd out;
      out.kind = PathEnd::Kind::kHost;
      out.ends = {{.host = HostId(i), .container = std::nullopt}};
      const auto there = ends_.workloads_at(out.ends.front());
      out.workloads.assign(there.begin(), there.end());
      return out;
    }
    return unknown(word);
  }

  Result<PathEnd> at(const IpAddress& address) {
    std::set<FlowEnd> found;
    for (std::size_t i = 0; i < estate_.snapshot().hosts.size(); ++i) {
      collect_addresses(estate_, ends_, HostId(i), address, found);
    }
    if (found.empty() && !in_a_subnet(estate_, address)) {
      return fail(ErrorKind::kUsage, fmt::format("nothing in sight has {}", address.text()), "",
                  "'firebreak paths' without FROM and TO lists what crosses");
    }
    PathEnd out;
    out.kind = PathEnd::Kind::kAddress;
    out.address = address;
    out.ends.assign(found.begin(), found.end());
    std::set<WorkloadId> there;
    for (const FlowEnd& end : out.ends) {
      const auto workloads = ends_.workloads_at(end);
      there.insert(workloads.begin(), workloads.end());
    }
    out.workloads.assign(there.begin(), there.end());
    return out;
  }

  std::optional<PathEnd> environment(std::string_view word) {
    for (std::size_t i = 0; i < estate_.environments().size(); ++i) {
      if (estate_.environments()[i].name != word) continue;
      PathEnd out;
      out.kind = PathEnd::Kind::kEnvironment;
      out.environment = EnvironmentId(i);
      out.workloads = estate_.environments()[i].workloads;
      std::ranges::sort(out.workloads);
      add_ends(out);
      return out;
    }
    return std::nullopt;
  }

  // "production/db", and "proxy" for one that belongs to no environment.
  std::optional<PathEnd> workload(std::string_view word) {
    PathEnd out;
    out.kind = PathEnd::Kind::kWorkloads;
    const std::size_t slash = word.find('/');
    for (std::size_t i = 0; i < estate_.workloads().size(); ++i) {
      const Workload& one = estate_.workloads()[i];
      const bool called = one.environment
                              ? slash != std::string_view::npos &&
                                    estate_[*one.environment].name == word.substr(0, slash) &&
                                    is_called(estate_, one, word.substr(slash + 1))
                              : is_called(estate_, one, word);
      if (called) out.workloads.emplace_back(i);
    }
    if (out.workloads.empty()) return std::nullopt;
    keep_container(slash == std::string_view::npos ? word : word.substr(slash + 1), out);
    if (out.ends.empty()) add_ends(out);
    return out;
  }

  // The name of one replica means that one alone.
  void keep_container(std::string_view name, PathEnd& out) const {
    const bool service =
        std::ranges::any_of(out.workloads, [&](WorkloadId id) { return estate_[id].name == name; });
    if (service) return;
    for (const WorkloadId id : out.workloads) {
      for (const ContainerId container : estate_[id].containers) {
        if (estate_[container].name == name) out.ends.push_back(ends_.end_of(container));
      }
    }
    std::ranges::sort(out.ends);
  }

  void add_ends(PathEnd& out) const {
    std::set<FlowEnd> found;
    for (const WorkloadId id : out.workloads) {
      for (const ContainerId container : estate_[id].containers) {
        found.insert(ends_.end_of(container));
      }
    }
    out.ends.assign(found.begin(), found.end());
  }

  [[nodiscard]] std::unexpected<Error> unknown(std::string_view word) const {
    std::string remedy = "an environment, ENVIRONMENT/NAME, @HOST or an address";
    const std::vector<std::string> words = known_words(estate_);
    const std::vector<std::string_view> candidates(words.begin(), words.end());
    auto best = nearest(word, candidates);
    // The name alone, without its environment.
    const auto whole = std::ranges::find_if(
        words, [&](const std::string& known) { return known.ends_with("/" + std::string(word)); });
    if (whole != words.end()) best = *whole;
    if (best) remedy = fmt::format("did you mean '{}'?", printable(*best));
    return fail(ErrorKind::kUsage, fmt::format("nothing in sight is called '{}'", printable(word)),
                "", remedy);
  }

  const Estate& estate_;
  const FlowEnds& ends_;
};

bool holds(const AddressRange& range, const IpAddress& address) {
  return range.first.family() == address.family() && range.first <= address &&
         address <= range.last;
}

bool has_port(std::span<const PortRange> ports, Port port) {
  return std::ranges::any_of(
      ports, [&](const PortRange& range) { return range.first <= port && port <= range.last; });
}

}  // namespace

Result<PathEnd> parse_path_end(const Estate& estate, const FlowEnds& ends, std::string_view text,
                               PathSide side) {
  if (text.empty()) return PathEnd{};
  const TypedPort typed = TRY(split_port(text));
  if (typed.port && side == PathSide::kFrom) {
    return fail(ErrorKind::kUsage, "FROM takes no port", "", "the port belongs to TO");
  }
  PathEnd out = TRY(EndParser(estate, ends).parse(typed.rest));
  out.text = text;
  out.port = typed.port;
  out.protocol = typed.protocol;
  return out;
}

bool starts_at(const PathEnd& from, const Flow& flow) {
  if (from.kind == PathEnd::Kind::kAnything) return true;
  if (from.kind == PathEnd::Kind::kAddress) {
    return std::ranges::any_of(
        flow.sources, [&](const AddressRange& range) { return holds(range, *from.address); });
  }
  return std::ranges::binary_search(from.ends, flow.from);
}

bool is_at(const Flow& flow, const IpAddress& address) {
  return holds(flow.address, address) || holds(flow.delivered, address) ||
         std::ranges::any_of(flow.also_at,
                             [&](const AddressRange& range) { return holds(range, address); });
}

bool ends_at(const PathEnd& to, const Flow& flow) {
  const bool there =
      to.kind == PathEnd::Kind::kAnything ||
      (to.kind == PathEnd::Kind::kAddress ? is_at(flow, *to.address)
                                          : std::ranges::binary_search(to.ends, flow.to));
  if (!there || (to.protocol && *to.protocol != flow.protocol)) return false;
  return !to.port || has_port(flow.ports, *to.port) || has_port(flow.delivered_ports, *to.port);
}

}  // namespace firebreak
