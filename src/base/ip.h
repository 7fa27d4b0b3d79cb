// IP addresses, subnets and ports as values. Parsing happens at the border; inside, no string
// stands for any of them. Formats: RFC 4291 section 2.2, printed as RFC 5952.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firebreak {

enum class Family : std::uint8_t { kV4, kV6 };

// IPv4 or IPv6. IPv4 occupies the first 4 bytes; the rest are zero.
class IpAddress {
 public:
  IpAddress() = default;  // 0.0.0.0

  // Accepts dotted quads and RFC 4291 text, without brackets, zone or prefix. nullopt otherwise.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  [[nodiscard]] static IpAddress v4(std::uint32_t host_order);
  [[nodiscard]] static IpAddress v6(const std::array<std::uint8_t, 16>& bytes);

  // From bytes as bytes() gives them. CHECK: those after an IPv4 address's 4 are zero.
  [[nodiscard]] static IpAddress of(Family family, const std::array<std::uint8_t, 16>& bytes);

  [[nodiscard]] bool is_v6() const { return v6_; }
  [[nodiscard]] Family family() const { return v6_ ? Family::kV6 : Family::kV4; }
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_unspecified() const;  // 0.0.0.0 or ::
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  [[nodiscard]] std::string text() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  bool v6_ = false;
  std::array<std::uint8_t, 16> bytes_{};
};

// A subnet. The address keeps its host bits as given ("172.17.0.1/16" stays so).
struct Cidr {
  IpAddress address;
  std::uint8_t prefix = 0;  // 0..32 or 0..128

  [[nodiscard]] static std::optional<Cidr> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& other) const;
  [[nodiscard]] std::string text() const;
  friend auto operator<=>(const Cidr&, const Cidr&) = default;
};

// Consecutive addresses of one family; both ends belong to it, first <= last.
struct AddressRange {
  IpAddress first;
  IpAddress last;

  [[nodiscard]] static AddressRange of(const Cidr& subnet);  // all its addresses
  friend auto operator<=>(const AddressRange&, const AddressRange&) = default;
};

// 0..65535; 0 means "any" only where the field that holds it says so.
struct Port {
  std::uint16_t value = 0;

  [[nodiscard]] static std::optional<Port> parse(std::string_view text);  // decimal digits only
  friend auto operator<=>(Port, Port) = default;
};

// Both ends belong to it, first <= last.
struct PortRange {
  Port first;
  Port last;
  friend auto operator<=>(const PortRange&, const PortRange&) = default;
};

enum class Protocol : std::uint8_t { kTcp, kUdp, kSctp };
[[nodiscard]] std::optional<Protocol> parse_protocol(std::string_view text);
[[nodiscard]] std::string_view name_of(Protocol protocol);

}  // namespace firebreak
