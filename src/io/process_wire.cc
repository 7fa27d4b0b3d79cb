// The standard input and output of a program as a wire: one end of a socket pair is both for the
// program, the other end is an ordinary Asio socket for us (so that writing to a dead program is an
// error and no signal). Its stderr is drained all the while and becomes the error when it fails.
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "base/check.h"
#include "base/text.h"
#include "io/child.h"
#include "io/child_words.h"
#include "io/descriptor.h"
#include "io/os_error.h"
#include "io/socket_wire.h"
#include "io/transport.h"

namespace firebreak {
namespace {

using asio::local::stream_protocol;
using std::chrono::steady_clock;

constexpr std::size_t kKeptErr = 16U << 10U;   // the last bytes of stderr
constexpr std::chrono::seconds kLastWords{2};  // how long a program that closed may take to end
constexpr std::chrono::milliseconds kGlance{10};

struct Ends {
  Descriptor ours;
  Descriptor theirs;
};

Result<Ends> make_ends(bool two_ways, const std::string& where) {
  std::array<int, 2> fds{};
  const int code = two_ways ? ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data())
                            : ::pipe2(fds.data(), O_CLOEXEC);
  if (code != 0) return fail(ErrorKind::kIo, "cannot make a pipe: " + os_words(errno), where);
  return Ends{Descriptor(fds[0]), Descriptor(fds[1])};
}

class ProcessWire : public SocketWire<stream_protocol> {
 public:
  ProcessWire(std::vector<std::string> argv, std::string where)
      : SocketWire(std::move(where)), argv_(std::move(argv)) {}
  ProcessWire(const ProcessWire&) = delete;
  ProcessWire& operator=(const ProcessWire&) = delete;
  ~ProcessWire() override { close(); }

  Result<void> open(Deadline /*deadline*/) override {
    Ends talk = TRY(make_ends(true, where_));
    Ends err = TRY(make_ends(false, where_));
    auto child = Child::start(argv_, talk.theirs.get(), talk.theirs.get(), err.theirs.get());
    if (!child) {
      child.error().what = child.error().where + ": " + child.error().what;
      child.error().where = where_;
      return std::unexpected(child.error());
    }
    child_ = *std::move(child);
    socket_.assign(stream_protocol(), talk.ours.release());
    err_.assign(err.ours.release());
    said_.clear();
    listen();
    return {};
  }

  std::optional<Error> last_words(Deadline deadline) override {
    if (!child_) return std::nullopt;
    const auto until = std::min(deadline, steady_clock::now() + kLastWords);
    auto code = child_->ended();
    while ((!code || err_.is_open()) && steady_clock::now() < until) {
      context_.restart();
      context_.run_one_until(std::min(until, steady_clock::now() + kGlance));
      // One that lives on without an output can only be in the way.
      if (!code) code = child_->ended();
    }
    const std::string words = child_words(said_);
    if (!code && words.empty()) return std::nullopt;
    return explain(code, words);
  }

  void close() override {
    close_socket();
    boost::system::error_code ignored;
    err_.close(ignored);
    context_.restart();
    context_.poll();  // the handler of the pending read, which refers to us
    child_.reset();   // kills it
  }

 private:
  // Reads stderr until its end, whenever the context runs.
  void listen() {
    err_.async_read_some(asio::buffer(err_buffer_),
                         [this](const boost::system::error_code& error, std::size_t size) {
                           if (error) {
                             boost::system::error_code ignored;
                             err_.close(ignored);
                             return;
                           }
                           said_.append(err_buffer_.data(), size);
                           if (said_.size() > kKeptErr) said_.erase(0, said_.size() - kKeptErr);
                           listen();
                         });
  }

  [[nodiscard]] Error explain(std::optional<int> code, const std::string& words) const {
    const std::string program = printable(argv_.front());
    Error error{ErrorKind::kUnreachable, {}, where_, {}};
    error.what = code ? program + " ended with exit code " + std::to_string(*code) : program;
    if (!words.empty()) error.what += ": " + words;
    const auto said = [&](std::string_view part) { return contains_ignoring_case(words, part); };
    if (said("host key verification failed") || said("host identification has changed")) {
      error.kind = ErrorKind::kDenied;
      error.remedy = "connect once by hand with ssh to check and accept the host's key";
    } else if ((said("daemon socket") || said("dial unix")) && said("permission denied")) {
      error.kind = ErrorKind::kDenied;
      error.remedy = "the user on that host must be root or in the group docker";
    } else if (said("permission denied") || said("too many authentication failures")) {
      error.kind = ErrorKind::kDenied;
      error.remedy = "ssh is not allowed to ask for passwords here: load a key into ssh-agent";
    } else if (code == 127 || said("command not found")) {
      error.kind = ErrorKind::kUnsupported;
      error.remedy = "install the docker command on that host";
    } else if (said("cannot connect to the docker daemon") || said("dial unix")) {
      error.remedy = "is Docker running on that host?";
    }
    return error;
  }

  std::vector<std::string> argv_;
  std::optional<Child> child_;
  asio::posix::stream_descriptor err_{context_};
  std::array<char, 4096> err_buffer_{};
  std::string said_;
};

}  // namespace

std::unique_ptr<HttpClient> process_client(std::vector<std::string> argv, std::string where,
                                           HttpLimits limits) {
  CHECK(!argv.empty());
  auto wire = std::make_unique<ProcessWire>(std::move(argv), where);
  return http_over(std::move(wire), std::move(where), "docker", limits);
}

}  // namespace firebreak
