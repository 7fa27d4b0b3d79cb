// What a path on the host means when a container mounts it. Private to checks/.
#pragma once

#include <string>
#include <string_view>

#include "snapshot/snapshot.h"

namespace firebreak {

enum class MountKind : std::uint8_t {
  kOrdinary,
  kHarmless,       // read-only time zones and CA bundles, kernel file systems: nothing is shared
  kEngineSocket,   // an engine's socket, or a folder that holds one: read-only does not protect it
  kManagerSocket,  // systemd's socket or the system bus: they start programs as root
  kControl,  // writing there makes root on the host; or a read-only `/`, which holds the socket
  kRead,     // reading there tells secrets of the host or of other containers
};

// Whether `path` is `folder` or lies inside it.
[[nodiscard]] bool is_inside(std::string_view path, std::string_view folder);
// Without a trailing slash, doubled slashes, and with /var/run as /run.
[[nodiscard]] std::string normal_path(std::string_view path);
[[nodiscard]] bool is_normal_path(std::string_view path);

// What mounts mean on one host: it tells where its engine keeps its files and its socket.
class MountRules {
 public:
  explicit MountRules(const Host& host);

  [[nodiscard]] MountKind kind_of(const Mount& mount) const;
  // Whether the container can call the engine itself.
  [[nodiscard]] bool has_engine_socket(const Container& container) const;

 private:
  [[nodiscard]] MountKind kind_of_path(std::string_view path, bool writable) const;
  [[nodiscard]] bool holds_socket(std::string_view path) const;
  [[nodiscard]] bool is_engine_root(std::string_view path) const;

  std::string socket_;  // at which this engine was asked; empty if it was none
  std::string root_;    // where it keeps its containers
};

}  // namespace firebreak
