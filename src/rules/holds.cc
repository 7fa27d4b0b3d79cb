#include "rules/holds.h"

#include <algorithm>
#include <array>

namespace firebreak {
namespace {

Holds as_holds(bool yes) { return yes ? Holds::kYes : Holds::kNo; }

Holds inverted(Holds holds) {
  if (holds == Holds::kUnknown) return holds;
  return as_holds(holds == Holds::kNo);
}

bool matches(const std::vector<NamePattern>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns, [&](const NamePattern& pattern) {
    return pattern.prefix ? name.starts_with(pattern.name) : name == pattern.name;
  });
}

bool contains(const AddressRange& range, const IpAddress& address) {
  return range.first.is_v6() == address.is_v6() && range.first <= address && address <= range.last;
}
bool contains(const std::vector<AddressRange>& ranges, const IpAddress& address) {
  return std::ranges::any_of(ranges, [&](const auto& range) { return contains(range, address); });
}
bool contains(const PortRange& range, Port port) {
  return range.first <= port && port <= range.last;
}
bool contains(const std::vector<PortRange>& ranges, Port port) {
  return std::ranges::any_of(ranges, [&](const auto& range) { return contains(range, port); });
}

const std::string& interface_of(const Packet& packet, OnInterface::Side side) {
  return side == OnInterface::Side::kIn ? packet.in_interface : packet.out_interface;
}

// One function for each kind of condition, without its negation.
class Question {
 public:
  Question(const Program& program, const Packet& packet, const Surroundings& surroundings)
      : program_(program), packet_(packet), surroundings_(surroundings) {}

  Holds operator()(const OnInterface& on) const {
    const std::string& name = interface_of(packet_, on.side);
    return as_holds(!name.empty() && matches(on.any_of, name));
  }

  Holds operator()(const OnBridgePort& on) const {
    const auto& port = on.side == OnInterface::Side::kIn ? packet_.bridge_in : packet_.bridge_out;
    return as_holds(port && (on.any_of.empty() || matches(on.any_of, *port)));
  }

  Holds operator()(const OnAddress& on) const {
    if (on.end == End::kDestination) return as_holds(contains(on.any_of, packet_.destination));
    return packet_.source ? as_holds(contains(on.any_of, *packet_.source)) : Holds::kUnknown;
  }

  Holds operator()(const OnProtocol& on) const {
    return as_holds(std::ranges::find(on.any_of, packet_.protocol) != on.any_of.end());
  }

  Holds operator()(const OnPort& on) const {
    if (!has_ports(packet_.protocol)) return Holds::kNo;
    const bool destination = contains(on.any_of, packet_.destination_port);
    if (on.which == OnPort::Which::kDestination) return as_holds(destination);
    if (on.which == OnPort::Which::kEither && destination) return Holds::kYes;
    return packet_.source_port ? as_holds(contains(on.any_of, *packet_.source_port))
                               : Holds::kUnknown;
  }

  Holds operator()(const OnTcpFlags& on) const {
    constexpr std::uint8_t kTcp = 6;
    return as_holds(packet_.protocol == kTcp && (packet_.tcp_flags & on.mask) == on.set);
  }

  Holds operator()(const OnIcmpType& on) const {
    if (!is_icmp()) return Holds::kNo;
    return as_holds(packet_.icmp_type == on.type && (!on.code || packet_.icmp_code == *on.code));
  }

  Holds operator()(const OnState& on) const { return as_holds((packet_.state & on.any_of) != 0); }

  Holds operator()(const OnOriginal& on) const {
    const IpAddress address = packet_.original_destination.value_or(packet_.destination);
    if (!on.destinations.empty() && !contains(on.destinations, address)) return Holds::kNo;
    if (on.ports.empty()) return Holds::kYes;
    if (!has_ports(packet_.protocol)) return Holds::kUnknown;
    return as_holds(contains(on.ports, packet_.original_port.value_or(packet_.destination_port)));
  }

