#include "reach/routing.h"

#include <algorithm>
#include <tuple>

namespace firebreak {
namespace {

constexpr std::uint32_t kTableLocal = 255;

bool is_link_local(const IpAddress& address) {
  const auto& bytes = address.bytes();
  return address.is_v6() && bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80;
}

Cidr whole(const IpAddress& address) {
  return {address, static_cast<std::uint8_t>(address.is_v6() ? 128 : 32)};
}

RouteEntry special(const Cidr& destination, RouteOutcome::Kind kind, std::size_t link = 0) {
  RouteEntry entry{destination, 0, {}};
  entry.outcome.kind = kind;
  entry.outcome.link = link;
  entry.outcome.text = destination.text() + " is its own";
  return entry;
}

// Subnets smaller than /31 have a broadcast address at either end.
void add_local(const LinkAddress& own, std::size_t link, bool loopback,
               std::vector<RouteEntry>& out) {
  using Kind = RouteOutcome::Kind;
  if (own.address.is_v6()) {
    if (!is_link_local(own.address)) out.push_back(special(whole(own.address), Kind::kLocal, link));
    return;
  }
  out.push_back(special(whole(own.address), Kind::kLocal, link));
  const Cidr subnet{own.address, own.prefix};
  if (own.prefix >= 31) return;
  if (loopback) {
    out.push_back(special(subnet, Kind::kLocal, link));
    return;
  }
  const AddressRange all = AddressRange::of(subnet);
  out.push_back(special(whole(all.first), Kind::kBroadcast));
  out.push_back(special(whole(all.last), Kind::kBroadcast));
}

std::vector<RouteEntry> local_table(const NetNamespace& state, Family family) {
  using Kind = RouteOutcome::Kind;
  std::vector<RouteEntry> out;
  for (std::size_t i = 0; i < state.links.size(); ++i) {
    for (const LinkAddress& own : state.links[i].addresses) {
      if (own.address.family() == family) add_local(own, i, state.links[i].loopback, out);
    }
  }
  if (family == Family::kV4) {
    for (const char* text : {"0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4"}) {
      out.push_back(special(*Cidr::parse(text), Kind::kBroadcast));
    }
  } else {
    out.push_back(special(*Cidr::parse("ff00::/8"), Kind::kBroadcast));
    out.push_back(special(*Cidr::parse("fe80::/10"), Kind::kBroadcast));
    out.push_back(special(*Cidr::parse("::/128"), Kind::kBroadcast));
  }
  return out;
}

std::string text_of(const NetRoute& route, const NetNamespace& state, std::size_t link) {
  std::string out = route.destination.prefix == 0 ? "default route" : route.destination.text();
  if (route.gateway) return out + " via " + route.gateway->text();
  return out + (link < state.links.size() ? " on " + state.links[link].name : "");
}

RouteOutcome outcome_of(const NetRoute& route, const NetNamespace& state) {
  using Kind = RouteOutcome::Kind;
  const auto link = std::ranges::find(state.links, route.link, &NetLink::index);
  RouteOutcome out;
  out.link = static_cast<std::size_t>(link - state.links.begin());
  out.gateway = route.gateway;
  out.source = route.source;
  out.text = text_of(route, state, out.link);
  switch (route.kind) {
    case NetRoute::Kind::kUnicast:
      out.kind =
          link == state.links.end() ||
                  (route.gateway && route.gateway->family() != route.destination.address.family())
              ? Kind::kUnknown
              : Kind::kUnicast;
      break;
    case NetRoute::Kind::kLocal: out.kind = Kind::kLocal; break;
    case NetRoute::Kind::kBlackhole:
    case NetRoute::Kind::kUnreachable:
    case NetRoute::Kind::kProhibit: out.kind = Kind::kNone; break;
    case NetRoute::Kind::kOther: out.kind = Kind::kUnknown; break;
  }
  return out;
}

// The first of those that the kernel chooses among by a hash decides for all.
void merge_choices(std::vector<RouteEntry>& entries) {
  for (std::size_t i = 1; i < entries.size(); ++i) {
    const bool equal = entries[i].destination == entries[i - 1].destination &&
                       entries[i].metric == entries[i - 1].metric &&
                       entries[i].outcome != entries[i - 1].outcome;
    if (equal) entries[i - 1].outcome.kind = RouteOutcome::Kind::kUnknown;
  }
}

std::vector<RouteEntry> table_of(const NetNamespace& state, Family family, std::uint32_t table) {
  std::vector<RouteEntry> out;
  if (table == kTableLocal) out = local_table(state, family);
  for (const NetRoute& route : state.routes) {
    if (route.table != table || route.destination.address.family() != family) continue;
    if (is_link_local(route.destination.address) || route.destination.address.bytes()[0] == 0xFF) {
      continue;
    }
    const auto link = std::ranges::find(state.links, route.link, &NetLink::index);
    if (route.link != 0 && link != state.links.end() && !link->up) continue;
    out.push_back({route.destination, route.metric, outcome_of(route, state)});
  }
  std::ranges::stable_sort(out, [](const RouteEntry& a, const RouteEntry& b) {
    return std::tuple(-int{a.destination.prefix}, a.metric) <
           std::tuple(-int{b.destination.prefix}, b.metric);
  });
  // Not merged for the local table: addresses that stand on two interfaces are local all the same.
  if (table != kTableLocal) merge_choices(out);
  return out;
}

RouteLookup lookup_of(const NetNamespace& state, Family family, const NetRule& rule) {
  RouteLookup out;
  out.from = rule.from;
  out.to = rule.to;
  out.incoming = rule.incoming;
  out.mark = rule.mark;
  out.mark_mask = rule.mark_mask;
  if (rule.understood) {
    out.entries = table_of(state, family, rule.table);
  } else {
    const Cidr all{family == Family::kV4 ? IpAddress::v4(0) : IpAddress::v6({}), 0};
    RouteEntry unknown = special(all, RouteOutcome::Kind::kUnknown);
    unknown.outcome.text = "a rule of policy routing that is not understood, priority " +
                           std::to_string(rule.priority);
    out.entries.push_back(unknown);
  }
  return out;
}

bool meets(const RouteLookup& lookup, const Routing::Question& question) {
  if (!lookup.incoming.empty() && lookup.incoming != question.incoming) return false;
  if (lookup.to && !lookup.to->contains(question.destination)) return false;
  if (lookup.from && lookup.from->prefix != 0 &&
      !(question.source && lookup.from->contains(*question.source))) {
    return false;
  }
  return lookup.mark_mask == 0 || (question.mark & lookup.mark_mask) == lookup.mark;
}

}  // namespace

RouteOutcome Routing::find(const Question& question) const {
  for (const RouteLookup& lookup : lookups) {
    if (!meets(lookup, question)) continue;
    for (const RouteEntry& entry : lookup.entries) {
      if (entry.destination.contains(question.destination)) return entry.outcome;
    }
  }
  RouteOutcome none;
  none.text = "no route to " + question.destination.text();
  return none;
}

Routing routing_of(const NetNamespace& state, Family family) {
  Routing out{family, {}};
  std::vector<NetRule> rules;
  for (const NetRule& rule : state.rules) {
    // A rule for sockets that are bound to an interface does not meet those that are not.
    if (rule.v6 == (family == Family::kV6) && rule.outgoing.empty()) rules.push_back(rule);
  }
  std::ranges::stable_sort(rules, {}, &NetRule::priority);
  for (const NetRule& rule : rules) out.lookups.push_back(lookup_of(state, family, rule));
  return out;
}

std::vector<AddressRange> broadcasts_of(const NetNamespace& state) {
  std::vector<AddressRange> out;
  for (const RouteEntry& entry : local_table(state, Family::kV4)) {
    if (entry.outcome.kind != RouteOutcome::Kind::kBroadcast) continue;
    if (entry.destination.prefix == 4) continue;  // multicast, and addresses of no use
    out.push_back(AddressRange::of(entry.destination));
  }
  const IpAddress everyone = IpAddress::v4(0xFFFFFFFF);
  out.push_back({everyone, everyone});
  return out;
}

std::optional<IpAddress> own_address(const NetLink& link, const IpAddress& towards) {
  std::optional<IpAddress> first;
  for (const LinkAddress& own : link.addresses) {
    if (own.address.family() != towards.family() || is_link_local(own.address)) continue;
    if (Cidr{own.address, own.prefix}.contains(towards)) return own.address;
    if (!first) first = own.address;
  }
  return first;
}

std::optional<IpAddress> masquerade_address(const NetNamespace& state, std::string_view interface,
                                            const IpAddress& towards) {
  const auto link = std::ranges::find(state.links, interface, &NetLink::name);
  if (link == state.links.end()) return std::nullopt;
  if (!link->loopback) {
    if (const auto own = own_address(*link, towards)) return own;
  }
  std::vector<const NetLink*> others;
  others.reserve(state.links.size());
  for (const NetLink& other : state.links) others.push_back(&other);
  std::ranges::sort(others, {}, &NetLink::index);
  for (const NetLink* other : others) {
    if (other->loopback) continue;
    if (const auto own = own_address(*other, towards)) return own;
  }
  return std::nullopt;
}

}  // namespace firebreak
