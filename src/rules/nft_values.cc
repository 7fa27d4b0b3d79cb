#include "rules/nft_values.h"

#include <algorithm>
#include <array>
#include <span>

#include "rules/save_values.h"

namespace firebreak {
namespace {

struct NftName {
  std::string_view name;
  std::uint8_t value;
};

constexpr auto kIcmpTypes = std::to_array<NftName>({{"echo-reply", 0},
                                                    {"destination-unreachable", 3},
                                                    {"source-quench", 4},
                                                    {"redirect", 5},
                                                    {"echo-request", 8},
                                                    {"router-advertisement", 9},
                                                    {"router-solicitation", 10},
                                                    {"time-exceeded", 11},
                                                    {"parameter-problem", 12},
                                                    {"timestamp-request", 13},
                                                    {"timestamp-reply", 14},
                                                    {"info-request", 15},
                                                    {"info-reply", 16},
                                                    {"address-mask-request", 17},
                                                    {"address-mask-reply", 18}});
constexpr auto kIcmpV6Types = std::to_array<NftName>({{"destination-unreachable", 1},
                                                      {"packet-too-big", 2},
                                                      {"time-exceeded", 3},
                                                      {"parameter-problem", 4},
                                                      {"echo-request", 128},
                                                      {"echo-reply", 129},
                                                      {"mld-listener-query", 130},
                                                      {"mld-listener-report", 131},
                                                      {"mld-listener-done", 132},
                                                      {"mld-listener-reduction", 132},
                                                      {"nd-router-solicit", 133},
                                                      {"nd-router-advert", 134},
                                                      {"nd-neighbor-solicit", 135},
                                                      {"nd-neighbor-advert", 136},
                                                      {"nd-redirect", 137},
                                                      {"router-renumbering", 138},
                                                      {"ind-neighbor-solicit", 141},
                                                      {"ind-neighbor-advert", 142},
                                                      {"mld2-listener-report", 143}});
constexpr auto kIcmpCodes = std::to_array<NftName>({{"net-unreachable", 0},
                                                    {"host-unreachable", 1},
                                                    {"prot-unreachable", 2},
                                                    {"port-unreachable", 3},
                                                    {"frag-needed", 4},
                                                    {"net-prohibited", 9},
                                                    {"host-prohibited", 10},
                                                    {"admin-prohibited", 13}});
constexpr auto kIcmpV6Codes = std::to_array<NftName>({{"no-route", 0},
                                                      {"admin-prohibited", 1},
                                                      {"addr-unreachable", 3},
                                                      {"port-unreachable", 4},
                                                      {"policy-fail", 5},
                                                      {"reject-route", 6}});
constexpr auto kTcpFlagNames = std::to_array<NftName>({{"fin", 1},
                                                       {"syn", 2},
                                                       {"rst", 4},
                                                       {"psh", 8},
                                                       {"ack", 16},
                                                       {"urg", 32},
                                                       {"ecn", 64},
                                                       {"cwr", 128}});
constexpr auto kStateNames = std::to_array<NftName>({{"invalid", OnState::kInvalid},
                                                     {"established", OnState::kEstablished},
                                                     {"related", OnState::kRelated},
                                                     {"new", OnState::kNew},
                                                     {"untracked", OnState::kUntracked}});
constexpr auto kStatusNames = std::to_array<NftName>(
    {{"snat", OnState::kSourceRewritten}, {"dnat", OnState::kDestinationRewritten}});
constexpr auto kTypeNames = std::to_array<NftName>({{"unicast", OnAddressType::kUnicast},
                                                    {"local", OnAddressType::kLocal},
                                                    {"broadcast", OnAddressType::kBroadcast},
                                                    {"multicast", OnAddressType::kMulticast},
                                                    {"anycast", OnAddressType::kAnycast},
                                                    {"unspec", OnAddressType::kOther},
                                                    {"blackhole", OnAddressType::kOther},
                                                    {"unreachable", OnAddressType::kOther},
                                                    {"prohibit", OnAddressType::kOther}});

std::optional<std::uint8_t> by_name(std::span<const NftName> names, NftJson value) {
  const auto text = nft_string(value);
  if (!text) return std::nullopt;
  const auto found = std::ranges::find(names, *text, &NftName::name);
  return found == names.end() ? std::nullopt : std::optional(found->value);
}

std::optional<std::uint8_t> byte_or_name(std::span<const NftName> names, NftJson value) {
  if (const auto number = nft_number(value)) {
    return *number < 256 ? std::optional(static_cast<std::uint8_t>(*number)) : std::nullopt;
  }
  return by_name(names, value);
}

// One name, a list of names, {"|": [list or name, name]}; numbers where `numbers` says so.
std::optional<std::uint8_t> bits_by_name(std::span<const NftName> names, NftJson value,
                                         bool numbers) {
  const auto either = nft_member(value, "|");
  const auto list = nft_list(either.value_or(value));
  if (!list) {
    return numbers ? byte_or_name(names, value) : by_name(names, value);
  }
  unsigned bits = 0;
  for (const NftJson each : *list) {
    const auto some = bits_by_name(names, each, numbers);
    if (!some) return std::nullopt;
    bits |= *some;
  }
  return static_cast<std::uint8_t>(bits);
}

// The two ends of {"range": [a, b]}; else the value twice.
struct Ends {
  NftJson first;
  NftJson last;
};
std::optional<Ends> ends_of(NftJson value) {
  const auto range = nft_member(value, "range");
  if (!range) return Ends{value, value};
  const auto ends = nft_list(*range);
  if (!ends || ends->size() != 2) return std::nullopt;
  return Ends{(*ends)[0], (*ends)[1]};
}

std::optional<Port> one_port(NftJson value) {
  constexpr std::uint32_t kMost = 0xFFFF;
  auto number = nft_number(value);
  // nft 1.0.6 prints "0x50 [invalid type]" for ports of `ct original proto-dst`.
  constexpr std::string_view kOdd = " [invalid type]";
  const auto text = nft_string(value);
  if (text && text->ends_with(kOdd)) {
    number = parse_u32(text->substr(0, text->size() - kOdd.size()));
  }
  if (!number || *number > kMost) return std::nullopt;
  return Port{static_cast<std::uint16_t>(*number)};
}

std::optional<std::uint8_t> one_protocol(NftJson value) {
  if (const auto text = nft_string(value)) return parse_protocol_number(*text);
  return byte_or_name({}, value);
}

}  // namespace

std::optional<AddressRange> nft_address(NftJson value, Family family) {
  if (const auto prefix = nft_member(value, "prefix")) {
    const auto address = parse_address(nft_string(*prefix, "addr").value_or(""), family);
    const auto length_value = nft_member(*prefix, "len");
    const auto length = length_value ? nft_number(*length_value) : std::nullopt;
    if (!address || !length || *length > (address->is_v6() ? 128U : 32U)) return std::nullopt;
    return range_of(*address, *length);
  }
  const auto ends = ends_of(value);
  if (!ends) return std::nullopt;
  const auto first = parse_address(nft_string(ends->first).value_or(""), family);
  const auto last = parse_address(nft_string(ends->last).value_or(""), family);
  if (!first || !last || *last < *first) return std::nullopt;
  return AddressRange{*first, *last};
}

std::optional<PortRange> nft_port(NftJson value) {
  const auto ends = ends_of(value);
  if (!ends) return std::nullopt;
  const auto first = one_port(ends->first);
  const auto last = one_port(ends->last);
  if (!first || !last || *last < *first) return std::nullopt;
  return PortRange{*first, *last};
}

std::optional<NamePattern> nft_interface(NftJson value) {
  const auto text = nft_string(value);
  if (!text || text->empty()) return std::nullopt;
  // An interface that is not there any more is printed by its number.
  if (std::ranges::all_of(*text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  std::string name(*text);
  const bool prefix = name.ends_with('*') && !name.ends_with("\\*");
  if (prefix) name.pop_back();
  if (name.ends_with("\\*")) name.erase(name.size() - 2, 1);
  if (name.contains('\\')) return std::nullopt;
  return NamePattern{std::move(name), prefix};
}

std::optional<std::vector<std::uint8_t>> nft_protocols(NftJson value) {
  const auto ends = ends_of(value);
  if (!ends) return std::nullopt;
  const auto first = one_protocol(ends->first);
  const auto last = one_protocol(ends->last);
  if (!first || !last) return std::nullopt;
  std::vector<std::uint8_t> out;
  for (unsigned protocol = *first; protocol <= *last; ++protocol) {
    out.push_back(static_cast<std::uint8_t>(protocol));
  }
  return out;
}

std::optional<std::uint8_t> nft_icmp_type(NftJson value, bool v6) {
  return v6 ? byte_or_name(kIcmpV6Types, value) : byte_or_name(kIcmpTypes, value);
}
std::optional<std::uint8_t> nft_icmp_code(NftJson value, bool v6) {
  return v6 ? byte_or_name(kIcmpV6Codes, value) : byte_or_name(kIcmpCodes, value);
}
std::optional<std::uint8_t> nft_address_type(NftJson value) { return by_name(kTypeNames, value); }

std::optional<std::uint8_t> nft_tcp_flags(NftJson value) {
  return bits_by_name(kTcpFlagNames, value, true);
}
std::optional<std::uint8_t> nft_states(NftJson value) {
  return bits_by_name(kStateNames, value, false);
}
std::optional<std::uint8_t> nft_status(NftJson value) {
  return bits_by_name(kStatusNames, value, false);
}

// A range is cut into blocks that are aligned to their size, the largest first that fits.
std::vector<NftMark> nft_marks_between(std::uint32_t first, std::uint32_t last) {
  std::vector<NftMark> out;
  std::uint64_t at = first;
  while (at <= last) {
    std::uint64_t size = at == 0 ? std::uint64_t{1} << 32U : at & (~at + 1);
    while (at + size - 1 > last) size /= 2;
    out.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(~(size - 1))});
    at += size;
  }
  return out;
}

std::optional<std::vector<NftMark>> nft_marks(NftJson value) {
  const auto ends = ends_of(value);
  if (!ends) return std::nullopt;
  const auto first = nft_number(ends->first);
  const auto last = nft_number(ends->last);
  if (!first || !last || *last < *first) return std::nullopt;
  return nft_marks_between(*first, *last);
}

}  // namespace firebreak
