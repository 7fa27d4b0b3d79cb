#include "docker_rules.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <random>

namespace firebreak {
namespace {

// The n-th address of a network of 4096 (172.16.0.0/20 and on), or of an IPv6 /64.
IpAddress address(Family family, std::size_t network, std::uint32_t number) {
  if (family == Family::kV4) {
    return IpAddress::v4(0xAC100000U + (static_cast<std::uint32_t>(network) << 12U) + number);
  }
  std::array<std::uint8_t, 16> bytes{0xfd, 0x00, 0x12, 0x34};
  bytes[7] = static_cast<std::uint8_t>(network);
  for (std::size_t byte = 0; byte < 4; ++byte) {
    bytes[15 - byte] = static_cast<std::uint8_t>(number >> (8 * byte));
  }
  return IpAddress::of(family, bytes);
}

AddressRange one(const IpAddress& host) { return {host, host}; }

Port port(std::size_t number) { return Port{static_cast<std::uint16_t>(number)}; }

}  // namespace

DockerHost generate_docker_host(std::size_t networks, std::size_t ports, Family family,
                                std::uint32_t seed) {
  std::mt19937 dice(seed);
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(dice() % limit); };
  DockerHost host;
  const AddressRange loopback = family == Family::kV4
                                    ? AddressRange::of(*Cidr::parse("127.0.0.0/8"))
                                    : AddressRange::of(*Cidr::parse("::1/128"));
  host.addresses = {loopback, one(family == Family::kV4 ? *IpAddress::parse("192.0.2.10")
                                                        : *IpAddress::parse("2001:db8::10"))};
  for (std::size_t network = 0; network < networks; ++network) {
    host.networks.push_back(AddressRange::of(
        {address(family, network, 0), static_cast<std::uint8_t>(family == Family::kV4 ? 20 : 64)}));
    host.addresses.push_back(one(address(family, network, 1)));
  }
  // Host ports as people choose them: in runs from round numbers, and some of Docker's own choice.
  std::vector<std::uint16_t> host_ports;
  host_ports.reserve(ports);
  for (std::size_t made = 0; made < ports; ++made) {
    host_ports.push_back(static_cast<std::uint16_t>(
        made % 10 == 0 ? 32768 + made : (3000 + made % 7 * 1000 + made / 7)));
  }
  std::ranges::shuffle(host_ports, dice);
  constexpr std::array<std::uint16_t, 6> kUsual = {80, 443, 3000, 5432, 6379, 8080};
  for (std::size_t made = 0; made < ports; ++made) {
    const std::size_t network = made % networks;
    const auto number = static_cast<std::uint32_t>(2 + made / networks);
    host.published.push_back({.network = network,
                              .container = one(address(family, network, number)),
                              .host_port = port(host_ports[made]),
                              .container_port = port(kUsual[below(kUsual.size())])});
  }
  for (int made = 0; made < 20; ++made) {
    const std::size_t network = below(networks);
    const auto first = static_cast<std::uint32_t>(below(2000));
    const std::size_t from = below(9000);
    host.drops.push_back(
        {.source = {address(family, network, first),
                    address(family, network, first + static_cast<std::uint32_t>(below(200)))},
         .ports = {port(from), port(from + below(100))}});
  }
  return host;
}

}  // namespace firebreak
