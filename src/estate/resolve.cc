// What a name or address means inside a container.
//
// The order is the resolver's own: address text, then what the engine writes into /etc/hosts (the
// loopback names, extra hosts, the container's own host name), then the embedded DNS of the
// networks that the container stands in, then names of the machine. Where several containers claim
// a name, all of them are the answer: the embedded DNS takes turns between them, and which network
// is asked first differs between engines. Cost: a binary search for each network.
#include <algorithm>

#include "base/text.h"
#include "estate/estate.h"
#include "estate/networks.h"

namespace firebreak {

class Resolver {
 public:
  Resolver(const Estate& estate, ContainerId container)
      : estate_(estate),
        container_(container),
        host_(estate.host_of(container)),
        owner_(estate.containers_[container.index()].namespace_owner),
        on_host_network_(estate[owner_].isolation.network_mode == "host") {}

  [[nodiscard]] Resolution resolve(std::string_view written) const;
  [[nodiscard]] Resolution through_port(Resolution found, std::string_view written,
                                        Port port) const;

 private:
  using Kind = Resolution::Kind;

  [[nodiscard]] Resolution itself() const;
  [[nodiscard]] Resolution loopback() const;
  [[nodiscard]] Resolution of_address(const IpAddress& address) const;
  [[nodiscard]] std::optional<Resolution> of_extra_host(std::string_view name) const;
  [[nodiscard]] Resolution of_dns(std::string_view name) const;
  void ask(NetworkId network, std::string_view name, Resolution& answer) const;
  [[nodiscard]] bool is_machine(std::string_view name) const;
  [[nodiscard]] Resolution settled(Resolution answer) const;

  const Estate& estate_;
  ContainerId container_;
  HostId host_;
  ContainerId owner_;
  bool on_host_network_;
};

namespace {

constexpr std::string_view kHostGateway = "host-gateway";

Resolution the_host() { return {.kind = Resolution::Kind::kHost, .containers = {}, .network = {}}; }

void sort_and_dedupe(std::vector<ContainerId>& list) {
  std::ranges::sort(list);
  const auto repeated = std::ranges::unique(list);
  list.erase(repeated.begin(), repeated.end());
}

bool equal_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, [](char a, char b) {
    return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
  });
}

// `buffer` holds the text if it has to be changed.
std::string_view normalised(std::string_view name, std::string& buffer) {
  if (name.size() > 1 && name.starts_with('[') && name.ends_with(']')) {
    name = name.substr(1, name.size() - 2);
  }
  if (name.size() > 1 && name.ends_with('.')) name.remove_suffix(1);
  if (std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; })) return name;
  buffer = lower(name);
  return buffer;
}

// An address begins with a digit or has a colon; few names do.
bool may_be_address(std::string_view name) {
  return (name[0] >= '0' && name[0] <= '9') || name.find(':') != std::string_view::npos;
}

}  // namespace

Resolution Resolver::itself() const {
  Resolution found{.kind = Kind::kItself, .containers = {}, .network = {}};
  const auto sharers = estate_.namespace_sharers_.find(owner_);
  if (sharers == estate_.namespace_sharers_.end()) {
    found.containers.push_back(container_);
  } else {
    found.containers = sharers->second;
    sort_and_dedupe(found.containers);
  }
  return found;
}

// The loopback of a container on the host's network is the machine's.
Resolution Resolver::loopback() const { return on_host_network_ ? the_host() : itself(); }

// An answer that is nobody but the container's own network namespace.
Resolution Resolver::settled(Resolution answer) const {
  if (answer.kind != Kind::kContainers) return answer;
  const bool own = std::ranges::all_of(answer.containers, [&](ContainerId id) {
    return estate_.containers_[id.index()].namespace_owner == owner_;
  });
  return own ? itself() : answer;
}

Resolution Resolver::of_address(const IpAddress& address) const {
  if (address.is_loopback() || address.is_unspecified()) return loopback();
  const auto look = [&](NetworkId network) {
    const auto& claims = estate_.network_index_[network.index()].addresses;
    Resolution found;
    const auto same = std::ranges::equal_range(claims, address, {}, &Estate::AddressClaim::address);
    for (const Estate::AddressClaim& claim : same) found.containers.push_back(claim.container);
    if (!found.containers.empty()) {
      found.kind = Kind::kContainers;
      found.network = network;
    }
    return found;
  };
  // Its own networks first: addresses of macvlan networks may repeat elsewhere.
  for (const Endpoint& endpoint : estate_[owner_].endpoints) {
    const std::optional<NetworkId> network = estate_.network_of(owner_, endpoint);
    if (!network) continue;
    Resolution found = look(*network);
    if (found.kind != Kind::kOutside) return settled(std::move(found));
  }
  for (const NetworkId network : estate_.hosts_[host_.index()].network_list) {
    Resolution found = look(network);
    if (found.kind != Kind::kOutside) return settled(std::move(found));
    if (is_gateway(*estate_[network].network, address)) return the_host();
  }
  return {};
}

