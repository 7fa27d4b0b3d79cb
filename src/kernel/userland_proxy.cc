#include <algorithm>
#include <map>

#include "base/text.h"
#include "kernel/proc.h"
#include "kernel/processes.h"

namespace firebreak {
namespace {

constexpr std::string_view kProgram = "docker-proxy";

// Go's flags: "-name value", "-name=value", with one dash or two. A flag without a value
// ("-use-listen-fd") is followed by another flag or by nothing.
std::map<std::string, std::string> flags_of(const std::vector<std::string_view>& words) {
  std::map<std::string, std::string> flags;
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::string_view name = words[i];
    if (!name.starts_with('-')) continue;
    name.remove_prefix(name.starts_with("--") ? 2 : 1);
    const std::size_t equals = name.find('=');
    if (equals != std::string_view::npos) {
      flags[std::string(name.substr(0, equals))] = name.substr(equals + 1);
    } else if (i + 1 < words.size() && !words[i + 1].starts_with('-')) {
      flags[std::string(name)] = words[++i];
    }
  }
  return flags;
}

std::string namespace_name(std::uint64_t inode) { return "net:[" + std::to_string(inode) + "]"; }

}  // namespace

Result<std::optional<UserlandProxy>> read_proxy(std::string_view command_line) {
  if (command_line.ends_with('\0')) command_line.remove_suffix(1);
  const std::vector<std::string_view> words = split(command_line, '\0');
  const std::string_view program = words.front().substr(words.front().rfind('/') + 1);
  if (program != kProgram) return std::nullopt;
  auto flags = flags_of(words);
  const auto protocol = parse_protocol(flags["proto"]);
  const auto host_address = IpAddress::parse(flags["host-ip"]);
  const auto host_port = Port::parse(flags["host-port"]);
  const auto container_address = IpAddress::parse(flags["container-ip"]);
  const auto container_port = Port::parse(flags["container-port"]);
  if (!protocol || !host_address || !host_port || !container_address || !container_port) {
    return fail(ErrorKind::kBadData, "its arguments are not understood");
  }
  return UserlandProxy{*protocol, *host_address, *host_port, *container_address, *container_port};
}

Proxies find_proxies(std::uint64_t namespace_inode, Machine& machine, Files& files) {
  constexpr std::size_t kLimit = 2U << 20U;  // the kernel's own limit for arguments
  Proxies out;
  const auto pids = all_processes(files);
  if (!pids) {
    out.unread.push_back({"docker-proxy processes", pids.error().what});
    return out;
  }
  for (const int pid : *pids) {
    const std::string what = "process " + std::to_string(pid);
    const auto command_line = files.read(proc_path(pid, "cmdline"), kLimit);
    const auto proxy =
        command_line ? read_proxy(*command_line) : std::unexpected(command_line.error());
    if (proxy && !*proxy) continue;
    const auto place = machine.link_target(proc_path(pid, "ns/net"));
    if (place && *place != namespace_name(namespace_inode)) continue;
    if (!proxy || !place) {
      if (!files.exists(proc_path(pid, "cmdline"))) continue;  // it has ended meanwhile
      out.unread.push_back({what, (proxy ? place.error() : proxy.error()).what});
      continue;
    }
    out.found.push_back(**proxy);
  }
  return out;
}

}  // namespace firebreak
