// IP addresses and ports as the socket functions take them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "base/ip.h"

namespace firebreak {

inline IpAddress ip_of(const in_addr& address) { return IpAddress::v4(ntohl(address.s_addr)); }
inline IpAddress ip_of(const in6_addr& address) {
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &address, bytes.size());
  return IpAddress::v6(bytes);
}
inline in_addr in_addr_of(const IpAddress& address) {
  in_addr out{};
  std::memcpy(&out, address.bytes().data(), sizeof out);
  return out;
}
inline in6_addr in6_addr_of(const IpAddress& address) {
  in6_addr out{};
  std::memcpy(&out, address.bytes().data(), sizeof out);
  return out;
}

// An address and a port of either family.
class SocketAddress {
 public:
  SocketAddress() = default;  // room for one that the kernel fills in
  SocketAddress(const IpAddress& address, Port port) {
    if (address.is_v6()) {
      sockaddr_in6 v6{};
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port.value);
      v6.sin6_addr = in6_addr_of(address);
      put(v6);
    } else {
      sockaddr_in v4{};
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port.value);
      v4.sin_addr = in_addr_of(address);
      put(v4);
    }
  }

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage_); }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t size() const { return size_; }
  [[nodiscard]] socklen_t* room() {
    size_ = sizeof storage_;
    return &size_;
  }
  [[nodiscard]] bool is_v6() const { return storage_.ss_family == AF_INET6; }
  [[nodiscard]] IpAddress ip() const {
    return is_v6() ? ip_of(as<sockaddr_in6>().sin6_addr) : ip_of(as<sockaddr_in>().sin_addr);
  }
  [[nodiscard]] Port port() const {
    return {ntohs(is_v6() ? as<sockaddr_in6>().sin6_port : as<sockaddr_in>().sin_port)};
  }

 private:
  template <class Form>
  void put(const Form& form) {
    std::memcpy(&storage_, &form, sizeof form);
    size_ = sizeof form;
  }
  template <class Form>
  [[nodiscard]] Form as() const {
    Form out{};
    std::memcpy(&out, &storage_, sizeof out);
    return out;
  }

  sockaddr_storage storage_{};
  socklen_t size_ = sizeof storage_;
};

// Asks for that source address. `message` has a control buffer of exactly the space that the
// family's pktinfo takes.
inline void put_local_address(msghdr& message, const IpAddress& address) {
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  const auto put = [header](int level, int type, const auto& info) {
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(header), &info, sizeof info);
  };
  if (address.is_v6()) {
    in6_pktinfo info{};
    info.ipi6_addr = in6_addr_of(address);
    put(IPPROTO_IPV6, IPV6_PKTINFO, info);
  } else {
    in_pktinfo info{};
    info.ipi_spec_dst = in_addr_of(address);
    put(IPPROTO_IP, IP_PKTINFO, info);
  }
}

}  // namespace firebreak
