#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "kernel/proc.h"
#include "kernel/processes.h"

namespace firebreak {
namespace {

constexpr std::string_view kEngine = "dockerd";

Result<std::string> short_name(int pid, Files& files) {
  constexpr std::size_t kLimit = 64;
  return std::string(trim(TRY(files.read(proc_path(pid, "comm"), kLimit))));
}

// /var/run is a link to /run wherever systemd is.
std::string_view plain_path(std::string_view path) {
  if (path.starts_with("/var/run/")) path.remove_prefix(4);
  return path;
}

// The inodes of sockets that listen at that path, from /proc/PID/net/unix: "Num RefCount Protocol
// Flags Type St Inode Path".
std::vector<std::string> listening_inodes(std::string_view table, std::string_view path) {
  constexpr std::string_view kListens = "00010000";
  constexpr std::size_t kColumns = 8;
  std::vector<std::string> out;
  for (const std::string_view line : split(table, '\n')) {
    std::vector<std::string_view> words = split(line, ' ');
    std::erase(words, std::string_view());  // numbers are padded
    if (words.size() == kColumns && words[3] == kListens &&
        plain_path(words[7]) == plain_path(path)) {
      out.emplace_back(words[6]);
    }
  }
  return out;
}

bool holds(int pid, const std::string& socket, Machine& machine, Files& files) {
  const auto descriptors = files.list(proc_path(pid, "fd"));
  return descriptors && std::ranges::any_of(*descriptors, [&](const std::string& number) {
           const auto target = machine.link_target(proc_path(pid, "fd/" + number));
           return target && *target == socket;
         });
}

// The engine among the processes that were given the socket that `maker` listens at.
Result<int> heir(int maker, const std::string& socket_path, Machine& machine, Files& files) {
  constexpr std::size_t kLimit = 16U << 20U;
  const std::string table = TRY(files.read(proc_path(maker, "net/unix"), kLimit));
  const auto inodes = listening_inodes(table, socket_path);
  for (const int pid : TRY(all_processes(files))) {
    const auto name = short_name(pid, files);
    if (!name || *name != kEngine) continue;
    for (const std::string& inode : inodes) {
      if (holds(pid, "socket:[" + inode + "]", machine, files)) return pid;
    }
  }
  return fail(ErrorKind::kUnsupported,
              "no Docker engine of this machine answers this socket, but process " +
                  std::to_string(maker) + " (" +
                  printable(short_name(maker, files).value_or("gone")) + ")");
}

}  // namespace

Result<int> engine_process(const std::string& socket_path, Machine& machine, Files& files) {
  const int pid = TRY(machine.listener(socket_path));
  if (TRY(short_name(pid, files)) == kEngine) return pid;
  return heir(pid, socket_path, machine, files);
}

}  // namespace firebreak
