// Netlink sockets of the network namespace that the calling thread is in.
#pragma once

#include <memory>

#include "io/machine.h"

namespace firebreak {

[[nodiscard]] std::unique_ptr<Netlink> real_netlink();

}  // namespace firebreak
