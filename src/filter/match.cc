// The meaning of each condition is that of rules/holds.cc, which answers for one packet.
#include "filter/match.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace firebreak {
namespace {

using enum PacketField;

PacketSet all_or_none(bool all) { return all ? PacketSet::all() : PacketSet::none(); }

RuleMatch known(PacketSet set) { return {.surely = set, .perhaps = std::move(set)}; }
RuleMatch not_known() { return {.surely = PacketSet::none(), .perhaps = PacketSet::all()}; }

bool any_pattern_fits(const std::vector<NamePattern>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns, [&](const NamePattern& pattern) {
    return pattern.prefix ? name.starts_with(pattern.name) : name == pattern.name;
  });
}

const std::string& name_at(const HookPlace& place, OnInterface::Side side) {
  return side == OnInterface::Side::kIn ? place.in : place.out;
}

bool interface_fits(const OnInterface& on, const HookPlace& place) {
  const std::string& name = name_at(place, on.side);
  return !name.empty() && any_pattern_fits(on.any_of, name);
}

PacketSet addresses_at(End end, std::span<const AddressRange> any_of) {
  return end == End::kSource ? PacketSet::source(any_of) : PacketSet::destination(any_of);
}

PacketSet ports_at(End end, std::span<const PortRange> any_of) {
  std::vector<PacketSet> sets;
  sets.reserve(any_of.size());
  for (const PortRange& range : any_of) {
    sets.push_back(end == End::kSource ? PacketSet::source_port(range)
                                       : PacketSet::destination_port(range));
  }
  return PacketSet::any_of(sets);
}

// One function for each kind of condition, without its negation.
class SetQuestion {
 public:
  SetQuestion(const Program& program, const FilterSurroundings& surroundings,
              const PacketSet& with_ports, const FilterPlace& place)
      : program_(program), surroundings_(surroundings), with_ports_(with_ports), place_(place) {}

  RuleMatch operator()(const OnInterface& on) const {
    return known(all_or_none(interface_fits(on, place_.at)));
  }

  RuleMatch operator()(const OnBridgePort& on) const {
    const auto& port =
        on.side == OnInterface::Side::kIn ? place_.at.bridge_in : place_.at.bridge_out;
    return known(all_or_none(port && (on.any_of.empty() || any_pattern_fits(on.any_of, *port))));
  }

  RuleMatch operator()(const OnAddress& on) const { return known(addresses_at(on.end, on.any_of)); }

  RuleMatch operator()(const OnProtocol& on) const {
    std::vector<PacketSet> sets;
    sets.reserve(on.any_of.size());
    for (const std::uint8_t number : on.any_of) sets.push_back(PacketSet::protocol(number));
    return known(PacketSet::any_of(sets));
  }

  RuleMatch operator()(const OnPort& on) const {
    PacketSet set;
    if (on.which != OnPort::Which::kDestination) set |= ports_at(End::kSource, on.any_of);
    if (on.which != OnPort::Which::kSource) set |= ports_at(End::kDestination, on.any_of);
    return known(set & with_ports_);
  }

  RuleMatch operator()(const OnTcpFlags& on) const {
    constexpr std::uint8_t kTcp = 6;
    const bool meet = (place_.at.tcp_flags & on.mask) == on.set;
    return known(meet ? PacketSet::protocol(kTcp) : PacketSet::none());
  }

  RuleMatch operator()(const OnIcmpType& on) const {
    const PacketSet icmp = PacketSet::protocol(1) | PacketSet::protocol(58);
    return known(icmp & PacketSet::icmp(on.type, on.code));
  }

  RuleMatch operator()(const OnState& on) const {
    PacketSet tracked = all_or_none((on.any_of & place_.state()) != 0);
    if (!place_.before_tracking) {
      if ((on.any_of & OnState::kDestinationRewritten) != 0) {
        tracked |= PacketSet::flag(kDestinationRewritten, true);
      }
      if ((on.any_of & OnState::kSourceRewritten) != 0) {
        tracked |= PacketSet::flag(kSourceRewritten, true);
      }
    }
    const PacketSet untracked = PacketSet::flag(kUntracked, true);
    const bool asked = (on.any_of & OnState::kUntracked) != 0;
    return known(asked ? tracked | untracked : tracked - untracked);
  }

  // Replies come from what their connection's first packet went to.
  RuleMatch operator()(const OnOriginal& on) const {
    const bool replies = (place_.at.state & OnState::kEstablished) != 0;
    const End end = replies ? End::kSource : End::kDestination;
    RuleMatch match =
        known(on.destinations.empty() ? PacketSet::all() : addresses_at(end, on.destinations));
    if (!on.ports.empty()) {
      const PacketSet ports = ports_at(end, on.ports) & with_ports_;
      match.surely &= ports;
      match.perhaps &= ports | ~with_ports_;
    }
    const PacketSet changed = PacketSet::flag(kDestinationRewritten, true);
    return {.surely = match.surely - changed, .perhaps = match.perhaps | changed};
  }

  RuleMatch operator()(const OnAddressType& on) const {
    if (!surroundings_.addresses_of) return not_known();
    const std::string_view interface =
        on.limit ? std::string_view(name_at(place_.at, *on.limit)) : "";
    RuleMatch match;
    for (const auto bit :
         {OnAddressType::kUnicast, OnAddressType::kLocal, OnAddressType::kBroadcast,
          OnAddressType::kMulticast, OnAddressType::kAnycast, OnAddressType::kOther}) {
      if ((on.any_of & bit) == 0) continue;
      const PacketSet set = addresses_at(on.end, surroundings_.addresses_of(bit, interface));
      match.perhaps |= set;
      if (bit != OnAddressType::kOther) match.surely |= set;
    }
    return match;
  }

