#include "checks/mounts.h"

#include <algorithm>
#include <array>
#include <span>

namespace firebreak {
namespace {

using Paths = std::span<const std::string_view>;

constexpr std::string_view kUnix = "unix://";

constexpr std::array<std::string_view, 10> kSocketNames = {
    "docker.sock",          "docker.raw.sock", "docker-cli.sock",
    "containerd.sock",      "podman.sock",     "crio.sock",
    "cri-dockerd.sock",     "buildkitd.sock",  "docker-containerd.sock",
    "containerd-debug.sock"};
// Folders in which engines keep their sockets.
constexpr std::array<std::string_view, 6> kSocketFolders = {
    "/run", "/run/containerd", "/run/podman", "/run/crio", "/run/docker", "/run/docker/containerd"};

// Sockets of systemd and D-Bus, and the folders that hold them.
constexpr std::array<std::string_view, 4> kManagerSockets = {
    "/run/systemd", "/run/systemd/private", "/run/dbus", "/run/dbus/system_bus_socket"};
// Exactly these, when writable: who writes there becomes root on the host.
constexpr std::array<std::string_view, 17> kControlFolders = {
    "/etc",      "/root",    "/home",      "/boot",          "/usr",           "/bin",
    "/sbin",     "/lib",     "/lib64",     "/var",           "/var/lib",       "/usr/bin",
    "/usr/sbin", "/usr/lib", "/usr/local", "/usr/local/bin", "/usr/local/sbin"};
// These and all inside, when writable.
constexpr std::array<std::string_view, 25> kControlTrees = {"/etc/systemd",
                                                            "/etc/cron.d",
                                                            "/etc/crontab",
                                                            "/etc/cron.daily",
                                                            "/etc/cron.hourly",
                                                            "/etc/sudoers",
                                                            "/etc/sudoers.d",
                                                            "/etc/ssh",
                                                            "/etc/docker",
                                                            "/etc/passwd",
                                                            "/etc/shadow",
                                                            "/etc/ld.so.preload",
                                                            "/etc/pam.d",
                                                            "/etc/profile.d",
                                                            "/etc/init.d",
                                                            "/lib/modules",
                                                            "/usr/lib/modules",
                                                            "/lib/systemd",
                                                            "/usr/lib/systemd",
                                                            "/boot",
                                                            "/proc",
                                                            "/sys",
                                                            "/var/spool/cron",
                                                            "/root/.ssh",
                                                            "/var/lib/kubelet"};
// Reading is enough: secrets and files of the host, of accounts or of other containers.
constexpr std::array<std::string_view, 8> kSecretPlaces = {
    "/etc", "/root", "/home", "/var", "/var/lib", "/proc", "/etc/shadow", "/etc/ssh"};
constexpr std::array<std::string_view, 7> kSecretFolders = {
    ".ssh", ".aws", ".kube", ".docker", ".gnupg", ".azure", ".config/gcloud"};
// What engines and stores of containers keep below.
constexpr std::array<std::string_view, 3> kEngineRoots = {"/var/lib/docker", "/var/lib/containerd",
                                                          "/var/lib/containers"};
constexpr std::array<std::string_view, 5> kEngineTrees = {"overlay2", "volumes", "containers",
                                                          "image", "swarm"};

constexpr std::array<std::string_view, 13> kHarmlessTrees = {"/etc/localtime",
                                                             "/etc/timezone",
                                                             "/usr/share/zoneinfo",
                                                             "/etc/ssl",
                                                             "/etc/pki",
                                                             "/etc/ca-certificates",
                                                             "/usr/share/ca-certificates",
                                                             "/usr/local/share/ca-certificates",
                                                             "/etc/hosts",
                                                             "/etc/resolv.conf",
                                                             "/etc/passwd",
                                                             "/etc/group",
                                                             "/etc/os-release"};
constexpr std::array<std::string_view, 5> kKernelTrees = {"/dev", "/sys", "/proc", "/lib/modules",
                                                          "/usr/lib/modules"};

bool is_one_of(std::string_view path, Paths paths) {
  return std::ranges::find(paths, path) != paths.end();
}

bool is_inside_any(std::string_view path, Paths paths) {
  return std::ranges::any_of(paths,
                             [&](std::string_view folder) { return is_inside(path, folder); });
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// "/home/ann" and "/home/ann/.ssh", not "/home/ann/project".
bool is_home(std::string_view path) {
  if (!path.starts_with("/home/")) return false;
  return path.find('/', std::string_view("/home/").size()) == std::string_view::npos;
}

bool holds_account_secrets(std::string_view path) {
  if (!path.starts_with("/home/") && !path.starts_with("/root/")) return false;
  return std::ranges::any_of(kSecretFolders, [&](std::string_view folder) {
    const std::size_t at = path.find(folder);
    if (at == std::string_view::npos || path[at - 1] != '/') return false;
    const std::size_t end = at + folder.size();
    return end == path.size() || path[end] == '/';
  });
}

// A folder where an engine keeps its containers, or a part of it that is not one volume.
bool is_engine_part(std::string_view path, std::string_view root) {
  if (root.size() < 2 || !is_inside(path, root)) return false;
  return path.size() == root.size() || is_one_of(path.substr(root.size() + 1), kEngineTrees);
}

// Most mounts are of folders that no rule is about: a look at the first name tells.
bool is_of_interest(std::string_view path) {
  constexpr std::array<std::string_view, 14> kTop = {"",    "etc",  "root", "home", "boot",
                                                     "usr", "bin",  "sbin", "lib",  "lib64",
                                                     "var", "proc", "sys",  "dev"};
  const std::string_view name = path.substr(1, path.find('/', 1) - 1);
  return is_one_of(name, kTop);
}

}  // namespace

bool is_inside(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.starts_with('/');
  if (!path.starts_with(folder)) return false;
  return path.size() == folder.size() || path[folder.size()] == '/';
}

std::string normal_path(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  }
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  if (is_inside(out, "/var/run")) out.erase(0, std::string_view("/var").size());
  return out;
}

bool is_normal_path(std::string_view path) {
  return path.find("//") == std::string_view::npos && (path.size() < 2 || path.back() != '/') &&
         !is_inside(path, "/var/run");
}

MountRules::MountRules(const Host& host) : root_(normal_path(host.engine.root_dir)) {
  if (host.endpoint.starts_with(kUnix)) {
    socket_ = normal_path(std::string_view(host.endpoint).substr(kUnix.size()));
  }
}

bool MountRules::holds_socket(std::string_view path) const {
  if (is_one_of(path, kSocketFolders)) return true;
  if (path.ends_with(".sock") && is_one_of(file_name(path), kSocketNames)) return true;
  return !socket_.empty() && is_inside(socket_, path);
}

bool MountRules::is_engine_root(std::string_view path) const {
  return is_engine_part(path, root_) ||
         std::ranges::any_of(kEngineRoots,
                             [&](std::string_view root) { return is_engine_part(path, root); });
}

MountKind MountRules::kind_of_path(std::string_view path, bool writable) const {
  if (holds_socket(path)) return MountKind::kEngineSocket;
  if (path == "/") return MountKind::kControl;
  if (is_one_of(path, kManagerSockets)) return MountKind::kManagerSocket;
  const bool engine_root = is_engine_root(path);
  if (!engine_root && !is_of_interest(path)) return MountKind::kOrdinary;
  if (writable) {
    if (engine_root || is_one_of(path, kControlFolders) || is_inside_any(path, kControlTrees) ||
        is_home(path) || holds_account_secrets(path)) {
      return MountKind::kControl;
    }
  } else {
    if (is_inside_any(path, kHarmlessTrees)) return MountKind::kHarmless;
    if (engine_root || is_one_of(path, kSecretPlaces) || is_home(path) ||
        holds_account_secrets(path)) {
      return MountKind::kRead;
    }
  }
  return is_inside_any(path, kKernelTrees) ? MountKind::kHarmless : MountKind::kOrdinary;
}

MountKind MountRules::kind_of(const Mount& mount) const {
  if (mount.type == Mount::Type::kVolume) return MountKind::kOrdinary;
  if (mount.type != Mount::Type::kBind || !mount.source.starts_with('/')) {
    return MountKind::kHarmless;
  }
  if (is_normal_path(mount.source)) return kind_of_path(mount.source, mount.read_write);
  return kind_of_path(normal_path(mount.source), mount.read_write);
}

bool MountRules::has_engine_socket(const Container& container) const {
  return std::ranges::any_of(container.mounts, [&](const Mount& mount) {
    return kind_of(mount) == MountKind::kEngineSocket ||
           (mount.type == Mount::Type::kBind && mount.source == "/");
  });
}

}  // namespace firebreak
