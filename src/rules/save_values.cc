#include "rules/save_values.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/text.h"

namespace firebreak {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

unsigned bits_of(Family family) { return family == Family::kV4 ? 32 : 128; }

IpAddress address_from(const Bytes& bytes, bool v6) {
  if (v6) return IpAddress::v6(bytes);
  return IpAddress::v4((std::uint32_t{bytes[0]} << 24U) | (std::uint32_t{bytes[1]} << 16U) |
                       (std::uint32_t{bytes[2]} << 8U) | bytes[3]);
}

bool bit_at(const Bytes& bytes, unsigned bit) {
  return ((bytes[bit / 8] >> (7 - bit % 8)) & 1U) != 0;
}
void set_bit(Bytes& bytes, unsigned bit, bool on) {
  const auto one = static_cast<std::uint8_t>(1U << (7 - bit % 8));
  bytes[bit / 8] = static_cast<std::uint8_t>(on ? bytes[bit / 8] | one : bytes[bit / 8] & ~one);
}

// The number of leading ones, if nothing but zeros follows them.
std::optional<unsigned> prefix_of(const Bytes& mask, unsigned bits) {
  unsigned prefix = 0;
  while (prefix < bits && bit_at(mask, prefix)) ++prefix;
  for (unsigned bit = prefix; bit < bits; ++bit) {
    if (bit_at(mask, bit)) return std::nullopt;
  }
  return prefix;
}

// Every way to fill the holes that stand before the mask's last one, each a range over what
// follows.
std::vector<AddressRange> ranges_of(const IpAddress& address, const Bytes& mask, unsigned bits) {
  constexpr std::size_t kMost = 12;  // holes, that is 4096 ranges
  unsigned end = bits;               // behind the last one
  while (end > 0 && !bit_at(mask, end - 1)) --end;
  std::vector<unsigned> holes;
  for (unsigned bit = 0; bit < end; ++bit) {
    if (!bit_at(mask, bit)) holes.push_back(bit);
  }
  std::vector<AddressRange> out;
  if (holes.size() > kMost) return out;
  Bytes bytes = address.bytes();
  for (std::size_t fill = 0; fill < (std::size_t{1} << holes.size()); ++fill) {
    for (std::size_t i = 0; i < holes.size(); ++i) {
      set_bit(bytes, holes[holes.size() - 1 - i], ((fill >> i) & 1U) != 0);
    }
    out.push_back(range_of(address_from(bytes, address.is_v6()), end));
  }
  return out;
}

std::optional<std::uint32_t> number(std::string_view text, int base, std::uint32_t most) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || stop != end || value > most) return std::nullopt;
  return value;
}

}  // namespace

bool is_of(Family family, const IpAddress& address) {
  return address.is_v6() == (family == Family::kV6);
}

std::optional<IpAddress> parse_address(std::string_view text, Family family) {
  const auto address = IpAddress::parse(text);
  return address && is_of(family, *address) ? address : std::nullopt;
}

AddressRange range_of(const IpAddress& address, unsigned prefix) {
  Bytes first = address.bytes();
  Bytes last = first;
  for (unsigned bit = prefix; bit < (address.is_v6() ? 128U : 32U); ++bit) {
    set_bit(first, bit, false);
    set_bit(last, bit, true);
  }
  return {address_from(first, address.is_v6()), address_from(last, address.is_v6())};
}

std::optional<AddressRange> parse_prefix(std::string_view text, Family family) {
  const auto ranges = parse_masked(text, family);
  return ranges && ranges->size() == 1 ? std::optional(ranges->front()) : std::nullopt;
}

std::optional<std::vector<AddressRange>> parse_masked(std::string_view text, Family family) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash), family);
  if (!address) return std::nullopt;
  const unsigned bits = bits_of(family);
  if (slash == std::string_view::npos) return std::vector{range_of(*address, bits)};
  const std::string_view mask = text.substr(slash + 1);
  if (const auto prefix = number(mask, 10, bits)) return std::vector{range_of(*address, *prefix)};
  const auto mask_address = parse_address(mask, family);
  if (!mask_address) return std::nullopt;
  if (const auto prefix = prefix_of(mask_address->bytes(), bits)) {
    return std::vector{range_of(*address, *prefix)};
  }
  return ranges_of(*address, mask_address->bytes(), bits);
}

std::optional<AddressRange> parse_span(std::string_view text, Family family) {
  const std::size_t dash = text.find('-');
  const auto first = parse_address(text.substr(0, dash), family);
  const auto last =
      dash == std::string_view::npos ? first : parse_address(text.substr(dash + 1), family);
  if (!first || !last || *last < *first) return std::nullopt;
  return AddressRange{*first, *last};
}

std::optional<PortRange> parse_ports(std::string_view text, char dash) {
  const std::size_t middle = text.find(dash);
  if (middle == std::string_view::npos) {
    const auto port = Port::parse(text);
    return port ? std::optional(PortRange{*port, *port}) : std::nullopt;
  }
  const std::string_view low = text.substr(0, middle);
  const std::string_view high = text.substr(middle + 1);
  const auto first = low.empty() ? Port{0} : Port::parse(low);
  const auto last = high.empty() ? Port{65535} : Port::parse(high);
  if (!first || !last || *last < *first) return std::nullopt;
  return PortRange{*first, *last};
}

std::optional<std::vector<PortRange>> parse_port_list(std::string_view text) {
  std::vector<PortRange> out;
  for (const std::string_view part : split(text, ',')) {
    const auto ports = parse_ports(part, ':');
    if (!ports) return std::nullopt;
    out.push_back(*ports);
  }
  return out;
}

std::optional<std::uint32_t> parse_u32(std::string_view text) {
  return text.starts_with("0x") || text.starts_with("0X") ? number(text.substr(2), 16, 0xFFFFFFFF)
                                                          : number(text, 10, 0xFFFFFFFF);
}

std::optional<MaskedValue> parse_masked_value(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto value = parse_u32(text.substr(0, slash));
  const auto mask = slash == std::string_view::npos ? std::optional(std::uint32_t{0xFFFFFFFF})
                                                    : parse_u32(text.substr(slash + 1));
  if (!value || !mask) return std::nullopt;
  return MaskedValue{*value, *mask};
}

NamePattern parse_interface(std::string_view text) {
  if (!text.ends_with('+')) return {std::string(text), false};
  return {std::string(text.substr(0, text.size() - 1)), true};
}

}  // namespace firebreak
