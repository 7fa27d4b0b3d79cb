// Who has which address in the estate: the network namespaces that kernel state was read of.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "estate/estate.h"
#include "reach/flow.h"

namespace firebreak {

// A network namespace as probes see it.
struct VerifyPlace {
  FlowEnd end;
  std::uint64_t inode = 0;
  std::vector<IpAddress> addresses;  // that it answers to beyond itself; sorted, each once
  // TCP and UDP ports that belong to somebody there: listened on, exposed or published by its
  // containers; of a host's own namespace also those that it publishes.
  std::set<std::pair<std::uint8_t, Port>> named;  // IANA protocol, port
};

// In the order of their ends. Hosts whose kernel was not read are left out, and so are addresses
// that no packet gets to: loopback, link-local, and those of IPv6 that wait for their link.
[[nodiscard]] std::vector<VerifyPlace> verify_places(const Estate& estate);

}  // namespace firebreak
