// Builds hosts with kernel state in tests, a line for each fact. For tests of src/reach and of what
// reads its flows.
//
//   ReachBuilder b;
//   b.host("laptop").bridge("br-a", {"10.81.1.1/24"}).iptables(filter_table("-P FORWARD DROP"));
//   b.container("api").on("br-a", {"10.81.1.2/24"}).listens(5432);
//   const Estate estate = b.estate();
//
// Calls after host() are about that host's own namespace, calls after container() about that
// container's. Addresses are written with their prefix. A host forwards IPv4; everything else is
// as the kernel has it at first (rp_filter and all other settings 0).
#pragma once

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "estate/testing.h"
#include "reach/flow.h"
#include "reach/model.h"

namespace firebreak {

inline Cidr cidr_of(std::string_view text) {
  const auto parsed = Cidr::parse(text);
  CHECK(parsed.has_value());
  return *parsed;
}
inline IpAddress address_of(std::string_view text) {
  const auto parsed = IpAddress::parse(text);
  CHECK(parsed.has_value());
  return *parsed;
}

class ReachBuilder {
 public:
  ReachBuilder& host(std::string_view name) {
    names_.host(name);
    host_ = std::string(name);
    kernels_.emplace_back(host_, KernelState());
    next_index_ = 1;
    container_.reset();
    start_namespace();
    return set("net.ipv4.conf.all.forwarding", "1").set("net.ipv4.conf.lo.forwarding", "1");
  }

  ReachBuilder& container(std::string_view name) {
    names_.container(name);
    kernel().containers.push_back({names_.id(), {}});
    container_ = kernel().containers.size() - 1;
    start_namespace();
    return *this;
  }

  // An interface of the current namespace that leads nowhere yet; of a host: to the underlay.
  ReachBuilder& link(std::string_view name, std::initializer_list<std::string_view> addresses,
                     std::string_view kind = "") {
    NetLink link;
    link.index = next_index_++;
    link.name = name;
    link.kind = kind;
    link.up = true;
    add_link(std::move(link), addresses);
    return *this;
  }
  ReachBuilder& bridge(std::string_view name, std::initializer_list<std::string_view> addresses) {
    return link(name, addresses, "bridge");
  }
  ReachBuilder& gateway(std::string_view address, std::string_view to = "") {
    NetRoute route;
    const IpAddress via = address_of(address);
    route.destination = cidr_of(!to.empty() ? to : via.is_v6() ? "::/0" : "0.0.0.0/0");
    route.gateway = via;
    route.link = links().back().index;
    state().routes.push_back(route);
    return *this;
  }

  // Plugs the current container into a bridge of its host. The default route goes to the bridge's
  // address, once for each family, unless the bridge has none.
  ReachBuilder& on(std::string_view bridge_name, std::initializer_list<std::string_view> addresses,
                   bool default_route = true) {
    NetNamespace& machine = kernel().host;
    const auto bridge = std::ranges::find(machine.links, bridge_name, &NetLink::name);
    CHECK(bridge != machine.links.end());
    NetLink port;
    port.index = next_index_++;
    port.name = "veth" + std::to_string(port.index);
    port.kind = "veth";
    port.up = true;
    port.master = bridge->index;
    port.peer = next_index_;
    port.peer_namespace = static_cast<std::int32_t>(*container_);
    const std::vector<LinkAddress> gateways = bridge->addresses;
    NetLink inner;
    inner.index = next_index_++;
    inner.name = "eth" + std::to_string(links().size() - 1);
    inner.kind = "veth";
    inner.up = true;
    inner.peer = port.index;
    inner.peer_namespace = 0;
    machine.links.push_back(std::move(port));
    add_link(std::move(inner), addresses);
    for (const LinkAddress& own : gateways) {
      if (default_route && has_family(own.address.family())) gateway(own.address.text());
    }
    return *this;
  }

  // A macvlan interface of the current container on an interface of its host.
  ReachBuilder& macvlan(std::string_view parent, std::initializer_list<std::string_view> addresses,
                        std::string_view mode = "bridge") {
    const auto& machine = kernel().host.links;
    const auto found = std::ranges::find(machine, parent, &NetLink::name);
    CHECK(found != machine.end());
    NetLink link;
    link.index = next_index_++;
    link.name = "eth" + std::to_string(links().size() - 1);
    link.kind = "macvlan";
    link.up = true;
    link.peer = found->index;
    link.peer_namespace = 0;
    link.mode = mode;
    add_link(std::move(link), addresses);
    return *this;
  }

