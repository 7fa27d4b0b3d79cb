// The kernel state of one engine on this machine.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "io/machine.h"
#include "io/system.h"
#include "snapshot/kernel.h"

namespace firebreak {

// A container that runs and has a network namespace of its own.
struct ContainerPlace {
  std::string id;
  std::string name;
  std::string sandbox;  // where the engine sees its namespace: "/var/run/docker/netns/2f1d…"
};

struct KernelQuestion {
  std::string socket_path;           // the engine's
  std::vector<std::string> bridges;  // that the engine says it has: "docker0", "br-0123456789ab"
  std::vector<ContainerPlace> containers;
};

// Reads the engine's network namespace, after a look whether it is that (all bridges are there),
// and those of its containers. An error says why there is nothing to be had; what is missing within
// is in `unread`. Changes nothing, but that asking loads the kernel's modules for what is asked.
[[nodiscard]] Result<KernelState> read_kernel(const KernelQuestion& question, Machine& machine,
                                              Files& files);

}  // namespace firebreak
