#include "io/listeners.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "io/descriptor.h"
#include "io/os_error.h"
#include "io/socket_address.h"

namespace firebreak {
namespace {

constexpr std::size_t kArrivalsKept = 1'000'000;
constexpr std::size_t kCallersKept = 2'000;
constexpr std::size_t kLongestDatagram = 512;

struct Listener {
  Descriptor socket;
  std::string name;
  bool tcp = true;
};

std::string answer_to(const Reception& arrival) {
  std::string out = arrival.listener + " " + arrival.address.text() + " " +
                    std::to_string(arrival.port.value) + " " + arrival.peer.text() + " " +
                    std::to_string(arrival.peer_port.value);
  if (arrival.protocol == ProbeProtocol::kUdp) out += " " + arrival.payload;
  return out + "\n";
}

// A bound socket in the calling thread's namespace, or an errno.
std::pair<Descriptor, int> bound(bool tcp, const IpAddress& address, Port port) {
  constexpr int kOn = 1;
  constexpr int kBacklog = 4096;
  const bool v6 = address.is_v6();
  Descriptor socket(::socket(v6 ? AF_INET6 : AF_INET,
                             (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return {Descriptor(), errno};
  const auto on = [&](int level, int name) {
    return ::setsockopt(socket.get(), level, name, &kOn, sizeof kOn) == 0;
  };
  const SocketAddress at(address, port);
  // Not SO_REUSEADDR for UDP: it would take over the datagrams of a service that sets it too.
  const bool made =
      (!v6 || on(IPPROTO_IPV6, IPV6_V6ONLY)) && (!tcp || on(SOL_SOCKET, SO_REUSEADDR)) &&
      (tcp || (v6 ? on(IPPROTO_IPV6, IPV6_RECVPKTINFO) : on(IPPROTO_IP, IP_PKTINFO))) &&
      ::bind(socket.get(), at.get(), at.size()) == 0 &&
      (!tcp || ::listen(socket.get(), kBacklog) == 0);
  if (!made) return {Descriptor(), errno};
  return {std::move(socket), 0};
}

// To which of its addresses a datagram was sent.
IpAddress local_address(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(part), sizeof info);
      return ip_of(info.ipi_addr);
    }
    if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(part), sizeof info);
      return ip_of(info.ipi6_addr);
    }
  }
  return {};
}

Port port_of(int socket) {
  SocketAddress at;
  return ::getsockname(socket, at.get(), at.room()) == 0 ? at.port() : Port{};
}

}  // namespace

class TemporaryListeners::Loop {
 public:
  Loop() : poll_(::epoll_create1(EPOLL_CLOEXEC)), stop_(::eventfd(0, EFD_CLOEXEC)) {
    (void)watch(stop_.get(), EPOLLIN);
    thread_ = std::thread([this] { serve(); });
  }
  ~Loop() {
    const std::uint64_t one = 1;
    while (::write(stop_.get(), &one, sizeof one) < 0 && errno == EINTR) {
    }
    thread_.join();
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // 0 or an errno. Called by a thread in the namespace.
  int listen(const std::string& name, bool tcp, const IpAddress& address, Port port) {
    auto [socket, code] = bound(tcp, address, port);
    if (!socket) return code;
    const int fd = socket.get();
    const std::scoped_lock lock(mutex_);
    listeners_[fd] = {std::move(socket), name, tcp};
    return watch(fd, EPOLLIN) ? 0 : errno;
  }

  std::vector<Reception> arrivals() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(arrivals_, {});
  }

