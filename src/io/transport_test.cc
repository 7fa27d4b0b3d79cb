// The ways to an engine other than TLS: what each says when it does not get through.
#include "io/transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>

#include "io/child_words.h"
#include "io/testing.h"
#include "io/wire.h"

namespace firebreak {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using namespace testing_io;

Error failure(HttpClient& client) {
  const auto result = client.get("/info");
  EXPECT_FALSE(result);
  return result ? Error{} : result.error();
}

TEST(UnixClient, Asks) {
  const TemporaryFolder folder;
  std::string seen;
  const Server server(folder / "s", [&](Conversation& client) {
    seen = client.request();
    client.send(ok("x"));
  });
  const auto result = unix_client(folder / "s", kLimits)->get("/info");
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->body, "x");
  EXPECT_THAT(seen, HasSubstr("\r\nHost: docker\r\n"));
}

TEST(UnixClient, NoSuchSocket) {
  const TemporaryFolder folder;
  const Error error = failure(*unix_client(folder / "none", kLimits));
  EXPECT_EQ(error.kind, ErrorKind::kUnreachable);
  EXPECT_THAT(error.text(),
              HasSubstr("unix://" + (folder / "none") + ": no such socket (is Docker running?"));
}

TEST(UnixClient, SocketThatNobodyListensOn) {
  const TemporaryFolder folder;
  {
    const Server server(folder / "s", [](Conversation&) {});
  }
  const Error error = failure(*unix_client(folder / "s", kLimits));
  EXPECT_EQ(error.kind, ErrorKind::kUnreachable);
  EXPECT_THAT(error.text(), HasSubstr("nobody listens on the socket (is Docker running?)"));
}

TEST(UnixClient, FileThatIsNoSocket) {
  const TemporaryFolder folder;
  std::ofstream(folder / "f") << "x";
  EXPECT_THAT(failure(*unix_client(folder / "f", kLimits)).text(),
              HasSubstr("nobody listens on the socket"));
}

TEST(UnixClient, NoPermission) {
  const TemporaryFolder folder;
  const Server server(folder / "s", [](Conversation&) {});
  ASSERT_EQ(::chmod((folder / "s").c_str(), 0), 0);
  // Root may everything; so a child that is not root tries.
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && (::chmod(folder.path().c_str(), 0755) != 0 || ::setuid(65534) != 0)) {
      ::_exit(1);
    }
    const auto result = unix_client(folder / "s", kLimits)->get("/info");
    const std::string text = result ? "answered"
                                    : (result.error().kind == ErrorKind::kDenied ? "" : "kind; ") +
                                          result.error().text();
    ::_exit(::write(ends[1], text.data(), text.size()) < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  char buffer[1000];
  const ssize_t got = ::read(ends[0], buffer, sizeof buffer);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(got)),
            "unix://" + (folder / "s") +
                ": permission denied on the socket (run as root, or as a member of the group that "
                "owns it (usually docker))");
}

TEST(UnixClient, PathThatIsTooLong) {
  EXPECT_EQ(failure(*unix_client("/" + std::string(200, 'x'), kLimits)).kind, ErrorKind::kUsage);
  EXPECT_EQ(failure(*unix_client("", kLimits)).kind, ErrorKind::kUsage);
}

// A full queue must end in an error by the deadline, not in a hang or a crash.
TEST(UnixClient, ServerThatDoesNotAccept) {
  const TemporaryFolder folder;
  const Descriptor listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder / "s").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listening.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listening.get(), 0), 0);
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(unix_client(folder / "s", {200ms, 1000}));
    EXPECT_EQ(failure(*clients.back()).kind, ErrorKind::kUnreachable);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
}

TEST(TcpClient, Refused) {
  std::string port;
  {
    const Server server([](Conversation&) {});
    port = server.port();
  }
  const Error error = failure(*tcp_client("127.0.0.1", port, kLimits));
  EXPECT_EQ(error.kind, ErrorKind::kUnreachable);
  EXPECT_THAT(error.text(), HasSubstr("tcp://127.0.0.1:" + port + ": connection refused"));
}

