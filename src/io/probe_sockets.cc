// Probes over non-blocking sockets and one epoll.
#include "io/probe_sockets.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <map>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "io/descriptor.h"
#include "io/icmp_socket.h"
#include "io/os_error.h"
#include "io/socket_address.h"

namespace firebreak {
namespace {

constexpr std::size_t kLongestWord = 512;

// What epoll says of the two raw sockets; probes have their ids, which are smaller.
constexpr std::uint64_t kIcmp4 = std::uint64_t{1} << 32U;
constexpr std::uint64_t kIcmp6 = kIcmp4 + 1;

struct UnderWay {
  ProbeTarget target;
  std::string payload;
  bool word = false;
  bool connected = false;
  Descriptor socket;  // none for echo requests
  SentPacket packet;
};

bool is_tcp(const UnderWay& probe) { return probe.target.protocol == ProbeProtocol::kTcp; }

ProbeResult refused_by(const IcmpError& icmp) {
  // RFC 792 and 1812: codes 9, 10 and 13; RFC 4443: 1, 5 (source policy) and 6 (reject route).
  const bool prohibited =
      icmp.from.is_v6() ? icmp.type == 1 && (icmp.code == 1 || icmp.code == 5 || icmp.code == 6)
                        : icmp.type == 3 && (icmp.code == 9 || icmp.code == 10 || icmp.code == 13);
  return {.outcome = prohibited ? ProbeOutcome::kProhibited : ProbeOutcome::kUnreachable,
          .icmp = icmp};
}

ProbeResult not_sent(int code) {
  if (code == ENETUNREACH || code == EHOSTUNREACH) return {.outcome = ProbeOutcome::kNoRoute};
  return {.outcome = ProbeOutcome::kLocalError, .error = code};
}

// An error that a socket reports after it has sent, where no ICMP message explains it.
ProbeResult failed_later(const UnderWay& probe, int code) {
  switch (code) {
    case ECONNREFUSED:
    case ECONNRESET:
      return {.outcome = is_tcp(probe) ? ProbeOutcome::kReset : ProbeOutcome::kUnreachable};
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENOPROTOOPT: return {.outcome = ProbeOutcome::kUnreachable};
    case ETIMEDOUT: return {.outcome = ProbeOutcome::kSilence};
    default: return {.outcome = ProbeOutcome::kLocalError, .error = code};
  }
}

int error_of(int socket) {
  int code = 0;
  socklen_t size = sizeof code;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno;
}

template <class Value>
bool set(int socket, int level, int name, const Value& value) {
  return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

// Errors of the way end the wait at once; TCP closes with a reset and chooses its port when it
// knows where to, so that ports do not run out.
bool furnish(int socket, bool tcp, bool v6) {
  constexpr int kOn = 1;
  const linger reset{.l_onoff = 1, .l_linger = 0};
  return set(socket, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR, kOn) &&
         (!tcp || (set(socket, SOL_SOCKET, SO_LINGER, reset) &&
                   set(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, kOn)));
}

bool is_own(const IpAddress& address) {
  const Descriptor socket(
      ::socket(address.is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const SocketAddress at(address, Port{0});
  return socket && ::bind(socket.get(), at.get(), at.size()) == 0;
}

// Makes the socket and sends. nullopt if it is on its way.
std::optional<ProbeResult> send_from_socket(UnderWay& probe) {
  const ProbeTarget& target = probe.target;
  const bool v6 = target.destination.is_v6();
  const int type = is_tcp(probe) ? SOCK_STREAM : SOCK_DGRAM;
  probe.socket.reset(::socket(v6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int fd = probe.socket.get();
  if (fd < 0 || !furnish(fd, is_tcp(probe), v6)) return not_sent(errno);
  if (target.source) {
    const SocketAddress from(*target.source, Port{0});
    if (::bind(fd, from.get(), from.size()) != 0) {
      if (errno == EADDRNOTAVAIL) return ProbeResult{.outcome = ProbeOutcome::kNoSource};
      return not_sent(errno);
    }
  }
  const SocketAddress to(target.destination, target.port);
  if (::connect(fd, to.get(), to.size()) != 0 && errno != EINPROGRESS) return not_sent(errno);
  SocketAddress from;
  if (::getsockname(fd, from.get(), from.room()) != 0) return not_sent(errno);
  probe.packet = {static_cast<std::uint8_t>(is_tcp(probe) ? IPPROTO_TCP : IPPROTO_UDP), from.ip(),
                  target.destination, from.port().value, target.port.value};
  return std::nullopt;
}

class RealProbeSockets : public ProbeSockets {
 public:
  static Result<std::unique_ptr<ProbeSockets>> open() {
    auto out = std::make_unique<RealProbeSockets>();
    out->poll_.reset(::epoll_create1(EPOLL_CLOEXEC));
    if (!out->poll_) return fail(ErrorKind::kIo, os_words(errno), "epoll");
    TRY(out->listen_to_icmp(Family::kV4, out->icmp4_, kIcmp4));
    TRY(out->listen_to_icmp(Family::kV6, out->icmp6_, kIcmp6));
    return out;
  }

  void start(std::uint32_t id, const ProbeTarget& target, std::string_view payload,
             bool word) override {
    CHECK(!payload.empty() && payload.size() <= kLongestWord);
    CHECK(!target.source || target.source->family() == target.destination.family());
    const auto [at, fresh] = under_way_.try_emplace(id);
    CHECK(fresh);
    UnderWay& probe = at->second;
    probe.target = target;
    probe.payload = payload;
    probe.word = word;
    const bool echo = target.protocol == ProbeProtocol::kEcho;
    auto failed = echo ? send_echo(probe, id) : send_from_socket(probe);
    if (!failed && !echo) failed = watch(probe, id);
    if (failed) end(id, *std::move(failed));
  }

  ProbeResult give_up(std::uint32_t id) override {
    const auto at = under_way_.find(id);
    CHECK(at != under_way_.end());
    ProbeResult out{.outcome = at->second.connected ? ProbeOutcome::kMute : ProbeOutcome::kSilence};
    forget(at);
    return out;
  }

  Result<void> wait(std::chrono::milliseconds longest, std::vector<ProbeEvent>& events) override {
    std::array<epoll_event, 512> ready{};
    const int patience = ended_.empty() ? static_cast<int>(longest.count()) : 0;
    const int count =
        ::epoll_wait(poll_.get(), ready.data(), static_cast<int>(ready.size()), patience);
    if (count < 0 && errno != EINTR) return fail(ErrorKind::kIo, os_words(errno), "epoll");
    for (const epoll_event& one :
         std::span(ready).first(static_cast<std::size_t>(count < 0 ? 0 : count))) {
      if (one.data.u64 == kIcmp4 || one.data.u64 == kIcmp6) {
        hear_icmp();
      } else {
        happened(static_cast<std::uint32_t>(one.data.u64), one.events);
      }
    }
    std::ranges::move(ended_, std::back_inserter(events));
    ended_.clear();
    return {};
  }

  Time now() override { return std::chrono::steady_clock::now(); }

 private:
  using Probes = std::unordered_map<std::uint32_t, UnderWay>;

  Result<void> listen_to_icmp(Family family, std::optional<IcmpSocket>& into, std::uint64_t data) {
    auto opened = IcmpSocket::open(family);
    if (!opened && opened.error().kind == ErrorKind::kUnsupported) return {};
    into = TRY(std::move(opened));
    epoll_event event{.events = EPOLLIN, .data = {.u64 = data}};
    if (::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, into->fd(), &event) != 0) {
      return fail(ErrorKind::kIo, os_words(errno), "epoll");
    }
    return {};
  }

  void end(std::uint32_t id, ProbeResult result) {
    forget(under_way_.find(id));
    ended_.push_back({id, std::move(result)});
  }

  void forget(Probes::iterator at) {
    const auto sent = sent_.find(at->second.packet);
    if (sent != sent_.end() && sent->second == at->first) sent_.erase(sent);
    under_way_.erase(at);
  }

  std::optional<ProbeResult> watch(UnderWay& probe, std::uint32_t id) {
    sent_[probe.packet] = id;
    const std::uint32_t wanted = is_tcp(probe) ? EPOLLOUT : EPOLLIN;
    epoll_event event{.events = wanted, .data = {.u64 = id}};
    if (::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, probe.socket.get(), &event) != 0) {
      return not_sent(errno);
    }
    const std::string& payload = probe.payload;
    if (!is_tcp(probe) &&
        ::send(probe.socket.get(), payload.data(), payload.size(), MSG_NOSIGNAL) < 0) {
      return not_sent(errno);
    }
    return std::nullopt;
  }

  std::optional<ProbeResult> send_echo(UnderWay& probe, std::uint32_t id) {
    const Family family = probe.target.destination.family();
    auto& icmp = family == Family::kV4 ? icmp4_ : icmp6_;
    if (!icmp) return not_sent(EAFNOSUPPORT);
    ++echoes_;
    probe.packet = {icmp_protocol(family),
                    {},
                    probe.target.destination,
                    static_cast<std::uint16_t>(0x8000U | (echoes_ >> 16U)),
                    static_cast<std::uint16_t>(echoes_)};
    sent_[probe.packet] = id;
    const int code = icmp->send(probe.packet, probe.target.source, probe.payload);
    if (code == 0) return std::nullopt;
    // The errno for a foreign source is not the same for both families and all kernels.
    if (probe.target.source && !is_own(*probe.target.source)) {
      return ProbeResult{.outcome = ProbeOutcome::kNoSource};
    }
    return not_sent(code);
  }

  void hear_icmp() {
    for (auto* icmp : {&icmp4_, &icmp6_}) {
      if (*icmp) (*icmp)->receive([this](const IcmpNote& note) { heard(note); });
    }
  }

  void heard(const IcmpNote& note) {
    const auto at = sent_.find(note.about);
    if (at == sent_.end()) return;
    const std::uint32_t id = at->second;
    const UnderWay& probe = under_way_.at(id);
    if (note.error) {
      if (!probe.connected) end(id, refused_by(*note.error));
    } else if (note.payload == probe.payload) {
      end(id, {.outcome = ProbeOutcome::kAnswered});
    }
  }

  void happened(std::uint32_t id, std::uint32_t events) {
    const auto at = under_way_.find(id);
    if (at == under_way_.end()) return;  // an ICMP message told already
    UnderWay& probe = at->second;
    if (is_tcp(probe) && !probe.connected) {
      if (const int code = error_of(probe.socket.get()); code != 0) return failed(id, code);
      if ((events & EPOLLOUT) == 0) return;
      probe.connected = true;
      if (!probe.word) return end(id, {.outcome = ProbeOutcome::kAnswered});
      epoll_event event{.events = EPOLLIN | EPOLLRDHUP, .data = {.u64 = id}};
      if (::epoll_ctl(poll_.get(), EPOLL_CTL_MOD, probe.socket.get(), &event) != 0) {
        return end(id, not_sent(errno));
      }
    }
    hear(id, probe);
  }

  // The word of a connection, or the answer to a datagram.
  void hear(std::uint32_t id, const UnderWay& probe) {
    std::array<char, kLongestWord> bytes{};
    const ssize_t got = ::recv(probe.socket.get(), bytes.data(), bytes.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got > 0 || (got == 0 && !is_tcp(probe))) {
      return end(id, {.outcome = ProbeOutcome::kAnswered,
                      .word = std::string(bytes.data(), static_cast<std::size_t>(got))});
    }
    if (probe.connected) return end(id, {.outcome = ProbeOutcome::kClosed});
    failed(id, errno);
  }

  // The kernel gives an ICMP message to raw sockets first: it knows more than the errno.
  void failed(std::uint32_t id, int code) {
    hear_icmp();
    const auto at = under_way_.find(id);
    if (at != under_way_.end()) end(id, failed_later(at->second, code));
  }

  Descriptor poll_;
  std::optional<IcmpSocket> icmp4_;
  std::optional<IcmpSocket> icmp6_;
  Probes under_way_;
  std::map<SentPacket, std::uint32_t> sent_;
  std::vector<ProbeEvent> ended_;
  std::uint32_t echoes_ = 0;
};

class RealSockets : public Sockets {
 public:
  Result<std::unique_ptr<ProbeSockets>> probes() override { return RealProbeSockets::open(); }
};

}  // namespace

std::unique_ptr<Sockets> real_sockets() { return std::make_unique<RealSockets>(); }

}  // namespace firebreak
