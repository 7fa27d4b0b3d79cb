#include "io/icmp_socket.h"

#include <netinet/in.h>  // before the kernel's headers, which give way to it

#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "io/os_error.h"
#include "io/socket_address.h"

namespace firebreak {
namespace {

constexpr std::size_t kIcmpHeader = 8;  // both families: type, code, checksum, 4 bytes more
constexpr std::size_t kIp6Header = 40;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::uint16_t word_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(bytes, at) << 8U | byte_at(bytes, at + 1));
}

// Where an IPv4 packet's content begins; nullopt if it is cut off before that.
std::optional<std::size_t> ip4_header(std::string_view bytes) {
  if (bytes.size() < sizeof(iphdr) || byte_at(bytes, 0) >> 4U != 4) return std::nullopt;
  const std::size_t length = std::size_t{byte_at(bytes, 0) & 15U} * 4U;
  if (length < sizeof(iphdr) || bytes.size() < length) return std::nullopt;
  return length;
}

// The packet that an error message quotes.
std::optional<SentPacket> quoted(Family family, std::string_view bytes) {
  SentPacket out;
  std::size_t length = kIp6Header;
  if (family == Family::kV4) {
    const auto header = ip4_header(bytes);
    if (!header) return std::nullopt;
    length = *header;
    iphdr ip{};
    std::memcpy(&ip, bytes.data(), sizeof ip);
    out = {ip.protocol, IpAddress::v4(ntohl(ip.saddr)), IpAddress::v4(ntohl(ip.daddr))};
  } else {
    if (bytes.size() < kIp6Header) return std::nullopt;
    ip6_hdr ip{};
    std::memcpy(&ip, bytes.data(), sizeof ip);
    out = {ip.ip6_nxt, ip_of(ip.ip6_src), ip_of(ip.ip6_dst)};
  }
  if (bytes.size() < length + kIcmpHeader) return std::nullopt;
  const bool echo = out.protocol == icmp_protocol(family);
  if (echo) out.source = {};
  out.source_port = word_at(bytes, length + (echo ? 4 : 0));
  out.destination_port = word_at(bytes, length + (echo ? 6 : 2));
  return out;
}

bool is_error(Family family, std::uint8_t type) {
  if (family == Family::kV4) return type == ICMP_DEST_UNREACH || type == ICMP_TIME_EXCEEDED;
  return type == ICMP6_DST_UNREACH || type == ICMP6_TIME_EXCEEDED;
}

std::uint16_t checksum(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) sum += word_at(bytes, at);
  if (bytes.size() % 2 == 1)
    sum += static_cast<std::uint32_t>(byte_at(bytes, bytes.size() - 1) << 8U);
  while (sum >> 16U != 0) sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum & 0xffffU);
}

void put_word(std::string& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<char>(value >> 8U);
  bytes[at + 1] = static_cast<char>(value & 0xffU);
}

// The kernel fills in ICMPv6's checksum, which covers addresses, but not ICMP's.
std::string echo_request(Family family, const SentPacket& packet, std::string_view payload) {
  std::string out(kIcmpHeader, '\0');
  out[0] = static_cast<char>(family == Family::kV4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST);
  put_word(out, 4, packet.source_port);
  put_word(out, 6, packet.destination_port);
  out += payload;
  if (family == Family::kV4) put_word(out, 2, checksum(out));
  return out;
}

// Lets only replies and errors through, so that a busy namespace does not fill the buffer.
bool filter_messages(int socket, Family family) {
  if (family == Family::kV4) {
    const icmp_filter filter{
        ~(1U << ICMP_ECHOREPLY | 1U << ICMP_DEST_UNREACH | 1U << ICMP_TIME_EXCEEDED)};
    return ::setsockopt(socket, SOL_RAW, ICMP_FILTER, &filter, sizeof filter) == 0;
  }
  icmp6_filter filter{};
  ICMP6_FILTER_SETBLOCKALL(&filter);
  for (const int type : {ICMP6_ECHO_REPLY, ICMP6_DST_UNREACH, ICMP6_TIME_EXCEEDED}) {
    ICMP6_FILTER_SETPASS(type, &filter);
  }
  return ::setsockopt(socket, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter) == 0;
}

}  // namespace

std::uint8_t icmp_protocol(Family family) {
  return family == Family::kV4 ? std::uint8_t{IPPROTO_ICMP} : std::uint8_t{IPPROTO_ICMPV6};
}

std::optional<IcmpNote> read_icmp(Family family, std::string_view bytes, const IpAddress& from) {
  if (family == Family::kV4) {
    const auto header = ip4_header(bytes);
    if (!header) return std::nullopt;
    bytes.remove_prefix(*header);
  }
  if (bytes.size() < kIcmpHeader) return std::nullopt;
  const std::uint8_t type = byte_at(bytes, 0);
  IcmpNote note;
  if (type == (family == Family::kV4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY)) {
    note.about = {icmp_protocol(family), {}, from, word_at(bytes, 4), word_at(bytes, 6)};
    note.payload = bytes.substr(kIcmpHeader);
    return note;
  }
  if (!is_error(family, type)) return std::nullopt;
  const auto about = quoted(family, bytes.substr(kIcmpHeader));
  if (!about) return std::nullopt;
  note.about = *about;
  note.error = IcmpError{type, byte_at(bytes, 1), from};
  return note;
}

Result<IcmpSocket> IcmpSocket::open(Family family) {
  const int domain = family == Family::kV4 ? AF_INET : AF_INET6;
  Descriptor socket(
      ::socket(domain, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, icmp_protocol(family)));
  if (!socket || !filter_messages(socket.get(), family)) {
    const int code = errno;
    if (code == EPERM || code == EACCES) {
      return fail(ErrorKind::kDenied, os_words(code), "raw socket", "run as root");
    }
    if (code == EAFNOSUPPORT || code == EPROTONOSUPPORT) {
      return fail(ErrorKind::kUnsupported, os_words(code), "raw socket");
    }
    return fail(ErrorKind::kIo, os_words(code), "raw socket");
  }
  // Many errors come at once. Less room means that some are lost, as they may be on the wire.
  constexpr int kRoom = 4 << 20;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kRoom, sizeof kRoom) != 0) {
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kRoom, sizeof kRoom);
  }
  return IcmpSocket(std::move(socket), family);
}

int IcmpSocket::send(const SentPacket& packet, const std::optional<IpAddress>& source,
                     std::string_view payload) {
  std::string bytes = echo_request(family_, packet, payload);
  SocketAddress to(packet.destination, Port{0});
  iovec part{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_name = to.get();
  message.msg_namelen = to.size();
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> control{};
  if (source) {
    message.msg_control = control.data();
    message.msg_controllen =
        family_ == Family::kV4 ? CMSG_SPACE(sizeof(in_pktinfo)) : CMSG_SPACE(sizeof(in6_pktinfo));
    put_local_address(message, *source);
  }
  return ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL) < 0 ? errno : 0;
}

void IcmpSocket::receive(const std::function<void(const IcmpNote&)>& take) {
  std::array<char, 2048> bytes{};
  while (true) {
    SocketAddress from;
    const ssize_t got =
        ::recvfrom(socket_.get(), bytes.data(), bytes.size(), 0, from.get(), from.room());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return;
    const std::string_view message(bytes.data(), static_cast<std::size_t>(got));
    if (const auto note = read_icmp(family_, message, from.ip())) take(*note);
  }
}

}  // namespace firebreak
