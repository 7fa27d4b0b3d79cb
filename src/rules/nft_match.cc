#include "rules/nft_match.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <string>

#include "rules/nft_values.h"
#include "rules/save_values.h"

namespace firebreak {
namespace {

using NftKind = NftKey::Kind;
using Values = std::span<const NftJson>;
using MaybeWays = std::optional<NftWays>;

constexpr std::size_t kMostWays = 256;

NftWays always_way() { return {{}}; }
NftWays never_way() { return {}; }
NftWays constant_ways(bool holds) { return holds ? always_way() : never_way(); }

// Of any value, where the packet has one at all.
NftWays constant_ways(const NftKey& key, bool holds) {
  const bool connected = (key.kind == NftKind::kMark && key.connection) ||
                         key.kind == NftKind::kOriginalAddress ||
                         key.kind == NftKind::kOriginalPort;
  return holds && connected ? NftWays{{nft_has_connection()}} : constant_ways(holds);
}

template <class What>
NftWays one_condition(What what, bool negated) {
  return {{Condition{std::move(what), negated}}};
}

// One of several conditions, no two of which hold together; or none of them.
template <class What>
MaybeWays one_of_several(const std::vector<What>& several, bool negated) {
  if (several.size() > kMostWays) return std::nullopt;
  NftWays out;
  if (negated) out.emplace_back();
  for (const What& what : several) {
    if (negated) {
      out.front().push_back({what, true});
    } else {
      out.push_back({{what, false}});
    }
  }
  return out;
}

template <class Item, class Read>
std::optional<std::vector<Item>> read_values(Values values, Read read) {
  std::vector<Item> out;
  for (const NftJson value : values) {
    auto item = read(value);
    if (!item) return std::nullopt;
    out.push_back(*std::move(item));
  }
  return out;
}

MaybeWays interface_ways(const NftKey& key, Values values, bool negated) {
  auto names = read_values<NamePattern>(values, nft_interface);
  if (!names) return std::nullopt;
  return one_condition(OnInterface{key.side, *std::move(names)}, negated);
}

// (address & mask) == value, of one value. None: never.
std::optional<std::vector<AddressRange>> masked_address(NftJson mask, NftJson value,
                                                        Family family) {
  const auto bits = parse_address(nft_string(mask).value_or(""), family);
  const auto address = parse_address(nft_string(value).value_or(""), family);
  if (!bits || !address) return std::nullopt;
  for (std::size_t i = 0; i < bits->bytes().size(); ++i) {
    if ((address->bytes()[i] & ~bits->bytes()[i]) != 0) return std::vector<AddressRange>{};
  }
  auto ranges = parse_masked(address->text() + "/" + bits->text(), family);
  if (!ranges || ranges->empty()) return std::nullopt;  // too many
  return ranges;
}

MaybeWays address_ways(const NftKey& key, Values values, bool negated, Family family) {
  std::vector<AddressRange> ranges;
  for (const NftJson value : values) {
    if (key.mask) {
      const auto masked = masked_address(*key.mask, value, family);
      if (!masked) return std::nullopt;
      ranges.insert(ranges.end(), masked->begin(), masked->end());
    } else {
      const auto range = nft_address(value, family);
      if (!range) return std::nullopt;
      ranges.push_back(*range);
    }
  }
  if (key.kind == NftKind::kAddress) return one_condition(OnAddress{key.end, ranges}, negated);
  return one_condition(OnOriginal{.destinations = ranges, .ports = {}}, negated);
}

MaybeWays port_ways(const NftKey& key, Values values, bool negated) {
  const auto ports = read_values<PortRange>(values, nft_port);
  if (!ports) return std::nullopt;
  if (key.kind == NftKind::kOriginalPort) {
    return one_condition(OnOriginal{.destinations = {}, .ports = *ports}, negated);
  }
  const auto which = key.end == End::kSource ? OnPort::Which::kSource : OnPort::Which::kDestination;
  return one_condition(OnPort{which, *ports}, negated);
}

MaybeWays protocol_ways(Values values, bool negated) {
  OnProtocol out;
  for (const NftJson value : values) {
    const auto some = nft_protocols(value);
    if (!some) return std::nullopt;
    out.any_of.insert(out.any_of.end(), some->begin(), some->end());
    std::ranges::sort(out.any_of);
    out.any_of.erase(std::ranges::unique(out.any_of).begin(), out.any_of.end());
  }
  return one_condition(std::move(out), negated);
}

MaybeWays mark_ways(const NftKey& key, Values values, bool negated) {
  const auto mask = key.mask ? nft_number(*key.mask) : std::uint32_t{0xFFFFFFFF};
  if (!mask) return std::nullopt;
  std::vector<OnMark> out;
  for (const NftJson value : values) {
    if (key.mask) {
      const auto number = nft_number(value);
      if (!number) return std::nullopt;
      out.push_back({key.connection, *number, *mask});
      continue;
    }
    const auto marks = nft_marks(value);
    if (!marks || out.size() > kMostWays) return std::nullopt;
    for (const NftMark& mark : *marks) out.push_back({key.connection, mark.value, mark.mask});
  }
  return one_of_several(out, negated);
}

MaybeWays icmp_type_ways(const NftKey& key, Values values, bool negated) {
  const auto types = read_values<std::uint8_t>(
      values, [&](NftJson value) { return nft_icmp_type(value, key.v6_types); });
  if (!types) return std::nullopt;
  std::vector<OnIcmpType> out;
  out.reserve(types->size());
  for (const std::uint8_t type : *types) out.push_back({type, std::nullopt});
  return one_of_several(out, negated);
}

MaybeWays flag_ways(const NftKey& key, Values values, bool negated) {
  constexpr std::uint8_t kAll = 0xFF;
  const auto mask = key.mask ? nft_tcp_flags(*key.mask) : std::optional(kAll);
  if (!mask) return std::nullopt;
  std::vector<OnTcpFlags> out;
  for (const NftJson value : values) {
    const auto flags = nft_tcp_flags(value);
    if (!flags) return std::nullopt;
    out.push_back({*mask, *flags});
  }
  return one_of_several(out, negated);
}

// A connection has one state: several at once never hold.
MaybeWays state_ways(const NftKey& key, Values values, bool negated) {
  if (key.mask) return std::nullopt;
  unsigned bits = 0;
  for (const NftJson value : values) {
    const auto state = nft_states(value);
    if (!state) return std::nullopt;
    if (std::has_single_bit(*state)) bits |= *state;
  }
  return one_condition(OnState{static_cast<std::uint8_t>(bits)}, negated);
}

MaybeWays type_ways(const NftKey& key, Values values, bool negated) {
  unsigned bits = 0;
  for (const NftJson value : values) {
    const auto type = nft_address_type(value);
    if (!type) return std::nullopt;
    bits |= *type;
  }
  return one_condition(OnAddressType{key.end, static_cast<std::uint8_t>(bits), key.limit}, negated);
}

std::optional<bool> is_of_family(NftJson value, Family family) {
  const auto name = nft_string(value);
  if (!name) return std::nullopt;
  return family == Family::kV4 ? *name == "ip" || *name == "ipv4"
                               : *name == "ip6" || *name == "ipv6";
}

MaybeWays family_ways(Values values, bool negated, Family family) {
  bool any = false;
  for (const NftJson value : values) {
    const auto is = is_of_family(value, family);
    if (!is) return std::nullopt;
    any = any || *is;
  }
  return constant_ways(any != negated);
}

// `ct state & mask == value`, `ct status & mask == value`, mask and value of the same names.
MaybeWays masked_bits(std::optional<std::uint8_t> mask, std::optional<std::uint8_t> value,
                      bool one_only, bool negated) {
  if (!mask || !value) return std::nullopt;
  if (*value == 0) return one_condition(OnState{*mask}, !negated);
  if ((*value & ~*mask) != 0) return constant_ways(negated);
  if (one_only) {
    if (!std::has_single_bit(*value)) return constant_ways(negated);
    return one_condition(OnState{*value}, negated);
  }
  if (*mask != *value || !std::has_single_bit(*value)) return std::nullopt;
  return one_condition(OnState{*value}, negated);
}

MaybeWays equal_bits(const NftKey& key, NftJson value, bool negated) {
  const bool state = key.kind == NftKind::kState;
  const auto read = [&](NftJson bits) -> std::optional<std::uint8_t> {
    if (nft_number(bits) == 0U) return std::uint8_t{0};
    return state ? nft_states(bits) : nft_status(bits);
  };
  if (key.mask) return masked_bits(read(*key.mask), read(value), state, negated);
  if (!state || nft_list(value)) return std::nullopt;
  return state_ways(key, std::span(&value, 1), negated);
}

// "in": some of the bits are set; "!": none is.
MaybeWays any_bit(const NftKey& key, NftJson value, bool negated) {
  if (key.mask) return std::nullopt;
  if (key.kind == NftKind::kTcpFlags) {
    const auto flags = nft_tcp_flags(value);
    if (!flags) return std::nullopt;
    return one_condition(OnTcpFlags{*flags, 0}, !negated);
  }
  if (key.kind != NftKind::kState && key.kind != NftKind::kStatus) return std::nullopt;
  const auto bits = key.kind == NftKind::kState ? nft_states(value) : nft_status(value);
  if (!bits) return std::nullopt;
  return one_condition(OnState{*bits}, negated);
}

// The numbers that stand in that relation to `value`, of 0 to `most`; nullopt: none.
struct Span {
  std::uint32_t first;
  std::uint32_t last;
};
std::optional<Span> span_of(std::string_view op, std::uint32_t value, std::uint32_t most) {
  if (op == "<=") return Span{0, value};
  if (op == ">=") return Span{value, most};
  if (op == "<") return value == 0 ? std::nullopt : std::optional(Span{0, value - 1});
  return value == most ? std::nullopt : std::optional(Span{value + 1, most});
}

// Between, or not beside: whichever takes fewer conditions.
MaybeWays marks_between(const NftKey& key, Span span) {
  constexpr std::uint32_t kMost = 0xFFFFFFFF;
  const std::vector<NftMark> inside = nft_marks_between(span.first, span.last);
  std::vector<NftMark> beside;
  if (span.first > 0) beside = nft_marks_between(0, span.first - 1);
  if (span.last < kMost) {
    std::ranges::copy(nft_marks_between(span.last + 1, kMost), std::back_inserter(beside));
  }
  const bool negated = !beside.empty() && beside.size() < inside.size();
  std::vector<OnMark> marks;
  for (const NftMark& mark : negated ? beside : inside) {
    marks.push_back({key.connection, mark.value, mark.mask});
  }
  return one_of_several(marks, negated);
}

MaybeWays ordered_ways(const NftKey& key, std::string_view op, NftJson value) {
  const auto number = nft_number(value);
  const bool port = key.kind == NftKind::kPort;
  const std::uint32_t most = port ? 0xFFFF : 0xFFFFFFFF;
  if (!number || *number > most || key.mask || (!port && key.kind != NftKind::kMark)) {
    return std::nullopt;
  }
  const auto span = span_of(op, *number, most);
  if (!span) return never_way();
  if (!port) return marks_between(key, *span);
  const auto which = key.end == End::kSource ? OnPort::Which::kSource : OnPort::Which::kDestination;
  const PortRange range{Port{static_cast<std::uint16_t>(span->first)},
                        Port{static_cast<std::uint16_t>(span->last)}};
  return one_condition(OnPort{which, {range}}, false);
}

// ---- sets ----

bool can_be_part(const NftKey& key) {
  if (key.mask) return false;
  switch (key.kind) {
    case NftKind::kInterface:
    case NftKind::kAddress:
    case NftKind::kProtocol:
    case NftKind::kPort:
    case NftKind::kFamily: return true;
    case NftKind::kMark: return !key.connection;
    default: return false;
  }
}

End dimension_of(const NftKey& key) {
  if (key.kind != NftKind::kInterface) return key.end;
  return key.side == OnInterface::Side::kIn ? End::kSource : End::kDestination;
}

std::optional<AddressSet::Part> part_of(const NftKey& key, NftJson value, Family family) {
  AddressSet::Part out;
  bool understood = false;
  if (key.kind == NftKind::kInterface) {
    understood = (out.interface = nft_interface(value)).has_value();
  } else if (key.kind == NftKind::kAddress) {
    understood = (out.addresses = nft_address(value, family)).has_value();
  } else if (key.kind == NftKind::kPort) {
    understood = (out.ports = nft_port(value)).has_value();
  } else if (key.kind == NftKind::kMark) {
    understood = (out.mark = nft_number(value)).has_value();
  } else if (const auto protocols = nft_protocols(value); protocols && protocols->size() == 1) {
    out.protocol = protocols->front();
    understood = true;
  }
  return understood ? std::optional(out) : std::nullopt;
}

std::optional<std::vector<NftJson>> values_of(std::size_t keys, NftJson element) {
  const auto concat = nft_member(element, "concat");
  auto values = concat ? nft_list(*concat) : std::vector{element};
  if (!values || values->size() != keys) return std::nullopt;
  return values;
}

void add_element(std::span<const NftKey> keys, NftJson element, Family family, AddressSet& set) {
  std::vector<AddressSet::Part> parts;
  const bool all = nft_is_catch_all(element);
  const auto values = all ? std::vector<NftJson>(keys.size()) : values_of(keys.size(), element);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].kind == NftKind::kFamily) {
      const auto fits = all || !values ? true : is_of_family((*values)[i], family);
      if (fits == false) return;
      set.understood = set.understood && fits;
      continue;
    }
    auto part = all || !values ? AddressSet::Part{} : part_of(keys[i], (*values)[i], family);
    if (!values || !part) {
      set.understood = false;
      return;
    }
    parts.push_back(*std::move(part));
  }
  set.elements.push_back(std::move(parts));
}

}  // namespace

