#include "reach/machine.h"

#include <algorithm>
#include <array>

namespace firebreak {
namespace {

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kIcmp6 = 58;
constexpr std::array<std::uint8_t, 3> kWithPorts = {6, 17, 132};
constexpr std::uint8_t kSynAck = 18;

AddressRange only(const IpAddress& address) { return {address, address}; }

AddressRange loopback_range(Family family) {
  return AddressRange::of(*Cidr::parse(family == Family::kV4 ? "127.0.0.0/8" : "::1/128"));
}

PacketSet with_ports(Family family) {
  PacketSet out;
  for (const std::uint8_t number : kWithPorts) out |= PacketSet::protocol(number);
  const PortRange ports{Port{1}, Port{65535}};  // 0 is no port
  return out & PacketSet::of(family) & PacketSet::source_port(ports) &
         PacketSet::destination_port(ports);
}

PacketSet echo(Family family, bool reply) {
  const bool v4 = family == Family::kV4;
  const int type = v4 ? (reply ? 0 : 8) : (reply ? 129 : 128);
  return PacketSet::of(family) & PacketSet::protocol(v4 ? kIcmp : kIcmp6) &
         PacketSet::icmp(static_cast<std::uint8_t>(type), std::uint8_t{0});
}

// The packets that these replies answer: ports and addresses change places, an echo reply becomes
// its request.
PacketSet requests_of(const PacketSet& replies) {
  PacketSet out;
  for (const Family family : {Family::kV4, Family::kV6}) {
    out |= (replies & with_ports(family)).turned_around();
    out |= (replies & echo(family, true))
               .turned_around()
               .forget(PacketField::kSourcePort)
               .forget(PacketField::kDestinationPort) &
           echo(family, false);
  }
  return out;
}

PacketSet where_to(Heading heading, const std::vector<AddressRange>& ranges) {
  if (ranges.empty()) return {};
  return heading == Heading::kForth ? PacketSet::destination(ranges) : PacketSet::source(ranges);
}

PacketSet where_from(Heading heading, const std::vector<AddressRange>& ranges) {
  return where_to(heading == Heading::kForth ? Heading::kBack : Heading::kForth, ranges);
}

PacketSet unmarked() {
  return PacketSet::mark(0) & PacketSet::connection_mark(0) &
         PacketSet::flag(PacketField::kDestinationRewritten, false) &
         PacketSet::flag(PacketField::kSourceRewritten, false) &
         PacketSet::flag(PacketField::kUntracked, false);
}

std::vector<AddressRange> own_ranges(const Space& space, Family family) {
  std::vector<AddressRange> out = {loopback_range(family)};
  for (const NetLink& link : space.state->links) {
    for (const LinkAddress& own : link.addresses) {
      if (own.address.family() == family) out.push_back(only(own.address));
    }
  }
  return out;
}

bool is_address_or_port(PacketField field) {
  return field == PacketField::kSource || field == PacketField::kDestination ||
         field == PacketField::kSourcePort || field == PacketField::kDestinationPort;
}

bool tests_marks(const Program& program) {
  return std::ranges::any_of(program.chains, [](const Chain& chain) {
    return std::ranges::any_of(chain.rules, [](const Rule& rule) {
      return std::ranges::any_of(rule.conditions, [](const Condition& condition) {
        return std::holds_alternative<OnMark>(condition.what);
      });
    });
  });
}

}  // namespace

FilterSurroundings surroundings_of(const Space& space, Family family) {
  FilterSurroundings out;
  const Space* const machine = &space;
  out.addresses_of = [machine, family](OnAddressType::Bit type, std::string_view interface) {
    std::vector<AddressRange> ranges;
    const bool v4 = family == Family::kV4;
    if (type == OnAddressType::kLocal) {
      for (const NetLink& link : machine->state->links) {
        if (!interface.empty() && link.name != interface) continue;
        if (link.loopback) ranges.push_back(loopback_range(family));
        for (const LinkAddress& own : link.addresses) {
          if (own.address.family() == family) ranges.push_back(only(own.address));
        }
      }
    } else if (type == OnAddressType::kBroadcast && v4) {
      ranges = broadcasts_of(*machine->state);
    } else if (type == OnAddressType::kMulticast) {
      ranges.push_back(AddressRange::of(*Cidr::parse(v4 ? "224.0.0.0/4" : "ff00::/8")));
    }
    return ranges;
  };
  out.address_of = [machine, family](std::string_view interface) -> std::optional<IpAddress> {
    const IpAddress any = family == Family::kV4 ? IpAddress::v4(0) : IpAddress::v6({});
    return masquerade_address(*machine->state, interface, any);
  };
  return out;
}

SetMachine::SetMachine(const NetModel& model, SpaceId space, Family family)
    : space_(&model[space]),
      family_(family),
      forth_(sides_of(Heading::kForth)),
      back_(sides_of(Heading::kBack)),
      filter_(space_->programs.at(static_cast<std::size_t>(family)),
              surroundings_of(*space_, family)) {
  const auto& lookups = space_->routing.at(static_cast<std::size_t>(family)).lookups;
  marks_matter_ =
      tests_marks(filter_.program()) ||
      std::ranges::any_of(lookups, [](const RouteLookup& lookup) { return lookup.mark_mask != 0; });
  to_itself_ = where_to(Heading::kForth, own_ranges(*space_, family));
  // Of the loopback addresses the one that everybody uses.
  const IpAddress home = *IpAddress::parse(family == Family::kV4 ? "127.0.0.1" : "::1");
  sendable_ = (forth_.from_itself - forth_.from_loopback) | PacketSet::source(only(home));
  sendable_ &= (with_ports(family) | echo(family, false)) & unmarked();
}

SetMachine::Sides SetMachine::sides_of(Heading heading) const {
  Sides out;
  for (const RouteLookup& lookup : space_->routing.at(static_cast<std::size_t>(family_)).lookups) {
    Guarded guarded{PacketSet::of(family_), lookup.incoming, {}};
    if (lookup.from) guarded.guard &= where_from(heading, {AddressRange::of(*lookup.from)});
    if (lookup.to) guarded.guard &= where_to(heading, {AddressRange::of(*lookup.to)});
    if (lookup.mark_mask != 0) guarded.guard &= PacketSet::mark(lookup.mark, lookup.mark_mask);
    for (const RouteEntry& entry : lookup.entries) {
      guarded.entries.emplace_back(where_to(heading, {AddressRange::of(entry.destination)}),
                                   entry.outcome);
    }
    out.lookups.push_back(std::move(guarded));
  }
  out.to_loopback = where_to(heading, {loopback_range(family_)});
  out.from_loopback = where_from(heading, {loopback_range(family_)});
  out.from_itself = where_from(heading, own_ranges(*space_, family_));
  return out;
}

std::vector<RoutedPart> SetMachine::route(const PacketSet& packets, std::string_view incoming,
                                          Heading heading) {
  std::vector<RoutedPart> out;
  const auto add = [&](const PacketSet& part, const RouteOutcome& outcome) {
    const auto known = std::ranges::find_if(out, [&](const RoutedPart& other) {
      return other.outcome.kind == outcome.kind && other.outcome.link == outcome.link &&
             other.outcome.gateway == outcome.gateway;
    });
    if (known == out.end()) {
      out.push_back({part, outcome});
    } else {
      known->packets |= part;
    }
  };
  PacketSet left = packets;
  for (const Guarded& lookup : sides(heading).lookups) {
    if (!lookup.incoming.empty() && lookup.incoming != incoming) continue;
    PacketSet here = left & lookup.guard;
    for (const auto& [destination, outcome] : lookup.entries) {
      if (here.empty()) break;
      // What folded namespaces send to one another leaves them.
      const bool to_its_like = space_->folded && incoming == "lo" &&
                               outcome.kind == RouteOutcome::Kind::kLocal &&
                               !space_->link(outcome.link).loopback;
      if (to_its_like) continue;
      const PacketSet part = here & destination;
      if (part.empty()) continue;
      here -= part;
      left -= part;
      add(part, outcome);
    }
  }
  if (!left.empty()) add(left, {});
  return out;
}

const std::vector<AddressRange>& SetMachine::sources_by(std::size_t link, bool strict) {
  const auto [found, fresh] = sources_by_.try_emplace({link, strict});
  if (!fresh) return found->second;
  PacketSet towards;
  for (const RoutedPart& part : route(PacketSet::of(family_) & PacketSet::mark(0), "lo")) {
    const bool unicast = part.outcome.kind == RouteOutcome::Kind::kUnicast;
    const bool fits = strict ? unicast && part.outcome.link == link
                             : unicast || part.outcome.kind == RouteOutcome::Kind::kUnknown;
    if (fits) towards |= part.packets;
  }
  return found->second = towards.destinations();
}

PacketSet SetMachine::admitted(const PacketSet& packets, std::size_t link, Heading heading) {
  const NetLink& in = space_->link(link);
  const Sides& side = sides(heading);
  if (in.loopback) return packets;
  if (family_ == Family::kV6) return packets - (side.to_loopback | side.from_loopback);
  PacketSet out = packets;
  if (space_->larger(family_, in.name, "route_localnet") == 0) {
    out -= side.to_loopback | side.from_loopback;
  }
  // The addresses of folded namespaces are those of several machines.
  const bool refuses_own = space_->larger(family_, in.name, "accept_local") == 0;
  if (refuses_own && !space_->folded) out -= side.from_itself;
  switch (space_->larger(family_, in.name, "rp_filter")) {
    case 1: return out & where_from(heading, sources_by(link, true));
    case 2: return out & where_from(heading, sources_by(link, false));
    default: return out;
  }
}

PacketSet SetMachine::emitted(const PacketSet& packets, std::size_t link, Heading heading) {
  const NetLink& out = space_->link(link);
  if (out.loopback) return packets;
  const bool local_net =
      family_ == Family::kV4 && space_->larger(family_, out.name, "route_localnet") != 0;
  return local_net ? packets : packets - sides(heading).from_loopback;
}

bool SetMachine::forwards(std::size_t in) const {
  return family_ == Family::kV4 ? space_->setting(family_, space_->link(in).name, "forwarding") != 0
                                : space_->setting(family_, "all", "forwarding") != 0;
}

const Passing& SetMachine::replies_pass(Hook hook, const std::string& in, const std::string& out,
                                        OnState::Bit state) {
  const auto [found, fresh] = passing_.try_emplace({hook, in, out, state});
  if (!fresh) return found->second;
  const PacketSet replies = (with_ports(family_) | echo(family_, true)) & PacketSet::mark(0);
  const HookPlace place{.in = in, .out = out, .state = state, .tcp_flags = kSynAck};
  const HookResult result = filter_.run(hook, place, replies);
  for (const HookBranch& branch : result.accepted) {
    if (std::ranges::any_of(branch.rewritten, is_address_or_port)) continue;
    found->second.possibly |= branch.before;
    const bool plain = branch.sure && (branch.rewritten.empty() || !marks_matter_);
    if (plain) found->second.surely |= branch.before;
  }
  found->second.surely = requests_of(found->second.surely);
  found->second.possibly = requests_of(found->second.possibly | result.lost);
  return found->second;
}

}  // namespace firebreak
