// The packet side of a host with many published ports, for benchmarks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ip.h"

namespace firebreak {

// What Docker's rules say with addresses and ports (interfaces are places, not header bits):
//   nat    -A DOCKER -d HOST -p tcp --dport HOST_PORT -j DNAT --to-destination CONTAINER:PORT
//   filter -A DOCKER -d CONTAINER -p tcp --dport PORT -j ACCEPT
// before which stand an administrator's rules in DOCKER-USER: from a range to ports, dropped.
struct DockerHost {
  std::vector<AddressRange> networks;  // one /20 each
  std::vector<AddressRange>
      addresses;  // the host's own: loopback, one for each network, the uplink
  struct Published {
    std::size_t network = 0;
    AddressRange container;  // one address
    Port host_port;
    Port container_port;
  };
  std::vector<Published> published;
  struct Drop {
    AddressRange source;
    PortRange ports;
  };
  std::vector<Drop> drops;
};

// Same numbers, same host. `family` decides whether addresses are IPv4 or IPv6.
[[nodiscard]] DockerHost generate_docker_host(std::size_t networks, std::size_t ports,
                                              Family family, std::uint32_t seed);

}  // namespace firebreak
