#include "verify/places.h"

#include <algorithm>

#include "reach/reach.h"

namespace firebreak {
namespace {

constexpr std::uint8_t kTcpNumber = 6;
constexpr std::uint8_t kUdpNumber = 17;

std::uint8_t number_of(Protocol protocol) {
  constexpr std::uint8_t kSctpNumber = 132;
  return protocol == Protocol::kTcp   ? kTcpNumber
         : protocol == Protocol::kUdp ? kUdpNumber
                                      : kSctpNumber;
}

bool is_link_local(const IpAddress& address) {
  static const Cidr four = *Cidr::parse("169.254.0.0/16");
  static const Cidr six = *Cidr::parse("fe80::/10");
  return (address.is_v6() ? six : four).contains(address);
}

// A bridge without ports has no carrier: its IPv6 addresses stay tentative, and the kernel does not
// take them for its own yet.
bool waits(const NetNamespace& state, const NetLink& link) {
  return link.kind == "bridge" && std::ranges::none_of(state.links, [&](const NetLink& port) {
           return port.master == link.index;
         });
}

std::vector<IpAddress> addresses_of(const NetNamespace& state) {
  std::vector<IpAddress> out;
  for (const NetLink& link : state.links) {
    if (!link.up || link.loopback) continue;
    for (const LinkAddress& own : link.addresses) {
      const IpAddress& address = own.address;
      if (address.is_loopback() || is_link_local(address)) continue;
      if (!address.is_v6() || !waits(state, link)) out.push_back(address);
    }
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

class PlaceFinder {
 public:
  explicit PlaceFinder(const Estate& estate) : estate_(estate) {}

  std::vector<VerifyPlace> find() {
    for (std::size_t i = 0; i < estate_.snapshot().hosts.size(); ++i) add_host(HostId(i));
    std::vector<VerifyPlace> out;
    out.reserve(places_.size());
    for (auto& [end, place] : places_) out.push_back(std::move(place));
    return out;
  }

 private:
  VerifyPlace& add(const FlowEnd& end, const NetNamespace& state) {
    VerifyPlace& place = places_[end];
    place.end = end;
    place.inode = state.inode;
    place.addresses = addresses_of(state);
    for (const firebreak::Listener& one : state.listeners) {
      place.named.emplace(number_of(one.protocol), one.port);
    }
    return place;
  }

  void add_host(HostId id) {
    const Host& host = estate_[id];
    if (!host.kernel) return;
    VerifyPlace& machine = add({.host = id, .container = std::nullopt}, host.kernel->host);
    for (const UserlandProxy& proxy : host.kernel->proxies) {
      machine.named.emplace(number_of(proxy.protocol), proxy.host_port);
    }
    for (const ContainerNamespace& one : host.kernel->containers) {
      const auto container = estate_.find_container(id, one.container);
      if (container) add({.host = id, .container = container}, one.state);
    }
    for (const ContainerId container : estate_.containers_on(id)) add_ports(id, container);
  }

  // Stopped containers too: they may start while probes are under way.
  void add_ports(HostId id, ContainerId container) {
    const auto machine = places_.find({.host = id, .container = std::nullopt});
    const auto own = places_.find({.host = id, .container = estate_.namespace_owner(container)});
    auto& inside = own == places_.end() ? machine->second.named : own->second.named;
    for (const ExposedPort& port : estate_[container].exposed) {
      inside.emplace(number_of(port.protocol), port.port);
    }
    for (const PublishedPort& port : estate_[container].ports) {
      inside.emplace(number_of(port.protocol), port.container_port);
      if (port.host_port.value != 0) {
        machine->second.named.emplace(number_of(port.protocol), port.host_port);
      }
    }
  }

  const Estate& estate_;
  std::map<FlowEnd, VerifyPlace> places_;
};

}  // namespace

std::vector<VerifyPlace> verify_places(const Estate& estate) { return PlaceFinder(estate).find(); }

}  // namespace firebreak
