// Where the network namespaces of this machine can be entered.
#pragma once

#include <cstdint>
#include <map>

#include "base/error.h"
#include "io/machine.h"
#include "io/system.h"

namespace firebreak {

// One process's door to each namespace that processes run in, by its inode: where to enter what a
// NetNamespace tells of, as long as it is there. Who enters compares the inode: processes end.
[[nodiscard]] Result<std::map<std::uint64_t, NamespacePlace>> namespace_places(Machine& machine,
                                                                               Files& files);

}  // namespace firebreak