 private:
  bool watch(int fd, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.fd = fd}};
    return ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
  }

  void serve() {
    std::array<epoll_event, 128> ready{};
    while (true) {
      const int count = ::epoll_wait(poll_.get(), ready.data(), static_cast<int>(ready.size()), -1);
      const std::scoped_lock lock(mutex_);
      for (int i = 0; i < count; ++i) {
        const int fd = ready[static_cast<std::size_t>(i)].data.fd;
        if (fd == stop_.get()) return;
        const auto listener = listeners_.find(fd);
        if (listener == listeners_.end()) {
          callers_.erase(fd);  // it has heard its word and went
        } else if (listener->second.tcp) {
          accept(listener->second);
        } else {
          receive(listener->second);
        }
      }
    }
  }

  void keep(Reception arrival) {
    if (arrivals_.size() < kArrivalsKept) arrivals_.push_back(std::move(arrival));
  }

  void accept(const Listener& listener) {
    while (true) {
      SocketAddress peer;
      Descriptor caller(
          ::accept4(listener.socket.get(), peer.get(), peer.room(), SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!caller) return;
      SocketAddress at;
      if (::getsockname(caller.get(), at.get(), at.room()) != 0) continue;
      Reception arrival{listener.name, ProbeProtocol::kTcp, at.ip(),      at.port(),
                        peer.ip(),     peer.port(),         std::string()};
      const std::string word = answer_to(arrival);
      (void)::send(caller.get(), word.data(), word.size(), MSG_NOSIGNAL);
      keep(std::move(arrival));
      stay(std::move(caller));
    }
  }

  // The caller closes, so that the way keeps no trace of the connection. The oldest go if there are
  // too many.
  void stay(Descriptor caller) {
    const int fd = caller.get();
    if (!watch(fd, EPOLLIN | EPOLLRDHUP)) return;
    callers_.insert_or_assign(fd, std::move(caller));
    order_.push_back(fd);
    while (callers_.size() > kCallersKept && !order_.empty()) {
      if (order_.front() != fd) callers_.erase(order_.front());
      order_.pop_front();
    }
    if (order_.size() > 2 * kCallersKept) order_.pop_front();
  }

  void receive(const Listener& listener) {
    std::array<char, kLongestDatagram> bytes{};
    while (true) {
      alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> control{};
      SocketAddress peer;
      iovec part{bytes.data(), bytes.size()};
      msghdr message{};
      message.msg_name = peer.get();
      message.msg_namelen = *peer.room();
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      const ssize_t got = ::recvmsg(listener.socket.get(), &message, 0);
      // The error of an earlier answer that did not arrive stands before the next datagram.
      if (got < 0 && (errno == EAGAIN || errno == EBADF)) return;
      if (got < 0) continue;
      Reception arrival{listener.name,
                        ProbeProtocol::kUdp,
                        local_address(message),
                        port_of(listener.socket.get()),
                        peer.ip(),
                        peer.port(),
                        std::string(bytes.data(), static_cast<std::size_t>(got))};
      answer(listener, arrival, peer);
      keep(std::move(arrival));
    }
  }

  static void answer(const Listener& listener, const Reception& arrival, SocketAddress& peer) {
    std::string word = answer_to(arrival);
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> control{};
    iovec part{word.data(), word.size()};
    msghdr message{};
    message.msg_name = peer.get();
    message.msg_namelen =
        arrival.peer.is_v6() ? socklen_t{sizeof(sockaddr_in6)} : socklen_t{sizeof(sockaddr_in)};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen =
        arrival.address.is_v6() ? CMSG_SPACE(sizeof(in6_pktinfo)) : CMSG_SPACE(sizeof(in_pktinfo));
    put_local_address(message, arrival.address);
    (void)::sendmsg(listener.socket.get(), &message, MSG_NOSIGNAL);
  }

  Descriptor poll_;
  Descriptor stop_;
  std::mutex mutex_;
  std::map<int, Listener> listeners_;
  std::map<int, Descriptor> callers_;
  std::deque<int> order_;
  std::vector<Reception> arrivals_;
  std::thread thread_;
};

TemporaryListeners::TemporaryListeners() : loop_(std::make_unique<Loop>()) {}
TemporaryListeners::~TemporaryListeners() = default;

std::vector<Reception> TemporaryListeners::arrivals() { return loop_->arrivals(); }

Result<std::vector<ListenAt>> TemporaryListeners::open(Machine& machine,
                                                       const NamespacePlace& place,
                                                       const std::string& name,
                                                       std::span<const ListenAt> wanted,
                                                       std::span<const IpAddress> addresses) {
  std::vector<ListenAt> taken;
  int broken = 0;
  const auto listen = [&](const ListenAt& one, const IpAddress& address) {
    const int code = loop_->listen(name, one.protocol == ProbeProtocol::kTcp, address, one.port);
    if (code != 0 && code != EADDRINUSE && code != EADDRNOTAVAIL && code != EAFNOSUPPORT) {
      broken = code;
    }
    return code;
  };
  const auto listen_or_note = [&](const ListenAt& one, const IpAddress& address) {
    if (listen(one, address) != 0) taken.push_back({one.protocol, address, one.port});
  };
  TRY(machine.enter(place, [&](NamespaceView&) {
    for (const ListenAt& one : wanted) {
      if (one.address) {
        listen_or_note(one, *one.address);
        continue;
      }
      for (const IpAddress& all : {IpAddress(), IpAddress::v6({})}) {
        if (listen(one, all) != EADDRINUSE) continue;
        for (const IpAddress& address : addresses) {
          if (address.family() == all.family()) listen_or_note(one, address);
        }
      }
    }
  }));
  if (broken != 0) return fail(ErrorKind::kIo, "cannot listen: " + os_words(broken));
  return taken;
}

}  // namespace firebreak