  RuleMatch operator()(const OnMark& on) const {
    if ((on.value & ~on.mask) != 0) return {};
    return known(on.connection ? PacketSet::connection_mark(on.value, on.mask)
                               : PacketSet::mark(on.value, on.mask));
  }

  RuleMatch operator()(const InSet& in) const {
    const AddressSet& set = program_.sets[in.set.index()];
    if (!set.understood) return not_known();
    std::vector<PacketSet> elements;
    for (const std::vector<AddressSet::Part>& element : set.elements) {
      if (element.size() > in.dimensions.size()) continue;
      PacketSet all = PacketSet::all();
      for (std::size_t i = 0; i < element.size() && !all.empty(); ++i) {
        all &= part(element[i], in.dimensions[i]);
      }
      elements.push_back(std::move(all));
    }
    return known(PacketSet::any_of(elements));
  }

  RuleMatch operator()(const OnRate& on) const { return known(all_or_none(on.when_idle)); }
  RuleMatch operator()(const NotUnderstood& /*on*/) const { return not_known(); }

 private:
  PacketSet part(const AddressSet::Part& part, End end) const {
    if (part.interface) {
      const auto side = end == End::kSource ? OnInterface::Side::kIn : OnInterface::Side::kOut;
      if (!interface_fits({side, {*part.interface}}, place_.at)) return PacketSet::none();
    }
    PacketSet set = PacketSet::all();
    if (part.addresses) set &= addresses_at(end, std::array{*part.addresses});
    if (part.protocol) set &= PacketSet::protocol(*part.protocol);
    if (part.ports) set &= ports_at(end, std::array{*part.ports}) & with_ports_;
    if (part.mark) set &= PacketSet::mark(*part.mark);
    return set;
  }

  const Program& program_;
  const FilterSurroundings& surroundings_;
  const PacketSet& with_ports_;
  const FilterPlace& place_;
};

// The kernel looks these up in the packet's connection, and is done where there is none.
bool asks_connection(const Condition& condition) {
  const auto* const mark = std::get_if<OnMark>(&condition.what);
  return std::holds_alternative<OnOriginal>(condition.what) ||
         (mark != nullptr && mark->connection);
}

void add_parts(const AddressSet& set, const InSet& in, PlaceNeeds& needs) {
  for (const std::vector<AddressSet::Part>& element : set.elements) {
    for (std::size_t i = 0; i < std::min(element.size(), in.dimensions.size()); ++i) {
      if (!element[i].interface) continue;
      (in.dimensions[i] == End::kSource ? needs.in : needs.out) = true;
    }
  }
}

}  // namespace

std::uint8_t FilterPlace::state() const {
  if (before_tracking && at.state != OnState::kUntracked) return OnState::kInvalid;
  return at.state;
}

bool FilterPlace::has_connection() const {
  return !before_tracking && (at.state & (OnState::kInvalid | OnState::kUntracked)) == 0;
}

void PlaceNeeds::add(const PlaceNeeds& other) {
  in |= other.in;
  out |= other.out;
  state |= other.state;
  tcp_flags |= other.tcp_flags;
}

PlaceNeeds needs_of(const Program& program, const Condition& condition) {
  PlaceNeeds needs;
  needs.decides = std::holds_alternative<OnInterface>(condition.what) ||
                  std::holds_alternative<OnBridgePort>(condition.what) ||
                  std::holds_alternative<OnRate>(condition.what);
  needs.state = std::holds_alternative<OnState>(condition.what) || asks_connection(condition);
  needs.tcp_flags = std::holds_alternative<OnTcpFlags>(condition.what);
  if (const auto* const type = std::get_if<OnAddressType>(&condition.what); type && type->limit) {
    (*type->limit == OnInterface::Side::kIn ? needs.in : needs.out) = true;
  }
  if (const auto* const in = std::get_if<InSet>(&condition.what)) {
    add_parts(program.sets[in->set.index()], *in, needs);
  }
  return needs;
}

bool decided_by_place(const Condition& condition, const HookPlace& place) {
  bool meets = false;
  if (const auto* const interface = std::get_if<OnInterface>(&condition.what)) {
    meets = interface_fits(*interface, place);
  } else if (const auto* const port = std::get_if<OnBridgePort>(&condition.what)) {
    const auto& name = port->side == OnInterface::Side::kIn ? place.bridge_in : place.bridge_out;
    meets = name && (port->any_of.empty() || any_pattern_fits(port->any_of, *name));
  } else {
    const auto* const rate = std::get_if<OnRate>(&condition.what);
    CHECK(rate != nullptr);
    meets = rate->when_idle;
  }
  return meets != condition.negated;
}

ConditionSets::ConditionSets(const Program& program, const FilterSurroundings& surroundings)
    : program_(&program), surroundings_(&surroundings) {
  std::vector<PacketSet> sets;
  for (unsigned number = 0; number < 256; ++number) {
    const auto protocol = static_cast<std::uint8_t>(number);
    if (has_ports(protocol)) sets.push_back(PacketSet::protocol(protocol));
  }
  with_ports_ = PacketSet::any_of(sets);
}

RuleMatch ConditionSets::match(const Condition& condition, const FilterPlace& place) const {
  if (asks_connection(condition) && !place.has_connection()) return {};
  RuleMatch match =
      std::visit(SetQuestion(*program_, *surroundings_, with_ports_, place), condition.what);
  if (condition.negated) match = {.surely = ~match.perhaps, .perhaps = ~match.surely};
  if (asks_connection(condition)) {
    const PacketSet untracked = PacketSet::flag(kUntracked, true);
    match = {.surely = match.surely - untracked, .perhaps = match.perhaps - untracked};
  }
  return match;
}

}  // namespace firebreak
