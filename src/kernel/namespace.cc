#include "kernel/namespace.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "kernel/netlink_lists.h"

namespace firebreak {
namespace {

// Asks for a dump and has `take` read it.
void ask(Reading& reading, const std::string& what, const NetlinkRequest& request,
         const std::function<Result<void>(std::string_view)>& take) {
  if (reading.patience.lost()) {
    reading.miss(what, {ErrorKind::kIo, std::string(kStopped), {}, {}});
    return;
  }
  const auto dump = reading.view.netlink.dump(request);
  const Result<void> taken = dump ? take(*dump) : std::unexpected(dump.error());
  if (!taken) reading.miss(what, taken.error());
}

template <class T>
Result<void> append(Result<std::vector<T>> found, std::vector<T>& list) {
  std::ranges::move(TRY(std::move(found)), std::back_inserter(list));
  return {};
}

std::string named(const char* what, bool v6) { return std::string(v6 ? "IPv6 " : "IPv4 ") + what; }

void read_links_into(Reading& reading) {
  auto& links = reading.state.links;
  ask(reading, std::string(kInterfaces), ask_links(),
      [&](std::string_view dump) { return append(read_links(dump), links); });
  for (const bool v6 : {false, true}) {
    ask(reading, named("addresses", v6), ask_addresses(v6),
        [&](std::string_view dump) { return read_addresses(dump, links); });
  }
}

void read_routing(Reading& reading, bool v6) {
  NetNamespace& state = reading.state;
  ask(reading, named("routes", v6), ask_routes(v6),
      [&](std::string_view dump) { return append(read_routes(dump, v6), state.routes); });
  ask(reading, named("rules of routing", v6), ask_rules(v6),
      [&](std::string_view dump) { return append(read_rules(dump, v6), state.rules); });
}

void read_listeners(Reading& reading, bool v6) {
  NetNamespace& state = reading.state;
  for (const Protocol protocol : {Protocol::kTcp, Protocol::kUdp}) {
    const char* what = protocol == Protocol::kTcp ? "TCP sockets" : "UDP sockets";
    ask(reading, named(what, v6), ask_sockets(v6, protocol), [&](std::string_view dump) {
      return append(read_sockets(dump, v6, protocol, state.links), state.listeners);
    });
  }
}

}  // namespace

NetNamespace read_namespace(NamespaceView& view, Patience& patience) {
  Reading reading{view, patience, {}};
  reading.state.inode = view.inode;
  // A kernel without IPv6 has no such file, and no such lists.
  const bool has_v6 = view.files.exists("/proc/sys/net/ipv6");
  read_links_into(reading);
  for (const bool v6 : {false, true}) {
    if (v6 && !has_v6) break;
    read_routing(reading, v6);
    read_listeners(reading, v6);
  }
  read_sysctls(reading);
  read_filters(reading);
  return std::move(reading.state);
}

}  // namespace firebreak
