#include "collect/kernel.h"

#include <optional>

#include "collect/gaps.h"
#include "kernel/read.h"

namespace firebreak {

namespace {

constexpr std::string_view kUnix = "unix://";

// What the engine calls a network's bridge; without a name of its own it is made from the id. A
// name that was taken for a secret is not known.
std::optional<std::string> bridge_of(const Network& network) {
  constexpr std::size_t kShortId = 12;
  for (const auto& [name, value] : network.options) {
    if (name != "com.docker.network.bridge.name") continue;
    const bool known = !value.empty() && value.find("***") == std::string::npos;
    return known ? std::optional(value) : std::nullopt;
  }
  return "br-" + network.id.value.substr(0, kShortId);
}

std::vector<std::string> bridges_of(const Host& host) {
  std::vector<std::string> bridges;
  for (const Network& network : host.networks) {
    if (network.driver != "bridge") continue;
    if (auto bridge = bridge_of(network)) bridges.push_back(*std::move(bridge));
  }
  return bridges;
}

// Containers in another's namespace, or in the host's, have none of their own.
std::vector<ContainerPlace> places_of(const CollectedHost& collected) {
  std::vector<ContainerPlace> places;
  for (const Container& container : collected.host.containers) {
    const std::string& mode = container.isolation.network_mode;
    const auto sandbox = collected.sandboxes.find(container.id);
    if (container.state != RunState::kRunning || mode == "host" || mode.starts_with("container:") ||
        sandbox == collected.sandboxes.end()) {
      continue;
    }
    places.push_back({container.id.value, container.name, sandbox->second});
  }
  return places;
}

Result<KernelState> read(const CollectedHost& collected, const EngineEndpoint& endpoint,
                         Machine& machine, Files& files) {
  if (!endpoint.url.starts_with(kUnix)) {
    return fail(ErrorKind::kUnsupported,
                "only a Docker engine behind a unix socket of this machine can be looked into");
  }
  if (collected.host.engine.product.empty()) {
    return fail(ErrorKind::kUnreachable, "the engine did not answer");
  }
  if (collected.host.engine.product != "docker") {
    return fail(ErrorKind::kUnsupported, "only Docker's networks can be looked into");
  }
  return read_kernel(
      {endpoint.url.substr(kUnix.size()), bridges_of(collected.host), places_of(collected)},
      machine, files);
}

}  // namespace

void add_kernel(CollectedHost& collected, const EngineEndpoint& endpoint, Machine& machine,
                Files& files) {
  auto kernel = read(collected, endpoint, machine, files);
  if (kernel) {
    collected.host.kernel = *std::move(kernel);
  } else {
    collected.host.kernel_missing = why_of(kernel.error());
  }
}

}  // namespace firebreak
