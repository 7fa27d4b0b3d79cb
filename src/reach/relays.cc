#include "reach/relays.h"

#include "reach/proxy_source.h"
#include "reach/replies.h"

namespace firebreak {
namespace {

PacketSet to_port(Protocol protocol, Port port) {
  return PacketSet::protocol(number_of(protocol)) & PacketSet::destination_port({port, port});
}

}  // namespace

std::uint8_t number_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp: return 6;
    case Protocol::kUdp: return 17;
    case Protocol::kSctp: return 132;
  }
  return 0;
}

PacketSet Relays::taken_by(SpaceId host, const UserlandProxy& proxy) {
  const Family family = proxy.host_address.family();
  const PacketSet addresses =
      proxy.host_address.is_unspecified()
          ? machines_.at(host, family).to_itself()
          : PacketSet::destination(AddressRange{proxy.host_address, proxy.host_address});
  return addresses & to_port(proxy.protocol, proxy.host_port);
}

// A process that binds no source takes the one that routing prefers.
PacketSet Relays::opened_by(SpaceId host, const UserlandProxy& proxy) {
  const IpAddress& to = proxy.container_address;
  SetMachine& machine = machines_.at(host, to.family());
  const auto source = preferred_source(machine.space(), to);
  if (!source) return {};
  return machine.sendable() & PacketSet::source(AddressRange{*source, *source}) &
         PacketSet::destination(AddressRange{to, to}) &
         to_port(proxy.protocol, proxy.container_port);
}

std::vector<RelayLeg> Relays::open_from(SpaceId host, Family towards) {
  const std::vector<UserlandProxy>& proxies = machines_.model()[host].proxies;
  std::vector<PacketSet> opened;
  opened.reserve(proxies.size());
  for (const UserlandProxy& proxy : proxies) {
    opened.push_back(proxy.container_address.family() == towards ? opened_by(host, proxy)
                                                                 : PacketSet::none());
  }
  std::vector<RelayLeg> legs;
  Propagation propagation(machines_, towards, gaps_);
  for (const Delivery& arrival : propagation.send(host, PacketSet::any_of(opened))) {
    const Answered answered = Replies(machines_, towards).answered(arrival);
    for (const bool open : {true, false}) {
      const PacketSet& arrived = open ? answered.surely : answered.perhaps;
      for (const SentAndDelivered& pair : pairs_of(*arrival.crossing, arrived)) {
        for (std::size_t i = 0; i < proxies.size(); ++i) {
          const PacketSet sent = pair.sent & opened[i];
          if (sent.empty()) continue;
          const auto delivered = pair.redirected ? pair.delivered.smallest() : sent.smallest();
          const auto to = machines_.model().end_of(arrival.crossing->space, delivered->destination);
          if (!to) continue;
          legs.push_back({proxies[i],
                          *to,
                          {delivered->destination, delivered->destination},
                          delivered->destination_port,
                          open,
                          taken_by(host, proxies[i])});
        }
      }
    }
  }
  return legs;
}

const std::vector<RelayLeg>& Relays::of(SpaceId host, Family taking) {
  const auto [found, fresh] = legs_.try_emplace({host, taking});
  if (!fresh || machines_.model()[host].proxies.empty()) return found->second;
  for (const Family towards : {Family::kV4, Family::kV6}) {
    for (RelayLeg& leg : open_from(host, towards)) {
      if (leg.proxy.host_address.family() == taking) found->second.push_back(std::move(leg));
    }
  }
  return found->second;
}

}  // namespace firebreak
