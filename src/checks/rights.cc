#include "checks/rights.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/text.h"

namespace firebreak {
namespace {

struct Capability {
  std::string_view name;
  std::string_view why;
};

// Each of them alone is root on the host.
constexpr std::array kCapabilities = {
    Capability{"ALL", "every capability: no different from privileged"},
    Capability{"SYS_ADMIN", "mounts file systems and enters namespaces of the host"},
    Capability{"SYS_MODULE", "loads code into the kernel that all containers share"},
    Capability{"SYS_RAWIO", "reads and writes raw memory and devices"},
    Capability{"DAC_READ_SEARCH", "opens any file of the host by its handle"},
};

bool has(const std::vector<std::string>& list, std::string_view what) {
  return std::ranges::find(list, what) != list.end();
}

void add_mounts(const MountRules& rules, const Container& container, std::vector<Right>& out) {
  for (const Mount& mount : container.mounts) {
    const MountKind kind = rules.kind_of(mount);
    if (kind == MountKind::kOrdinary || kind == MountKind::kHarmless) continue;
    Right right;
    right.at = "mount " + mount.source;
    right.compose = "the mount of `" + mount.source + "`";
    right.option = "-v " + mount.source + ":" + mount.destination;
    right.service_update = {"--mount-rm", mount.destination};
    if (kind == MountKind::kEngineSocket) {
      right.engine_socket = true;
      right.why =
          "the engine's socket or the folder that holds it: who can call the engine starts "
          "a container as root on the host; read-only does not change that";
    } else if (kind == MountKind::kManagerSocket) {
      right.severity = Severity::kHigh;
      right.why =
          "systemd's socket or the system bus: root in the container can ask systemd to start "
          "programs on the host; read-only does not change that";
    } else if (kind == MountKind::kControl) {
      right.why = mount.read_write
                      ? "writable: what is changed there runs as root on the host"
                      : "the whole file system of the host, the engine's socket included";
    } else {
      right.severity = Severity::kHigh;
      right.why = "readable: secrets and files of the host and of other containers";
    }
    out.push_back(std::move(right));
  }
}

void add_capabilities(const Container& container, std::vector<Right>& out) {
  const auto add = [&](std::string_view name, std::string_view why, Severity severity) {
    const std::string text(name);
    out.push_back({.at = "capability " + text,
                   .why = std::string(why),
                   .severity = severity,
                   .engine_socket = false,
                   .compose = "`cap_add: " + text + "`",
                   .option = "--cap-add " + text,
                   .service_update = {"--cap-drop", text}});
  };
  const auto& added = container.isolation.added_capabilities;
  for (const Capability& capability : kCapabilities) {
    if (has(added, capability.name)) add(capability.name, capability.why, Severity::kCritical);
  }
  if (has(added, "SYS_PTRACE") && container.isolation.pid_mode == "host") {
    add("SYS_PTRACE", "with the host's process table: writes into any process",
        Severity::kCritical);
  }
  if (has(added, "BPF") && (has(added, "PERFMON") || has(added, "NET_ADMIN"))) {
    add("BPF", "loads programs into the kernel that all containers share", Severity::kCritical);
  }
  if (has(added, "NET_ADMIN") && container.isolation.network_mode == "host") {
    add("NET_ADMIN", "in the host's network: changes routes and packet filters of everybody",
        Severity::kHigh);
  }
}

void add_modes(const Container& container, std::vector<Right>& out) {
  if (container.isolation.privileged) {
    out.push_back({.at = "privileged",
                   .why = "all capabilities, all devices, no seccomp and no AppArmor: root on the "
                          "host in one mount",
                   .severity = Severity::kCritical,
                   .engine_socket = false,
                   .compose = "`privileged: true`",
                   .option = "--privileged",
                   .service_update = {}});
  }
  if (container.isolation.pid_mode == "host") {
    out.push_back({.at = "the host's process table",
                   .why = "sees, signals and looks into the processes of all containers, their "
                          "variables and files included",
                   .severity = Severity::kCritical,
                   .engine_socket = false,
                   .compose = "`pid: host`",
                   .option = "--pid host",
                   .service_update = {}});
  }
}

bool is_disk(std::string_view device) {
  constexpr std::array<std::string_view, 9> kDisks = {"/dev/sd",  "/dev/nvme", "/dev/vd",
                                                      "/dev/xvd", "/dev/dm-",  "/dev/mapper",
                                                      "/dev/md",  "/dev/loop", "/dev/disk"};
  return std::ranges::any_of(kDisks,
                             [&](std::string_view start) { return device.starts_with(start); });
}

bool is_memory(std::string_view device) {
  return device == "/dev/mem" || device == "/dev/kmem" || device == "/dev/port";
}

void add_devices(const Container& container, std::vector<Right>& out) {
  const auto add = [&](const std::string& device, std::string_view why, Severity severity) {
    out.push_back({.at = "device " + device,
                   .why = std::string(why),
                   .severity = severity,
                   .engine_socket = false,
                   .compose = "the device `" + device + "`",
                   .option = "--device " + device,
                   .service_update = {}});
  };
  for (const std::string& device : container.isolation.devices) {
    if (device == "/dev") {
      add(device, "all devices of the host, its disks included", Severity::kCritical);
    } else if (is_disk(device)) {
      add(device, "a disk of the host: its files are read and written past the file system",
          Severity::kCritical);
    } else if (is_memory(device)) {
      add(device, "the memory of the host", Severity::kCritical);
    } else if (device == "/dev/kvm") {
      add(device, "a wide part of the kernel, in reach of this container", Severity::kLow);
    }
  }
  for (const std::string& rule : container.isolation.device_rules) {
    const bool blocks = rule.starts_with('a') || rule.starts_with('b');
    if (!blocks || rule.find_first_of("rw", rule.rfind(' ') + 1) == std::string::npos) continue;
    out.push_back({.at = "device rule \"" + rule + "\"",
                   .why = "disks of the host, by a device file that the container makes itself",
                   .severity = Severity::kCritical,
                   .engine_socket = false,
                   .compose = "`device_cgroup_rules: " + rule + "`",
                   .option = "--device-cgroup-rule '" + rule + "'",
                   .service_update = {}});
  }
}

}  // namespace

bool remaps_users(const Host& host) { return has(host.engine.security_options, "userns"); }

bool is_rootless(const Host& host) { return has(host.engine.security_options, "rootless"); }

std::string sandbox_of(const Host& host, const Container& container) {
  const std::string& own = container.isolation.runtime;
  const std::string& runtime = own.empty() ? host.engine.default_runtime : own;
  if (contains_ignoring_case(runtime, "runsc") || contains_ignoring_case(runtime, "gvisor")) {
    return "gVisor";
  }
  return contains_ignoring_case(runtime, "kata") ? "Kata Containers" : "";
}

std::vector<std::string> mitigations(const Host& host, const Container& container) {
  std::vector<std::string> out;
  if (remaps_users(host) && container.isolation.user_mode != "host" &&
      !container.isolation.privileged) {
    out.emplace_back("better: the engine remaps users, so its root is nobody on the host");
  }
  if (const std::string sandbox = sandbox_of(host, container); !sandbox.empty()) {
    out.push_back("better: it runs in " + sandbox + ", behind a kernel of its own");
  }
  return out;
}

std::vector<Right> rights_of(const MountRules& rules, const Container& container) {
  std::vector<Right> out;
  add_modes(container, out);
  add_mounts(rules, container, out);
  add_capabilities(container, out);
  add_devices(container, out);
  std::ranges::sort(out, [](const Right& a, const Right& b) {
    return std::tuple(-static_cast<int>(a.severity), std::string_view(a.at)) <
           std::tuple(-static_cast<int>(b.severity), std::string_view(b.at));
  });
  return out;
}

}  // namespace firebreak