std::optional<NftWays> nft_one_of(const NftKey& key, Values values, bool negated, Family family) {
  if (std::ranges::any_of(values, nft_is_catch_all)) return constant_ways(key, !negated);
  if (values.empty()) return constant_ways(key, negated);
  switch (key.kind) {
    case NftKind::kInterface: return interface_ways(key, values, negated);
    case NftKind::kAddress:
    case NftKind::kOriginalAddress: return address_ways(key, values, negated, family);
    case NftKind::kProtocol: return protocol_ways(values, negated);
    case NftKind::kPort:
    case NftKind::kOriginalPort: return port_ways(key, values, negated);
    case NftKind::kTcpFlags: return flag_ways(key, values, negated);
    case NftKind::kIcmpType: return icmp_type_ways(key, values, negated);
    case NftKind::kState: return state_ways(key, values, negated);
    case NftKind::kMark: return mark_ways(key, values, negated);
    case NftKind::kAddressType: return type_ways(key, values, negated);
    case NftKind::kFamily: return family_ways(values, negated, family);
    case NftKind::kStatus:
    case NftKind::kIcmpCode:
    case NftKind::kUnknown: break;
  }
  return std::nullopt;
}

std::optional<NftWays> nft_compare(const NftKey& key, std::string_view op, NftJson value,
                                   Family family) {
  if (op == "in" || op == "!") return any_bit(key, value, op == "!");
  if (op == "==" || op == "!=") {
    const bool negated = op == "!=";
    if (key.kind == NftKind::kState || key.kind == NftKind::kStatus) {
      return equal_bits(key, value, negated);
    }
    if (nft_is_catch_all(value)) return std::nullopt;
    return nft_one_of(key, std::span(&value, 1), negated, family);
  }
  if (op == "<" || op == "<=" || op == ">" || op == ">=") return ordered_ways(key, op, value);
  return std::nullopt;
}

