// Dumps over netlink (RFC 3549), with libmnl. A dump that the kernel marks as inconsistent, because
// something changed meanwhile, is asked for again.
#include "io/netlink_socket.h"

#include <libmnl/libmnl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <vector>

#include "io/os_error.h"

namespace firebreak {
namespace {

constexpr std::size_t kMaxAnswer = 64U << 20U;
constexpr std::size_t kBuffer = 64U << 10U;  // the kernel fills at most 32 KiB at a time
constexpr int kAttempts = 3;
constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};

std::unexpected<Error> netlink_failed(int code) {
  switch (code) {
    case EPERM:
    case EACCES: return fail(ErrorKind::kDenied, os_words(code), "netlink", "run as root");
    case EAGAIN: return fail(ErrorKind::kUnreachable, "no answer within 10 seconds", "netlink");
    case EINVAL:  // nfnetlink's word for a part that is not there
    case ENOENT:
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
    case EAFNOSUPPORT:
      return fail(ErrorKind::kUnsupported, "the kernel has no such list", "netlink");
    default: return fail(ErrorKind::kIo, os_words(code), "netlink");
  }
}

class Socket {
 public:
  static Result<Socket> open(int protocol) {
    Socket opened(mnl_socket_open2(protocol, SOCK_CLOEXEC));
    if (opened.socket_ == nullptr || mnl_socket_bind(opened.socket_.get(), 0, 0) != 0) {
      return netlink_failed(errno);
    }
    const int fd = mnl_socket_get_fd(opened.socket_.get());
    if (::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience) != 0) {
      return netlink_failed(errno);
    }
    return opened;
  }

  Result<void> send(const NetlinkRequest& request, std::uint32_t sequence) {
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + request.body.size());
    header.nlmsg_type = request.type;
    header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    header.nlmsg_seq = sequence;
    std::string message(sizeof header, '\0');
    std::memcpy(message.data(), &header, sizeof header);
    message += request.body;
    if (mnl_socket_sendto(socket_.get(), message.data(), message.size()) < 0) {
      return netlink_failed(errno);
    }
    return {};
  }

  // At least one message.
  Result<std::size_t> receive(std::span<char> into) {
    ssize_t got = -1;
    do {
      got = mnl_socket_recvfrom(socket_.get(), into.data(), into.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) return netlink_failed(errno);
    return static_cast<std::size_t>(got);
  }

  [[nodiscard]] std::uint32_t port() const { return mnl_socket_get_portid(socket_.get()); }

 private:
  struct Close {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
  };
  explicit Socket(mnl_socket* socket) : socket_(socket) {}
  std::unique_ptr<mnl_socket, Close> socket_;
};

// The errno that a message reports; 0 if it is none.
int error_in(const nlmsghdr* message) {
  int code = 0;
  const bool reports = message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE;
  if (reports && mnl_nlmsg_get_payload_len(message) >= sizeof code) {
    std::memcpy(&code, mnl_nlmsg_get_payload(message), sizeof code);
  }
  return code < 0 ? -code : 0;
}

struct Dump {
  std::string messages;
  bool done = false;
  bool interrupted = false;
};

// Takes the messages of one datagram that answer request `sequence`.
Result<void> take(std::span<char> datagram, std::uint32_t sequence, std::uint32_t port,
                  Dump& dump) {
  int left = static_cast<int>(datagram.size());
  const auto* message = reinterpret_cast<const nlmsghdr*>(datagram.data());
  for (; !dump.done && mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
    if (!mnl_nlmsg_seq_ok(message, sequence) || !mnl_nlmsg_portid_ok(message, port)) continue;
    if (const int code = error_in(message); code != 0) return netlink_failed(code);
    dump.interrupted = dump.interrupted || (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    dump.done = message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR;
    dump.messages.append(reinterpret_cast<const char*>(message), message->nlmsg_len);
    dump.messages.resize(MNL_ALIGN(dump.messages.size()), '\0');
  }
  return {};
}

class RealNetlink : public Netlink {
 public:
  Result<std::string> dump(const NetlinkRequest& request) override {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      Dump dump = TRY(dump_once(request));
      if (!dump.interrupted) return std::move(dump.messages);
    }
    return fail(ErrorKind::kBadData, "it kept changing while it was read", "netlink");
  }

 private:
  static Result<Dump> dump_once(const NetlinkRequest& request) {
    constexpr std::uint32_t kSequence = 1;
    Socket socket = TRY(Socket::open(request.protocol));
    TRY(socket.send(request, kSequence));
    // Of 64-bit words: messages are read where they lie.
    std::vector<std::uint64_t> words(kBuffer / sizeof(std::uint64_t));
    const std::span<char> buffer(reinterpret_cast<char*>(words.data()), kBuffer);
    Dump dump;
    while (!dump.done) {
      const std::size_t got = TRY(socket.receive(buffer));
      TRY(take(buffer.first(got), kSequence, socket.port(), dump));
      if (dump.messages.size() > kMaxAnswer) {
        return fail(ErrorKind::kBadData, "more than 64 MiB", "netlink");
      }
    }
    return dump;
  }
};

}  // namespace

std::unique_ptr<Netlink> real_netlink() { return std::make_unique<RealNetlink>(); }

}  // namespace firebreak
