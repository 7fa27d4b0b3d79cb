#include "derive/links.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/text.h"

namespace firebreak::derive {
namespace {

constexpr std::uint32_t kMainTable = 254;
constexpr std::uint32_t kSixSubnetMetric = 256;  // the kernel's own for subnets of IPv6
constexpr std::uint32_t kSixDefaultMetric = 1024;

Cidr everywhere(bool six) { return {six ? IpAddress::v6({}) : IpAddress::v4(0), 0}; }

// An address and the route to its subnet that comes with it.
void add_address(NetNamespace& state, NetLink& link, const IpAddress& address, const Cidr& subnet) {
  link.addresses.push_back({address, subnet.prefix});
  NetRoute route;
  route.table = kMainTable;
  route.destination = {AddressRange::of(subnet).first, subnet.prefix};
  route.link = link.index;
  if (address.is_v6()) {
    route.metric = kSixSubnetMetric;
  } else {
    route.source = address;
  }
  state.routes.push_back(route);
}

void add_default_route(NetNamespace& state, std::uint32_t link, std::optional<IpAddress> gateway,
                       bool six) {
  NetRoute route;
  route.table = kMainTable;
  route.destination = everywhere(six);
  route.gateway = gateway;
  route.link = link;
  if (six) route.metric = kSixDefaultMetric;
  state.routes.push_back(route);
}

void add_default_rules(NetNamespace& state) {
  constexpr std::uint32_t kLocal = 255;
  constexpr std::uint32_t kDefault = 253;
  constexpr std::uint32_t kAny = 32766;
  const auto add = [&](std::uint32_t priority, bool six, std::uint32_t table) {
    NetRule rule;
    rule.priority = priority;
    rule.v6 = six;
    rule.table = table;
    state.rules.push_back(rule);
  };
  add(0, false, kLocal);
  add(kAny, false, kMainTable);
  add(kAny + 1, false, kDefault);
  add(0, true, kLocal);
  add(kAny, true, kMainTable);
}

NetLink loopback(bool six) {
  NetLink link;
  link.index = 1;
  link.name = "lo";
  link.up = link.loopback = true;
  link.addresses.push_back({IpAddress::v4(0x7F000001U), 8});
  if (six) link.addresses.push_back({*IpAddress::parse("::1"), 128});
  return link;
}

bool is_child_driver(const Network& network) {
  return network.driver == "macvlan" || network.driver == "ipvlan";
}

// The engine's address, where the endpoint names one that is not of this machine alone.
std::optional<IpAddress> address_in(std::string_view endpoint) {
  constexpr std::string_view kScheme = "tcp://";
  if (!endpoint.starts_with(kScheme)) return std::nullopt;
  std::string_view place = endpoint.substr(kScheme.size());
  place = place.substr(0, place.rfind(':'));
  if (place.starts_with('[') && place.ends_with(']')) place = place.substr(1, place.size() - 2);
  auto address = IpAddress::parse(place);
  if (address && (address->is_loopback() || address->is_unspecified())) address.reset();
  return address;
}

class LinkMaker {
 public:
  LinkMaker(const Plan& plan, const Host& host, KernelState& state)
      : plan_(plan), host_(host), state_(state) {}

  void make() {
    state_.host.links.push_back(loopback(true));
    add_default_rules(state_.host);
    add_uplink();
    for (const Bridge& bridge : plan_.bridges) add_bridge(bridge);
    for (std::size_t i = 0; i < plan_.tenants.size(); ++i) add_tenant(i);
  }

 private:
  NetLink& host_link(std::string name, std::string kind) {
    NetLink link;
    link.index = next_++;
    link.name = std::move(name);
    link.kind = std::move(kind);
    link.up = true;
    state_.host.links.push_back(std::move(link));
    return state_.host.links.back();
  }

  std::uint32_t index_of(std::string_view name) const {
    const auto found = std::ranges::find(state_.host.links, name, &NetLink::name);
    return found == state_.host.links.end() ? 0 : found->index;
  }

  // The interface that a macvlan or ipvlan network stands on; "eth0.10" is a VLAN of eth0. Without
  // a parent the engine makes a dummy.
  std::uint32_t parent_of(const Network& network) {
    constexpr std::size_t kShort = 12;
    std::string name(option_of(network, "parent"));
    const bool dummy = name.empty();
    if (dummy)
      name = (network.driver == "macvlan" ? "dm-" : "di-") + network.id.value.substr(0, kShort);
    if (const std::uint32_t index = index_of(name); index != 0) return index;
    const std::size_t dot = name.rfind('.');
    if (dummy || dot == std::string::npos) return host_link(name, dummy ? "dummy" : "").index;
    const std::string physical = name.substr(0, dot);
    const std::uint32_t existing = index_of(physical);
    const std::uint32_t below = existing != 0 ? existing : host_link(physical, "").index;
    NetLink& link = host_link(name, "vlan");
    link.peer = below;
    std::from_chars(name.data() + dot + 1, name.data() + name.size(), link.vlan_id);
    return link.index;
  }

