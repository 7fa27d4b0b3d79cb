#include "derive/derive.h"

#include <algorithm>
#include <string_view>

#include "derive/links.h"
#include "derive/plan.h"
#include "derive/rules.h"

namespace firebreak {
namespace {

using derive::Binding;
using derive::Plan;
using derive::Tenant;

constexpr const char* kSockets = "sockets";

Listener listener_of(Protocol protocol, const IpAddress& address, Port port) {
  return {protocol, address, port, address.is_v6(), {}};
}

// docker-proxy takes what comes to a published port. Without it the engine itself holds the port,
// so that nobody else takes it.
void add_published(const Plan& plan, KernelState& state) {
  for (const Tenant& tenant : plan.tenants) {
    for (const Binding& binding : tenant.bindings) {
      if (binding.host_port.value == 0) continue;
      if (plan.options.userland_proxy) {
        state.proxies.push_back({binding.protocol, binding.host_address, binding.host_port,
                                 binding.container_address, binding.container_port});
      }
      state.host.listeners.push_back(
          listener_of(binding.protocol, binding.host_address, binding.host_port));
    }
  }
}

void add_ingress_listeners(const Host& host, KernelState& state) {
  for (const PublishedPort& port : derive::ingress_ports(host)) {
    Listener listener = listener_of(port.protocol, IpAddress::v6({}), port.host_port);
    listener.v6_only = false;
    state.host.listeners.push_back(listener);
  }
}

void sort_lists(KernelState& state) {
  std::ranges::sort(state.host.listeners);
  std::ranges::sort(state.proxies);
  std::ranges::sort(state.containers);
  std::ranges::sort(state.host.sysctls);
  for (ContainerNamespace& container : state.containers) {
    std::ranges::sort(container.state.sysctls);
  }
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

bool publishes(const Host& host) {
  return std::ranges::any_of(host.containers, [](const Container& container) {
    return container.state == RunState::kRunning &&
           std::ranges::any_of(container.ports,
                               [](const PublishedPort& port) { return port.host_port.value != 0; });
  });
}

}  // namespace

DaemonOptions guess_daemon_options(const Host& host) {
  DaemonOptions options;
  if (!host.kernel || host.kernel->derived) return options;
  const KernelState& kernel = *host.kernel;
  const FilterTexts& filters = kernel.host.filters;
  const std::string four = filters.iptables_nft + filters.iptables_legacy;
  const std::string six = filters.ip6tables_nft + filters.ip6tables_legacy;
  if (publishes(host) && kernel.unread.empty()) options.userland_proxy = !kernel.proxies.empty();
  if (!four.empty()) {
    options.ip6tables = mentions(six, "\n:DOCKER ");
    options.forward_policy_drop = mentions(four, "\n:FORWARD DROP ");
  }
  // From 28.2 every container of a network with NAT has a rule in raw PREROUTING.
  const auto version = parse_engine_version(host.engine.version);
  const bool direct_drops = version && *version >= EngineVersion{28, 2, 0};
  if (direct_drops && !four.empty()) {
    const Plan plan = derive::make_plan(host, *version, options);
    const bool wanted =
        mentions(derive::filter_texts(plan, host).iptables_nft, "\n-A PREROUTING -d ");
    options.direct_routing = wanted && !mentions(four, "\n-A PREROUTING -d ");
  }
  return options;
}

KernelState derive_kernel(const Host& host, EngineVersion version, const DaemonOptions& options) {
  const Plan plan = derive::make_plan(host, version, options);
  KernelState state;
  state.derived = true;
  std::uint64_t inode = 1;
  state.host.inode = inode++;
  for (const Tenant& tenant : plan.tenants) {
    NetNamespace own;
    own.inode = inode++;
    own.unread.push_back({kSockets, "the container's namespace was not read"});
    state.containers.push_back({tenant.container->id.value, std::move(own)});
  }
  derive::add_links(plan, host, state);
  derive::add_host_sysctls(plan, host, state.host);
  for (ContainerNamespace& container : state.containers) {
    derive::add_container_sysctls(container.state);
  }
  add_published(plan, state);
  add_ingress_listeners(host, state);
  state.host.filters = derive::filter_texts(plan, host);
  state.host.unread.push_back({kSockets, "the host's namespace was not read"});
  if (host.swarm.active && !host.swarm.manager) {
    state.unread.push_back({"ports that services publish", "only managers of a Swarm know them"});
  }
  sort_lists(state);
  return state;
}

}  // namespace firebreak