  Holds operator()(const OnAddressType& on) const {
    if (on.end == End::kSource && !packet_.source) return Holds::kUnknown;
    if (!surroundings_.type_of) return Holds::kUnknown;
    const IpAddress& address = on.end == End::kSource ? *packet_.source : packet_.destination;
    const std::string_view interface =
        on.limit ? std::string_view(interface_of(packet_, *on.limit)) : "";
    const OnAddressType::Bit type = surroundings_.type_of(address, interface);
    const bool asked = (on.any_of & type) != 0;
    return type == OnAddressType::kOther && asked ? Holds::kUnknown : as_holds(asked);
  }

  Holds operator()(const OnMark& on) const {
    const std::uint32_t mark = on.connection ? packet_.connection_mark : packet_.mark;
    return as_holds((mark & on.mask) == on.value);
  }

  Holds operator()(const InSet& in) const {
    const AddressSet& set = program_.sets[in.set.index()];
    if (!set.understood) return Holds::kUnknown;
    Holds found = Holds::kNo;
    for (const std::vector<AddressSet::Part>& element : set.elements) {
      const Holds one = is_element(element, in.dimensions);
      if (one == Holds::kYes) return one;
      if (one == Holds::kUnknown) found = one;
    }
    return found;
  }

  Holds operator()(const OnRate& on) const { return as_holds(on.when_idle); }
  Holds operator()(const NotUnderstood& /*on*/) const { return Holds::kUnknown; }

 private:
  bool is_icmp() const { return packet_.protocol == 1 || packet_.protocol == 58; }

  Holds is_element(const std::vector<AddressSet::Part>& element,
                   const std::vector<End>& dimensions) const {
    if (element.size() > dimensions.size()) return Holds::kNo;
    Holds all = Holds::kYes;
    for (std::size_t i = 0; i < element.size(); ++i) {
      const Holds one = fits(element[i], dimensions[i]);
      if (one == Holds::kNo) return one;
      if (one == Holds::kUnknown) all = one;
    }
    return all;
  }

  Holds fits(const AddressSet::Part& part, End end) const {
    const auto side = end == End::kSource ? OnInterface::Side::kIn : OnInterface::Side::kOut;
    const auto which = end == End::kSource ? OnPort::Which::kSource : OnPort::Which::kDestination;
    const std::array all = {
        part.addresses ? (*this)(OnAddress{end, {*part.addresses}}) : Holds::kYes,
        part.protocol ? (*this)(OnProtocol{{*part.protocol}}) : Holds::kYes,
        part.ports ? (*this)(OnPort{which, {*part.ports}}) : Holds::kYes,
        part.interface ? (*this)(OnInterface{side, {*part.interface}}) : Holds::kYes,
        part.mark ? as_holds(packet_.mark == *part.mark) : Holds::kYes,
    };
    if (std::ranges::find(all, Holds::kNo) != all.end()) return Holds::kNo;
    const bool unknown = std::ranges::find(all, Holds::kUnknown) != all.end();
    return unknown ? Holds::kUnknown : Holds::kYes;
  }

  const Program& program_;
  const Packet& packet_;
  const Surroundings& surroundings_;
};

// The kernel looks these up in the packet's connection, and is done where there is none.
bool needs_connection(const Condition& condition) {
  const auto* const mark = std::get_if<OnMark>(&condition.what);
  return std::holds_alternative<OnOriginal>(condition.what) ||
         (mark != nullptr && mark->connection);
}

}  // namespace

bool has_ports(std::uint8_t protocol) {
  constexpr auto kWithPorts = std::to_array<std::uint8_t>({6, 17, 33, 132, 136});
  return std::ranges::find(kWithPorts, protocol) != kWithPorts.end();
}

Holds holds(const Program& program, const Condition& condition, const Packet& packet,
            const Surroundings& surroundings) {
  if (needs_connection(condition) && !packet.has_connection()) return Holds::kNo;
  const Holds plain = std::visit(Question(program, packet, surroundings), condition.what);
  return condition.negated ? inverted(plain) : plain;
}

}  // namespace firebreak