  // Parents of macvlan and ipvlan networks are known; else the host gets one way out, by the most
  // common name.
  void add_uplink() {
    for (const Network& network : host_.networks) {
      if (is_child_driver(network)) parent_of(network);
    }
    const auto physical = std::ranges::find_if(
        state_.host.links, [](const NetLink& link) { return link.kind.empty() && !link.loopback; });
    NetLink& link = physical != state_.host.links.end() ? *physical : host_link("eth0", "");
    const bool six = std::ranges::any_of(plan_.bridges, [](const Bridge& b) { return !!b.v6; });
    if (const auto address = address_in(host_.endpoint)) {
      link.addresses.push_back({*address, static_cast<std::uint8_t>(address->is_v6() ? 128 : 32)});
    }
    add_default_route(state_.host, link.index, std::nullopt, false);
    if (six) add_default_route(state_.host, link.index, std::nullopt, true);
  }

  void add_bridge(const Bridge& bridge) {
    NetLink& link = host_link(bridge.device, "bridge");
    for (const bool six : {false, true}) {
      const auto& side = bridge.side(six);
      if (side && side->gateway) add_address(state_.host, link, *side->gateway, side->subnet);
    }
  }

  void add_tenant(std::size_t number) {
    const Tenant& tenant = plan_.tenants[number];
    NetNamespace& state = state_.containers[number].state;
    const bool six = plan_.version.major >= 26 ||
                     std::ranges::any_of(tenant.attachments, [](const Attachment& at) {
                       return at.endpoint->ipv6.has_value();
                     });
    state.links.push_back(loopback(six));
    add_default_rules(state);
    std::map<const Attachment*, std::uint32_t> made;
    for (const Attachment& at : tenant.attachments) {
      NetLink link = inner_link(at, number, state);
      if (link.index == 0) continue;
      link.name = fmt::format("eth{}", made.size());
      made[&at] = link.index;
      for (const auto& address : {at.endpoint->ipv4, at.endpoint->ipv6}) {
        const Cidr* subnet = address ? subnet_of(*at.network, address->is_v6()) : nullptr;
        if (subnet != nullptr) add_address(state, link, *address, *subnet);
      }
      state.links.push_back(std::move(link));
    }
    for (const bool to_six : {false, true}) add_way_out(tenant, to_six, made, state);
  }

  // The container's end of an attachment, without a name yet; index 0 where it is not known.
  NetLink inner_link(const Attachment& at, std::size_t number, NetNamespace& state) {
    NetLink link;
    link.up = true;
    link.peer_namespace = 0;
    if (at.bridge) {
      link.index = next_++;
      NetLink& port = host_link(fmt::format("veth{:07x}", link.index), "veth");
      port.master = index_of(plan_.bridges[*at.bridge].device);
      port.peer = link.index;
      port.peer_namespace = static_cast<std::int32_t>(number);
      port.hairpin = !plan_.options.userland_proxy;
      link.peer = port.index;
      link.kind = "veth";
    } else if (is_child_driver(*at.network)) {
      link.index = next_++;
      link.kind = at.network->driver;
      link.peer = parent_of(*at.network);
      const bool macvlan = link.kind == "macvlan";
      const std::string_view mode =
          option_of(*at.network, macvlan ? "macvlan_mode" : "ipvlan_mode");
      link.mode = mode.empty() ? (macvlan ? "bridge" : "l2") : std::string(mode);
    } else {
      state.unread.push_back({"interfaces in network " + at.network->name,
                              "networks of driver " + at.network->driver + " are not derived"});
    }
    return link;
  }

  void add_way_out(const Tenant& tenant, bool six,
                   const std::map<const Attachment*, std::uint32_t>& made, NetNamespace& state) {
    const auto& chosen = six ? tenant.gateway6 : tenant.gateway4;
    if (!chosen) return;
    const Attachment& at = tenant.attachments[*chosen];
    const auto link = made.find(&at);
    if (link == made.end()) return;
    const Cidr* subnet = subnet_of(*at.network, six);
    // ipvlan in its routing modes has no gateway: everything goes out by the interface.
    const bool direct =
        at.network->driver == "ipvlan" && option_of(*at.network, "ipvlan_mode").starts_with("l3");
    add_default_route(state, link->second,
                      direct ? std::nullopt : std::optional(gateway_of(*at.network, *subnet)), six);
  }

  const Plan& plan_;
  const Host& host_;
  KernelState& state_;
  std::uint32_t next_ = 2;
};

}  // namespace

void add_links(const Plan& plan, const Host& host, KernelState& state) {
  LinkMaker(plan, host, state).make();
}

}  // namespace firebreak::derive
