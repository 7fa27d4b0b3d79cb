#include "io/machine.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "io/netlink_socket.h"
#include "io/scripted_machine.h"
#include "io/testing.h"

namespace firebreak {
namespace {

using testing::HasSubstr;
using testing_io::TemporaryFolder;

constexpr std::size_t kLimit = 4096;
constexpr const char* kForward = "/proc/sys/net/ipv4/ip_forward";

NetlinkRequest links() {
  return {NETLINK_ROUTE, RTM_GETLINK, std::string(sizeof(ifinfomsg), '\0')};
}

// The types of the messages in a dump.
std::vector<int> types(const std::string& dump) {
  std::vector<int> out;
  for (std::size_t at = 0; at + sizeof(nlmsghdr) <= dump.size();) {
    nlmsghdr header{};
    std::memcpy(&header, dump.data() + at, sizeof header);
    out.push_back(header.nlmsg_type);
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
  return out;
}

// A thread that stands in a network namespace of its own, with forwarding on, until the end of the
// scope.
class Elsewhere {
 public:
  Elsewhere() {
    std::unique_lock lock(mutex_);
    thread_ = std::jthread([this](const std::stop_token& stop) { stand(stop); });
    changed_.wait(lock, [this] { return !path_.empty(); });
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  void stand(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const bool made = ::unshare(CLONE_NEWNET) == 0;
    const bool on = made && real_files()->write(kForward, "1", false).has_value();
    path_ = on ? "/proc/self/task/" + std::to_string(::syscall(SYS_gettid)) + "/ns/net" : "failed";
    changed_.notify_all();
    changed_.wait(lock, stop, [] { return false; });
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string path_;
  std::jthread thread_;
};

// What a test does in a process of its own that may make namespaces, as root or as its own root.
int in_own_namespace(const std::function<bool()>& test) {
  constexpr int kNotAllowed = 77;
  const pid_t child = ::fork();
  if (child == 0) {
    if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
      ::_exit(kNotAllowed);
    }
    ::_exit(test() ? 0 : 1);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

bool sees_the_other_namespace(NamespaceView& view) {
  const auto forward = view.files.read(kForward, kLimit);
  const auto told = view.processes.run({"cat", kForward}, std::chrono::seconds(30));
  const auto dump = view.netlink.dump(links());
  EXPECT_EQ(forward.value_or("failed"), "1\n");
  EXPECT_EQ(told ? told->out : told.error().text(), "1\n");
  EXPECT_EQ(types(dump.value_or("")).front(), RTM_NEWLINK);
  EXPECT_EQ(types(dump.value_or("")).back(), NLMSG_DONE);
  return !testing::Test::HasFailure();
}

TEST(EnteringANamespace, ShowsItsInsideAndLeavesTheCallerWhereItIs) {
  const int code = in_own_namespace([] {
    const auto machine = real_machine();
    const Elsewhere elsewhere;
    const auto before = machine->link_target("/proc/thread-self/ns/net");
    const auto target = machine->link_target(elsewhere.path());
    bool good = false;
    std::uint64_t inode = 0;
    const auto entered = machine->enter({elsewhere.path(), 0}, [&](NamespaceView& view) {
      good = sees_the_other_namespace(view);
      inode = view.inode;
    });
    EXPECT_TRUE(entered) << entered.error().text();
    EXPECT_EQ(target.value_or(""), "net:[" + std::to_string(inode) + "]");
    EXPECT_EQ(machine->link_target("/proc/thread-self/ns/net").value_or(""), before.value_or("?"));
    EXPECT_NE(before.value_or(""), target.value_or(""));
    return good && !testing::Test::HasFailure();
  });
  if (code == 77) GTEST_SKIP() << "needs root or user namespaces";
  EXPECT_EQ(code, 0);
}

TEST(EnteringANamespace, ThrowsWhatTheVisitThrows) {
  const int code = in_own_namespace([] {
    try {
      const auto entered = real_machine()->enter({"/proc/self/ns/net", 0},
                                                 [](NamespaceView&) { throw std::bad_alloc(); });
      if (!entered) return false;
    } catch (const std::bad_alloc&) {
      return true;
    }
    return false;
  });
  if (code == 77) GTEST_SKIP() << "needs root or user namespaces";
  EXPECT_EQ(code, 0);
}

TEST(EnteringANamespace, FailsWhereThereIsNone) {
  const TemporaryFolder folder;
  ASSERT_TRUE(real_files()->write(folder / "left-behind", "", false));
  const auto entered = [](const std::string& path, int seen_by = 0) {
    const auto result = real_machine()->enter({path, seen_by}, [](NamespaceView&) { FAIL(); });
    return result ? "entered" : result.error().text();
  };
  EXPECT_THAT(entered(folder / "none"), HasSubstr("no such file or directory"));
  EXPECT_THAT(entered(folder / "none", ::getpid()), HasSubstr("no such file or directory"));
  EXPECT_THAT(entered(folder / "left-behind"), HasSubstr("it is no network namespace any more"));
  EXPECT_THAT(entered("/proc/self/ns/uts"), HasSubstr("it is no network namespace any more"));
}

TEST(TheListener, IsTheProcessBehindTheSocket) {
  const TemporaryFolder folder;
  const testing_io::Server server(folder / "s", [](testing_io::Conversation&) {});
  EXPECT_EQ(real_machine()->listener(folder / "s").value_or(0), ::getpid());
  EXPECT_EQ(real_machine()->listener(folder / "t").error().kind, ErrorKind::kUnreachable);
  EXPECT_EQ(real_machine()->listener(std::string(200, 'x')).error().kind, ErrorKind::kUsage);
}

TEST(ADump, EndsWithDone) {
  const auto dump = real_netlink()->dump(links());
  ASSERT_TRUE(dump) << dump.error().text();
  EXPECT_EQ(types(*dump).back(), NLMSG_DONE);
}

TEST(ADump, OfSomethingThatIsNotThereSaysSo) {
  constexpr int kNoSuchProtocol = 31;
  EXPECT_EQ(real_netlink()->dump({kNoSuchProtocol, 0, {}}).error().kind, ErrorKind::kUnsupported);
  constexpr std::uint16_t kNoSuchMessage = 16 + 4 * 100 + 2;
  EXPECT_EQ(real_netlink()->dump({NETLINK_ROUTE, kNoSuchMessage, "abcd"}).error().kind,
            ErrorKind::kUnsupported);
}

TEST(AFailingMachine, FailsTheNthCallInsideANamespaceToo) {
  ScriptedMachine scripted;
  scripted.listeners["s"] = 7;
  ScriptedNamespace& inside = scripted.namespaces["n"];
  inside.netlink.answer(links(), "abcd");
  for (int nth = 1; nth <= 4; ++nth) {
    Fault fault(nth, Fault::Kind::kDenied);
    FailingMachine machine(scripted, fault);
    EXPECT_EQ(machine.listener("s").has_value(), nth != 1);
    bool entered = false;
    EXPECT_EQ(machine
                  .enter({"n", 0},
                         [&](NamespaceView& view) {
                           entered = true;
                           EXPECT_EQ(view.netlink.dump(links()).has_value(), nth != 3);
                         })
                  .has_value(),
              nth != 2);
    EXPECT_EQ(entered, nth != 2);
  }
}

}  // namespace
}  // namespace firebreak
