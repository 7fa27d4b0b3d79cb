#include "reach/ends.h"

#include <algorithm>

namespace firebreak {
namespace {

std::optional<Protocol> with_sockets(std::uint8_t protocol) {
  switch (protocol) {
    case 6: return Protocol::kTcp;
    case 17: return Protocol::kUdp;
    default: return std::nullopt;
  }
}

bool takes(const Listener& listener, const IpAddress& address) {
  if (listener.address == address) return true;
  if (!listener.address.is_unspecified()) return false;
  return listener.address.is_v6() == address.is_v6() ||
         (listener.address.is_v6() && !listener.v6_only);
}

constexpr std::string_view kHostMode = "host";
constexpr std::string_view kContainerMode = "container:";

}  // namespace

Ends::Ends(const NetModel& model) : model_(model) {
  const Estate& estate = *model.estate;
  for (std::size_t h = 0; h < estate.snapshot().hosts.size(); ++h) {
    const HostId host(h);
    const auto& kernel = estate[host].kernel;
    if (!kernel) continue;
    states_[{host, std::nullopt}] = &kernel->host;
    for (const ContainerNamespace& container : kernel->containers) {
      const auto id = estate.find_container(host, container.container);
      if (id) states_[{host, id}] = &container.state;
    }
    for (const ContainerId id : estate.containers_on(host)) {
      const std::string_view mode = estate[id].isolation.network_mode;
      if (estate[id].state != RunState::kRunning) continue;
      if (mode == kHostMode) {
        add_circle({host, std::nullopt}, id);
      } else if (mode.starts_with(kContainerMode)) {
        const auto owner = estate.find_container(host, mode.substr(kContainerMode.size()));
        if (!owner) continue;
        const bool on_host = estate[*owner].isolation.network_mode == kHostMode;
        add_circle({host, on_host ? std::nullopt : owner}, id);
      } else {
        add_circle({host, id}, id);
      }
    }
  }
  for (std::size_t i = 0; i < model.spaces.size(); ++i) {
    for (const Family family : {Family::kV4, Family::kV6}) {
      lists_[{SpaceId(i), family}] = list(model.spaces[i], family);
    }
  }
}

void Ends::add_circle(const FlowEnd& end, ContainerId container) {
  const WorkloadId workload = model_.estate->workload_of(container);
  users_[end].emplace_back((*model_.estate)[workload].environment, workload);
}

bool Ends::crosses(const FlowEnd& from, const FlowEnd& to) const {
  const auto ours = users_.find(from);
  const auto theirs = users_.find(to);
  if (ours == users_.end() || theirs == users_.end()) return false;
  for (const auto& [mine, workload] : ours->second) {
    for (const auto& [other, other_workload] : theirs->second) {
      if (mine != other || (!mine && workload != other_workload)) return true;
    }
  }
  return false;
}

const NetNamespace* Ends::state_of(const FlowEnd& end) const {
  const auto found = states_.find(end);
  return found == states_.end() ? nullptr : found->second;
}

const std::vector<NamedEnd>& Ends::of(SpaceId space, Family family) const {
  return lists_.at({space, family});
}

std::vector<NamedEnd> Ends::list(const Space& space, Family family) const {
  std::vector<NamedEnd> out;
  const auto add = [&](const FlowEnd& end) {
    const NetNamespace* state = state_of(end);
    if (state == nullptr) return;
    NamedEnd named{end, {}};
    for (const NetLink& link : state->links) {
      if (link.loopback && end.container) continue;
      for (const LinkAddress& own : link.addresses) {
        const bool usable = own.address.family() == family &&
                            !(own.address.is_v6() && own.address.bytes()[0] == 0xFE &&
                              own.address.bytes()[1] == 0x80);
        if (usable) named.addresses.push_back({own.address, own.address});
      }
    }
    std::ranges::sort(named.addresses);
    if (!named.addresses.empty()) out.push_back(std::move(named));
  };
  if (space.is_host()) add({space.host, std::nullopt});
  for (const ContainerId member : space.members) add({space.host, member});
  return out;
}

std::optional<bool> Ends::listens(const FlowEnd& end, std::uint8_t protocol,
                                  const IpAddress& address, Port port) const {
  const auto sockets = with_sockets(protocol);
  const NetNamespace* state = state_of(end);
  if (!sockets || state == nullptr) return std::nullopt;
  const bool unread = std::ranges::any_of(state->unread, [](const Unread& gap) {
    return gap.what.find("sockets") != std::string::npos;
  });
  if (unread) return std::nullopt;
  return std::ranges::any_of(state->listeners, [&](const Listener& listener) {
    return listener.protocol == *sockets && listener.port == port && takes(listener, address);
  });
}

std::vector<std::pair<std::optional<bool>, std::vector<PortRange>>> Ends::by_listening(
    const FlowEnd& end, std::uint8_t protocol, const IpAddress& address,
    const std::vector<PortRange>& ports) const {
  std::vector<std::pair<std::optional<bool>, std::vector<PortRange>>> out;
  if (!listens(end, protocol, address, Port{1})) {
    out.emplace_back(std::nullopt, ports);
    return out;
  }
  std::vector<PortRange> taken;
  std::vector<PortRange> free;
  for (const PortRange& range : ports) {
    std::uint32_t from = range.first.value;
    std::vector<std::uint16_t> used;
    for (const Listener& listener : state_of(end)->listeners) {
      const bool here = listener.port >= range.first && listener.port <= range.last &&
                        listens(end, protocol, address, listener.port) == true;
      if (here) used.push_back(listener.port.value);
    }
    std::ranges::sort(used);
    used.erase(std::ranges::unique(used).begin(), used.end());
    for (const std::uint16_t port : used) {
      if (port > from) {
        free.push_back(
            {Port{static_cast<std::uint16_t>(from)}, Port{static_cast<std::uint16_t>(port - 1)}});
      }
      const bool adjoins = !taken.empty() && taken.back().last.value + 1 == port;
      if (adjoins) {
        taken.back().last = Port{port};
      } else {
        taken.push_back({Port{port}, Port{port}});
      }
      from = port + 1U;
    }
    if (from <= range.last.value)
      free.push_back({Port{static_cast<std::uint16_t>(from)}, range.last});
  }
  if (!taken.empty()) out.emplace_back(true, taken);
  if (!free.empty()) out.emplace_back(false, free);
  return out;
}

}  // namespace firebreak