std::optional<Resolution> Resolver::of_extra_host(std::string_view name) const {
  // A container that joins another's namespace is given that one's /etc/hosts.
  for (const ExtraHost& extra : estate_[owner_].extra_hosts) {
    if (!equal_ignoring_case(extra.name, name)) continue;
    if (extra.address == kHostGateway) return the_host();
    const std::optional<IpAddress> address = IpAddress::parse(extra.address);
    return address ? of_address(*address) : Resolution{};
  }
  return std::nullopt;
}

void Resolver::ask(NetworkId network, std::string_view name, Resolution& answer) const {
  const auto& claims = estate_.network_index_[network.index()].names;
  const auto same = std::ranges::equal_range(claims, name, {}, &Estate::NameClaim::name);
  for (const Estate::NameClaim& claim : same) answer.containers.push_back(claim.container);
  if (!same.empty() && !answer.network) answer.network = network;
}

Resolution Resolver::of_dns(std::string_view name) const {
  Resolution answer;
  const std::size_t dot = name.rfind('.');
  for (const Endpoint& endpoint : estate_[owner_].endpoints) {
    const std::optional<NetworkId> network = estate_.network_of(owner_, endpoint);
    if (!network) continue;
    ask(*network, name, answer);
    // The embedded DNS also answers "db.shop_default".
    if (dot == std::string_view::npos) continue;
    if (!equal_ignoring_case(estate_[*network].network->name, name.substr(dot + 1))) continue;
    ask(*network, name.substr(0, dot), answer);
  }
  if (answer.containers.empty()) return {};
  answer.kind = Kind::kContainers;
  sort_and_dedupe(answer.containers);
  return settled(std::move(answer));
}

bool Resolver::is_machine(std::string_view name) const {
  if (name == "host.docker.internal" || name == "gateway.docker.internal" ||
      name == "host.containers.internal") {
    return true;
  }
  const auto machine = estate_.machines_.find(name);
  return machine != estate_.machines_.end() && machine->second == host_;
}

Resolution Resolver::resolve(std::string_view written) const {
  std::string buffer;
  const std::string_view name = normalised(written, buffer);
  if (name.empty()) return {};
  if (may_be_address(name)) {
    if (const auto address = IpAddress::parse(name)) return of_address(*address);
  }
  if (std::optional<Resolution> extra = of_extra_host(name)) return std::move(*extra);
  if (name == "localhost" || name.ends_with(".localhost") || name == "ip6-localhost") {
    return loopback();
  }
  if (equal_ignoring_case(estate_[owner_].hostname, name)) return loopback();
  Resolution answer = of_dns(name);
  if (answer.kind == Kind::kOutside && is_machine(name)) return the_host();
  return answer;
}

Resolution Resolver::through_port(Resolution found, std::string_view written, Port port) const {
  HostId machine = host_;
  if (found.kind == Kind::kOutside) {
    std::string buffer;
    const auto other = estate_.machines_.find(normalised(written, buffer));
    if (other == estate_.machines_.end()) return found;
    machine = other->second;
  } else if (found.kind != Kind::kHost) {
    return found;
  }
  Resolution through{.kind = Kind::kContainers, .containers = {}, .network = {}};
  const auto& published = estate_.hosts_[machine.index()].published;
  for (const Estate::Published& p :
       std::ranges::equal_range(published, port, {}, &Estate::Published::port)) {
    // A port on the machine's loopback is for those who share its network namespace.
    if (p.loopback && !(on_host_network_ && machine == host_)) continue;
    through.containers.push_back(p.container);
  }
  if (through.containers.empty()) return found;
  sort_and_dedupe(through.containers);
  return through;
}

Resolution Estate::resolve(ContainerId container, std::string_view name) const {
  return Resolver(*this, container).resolve(name);
}

Resolution Estate::resolve(ContainerId container, std::string_view name,
                           std::optional<Port> port) const {
  const Resolver resolver(*this, container);
  Resolution found = resolver.resolve(name);
  if (!port) return found;
  return resolver.through_port(std::move(found), name, *port);
}

}  // namespace firebreak
