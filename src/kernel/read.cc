#include "kernel/read.h"

#include <algorithm>
#include <optional>
#include <set>

#include "kernel/namespace.h"
#include "kernel/proc.h"
#include "kernel/processes.h"

namespace firebreak {
namespace {

// An engine whose bridges are not all there is another one.
Result<void> check_bridges(const std::vector<std::string>& bridges, const NetNamespace& state) {
  const auto missed = std::ranges::find(state.unread, kInterfaces, &Unread::what);
  if (missed != state.unread.end()) return fail(ErrorKind::kIo, "its interfaces: " + missed->why);
  for (const std::string& bridge : bridges) {
    const bool there = std::ranges::any_of(state.links, [&](const NetLink& link) {
      return link.name == bridge && link.kind == "bridge";
    });
    if (!there) {
      return fail(ErrorKind::kBadData,
                  "the network namespace of the engine's process is not the one of its networks: "
                  "it has no bridge " +
                      bridge);
    }
  }
  return {};
}

Result<NetNamespace> read_place(const NamespacePlace& place, Machine& machine, Patience& patience) {
  NetNamespace state;
  TRY(machine.enter(place, [&](NamespaceView& view) { state = read_namespace(view, patience); }));
  return state;
}

void read_containers(const KernelQuestion& question, int engine, Machine& machine,
                     Patience& patience, KernelState& kernel) {
  std::set<std::uint64_t> known = {kernel.host.inode};
  for (const ContainerPlace& container : question.containers) {
    const std::string what = "container " + container.name;
    if (patience.lost()) {
      kernel.unread.push_back({what, std::string(kStopped)});
      continue;
    }
    auto state = read_place({container.sandbox, engine}, machine, patience);
    if (!state) {
      patience.note(state.error());
      kernel.unread.push_back({what, "its network namespace: " + state.error().what});
    } else if (known.insert(state->inode).second) {
      kernel.containers.push_back({container.id, *std::move(state)});
    }
  }
}

}  // namespace

Result<KernelState> read_kernel(const KernelQuestion& question, Machine& machine, Files& files) {
  if (!machine.is_root()) return fail(ErrorKind::kDenied, "not root", {}, "run as root");
  const int engine = TRY(engine_process(question.socket_path, machine, files));
  Patience patience;
  KernelState kernel;
  kernel.host = TRY(read_place({proc_path(engine, "ns/net"), 0}, machine, patience));
  TRY(check_bridges(question.bridges, kernel.host));
  Proxies proxies = find_proxies(kernel.host.inode, machine, files);
  kernel.proxies = std::move(proxies.found);
  kernel.unread = std::move(proxies.unread);
  read_containers(question, engine, machine, patience, kernel);
  return kernel;
}

}  // namespace firebreak
