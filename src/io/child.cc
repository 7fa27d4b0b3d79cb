#include "io/child.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "io/os_error.h"

namespace firebreak {
namespace {

// posix_spawn's two parameter objects, released at the end of the scope.
class SpawnSetup {
 public:
  SpawnSetup() {
    CHECK(::posix_spawn_file_actions_init(&actions_) == 0);
    CHECK(::posix_spawnattr_init(&attributes_) == 0);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  void pass(int fd, int as) { CHECK(::posix_spawn_file_actions_adddup2(&actions_, fd, as) == 0); }
  // Own group, ordinary signal handling whatever ours is.
  void isolate() {
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    CHECK(::posix_spawnattr_setflags(
              &attributes_, static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                               POSIX_SPAWN_SETSIGDEF)) == 0);
    CHECK(::posix_spawnattr_setpgroup(&attributes_, 0) == 0);
    CHECK(::posix_spawnattr_setsigmask(&attributes_, &none) == 0);
    CHECK(::posix_spawnattr_setsigdefault(&attributes_, &all) == 0);
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<Child> Child::start(const std::vector<std::string>& argv, int in, int out, int err) {
  CHECK(!argv.empty());
  SpawnSetup setup;
  setup.pass(in, 0);
  setup.pass(out, 1);
  setup.pass(err, 2);
  setup.isolate();
  std::vector<std::string> words = argv;  // exec wants char*, not const char*
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t pid = -1;
  const int code = ::posix_spawnp(&pid, pointers.front(), &setup.actions_, &setup.attributes_,
                                  pointers.data(), environ);
  if (code == ENOENT) {
    return fail(ErrorKind::kUnsupported, "no such program", printable(argv.front()),
                "install it or add its folder to PATH");
  }
  if (code == EACCES) {
    return fail(ErrorKind::kDenied, "not allowed to run it", printable(argv.front()),
                "check its mode");
  }
  if (code != 0) {
    return fail(ErrorKind::kIo, "cannot start it: " + os_words(code), printable(argv.front()));
  }
  return Child(pid);
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), code_(other.code_) {}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    kill();
    pid_ = std::exchange(other.pid_, -1);
    code_ = other.code_;
  }
  return *this;
}

std::optional<int> Child::ended() {
  if (pid_ < 0) return code_;
  siginfo_t info{};
  // WNOWAIT keeps the leader as a zombie, and with it the number of its group, until the group is
  // killed: no other group can have that number meanwhile.
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      info.si_pid == 0) {
    return std::nullopt;
  }
  ::kill(-pid_, SIGKILL);
  code_ = reap();
  return code_;
}

void Child::kill() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);  // should it have left the group
  code_ = reap();
}

int Child::reap() {
  int status = 0;
  pid_t got = -1;
  do {
    got = ::waitpid(pid_, &status, 0);
  } while (got < 0 && errno == EINTR);
  pid_ = -1;
  if (got < 0) return -1;  // someone else reaped it (SIGCHLD ignored)
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace firebreak
