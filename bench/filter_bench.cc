// What a host's packet filter costs in sets: 30 networks, 1,000 published ports, the rules as
// Docker 20.10 writes them, from every network and the uplink to every other. Times are printed as
// multiples of the first pair of interfaces alone.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "base/check.h"
#include "docker_rules.h"
#include "filter/filter.h"
#include "packet/space.h"
#include "rules/iptables.h"
#include "timing.h"

namespace firebreak {
namespace {

constexpr std::size_t kNetworks = 30;
constexpr std::size_t kPorts = 1000;
constexpr const char* kUplink = "eth0";

std::string bridge(std::size_t network) { return fmt::format("br-{:012x}", network + 0xabcdef); }

std::string subnet(const AddressRange& network) { return network.first.text() + "/20"; }

std::string nat_rules(const DockerHost& host, bool userland_proxy) {
  std::string out =
      "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
      ":POSTROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n"
      "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
      "-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER\n";
  for (std::size_t i = 0; i < host.networks.size(); ++i) {
    out += fmt::format("-A POSTROUTING -s {} ! -o {} -j MASQUERADE\n", subnet(host.networks[i]),
                       bridge(i));
  }
  for (const DockerHost::Published& port : host.published) {
    const std::string container = port.container.first.text();
    out += fmt::format(
        "-A POSTROUTING -s {0}/32 -d {0}/32 -p tcp -m tcp --dport {1} "
        "-j MASQUERADE\n",
        container, port.container_port.value);
  }
  for (std::size_t i = 0; i < host.networks.size() && userland_proxy; ++i) {
    out += fmt::format("-A DOCKER -i {} -j RETURN\n", bridge(i));
  }
  for (const DockerHost::Published& port : host.published) {
    out +=
        fmt::format("-A DOCKER ! -i {} -p tcp -m tcp --dport {} -j DNAT --to-destination {}:{}\n",
                    bridge(port.network), port.host_port.value, port.container.first.text(),
                    port.container_port.value);
  }
  return out + "COMMIT\n";
}

std::string filter_rules(const DockerHost& host) {
  std::string out =
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
      ":DOCKER - [0:0]\n:DOCKER-ISOLATION-STAGE-1 - [0:0]\n:DOCKER-ISOLATION-STAGE-2 - [0:0]\n"
      ":DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n-A FORWARD -j DOCKER-ISOLATION-STAGE-1\n";
  std::string first;
  std::string second;
  for (std::size_t i = 0; i < host.networks.size(); ++i) {
    const std::string name = bridge(i);
    out += fmt::format(
        "-A FORWARD -o {0} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
        "-A FORWARD -o {0} -j DOCKER\n-A FORWARD -i {0} ! -o {0} -j ACCEPT\n"
        "-A FORWARD -i {0} -o {0} -j ACCEPT\n",
        name);
    first += fmt::format(
        "-A DOCKER-ISOLATION-STAGE-1 -i {0} ! -o {0} "
        "-j DOCKER-ISOLATION-STAGE-2\n",
        name);
    second += fmt::format("-A DOCKER-ISOLATION-STAGE-2 -o {} -j DROP\n", name);
  }
  for (const DockerHost::Published& port : host.published) {
    out +=
        fmt::format("-A DOCKER -d {0}/32 ! -i {1} -o {1} -p tcp -m tcp --dport {2} -j ACCEPT\n",
                    port.container.first.text(), bridge(port.network), port.container_port.value);
  }
  out += first + "-A DOCKER-ISOLATION-STAGE-1 -j RETURN\n";
  out += second + "-A DOCKER-ISOLATION-STAGE-2 -j RETURN\n";
  for (const DockerHost::Drop& drop : host.drops) {
    out += fmt::format(
        "-A DOCKER-USER -p tcp -m iprange --src-range {}-{} -m tcp --dport {}:{} "
        "-j DROP\n",
        drop.source.first.text(), drop.source.last.text(), drop.ports.first.value,
        drop.ports.last.value);
  }
  return out + "-A DOCKER-USER -j RETURN\nCOMMIT\n";
}

FilterSurroundings surroundings_of(const DockerHost& host) {
  FilterSurroundings out;
  out.addresses_of = [&host](OnAddressType::Bit bit, std::string_view /*interface*/) {
    return bit == OnAddressType::kLocal ? host.addresses : std::vector<AddressRange>();
  };
  out.address_of = [&host](std::string_view interface) -> std::optional<IpAddress> {
    for (std::size_t i = 0; i < host.networks.size(); ++i) {
      if (interface == bridge(i)) return host.addresses[i + 2].first;
    }
    return host.addresses[1].first;
  };
  return out;
}

struct Interface {
  std::string name;
  std::optional<AddressRange> network;  // of a bridge
  PacketSet addresses;                  // as destinations
  PacketSet sent;