TEST(TcpClient, BadPortAndUnknownName) {
  EXPECT_EQ(failure(*tcp_client("127.0.0.1", "0", kLimits)).kind, ErrorKind::kUsage);
  EXPECT_EQ(failure(*tcp_client("127.0.0.1", "http", kLimits)).kind, ErrorKind::kUsage);
  // RFC 6761: "invalid" never exists. A name with a space is no name, so nobody is asked.
  const Error error = failure(*tcp_client("no such.invalid", "1", {2s, 1000}));
  EXPECT_EQ(error.kind, ErrorKind::kUnreachable);
  EXPECT_THAT(error.text(), HasSubstr("resolve"));
}

TEST(TcpClient, AddressesAreWrittenInBrackets) {
  EXPECT_THAT(failure(*tcp_client("::1", "1", kLimits)).text(), HasSubstr("tcp://[::1]:1: "));
}

class ProcessClient : public testing::Test {
 protected:
  static std::unique_ptr<HttpClient> run(const std::string& script, HttpLimits limits = kLimits) {
    return process_client({"sh", "-c", script}, "ssh://edge", limits);
  }
  // Reads one request's head, in shell.
  static constexpr auto kRead =
      "cr=$(printf '\\r'); while read -r l && [ \"$l\" != \"$cr\" ]; do :; done; ";
};

TEST_F(ProcessClient, AsksSeveralTimesThroughOneProgram) {
  const auto client =
      run(std::string("n=0; while :; do ") + kRead +
          "n=$((n+1)); printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\n\\r\\n%d' "
          "$n; done");
  for (const auto* expected : {"1", "2", "3"}) {
    const auto result = client->get("/info");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->body, expected);
  }
}

TEST_F(ProcessClient, ProgramThatEndedIsStartedAnew) {
  const auto client =
      run(std::string(kRead) + "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\n\\r\\nx'");
  ASSERT_TRUE(client->get("/info"));
  std::this_thread::sleep_for(50ms);
  const auto second = client->get("/info");
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_EQ(second->body, "x");
}

TEST_F(ProcessClient, SaysWhatTheProgramSaid) {
  const Error error =
      failure(*run("echo 'ssh: connect to host edge port 22: Connection refused' "
                   ">&2; exit 255"));
  EXPECT_EQ(error.kind, ErrorKind::kUnreachable);
  EXPECT_EQ(error.text(),
            "ssh://edge: sh ended with exit code 255: ssh: connect to host edge port 22: "
            "Connection refused");
}

TEST_F(ProcessClient, TellsReasonsApart) {
  Error error = failure(*run("echo 'ops@edge: Permission denied (publickey).' >&2; exit 255"));
  EXPECT_EQ(error.kind, ErrorKind::kDenied);
  EXPECT_THAT(error.remedy, HasSubstr("ssh-agent"));
  error = failure(*run("echo 'Host key verification failed.' >&2; exit 255"));
  EXPECT_EQ(error.kind, ErrorKind::kDenied);
  EXPECT_THAT(error.remedy, HasSubstr("accept the host's key"));
  error = failure(*run("no-such-docker system dial-stdio"));
  EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
  EXPECT_THAT(error.remedy, HasSubstr("install the docker command"));
  error =
      failure(*run("echo 'permission denied while trying to connect to the Docker daemon socket "
                   "at unix:///var/run/docker.sock' >&2; exit 1"));
  EXPECT_EQ(error.kind, ErrorKind::kDenied);
  EXPECT_THAT(error.remedy, HasSubstr("group docker"));
  error =
      failure(*run("echo 'failed to open the raw stream connection: dial unix "
                   "/var/run/docker.sock: connect: permission denied' >&2; exit 1"));
  EXPECT_EQ(error.kind, ErrorKind::kDenied);
  EXPECT_THAT(error.remedy, HasSubstr("group docker"));
  error =
      failure(*run("echo 'failed to open the raw stream connection: dial unix "
                   "/var/run/docker.sock: connect: no such file or directory' >&2; exit 1"));
  EXPECT_EQ(error.kind, ErrorKind::kUnreachable);
  EXPECT_THAT(error.remedy, HasSubstr("is Docker running on that host?"));
}

