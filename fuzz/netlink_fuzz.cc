// Any bytes as netlink dumps and as a process's arguments: no crash, nothing read past the end, and
// what is read can be written in a snapshot and read back.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "kernel/netlink_lists.h"
#include "kernel/processes.h"
#include "snapshot/json.h"

namespace {

using namespace firebreak;

template <class T>
void take(Result<std::vector<T>> found, std::vector<T>& list) {
  if (found) list.insert(list.end(), found->begin(), found->end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  KernelState kernel;
  NetNamespace& state = kernel.host;
  take(read_links(bytes), state.links);
  const bool addresses = read_addresses(bytes, state.links).has_value();
  for (const bool v6 : {false, true}) {
    take(read_routes(bytes, v6), state.routes);
    take(read_rules(bytes, v6), state.rules);
    take(read_sockets(bytes, v6, Protocol::kTcp, state.links), state.listeners);
    take(read_sockets(bytes, v6, Protocol::kUdp, state.links), state.listeners);
  }
  const bool tables = read_nft_tables(bytes).has_value();
  if (const auto proxy = read_proxy(bytes); proxy && *proxy) kernel.proxies.push_back(**proxy);

  kernel.unread.push_back({"read", addresses && tables ? "all" : "in part"});

  Snapshot snapshot;
  snapshot.hosts.emplace_back();
  snapshot.hosts.back().kernel = std::move(kernel);
  sort_canonically(snapshot);
  CHECK(parse_snapshot(to_json(snapshot), "fuzzed").has_value());
  return 0;
}