  [[nodiscard]] bool is_at(const AddressRange& to) const {
    return network && network->first <= to.first && to.last <= network->last;
  }
};

std::vector<Interface> interfaces_of(const DockerHost& host) {
  std::vector<Interface> out;
  const PacketSet clean = PacketSet::mark(0) & PacketSet::connection_mark(0) &
                          PacketSet::flag(PacketField::kDestinationRewritten, false) &
                          PacketSet::flag(PacketField::kSourceRewritten, false) &
                          PacketSet::flag(PacketField::kUntracked, false);
  PacketSet elsewhere = clean & PacketSet::of(Family::kV4);
  PacketSet destinations = PacketSet::of(Family::kV4);
  for (std::size_t i = 0; i < host.networks.size(); ++i) {
    const PacketSet from = PacketSet::source(host.networks[i]);
    const PacketSet to = PacketSet::destination(host.networks[i]);
    out.push_back(
        {.name = bridge(i), .network = host.networks[i], .addresses = to, .sent = from & clean});
    elsewhere -= from;
    destinations -= to;
  }
  out.push_back({.name = kUplink, .network = {}, .addresses = destinations, .sent = elsewhere});
  return out;
}

struct Counts {
  std::size_t branches = 0;  // of PREROUTING
  std::size_t runs = 0;      // of FORWARD and POSTROUTING
  std::size_t through = 0;   // branches of POSTROUTING
};

// All packets from one interface through the three hooks, branch by branch.
void send_from(const Interface& in, std::span<const Interface> outs, Filter& filter,
               Counts& counts) {
  const HookResult before = filter.run(Hook::kPrerouting, {.in = in.name}, in.sent);
  counts.branches += before.accepted.size();
  for (const Interface& out : outs) {
    for (const HookBranch& branch : before.accepted) {
      if (branch.to && !out.is_at(*branch.to)) continue;
      const PacketSet routed = branch.after & out.addresses;
      if (routed.empty()) continue;
      const HookPlace place{.in = in.name, .out = out.name};
      for (const HookBranch& passed : filter.run(Hook::kForward, place, routed).accepted) {
        const HookPlace last{.in = in.name, .out = out.name};
        counts.through += filter.run(Hook::kPostrouting, last, passed.after).accepted.size();
        counts.runs += 2;
      }
    }
  }
}

void measure(bool userland_proxy) {
  const DockerHost host = generate_docker_host(kNetworks, kPorts, Family::kV4, 1);
  const std::string text = nat_rules(host, userland_proxy) + filter_rules(host);
  Program program;
  CHECK(parse_iptables_save(text, "rules", program).empty());
  const PacketSpace space;
  const std::vector<Interface> interfaces = interfaces_of(host);
  const std::span<const Interface> all = interfaces;
  Filter filter(std::move(program), surroundings_of(host));
  Counts one;
  Counts every;
  const double one_ms = once_ms([&] { send_from(all.back(), all.subspan(0, 1), filter, one); });
  double slowest = 0;
  const double every_ms = once_ms([&] {
    for (const Interface& in : all) {
      const double ms = once_ms([&] { send_from(in, all, filter, every); });
      slowest = std::max(slowest, ms);
    }
  });
  std::printf(
      "userland proxy %-3s one pair %7.0f ms; all %zu pairs %7.0f ms, %5.1f times that, slowest "
      "source %5.2f times;\n    %zu branches of PREROUTING, %zu runs after that, %zu branches; "
      "%zu nodes made, %zu collections\n",
      userland_proxy ? "on" : "off", one_ms, all.size() * all.size(), every_ms, every_ms / one_ms,
      slowest / one_ms, every.branches, every.runs, every.through, space.stats().made,
      space.stats().collections);
  std::fflush(stdout);
}

}  // namespace
}  // namespace firebreak

int main() {
  firebreak::measure(true);
  firebreak::measure(false);
}
