// Interfaces, addresses and routes of the host and of containers. Internal to this folder.
#pragma once

#include "derive/plan.h"
#include "snapshot/kernel.h"

namespace firebreak::derive {

// Fills links, routes and rules of `state.host` and of `state.containers`, one for each tenant of
// the plan and in the same order.
void add_links(const Plan& plan, const Host& host, KernelState& state);

// What the kernel reader reads of a namespace's settings, with the engine's and else the kernel's
// own values.
void add_host_sysctls(const Plan& plan, const Host& host, NetNamespace& state);
void add_container_sysctls(NetNamespace& state);

}  // namespace firebreak::derive