std::optional<NftWays> nft_element_ways(std::span<const NftKey> keys, NftJson element,
                                        Family family) {
  const auto values = values_of(keys.size(), element);
  if (!values) return std::nullopt;
  MaybeWays out = always_way();
  for (std::size_t i = 0; i < keys.size() && out; ++i) {
    const auto ways = nft_one_of(keys[i], std::span(&(*values)[i], 1), false, family);
    out = ways ? nft_both(*out, *ways) : std::nullopt;
  }
  return out;
}

std::optional<NftWays> nft_both(const NftWays& first, const NftWays& second) {
  if (first.size() * second.size() > kMostWays) return std::nullopt;
  NftWays out;
  for (const std::vector<Condition>& one : first) {
    for (const std::vector<Condition>& other : second) {
      out.push_back(one);
      for (const Condition& condition : other) {
        if (std::ranges::find(out.back(), condition) == out.back().end()) {
          out.back().push_back(condition);
        }
      }
    }
  }
  return out;
}

std::optional<NftMembership> nft_membership(std::span<const NftKey> keys, Values elements,
                                            Family family) {
  if (!std::ranges::all_of(keys, can_be_part)) return std::nullopt;
  NftMembership out;
  for (const NftKey& key : keys) {
    if (key.kind != NftKind::kFamily) out.dimensions.push_back(dimension_of(key));
  }
  for (const NftJson element : elements) add_element(keys, element, family, out.set);
  return out;
}

bool nft_is_catch_all(NftJson element) { return nft_string(element) == "*"; }

}  // namespace firebreak
