#include "base/ip.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "base/check.h"

namespace firebreak {
namespace {

template <class T>
std::optional<T> parse_number(std::string_view text, unsigned max) {
  unsigned value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end || value > max) return std::nullopt;
  return static_cast<T>(value);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  std::ranges::copy(text, buffer.begin());
  IpAddress out;
  if (inet_pton(AF_INET, buffer.data(), out.bytes_.data()) == 1) return out;
  out.v6_ = true;
  if (inet_pton(AF_INET6, buffer.data(), out.bytes_.data()) == 1) return out;
  return std::nullopt;
}

IpAddress IpAddress::v4(std::uint32_t host_order) {
  IpAddress out;
  for (std::size_t i = 0; i < 4; ++i) {
    out.bytes_[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  }
  return out;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& bytes) {
  IpAddress out;
  out.v6_ = true;
  out.bytes_ = bytes;
  return out;
}

IpAddress IpAddress::of(Family family, const std::array<std::uint8_t, 16>& bytes) {
  IpAddress out;
  out.v6_ = family == Family::kV6;
  out.bytes_ = bytes;
  CHECK(out.v6_ || std::ranges::all_of(std::span(bytes).subspan(4), [](auto b) { return b == 0; }));
  return out;
}

bool IpAddress::is_loopback() const {
  if (!v6_) return bytes_[0] == 127;
  return bytes_[15] == 1 &&
         std::ranges::all_of(std::span(bytes_).first(15), [](auto b) { return b == 0; });
}

bool IpAddress::is_unspecified() const {
  return std::ranges::all_of(bytes_, [](auto b) { return b == 0; });
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  inet_ntop(v6_ ? AF_INET6 : AF_INET, bytes_.data(), buffer.data(), buffer.size());
  return buffer.data();
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto prefix =
      parse_number<std::uint8_t>(text.substr(slash + 1), address->is_v6() ? 128 : 32);
  if (!prefix) return std::nullopt;
  return Cidr{*address, *prefix};
}

bool Cidr::contains(const IpAddress& other) const {
  if (other.is_v6() != address.is_v6()) return false;
  for (unsigned bit = 0; bit < prefix; bit += 8) {
    const unsigned left = std::min(8U, prefix - bit);
    const auto mask = static_cast<std::uint8_t>(0xFF00U >> left);
    if (((address.bytes()[bit / 8] ^ other.bytes()[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

std::string Cidr::text() const { return address.text() + "/" + std::to_string(prefix); }

AddressRange AddressRange::of(const Cidr& subnet) {
  std::array<std::uint8_t, 16> first = subnet.address.bytes();
  std::array<std::uint8_t, 16> last = first;
  const unsigned width = subnet.address.is_v6() ? 128 : 32;
  for (unsigned bit = subnet.prefix; bit < width; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    first[bit / 8] = static_cast<std::uint8_t>(first[bit / 8] & ~mask);
    last[bit / 8] = static_cast<std::uint8_t>(last[bit / 8] | mask);
  }
  const Family family = subnet.address.family();
  return {IpAddress::of(family, first), IpAddress::of(family, last)};
}

std::optional<Port> Port::parse(std::string_view text) {
  const auto value = parse_number<std::uint16_t>(text, 65535);
  return value ? std::optional(Port{*value}) : std::nullopt;
}

std::optional<Protocol> parse_protocol(std::string_view text) {
  if (text == "tcp" || text.empty()) return Protocol::kTcp;
  if (text == "udp") return Protocol::kUdp;
  if (text == "sctp") return Protocol::kSctp;
  return std::nullopt;
}

std::string_view name_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp: return "tcp";
    case Protocol::kUdp: return "udp";
    case Protocol::kSctp: return "sctp";
  }
  return "?";
}

}  // namespace firebreak
