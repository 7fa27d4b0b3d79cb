#include "reach/flows.h"

#include <algorithm>

#include "reach/outlines.h"
#include "reach/proxy_source.h"

namespace firebreak {
namespace {

bool was_forwarded(const Crossing& last) {
  for (const Crossing* at = &last; at != nullptr; at = at->previous.get()) {
    if (at->in && at->out && !at->bridged) return true;
  }
  return false;
}

bool any_among(const std::vector<AddressRange>& addresses,
               const std::vector<AddressRange>& ranges) {
  return std::ranges::any_of(addresses, [&](const AddressRange& address) {
    return std::ranges::any_of(ranges, [&](const AddressRange& range) {
      return range.first <= address.first && address.first <= range.last;
    });
  });
}

std::vector<AddressRange> addresses_of_all(const std::vector<NamedEnd>& ends) {
  std::vector<AddressRange> out;
  for (const NamedEnd& end : ends) {
    out.insert(out.end(), end.addresses.begin(), end.addresses.end());
  }
  return out;
}

}  // namespace

void FlowWriter::add(SpaceId from, Family family, const Delivery& arrival,
                     const Answered& answered) {
  const NetModel& model = machines_.model();
  Course course{from, arrival.crossing->space, family, true, false, FlowVia::kRouted};
  for (const Crossing* at = arrival.crossing.get(); at != nullptr; at = at->previous.get()) {
    course.derived = course.derived || model[at->space].derived;
  }
  const bool forwarded = was_forwarded(*arrival.crossing);
  for (const bool open : {true, false}) {
    course.open = open;
    const PacketSet& arrived = open ? answered.surely : answered.perhaps;
    if (arrived.empty()) continue;
    for (const SentAndDelivered& pair : pairs_of(*arrival.crossing, arrived)) {
      course.via = model[course.to].is_host()     ? FlowVia::kHostService
                   : pair.redirected              ? FlowVia::kPublishedPort
                   : model[course.from].is_host() ? FlowVia::kFromHost
                   : forwarded                    ? FlowVia::kRouted
                                                  : FlowVia::kSameNetwork;
      const std::vector<Group> groups = groups_of(course, pair.sent);
      add_pair(course, groups, pair);
      if (model[course.to].is_host()) add_relayed(course, groups, pair);
    }
  }
}

std::vector<FlowWriter::Group> FlowWriter::groups_of(const Course& course,
                                                     const PacketSet& sent) const {
  const std::vector<NamedEnd>& senders = ends_.of(course.from, course.family);
  const bool single = std::ranges::all_of(
      senders, [](const NamedEnd& sender) { return sender.addresses.size() == 1; });
  if (senders.size() > 1 && single) {
    const PacketSet own = PacketSet::source(addresses_of_all(senders));
    const bool alike = (sent.forget(PacketField::kSource) & own) == (sent & own);
    if (alike) return {{senders, sent & PacketSet::source(senders.front().addresses)}};
  }
  std::vector<Group> out;
  for (const NamedEnd& sender : senders) {
    const PacketSet mine = sent & PacketSet::source(sender.addresses);
    if (!mine.empty()) out.push_back({{sender}, mine});
  }
  return out;
}

void FlowWriter::add_pair(const Course& course, const std::vector<Group>& groups,
                          const SentAndDelivered& pair) {
  const std::vector<NamedEnd>& receivers = ends_.of(course.to, course.family);
  const std::vector<AddressRange> reached = pair.delivered.destinations();
  for (const NamedEnd& to : receivers) {
    // Alone in its space it takes all; of folded ones each its own.
    const bool alone = receivers.size() == 1;
    if (!alone && !any_among(to.addresses, reached)) continue;
    const PacketSet own =
        alone ? PacketSet::of(course.family) : PacketSet::destination(to.addresses);
    const PacketSet among = pair.redirected ? PacketSet::of(course.family) : own;
    for (const Group& group : groups) {
      add_group(course, group, to.end, among, {{}, pair.delivered & own, pair.redirected});
    }
  }
}

void FlowWriter::add_relayed(Course course, const std::vector<Group>& groups,
                             const SentAndDelivered& pair) {
  const SpaceId host = course.to;
  course.via = FlowVia::kUserlandProxy;
  const bool open = course.open;
  for (const RelayLeg& leg : relays_.of(host, course.family)) {
    if (!pair.delivered.overlaps(leg.taken)) continue;
    course.open = open && leg.open;
    // What the container sees: the family may differ from what was sent.
    const PacketSet delivered =
        PacketSet::destination(leg.delivered) &
        PacketSet::destination_port({leg.delivered_port, leg.delivered_port}) &
        PacketSet::protocol(number_of(leg.proxy.protocol));
    const PacketSet among = pair.redirected ? PacketSet::of(course.family) : leg.taken;
    if (leg.proxy.protocol == Protocol::kUdp) {
      add_muted(course, leg, pair.sent & among, delivered);
      continue;
    }
    for (const Group& group : groups) {
      add_group(course, group, leg.to, among, {{}, delivered, true});
    }
  }
}

// Datagrams to a proxy that may answer from another address than the one that was asked.
void FlowWriter::add_muted(const Course& course, const RelayLeg& leg, const PacketSet& sent,
                           const PacketSet& delivered) {
  for (const NamedEnd& sender : ends_.of(course.from, course.family)) {
    PacketSet heard;
    for (const AddressRange& client : sender.addresses) {
      PacketSet mine = sent & PacketSet::source(client);
      const auto source = answers_from(machines_.model(), course.to, leg.proxy, client.first);
      if (source) mine &= PacketSet::destination(AddressRange{*source, *source});
      heard |= mine;
    }
    add_group(course, {{sender}, heard}, leg.to, heard, {{}, delivered, true});
  }
}

void FlowWriter::add_group(const Course& course, const Group& group, const FlowEnd& to,
                           const PacketSet& among, const SentAndDelivered& pair) {
  std::vector<NamedEnd> senders;
  for (const NamedEnd& from : group.senders) {
    if (from.end != to && (options_.all || ends_.crosses(from.end, to))) senders.push_back(from);
  }
  if (senders.empty()) return;
  const PacketSet sent = group.sent & among;
  if (sent.empty()) return;
  Flow outline;
  outline.from = group.senders.front().end;
  outline.to = to;
  outline.via = course.via;
  outline.open = course.open;
  outline.derived = course.derived;
  Sheet& sheet = sheets_[{course.from, course.family, outline.from, group.senders.size(), to}];
  for (const AddressRange& source : group.senders.front().addresses) {
    const PacketSet mine =
        group.senders.front().addresses.size() == 1 ? sent : sent & PacketSet::source(source);
    if (!mine.empty()) write_outlines(ends_, outline, source, mine, pair, sheet.flows);
  }
  sheet.senders = std::move(senders);
  sheet.alike = group.senders.size() > 1;
}

std::vector<Flow> FlowWriter::take() {
  std::vector<Flow> out;
  for (auto& [key, sheet] : sheets_) {
    for (const Flow& flow : merge_flows(std::move(sheet.flows))) {
      if (!sheet.alike) {
        out.push_back(flow);
        continue;
      }
      for (const NamedEnd& sender : sheet.senders) {
        out.push_back(flow);
        out.back().from = sender.end;
        out.back().sources = sender.addresses;
        out.back().example.source = sender.addresses.front().first;
      }
    }
  }
  sheets_.clear();
  std::ranges::sort(out);
  return out;
}

}  // namespace firebreak
