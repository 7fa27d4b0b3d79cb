// Matches over what the machine adds to a packet: iptables-extensions(8), "mark", "connmark",
// "set", "physdev", "addrtype", "limit", "hashlimit", "connlimit".
#include <algorithm>
#include <array>
#include <bit>

#include "base/text.h"
#include "rules/matches.h"
#include "rules/save_values.h"

namespace firebreak {
namespace {

struct NamedType {
  std::string_view name;
  OnAddressType::Bit bit;
};
constexpr auto kTypes = std::to_array<NamedType>({{"UNICAST", OnAddressType::kUnicast},
                                                  {"LOCAL", OnAddressType::kLocal},
                                                  {"BROADCAST", OnAddressType::kBroadcast},
                                                  {"MULTICAST", OnAddressType::kMulticast},
                                                  {"ANYCAST", OnAddressType::kAnycast},
                                                  {"UNSPEC", OnAddressType::kOther},
                                                  {"BLACKHOLE", OnAddressType::kOther},
                                                  {"UNREACHABLE", OnAddressType::kOther},
                                                  {"PROHIBIT", OnAddressType::kOther},
                                                  {"THROW", OnAddressType::kOther},
                                                  {"NAT", OnAddressType::kOther},
                                                  {"XRESOLVE", OnAddressType::kOther}});

std::optional<std::uint8_t> parse_types(std::string_view text) {
  unsigned bits = 0;
  for (const std::string_view word : split(text, ',')) {
    const auto* const type = std::ranges::find(kTypes, word, &NamedType::name);
    if (type == kTypes.end()) return std::nullopt;
    bits |= type->bit;
  }
  return static_cast<std::uint8_t>(bits);
}

// IPv6 has classes of addresses, all of which must hold, beside what routing says: xt_addrtype.c,
// match_type6. A local address is UNICAST too.
void read_types6(const SaveClause& clause, const SaveOption& option, const OnAddressType& types,
                 RuleSink& sink) {
  constexpr std::uint8_t kRouted =
      OnAddressType::kLocal | OnAddressType::kAnycast | OnAddressType::kOther;
  const std::uint8_t routed = types.any_of & kRouted;
  const auto classes = static_cast<std::uint8_t>(types.any_of & ~kRouted);
  const bool one = std::popcount(classes) + (routed != 0 ? 1 : 0) == 1;
  const bool known =
      (classes & OnAddressType::kBroadcast) == 0 && (routed & OnAddressType::kOther) == 0;
  if (!known || (option.negated && !one)) return sink.not_understood(clause, option);
  const AddressRange multicast = range_of(*IpAddress::parse("ff00::"), 8);
  const AddressRange none = range_of(*IpAddress::parse("::"), 128);
  if ((classes & OnAddressType::kMulticast) != 0) {
    sink.add(OnAddress{types.end, {multicast}}, option.negated);
  }
  if ((classes & OnAddressType::kUnicast) != 0) {
    sink.add(OnAddress{types.end, {none, multicast}}, !option.negated);
  }
  if (routed != 0) sink.add(OnAddressType{types.end, routed, types.limit}, option.negated);
}

bool has(const SaveClause& clause, std::string_view option) {
  return std::ranges::find(clause.options, option, &SaveOption::name) != clause.options.end();
}

std::optional<std::vector<End>> parse_dimensions(std::string_view text) {
  std::vector<End> out;
  for (const std::string_view word : split(text, ',')) {
    if (word != "src" && word != "dst") return std::nullopt;
    out.push_back(word == "src" ? End::kSource : End::kDestination);
  }
  return out;
}

// Options that only count, or say how to count.
bool is_bookkeeping(std::string_view option) {
  return option.starts_with("--hashlimit-") || option == "--limit-burst" ||
         option == "--connlimit-mask" || option == "--connlimit-saddr" ||
         option == "--connlimit-daddr";
}

// Whether the option's bound holds for the first packets of a lone connection; nullopt: no bound.
std::optional<bool> when_idle(const SaveOption& option) {
  const std::string_view name = option.name;
  if (name == "--limit" || name == "--hashlimit" || name == "--hashlimit-upto") return true;
  if (name == "--hashlimit-above") return false;
  // These count the connection itself.
  if (name == "--connlimit-upto") return option.value() != "0";
  if (name == "--connlimit-above") return option.value() == "0";
  return std::nullopt;
}

}  // namespace

void read_mark(const SaveClause& clause, RuleSink& sink) {
  for (const SaveOption& option : clause.options) {
    const auto mark = parse_masked_value(option.value());
    if (option.name != "--mark") {
      sink.not_understood(clause, option);
    } else if (!mark) {
      sink.error(option, "not a mark, with or without a mask");
    } else {
      sink.add(OnMark{clause.name == "connmark", mark->value, mark->mask}, option.negated);
    }
  }
}

void read_set(const SaveClause& clause, RuleSink& sink) {
  const auto set = std::ranges::find(clause.options, "--match-set", &SaveOption::name);
  const bool all_known = std::ranges::all_of(clause.options, [](const SaveOption& option) {
    return option.name == "--match-set" || option.name == "--update-counters" ||
           option.name == "--update-subcounters";
  });
  if (set == clause.options.end() || !all_known) return sink.not_understood(clause.text);
  if (set->values.size() != 2) return sink.error(*set, "a set and its dimensions are expected");
  auto dimensions = parse_dimensions(set->values[1]);
  if (!dimensions) return sink.error(*set, "dimensions are lists of src and dst");
  sink.add(InSet{sink.set_named(set->values[0]), *std::move(dimensions)}, set->negated);
}

void read_physdev(const SaveClause& clause, RuleSink& sink) {
  using Side = OnInterface::Side;
  for (const SaveOption& option : clause.options) {
    const bool in = option.name == "--physdev-in";
    if (in || option.name == "--physdev-out") {
      if (option.value().empty()) {
        sink.error(option, "not the name of an interface");
        continue;
      }
      sink.add(OnBridgePort{in ? Side::kIn : Side::kOut, {parse_interface(option.value())}},
               option.negated);
    } else if (option.name == "--physdev-is-in") {
      sink.add(OnBridgePort{Side::kIn, {}}, option.negated);
    } else if (option.name == "--physdev-is-out" || option.name == "--physdev-is-bridged") {
      // The kernel knows the port that a packet leaves by only if it bridges it.
      sink.add(OnBridgePort{Side::kOut, {}}, option.negated);
    } else {
      sink.not_understood(clause, option);
    }
  }
}

void read_addrtype(const SaveClause& clause, RuleSink& sink) {
  std::optional<OnInterface::Side> limit;
  if (has(clause, "--limit-iface-in")) limit = OnInterface::Side::kIn;
  if (has(clause, "--limit-iface-out")) limit = OnInterface::Side::kOut;
  for (const SaveOption& option : clause.options) {
    if (option.name.starts_with("--limit-iface-")) continue;
    const auto types = parse_types(option.value());
    if ((option.name != "--src-type" && option.name != "--dst-type") || !types) {
      sink.not_understood(clause, option);
      continue;
    }
    const End end = option.name == "--src-type" ? End::kSource : End::kDestination;
    const OnAddressType condition{end, *types, limit};
    if (sink.family() == Family::kV6) {
      read_types6(clause, option, condition, sink);
    } else {
      sink.add(condition, option.negated);
    }
  }
}

void read_rate(const SaveClause& clause, RuleSink& sink) {
  const bool all_known = std::ranges::all_of(clause.options, [](const SaveOption& option) {
    return when_idle(option) || is_bookkeeping(option.name);
  });
  const auto bound = std::ranges::find_if(
      clause.options, [](const SaveOption& option) { return when_idle(option).has_value(); });
  if (!all_known || bound == clause.options.end()) return sink.not_understood(clause.text);
  sink.add(OnRate{*when_idle(*bound) != bound->negated});
}

}  // namespace firebreak
