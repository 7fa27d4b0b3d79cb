// What a path on the host means when a container mounts it. Private to checks/.
#pragma once

#include <string>
#include <string_view>

#include "snapshot/snapshot.h"

namespace firebreak {

enum class MountKind : std::uint8_t {
  kOrdinary,
  kHarmless,      // read-only time zones and CA bundles, kernel file systems: nothing is shared
  kEngineSocket,  // an engine's socket, or a folder that holds one: read-only does not protect it
  kControl,  // writing there makes root on the host; or a read-only `/`, which holds the socket
  kRead,     // reading there tells secrets of the host or of other containers
};

// `host` tells where this engine keeps its files and its socket.
[[nodiscard]] MountKind kind_of(const Host& host, const Mount& mount);
// Whether `path` is `folder` or lies inside it.
[[nodiscard]] bool is_inside(std::string_view path, std::string_view folder);
// Without a trailing slash, doubled slashes, and with /var/run as /run.
[[nodiscard]] std::string normal_path(std::string_view path);

}  // namespace firebreak