TEST_F(ProcessClient, MissingProgramIsNamed) {
  const auto client = process_client({"no-such-ssh"}, "ssh://edge", kLimits);
  const Error error = failure(*client);
  EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
  EXPECT_EQ(error.where, "ssh://edge");
  EXPECT_EQ(error.what, "no-such-ssh: no such program");  // reports may leave the place away
}

TEST_F(ProcessClient, CutShortSaysHowFarAndWhy) {
  const Error error = failure(*run(
      std::string(kRead) +
      "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\nabc'; echo lost >&2; exit 9"));
  EXPECT_EQ(error.kind, ErrorKind::kBadData);
  EXPECT_EQ(error.text(),
            "ssh://edge: its answer was cut short after 3 of 10 bytes: sh ended with exit code 9: "
            "lost");
}

TEST_F(ProcessClient, SilentProgramEndsAtTheDeadlineWithItsChildren) {
  const TemporaryFolder folder;
  const auto begin = std::chrono::steady_clock::now();
  {
    const auto client =
        run("sleep 100 & echo $! > " + (folder / "pid") + "; echo 'still thinking' >&2; sleep 100",
            {2s, 1000});
    const Error error = failure(*client);
    EXPECT_EQ(error.kind, ErrorKind::kUnreachable);
    EXPECT_THAT(error.text(), EndsWith("it did not answer within 2 seconds: sh: still thinking"));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
  pid_t pid = 0;
  std::ifstream(folder / "pid") >> pid;
  ASSERT_GT(pid, 0);
  bool gone = false;
  for (int i = 0; i < 200 && !gone; ++i) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(status, line);
    gone = line.empty() || line.contains(") Z");
    if (!gone) std::this_thread::sleep_for(10ms);
  }
  EXPECT_TRUE(gone);
}

TEST_F(ProcessClient, FloodOnStderrNeitherBlocksNorFillsMemory) {
  const auto client = run(std::string(kRead) +
                          "head -c 3000000 /dev/zero | tr '\\0' 'e' >&2; echo >&2; "
                          "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\n\\r\\nx'");
  const auto result = client->get("/info");
  ASSERT_TRUE(result) << result.error().text();
  const Error error = failure(*run("head -c 3000000 /dev/zero | tr '\\0' 'e' >&2; exit 1"));
  EXPECT_LT(error.text().size(), 1000U);
}

TEST_F(ProcessClient, ProgramThatDiesBeforeReadingRaisesNoSignal) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(failure(*run("exit 3")).kind, ErrorKind::kUnreachable);
}

TEST_F(ProcessClient, ProgramThatClosedItsOutputButLivesOn) {
  const auto begin = std::chrono::steady_clock::now();
  const Error error = failure(*run("exec <&- >&-; exec sleep 100"));
  EXPECT_THAT(error.text(), HasSubstr("ssh://edge: "));
  EXPECT_EQ(error.kind, ErrorKind::kUnreachable);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
}

TEST(ChildWords, ArePrintableOnOneLineAndBounded) {
  EXPECT_EQ(child_words("\r\n a \x1b[31mred\r\n\n b\n"), "a \xEF\xBF\xBD[31mred; b");
  EXPECT_LE(child_words(std::string(10'000, 'x')).size(), 700U);
  EXPECT_EQ(child_words(""), "");
}

TEST(ChildWords, HideSecrets) {
  for (const auto* text :
       {"dial tcp://u:geheim@h:1 failed", "postgres://u:ge/heim:geheim@h/db", "PASSWORD=geheim",
        "password: geheim geheim", "\"token\":\"geheim\"", "Authorization: Basic geheim",
        "passphrase = geheim", "client_secret=geheim"}) {
    EXPECT_THAT(child_words(text), Not(HasSubstr("geheim"))) << text;
  }
  EXPECT_EQ(child_words("ssh://ops@edge failed"), "ssh://ops@edge failed");
  EXPECT_EQ(child_words("ops@edge's password:"), "ops@edge's password:");
}

TEST(DurationText, ReadsWell) {
  EXPECT_EQ(duration_text(30s), "30 seconds");
  EXPECT_EQ(duration_text(1s), "1 second");
  EXPECT_EQ(duration_text(1500ms), "1.5 seconds");
  EXPECT_EQ(duration_text(20ms), "20 ms");
}

}  // namespace
}  // namespace firebreak
