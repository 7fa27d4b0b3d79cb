// What crosses, worked out for whole hosts with kernel state, against merely reading it.
//
//   paths_bench           the two sizes that have targets, and how cost grows
//   paths_bench --host N P C   one host with N networks, P published ports and C containers
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "derive/derive.h"
#include "reach/reach.h"
#include "snapshot/json.h"
#include "timing.h"

namespace firebreak {
namespace {

struct HostSize {
  std::size_t networks = 30;
  std::size_t ports = 1000;
  std::size_t containers = 1000;
};

IpAddress address_in(std::size_t network, std::size_t member) {
  // 10.N.M.M: a /16 for each network.
  return IpAddress::v4(static_cast<std::uint32_t>((10U << 24U) | ((network + 1) << 16U) | member));
}

Network make_network(const std::string& host, std::size_t number) {
  Network network;
  network.id = NetworkKey(host + "n" + std::to_string(1000000000000 + number));
  network.name = "net" + std::to_string(number);
  network.driver = "bridge";
  network.scope = "local";
  network.subnets = {Cidr{address_in(number, 0), 16}};
  network.gateways = {address_in(number, 1)};
  network.options = {{"com.docker.network.bridge.name", "br" + std::to_string(number)}};
  return network;
}

// Networks take turns in being production's and development's: every second pair crosses.
Host make_host(const std::string& name, const HostSize& size) {
  Host host;
  host.name = name;
  host.engine.product = "docker";
  host.engine.version = "20.10.24";
  host.engine.id = name;
  for (std::size_t i = 0; i < size.networks; ++i) host.networks.push_back(make_network(name, i));
  for (std::size_t i = 0; i < size.containers; ++i) {
    const std::size_t network = i % size.networks;
    Container container;
    container.id = ContainerKey(name + "c" + std::to_string(100000 + i));
    container.name = "box" + std::to_string(i);
    container.isolation.network_mode = host.networks[network].name;
    Value environment;
    environment.text = network % 2 == 0 ? "production" : "development";
    container.labels = {{"env", environment}};
    Endpoint endpoint;
    endpoint.network = host.networks[network].id;
    endpoint.network_name = host.networks[network].name;
    endpoint.ipv4 = address_in(network, 2 + i / size.networks);
    container.endpoints.push_back(endpoint);
    for (std::size_t port = i; port < size.ports; port += size.containers) {
      container.ports.push_back({std::nullopt, Port{static_cast<std::uint16_t>(10000 + port)},
                                 Port{static_cast<std::uint16_t>(8000 + port % 50)},
                                 Protocol::kTcp});
    }
    host.containers.push_back(std::move(container));
  }
  const auto version = parse_engine_version(host.engine.version);
  CHECK(version.has_value());
  host.kernel = derive_kernel(host, *version);
  return host;
}

struct Cost {
  double read_ms = 0;
  double reach_ms = 0;
  std::size_t flows = 0;
};

Cost measure(const std::vector<Host>& hosts) {
  Snapshot snapshot;
  snapshot.hosts = hosts;
  const std::string json = to_json(snapshot);
  Cost out;
  Snapshot read;
  out.read_ms = once_ms([&] {
    auto parsed = parse_snapshot(json, "bench");
    CHECK(parsed.has_value());
    read = *std::move(parsed);
  });
  const Estate estate = build_estate(std::move(read), {});
  out.reach_ms = once_ms([&] {
    const auto flows = reach(estate);
    CHECK(flows.has_value());
    out.flows = flows->flows.size();
  });
  return out;
}

void print(const char* what, const Cost& cost) {
  std::printf("%-62s %9.0f ms, %6.1fx reading the snapshot (%.0f ms), %zu flows\n", what,
              cost.reach_ms, cost.reach_ms / cost.read_ms, cost.read_ms, cost.flows);
  std::fflush(stdout);
}

std::string words(const HostSize& size) {
  return std::to_string(size.containers) + " containers, " + std::to_string(size.networks) +
         " networks, " + std::to_string(size.ports) + " published ports";
}

int run_all() {
  const HostSize target;
  print(("one host (target: under 1 s): " + words(target)).c_str(),
        measure({make_host("host", target)}));
  std::puts("growth with networks and ports (rules), on one host:");
  for (const std::size_t networks : {5, 10, 20, 40}) {
    const HostSize size{networks, 500, 500};
    print(("  " + words(size)).c_str(), measure({make_host("host", size)}));
  }
  for (const std::size_t ports : {125, 250, 500, 1000}) {
    const HostSize size{20, ports, 1000};
    print(("  " + words(size)).c_str(), measure({make_host("host", size)}));
  }
  constexpr std::size_t kHosts = 100;
  std::vector<Host> hosts;
  hosts.reserve(kHosts);
  for (std::size_t i = 0; i < kHosts; ++i) {
    hosts.push_back(make_host("host" + std::to_string(i), {6, 50, 100}));
  }
  print("100 hosts with 10,000 containers (target: under 10 s)", measure(hosts));
  rusage usage{};
  CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
  std::printf("peak memory %ld MB (target: under 1,000)\n", usage.ru_maxrss / 1024);
  return 0;
}

}  // namespace
}  // namespace firebreak

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) return firebreak::run_all();
  if (words.size() == 4 && words[0] == "--host") {
    const firebreak::HostSize size{std::stoul(words[1]), std::stoul(words[2]),
                                   std::stoul(words[3])};
    firebreak::print(firebreak::words(size).c_str(),
                     firebreak::measure({firebreak::make_host("host", size)}));
    return 0;
  }
  std::fputs("usage: paths_bench [--host NETWORKS PORTS CONTAINERS]\n", stderr);
  return 2;
}