  ReachBuilder& route(std::string_view to, std::string_view by) {
    NetRoute route;
    route.destination = cidr_of(to);
    const auto link = std::ranges::find(links(), by, &NetLink::name);
    CHECK(link != links().end());
    route.link = link->index;
    state().routes.push_back(route);
    return *this;
  }
  ReachBuilder& set(std::string_view name, std::string_view value) {
    auto& sysctls = state().sysctls;
    const auto known = std::ranges::find(sysctls, name, &Sysctl::name);
    if (known != sysctls.end()) {
      known->value = value;
    } else {
      sysctls.push_back({std::string(name), std::string(value)});
    }
    return *this;
  }
  ReachBuilder& listens(std::uint16_t port, std::string_view address = "0.0.0.0",
                        Protocol protocol = Protocol::kTcp) {
    Listener listener;
    listener.protocol = protocol;
    listener.address = address_of(address);
    listener.port = Port{port};
    state().listeners.push_back(listener);
    return *this;
  }
  ReachBuilder& iptables(std::string_view text) {
    state().filters.iptables_nft += text;
    return *this;
  }
  ReachBuilder& ip6tables(std::string_view text) {
    state().filters.ip6tables_nft += text;
    return *this;
  }
  ReachBuilder& proxy(std::string_view host_address, std::uint16_t host_port,
                      std::string_view container_address, std::uint16_t container_port) {
    kernel().proxies.push_back({Protocol::kTcp, address_of(host_address), Port{host_port},
                                address_of(container_address), Port{container_port}});
    return *this;
  }
  ReachBuilder& unread(std::string_view what, std::string_view why) {
    state().unread.push_back({std::string(what), std::string(why)});
    return *this;
  }
  // Everything else.
  NetLink& last_link() { return links().back(); }
  NetNamespace& state() {
    return container_ ? kernel().containers[*container_].state : kernel().host;
  }
  SnapshotBuilder& names() { return names_; }

  [[nodiscard]] Snapshot snapshot() const {
    Snapshot out = names_.build();
    for (const auto& [name, kernel] : kernels_) {
      std::ranges::find(out.hosts, name, &Host::name)->kernel = kernel;
    }
    return out;
  }
  [[nodiscard]] Estate estate(Policy policy = {}) const {
    return build_estate(snapshot(), std::move(policy));
  }

 private:
  KernelState& kernel() { return kernels_.back().second; }
  std::vector<NetLink>& links() { return state().links; }

  bool has_family(Family family) {
    return std::ranges::any_of(links().back().addresses, [&](const LinkAddress& own) {
      return own.address.family() == family;
    });
  }

  // Addresses bring the routes to their subnets, as the kernel makes them.
  void add_link(NetLink link, std::initializer_list<std::string_view> addresses) {
    for (const std::string_view text : addresses) {
      const Cidr own = cidr_of(text);
      link.addresses.push_back({own.address, own.prefix});
      if (link.loopback) continue;
      NetRoute connected;
      connected.destination = {AddressRange::of(own).first, own.prefix};
      connected.link = link.index;
      if (!own.address.is_v6()) connected.source = own.address;
      state().routes.push_back(connected);
    }
    if (!container_) set("net.ipv4.conf." + link.name + ".forwarding", "1");
    links().push_back(std::move(link));
  }

  void start_namespace() {
    NetLink lo;
    lo.index = container_ ? 1 : next_index_++;
    lo.name = "lo";
    lo.up = true;
    lo.loopback = true;
    add_link(std::move(lo), {"127.0.0.1/8", "::1/128"});
    const auto rule = [&](std::uint32_t priority, bool v6, std::uint32_t table) {
      NetRule made;
      made.priority = priority;
      made.v6 = v6;
      made.table = table;
      state().rules.push_back(made);
    };
    for (const bool v6 : {false, true}) {
      rule(0, v6, 255);
      rule(32766, v6, 254);
    }
  }

  SnapshotBuilder names_;
  std::vector<std::pair<std::string, KernelState>> kernels_;
  std::string host_;
  std::optional<std::size_t> container_;
  std::uint32_t next_index_ = 1;
};

// "laptop" or "laptop/api"; CHECK: there is one.
[[nodiscard]] inline FlowEnd end_named(const Estate& estate, std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto& hosts = estate.snapshot().hosts;
  const auto host = std::ranges::find(hosts, text.substr(0, slash), &Host::name);
  CHECK(host != hosts.end());
  const HostId id(static_cast<std::size_t>(host - hosts.begin()));
  if (slash == std::string_view::npos) return {id, std::nullopt};
  const auto container = estate.find_container(id, text.substr(slash + 1));
  CHECK(container.has_value());
  return {id, container};
}

[[nodiscard]] inline std::string name_of(const Estate& estate, const FlowEnd& end) {
  const std::string host = estate[end.host].name;
  return end.container ? host + "/" + estate[*end.container].name : host;
}

// "10.81.1.2 -> 10.81.1.1:5433", "udp …", "icmp …" (an echo request). The source port is 40000.
[[nodiscard]] inline PacketHeader header_from(std::string_view text) {
  PacketHeader out;
  out.protocol = text.starts_with("udp ") ? 17 : text.starts_with("icmp ") ? 1 : 6;
  if (out.protocol != 6) text.remove_prefix(text.find(' ') + 1);
  const std::size_t arrow = text.find(" -> ");
  CHECK(arrow != std::string_view::npos);
  out.source = address_of(text.substr(0, arrow));
  std::string_view to = text.substr(arrow + 4);
  if (out.protocol == 1) {
    out.destination = address_of(to);
    if (out.destination.is_v6()) out.protocol = 58;
    const unsigned type = out.destination.is_v6() ? 128 : 8;
    out.destination_port.value = static_cast<std::uint16_t>(type * 256U);
    return out;
  }
  const std::size_t colon = to.rfind(':');
  CHECK(colon != std::string_view::npos);
  const auto port = Port::parse(to.substr(colon + 1));
  CHECK(port.has_value());
  out.destination_port = *port;
  out.source_port = Port{40000};
  std::string_view address = to.substr(0, colon);
  if (address.starts_with('[')) address = address.substr(1, address.size() - 2);
  out.destination = address_of(address);
  return out;
}

}  // namespace firebreak
