// Network namespaces (setns(2), namespaces(7)) and the peers of unix sockets (unix(7)).
#include "io/machine.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <future>
#include <system_error>
#include <thread>

#include "base/text.h"
#include "io/descriptor.h"
#include "io/netlink_socket.h"
#include "io/os_error.h"

namespace firebreak {
namespace {

std::unexpected<Error> namespace_failed(int code, const std::string& path) {
  Error error = file_error(code, "enter", path);
  if (error.kind == ErrorKind::kDenied) error.remedy = "run as root";
  if (code == ENOENT || code == ESRCH) error.remedy.clear();
  return std::unexpected(std::move(error));
}

// `path` below another process's root folder `root`, so that an absolute link stays below it.
int open_below(const std::string& root, int folder, std::string_view path) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT;
  const std::string whole(path);
  const auto fd = ::syscall(SYS_openat2, folder, whole.c_str(), &how, sizeof how);
  if (fd >= 0 || errno != ENOSYS) return static_cast<int>(fd);
  // Before Linux 5.6: without the one link that is commonly there.
  if (path.starts_with("/var/run/")) path.remove_prefix(4);
  return ::open((root + std::string(path)).c_str(), O_RDONLY | O_CLOEXEC);
}

Result<Descriptor> open_place(const NamespacePlace& place) {
  Descriptor found;
  if (place.seen_by == 0) {
    found.reset(::open(place.path.c_str(), O_RDONLY | O_CLOEXEC));
  } else {
    const std::string root = "/proc/" + std::to_string(place.seen_by) + "/root";
    const Descriptor folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return namespace_failed(errno, root);
    found.reset(open_below(root, folder.get(), place.path));
  }
  if (!found) return namespace_failed(errno, place.path);
  return found;
}

Result<void> visit_inside(const NamespacePlace& place,
                          const std::function<void(NamespaceView&)>& visit) {
  const Descriptor opened = TRY(open_place(place));
  // The engine leaves an ordinary file for a while where a namespace was.
  if (::ioctl(opened.get(), NS_GET_NSTYPE) != CLONE_NEWNET) {
    return fail(ErrorKind::kIo, "it is no network namespace any more", printable(place.path));
  }
  struct stat info{};
  if (::fstat(opened.get(), &info) != 0 || ::setns(opened.get(), CLONE_NEWNET) != 0) {
    return namespace_failed(errno, place.path);
  }
  const auto netlink = real_netlink();
  const auto files = real_files();
  const auto processes = real_processes();
  const auto sockets = real_sockets();
  NamespaceView view{info.st_ino, *netlink, *files, *processes, *sockets};
  visit(view);
  return {};
}

class RealMachine : public Machine {
 public:
  bool is_root() override { return ::geteuid() == 0; }

  Result<int> listener(const std::string& socket_path) override {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.size() >= sizeof address.sun_path) {
      return fail(ErrorKind::kUsage, "the path is too long for a socket", printable(socket_path));
    }
    socket_path.copy(address.sun_path, socket_path.size());
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ucred peer{};
    socklen_t size = sizeof peer;
    if (!socket ||
        ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
        ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
      return fail(ErrorKind::kUnreachable, "cannot connect: " + os_words(errno),
                  printable(socket_path));
    }
    if (peer.pid > 0) return peer.pid;
    return fail(ErrorKind::kUnsupported, "the process that answers it is not visible from here",
                printable(socket_path), "run outside of a container");
  }

  Result<std::string> link_target(const std::string& path) override {
    std::array<char, 4096> target{};
    const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
    if (size < 0) return std::unexpected(file_error(errno, "read", path));
    return std::string(target.data(), static_cast<std::size_t>(size));
  }

  Result<void> enter(const NamespacePlace& place,
                     const std::function<void(NamespaceView&)>& visit) override {
    std::packaged_task<Result<void>()> task([&] { return visit_inside(place, visit); });
    auto result = task.get_future();
    try {
      std::thread(std::move(task)).join();
    } catch (const std::system_error& error) {
      return fail(ErrorKind::kIo, "cannot start a thread: " + os_words(error.code().value()));
    }
    return result.get();
  }
};

}  // namespace

std::unique_ptr<Machine> real_machine() { return std::make_unique<RealMachine>(); }

}  // namespace firebreak
