// This machine's kernel, as far as its network state is concerned: who answers a unix socket, and
// what is inside a network namespace. Narrow, with a scripted implementation
// (io/scripted_machine.h).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "io/probe_sockets.h"
#include "io/system.h"

namespace firebreak {

// A netlink dump: what is asked for.
struct NetlinkRequest {
  int protocol = 0;        // NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_NETFILTER
  std::uint16_t type = 0;  // RTM_GETLINK, SOCK_DIAG_BY_FAMILY, …
  std::string body;        // what stands behind the message's header
  friend auto operator<=>(const NetlinkRequest&, const NetlinkRequest&) = default;
};

class Netlink {
 public:
  virtual ~Netlink() = default;
  // The kernel's answers, each with its header, one behind the other; the last is NLMSG_DONE.
  // kUnsupported if the kernel knows no such thing, kDenied, kUnreachable after 10 seconds,
  // kBadData beyond 64 MiB or when it changed under the dump three times running.
  [[nodiscard]] virtual Result<std::string> dump(const NetlinkRequest& request) = 0;
};

// The inside of a network namespace, for the code that runs in it. `files` shows its
// /proc/sys/net and /proc/thread-self/net; `processes` start in it, `sockets` are its own.
struct NamespaceView {
  std::uint64_t inode = 0;
  Netlink& netlink;
  Files& files;
  Processes& processes;
  Sockets& sockets;
};

struct NamespacePlace {
  std::string path;  // "/proc/1/ns/net", "/run/docker/netns/2f1d"
  int seen_by = 0;   // the process in whose root folder and mounts the path counts; 0: ours
};

class Machine {
 public:
  virtual ~Machine() = default;
  // Whether we may enter the namespaces of other users' processes.
  [[nodiscard]] virtual bool is_root() = 0;
  // The process that made the listening socket behind this path (SO_PEERCRED). kUnreachable if
  // nobody answers, kUnsupported if the process is in a pid namespace that we do not see.
  [[nodiscard]] virtual Result<int> listener(const std::string& socket_path) = 0;
  // Where a symbolic link points to: "net:[4026531840]" for /proc/1/ns/net.
  [[nodiscard]] virtual Result<std::string> link_target(const std::string& path) = 0;
  // Runs `visit` inside that network namespace, in a thread of its own that ends with it; all other
  // threads stay where they are. What `visit` throws is thrown again here. kIo if there is no such
  // namespace (any more), kDenied if we may not enter it; then `visit` was not called.
  [[nodiscard]] virtual Result<void> enter(const NamespacePlace& place,
                                           const std::function<void(NamespaceView&)>& visit) = 0;
};

[[nodiscard]] std::unique_ptr<Machine> real_machine();

}  // namespace firebreak
