// Processes of this machine that have to do with an engine's network, found in /proc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "io/machine.h"
#include "io/system.h"
#include "snapshot/kernel.h"

namespace firebreak {

// The engine behind a unix socket: the process that listens there or, where a service manager made
// the socket (systemd's docker.socket), the one that was given it. kUnsupported if what answers is
// no Docker engine: a tunnel to another machine, for example.
[[nodiscard]] Result<int> engine_process(const std::string& socket_path, Machine& machine,
                                         Files& files);

// A docker-proxy from /proc/PID/cmdline: words that end in zero bytes. nullopt if it is no
// docker-proxy; kBadData if its arguments are not understood.
[[nodiscard]] Result<std::optional<UserlandProxy>> read_proxy(std::string_view command_line);

struct Proxies {
  std::vector<UserlandProxy> found;
  std::vector<Unread> unread;
};

// Those that run in that network namespace.
[[nodiscard]] Proxies find_proxies(std::uint64_t namespace_inode, Machine& machine, Files& files);

}  // namespace firebreak
