// Programs that are run to their end and whose output is kept.
#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "base/text.h"
#include "io/child.h"
#include "io/descriptor.h"
#include "io/os_error.h"
#include "io/system.h"

namespace firebreak {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::size_t kMaxOut = 64U << 20U;
constexpr std::size_t kMaxErr = 64U << 10U;
// How often an end is looked for that no descriptor announces: a program may end while one that it
// left behind still holds the pipes.
constexpr std::chrono::milliseconds kEndCheck{20};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) {
    return fail(ErrorKind::kIo, "cannot make a pipe: " + os_words(errno));
  }
  Pipe pipe{Descriptor(fds[0]), Descriptor(fds[1])};
  ::fcntl(fds[0], F_SETFL, O_NONBLOCK);
  return pipe;
}

// Takes what is there; closes `fd` at its end. Keeps at most `limit` bytes and drops the rest;
// false if something was dropped.
bool drain(Descriptor& fd, std::string& into, std::size_t limit) {
  std::array<char, 64U << 10U> buffer{};
  bool whole = true;
  while (fd) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) {
      fd.reset();
      break;
    }
    const auto size = static_cast<std::size_t>(got);
    const std::size_t kept = std::min(size, limit - into.size());
    into.append(buffer.data(), kept);
    if (kept < size) {
      whole = false;
      break;  // the caller decides; an endless writer must not hold us here
    }
  }
  return whole;
}

void wait_for(const Pipe& out, const Pipe& err, std::chrono::milliseconds time) {
  std::array<pollfd, 2> fds = {pollfd{out.read.get(), POLLIN, 0},
                               pollfd{err.read.get(), POLLIN, 0}};
  (void)::poll(fds.data(), fds.size(), static_cast<int>(time.count()));
}

class RealProcesses : public Processes {
 public:
  Result<ProcessResult> run(const std::vector<std::string>& argv,
                            std::chrono::milliseconds timeout) override {
    if (argv.empty()) return fail(ErrorKind::kUsage, "no program to run");
    const auto deadline = SteadyClock::now() + timeout;
    const std::string where = printable(argv.front());
    Pipe out = TRY(make_pipe());
    Pipe err = TRY(make_pipe());
    const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing) return std::unexpected(file_error(errno, "read", "/dev/null"));
    Child child = TRY(Child::start(argv, nothing.get(), out.write.get(), err.write.get()));
    out.write.reset();
    err.write.reset();

    ProcessResult result;
    for (;;) {
      const auto code = child.ended();  // before draining: what it wrote before its end is there
      if (!drain(out.read, result.out, kMaxOut)) {
        return fail(ErrorKind::kBadData, "it wrote more than 64 MiB", where);
      }
      (void)drain(err.read, result.err, kMaxErr);
      if (code) {
        result.exit_code = *code;
        return result;
      }
      if (SteadyClock::now() >= deadline) {
        return fail(ErrorKind::kUnreachable,
                    "it did not end within " + std::to_string(timeout.count()) + " ms", where);
      }
      wait_for(out, err, kEndCheck);
    }
  }
};

}  // namespace

std::unique_ptr<Processes> real_processes() { return std::make_unique<RealProcesses>(); }

}  // namespace firebreak
