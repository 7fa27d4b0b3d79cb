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
      add_pair(course, pair);
      if (model[course.to].is_host()) add_relayed(course, pair);
    }
  }
}

// Those of a space that send to the receiver in a way that is asked for.
std::vector<NamedEnd> FlowWriter::senders_to(const Course& course, const FlowEnd& to) const {
  std::vector<NamedEnd> out;
  for (const NamedEnd& from : ends_.of(course.from, course.family)) {
    if (from.end != to && (options_.all || ends_.crosses(from.end, to))) out.push_back(from);
  }
  return out;
}

void FlowWriter::add_pair(const Course& course, const SentAndDelivered& pair) {
  const std::vector<NamedEnd>& receivers = ends_.of(course.to, course.family);
  // Alone in its space it takes all; of folded ones each its own.
  if (receivers.size() == 1) return add_receiver(course, receivers.front().end, pair);
  const std::vector<AddressRange> reached = pair.delivered.destinations();
  for (const NamedEnd& to : receivers) {
    if (!any_among(to.addresses, reached)) continue;
    const PacketSet own = PacketSet::destination(to.addresses);
    const PacketSet sent = pair.redirected ? pair.sent : pair.sent & own;
    add_receiver(course, to.end, {sent, pair.delivered & own, pair.redirected});
  }
}

void FlowWriter::add_relayed(Course course, const SentAndDelivered& pair) {
  const SpaceId host = course.to;
  course.via = FlowVia::kUserlandProxy;
  const bool open = course.open;
  for (const RelayLeg& leg : relays_.of(host, course.family)) {
    PacketSet sent = pair.sent;
    if (!pair.redirected) sent &= leg.taken;
    if (sent.empty() || (pair.redirected && !pair.delivered.overlaps(leg.taken))) continue;
    course.open = open && leg.open;
    // What the container sees: the family may differ from what was sent.
    const PacketSet delivered =
        PacketSet::destination(leg.delivered) &
        PacketSet::destination_port({leg.delivered_port, leg.delivered_port}) &
        PacketSet::protocol(number_of(leg.proxy.protocol));
    add_receiver(course, leg.to,
                 {answered_by_proxy(host, leg.proxy, course, sent), delivered, true});
  }
}

// Those of the packets that the proxy answers from the address that they were sent to.
PacketSet FlowWriter::answered_by_proxy(SpaceId host, const UserlandProxy& proxy,
                                        const Course& course, const PacketSet& sent) const {
  PacketSet out = sent;
  if (proxy.protocol != Protocol::kUdp) return out;
  for (const NamedEnd& from : ends_.of(course.from, course.family)) {
    for (const AddressRange& client : from.addresses) {
      const auto source = answers_from(machines_.model(), host, proxy, client.first);
      if (!source) continue;
      out -= PacketSet::source(client) - PacketSet::destination(AddressRange{*source, *source});
    }
  }
  return out;
}

void FlowWriter::add_receiver(const Course& course, const FlowEnd& to,
                              const SentAndDelivered& pair) {
  std::vector<NamedEnd> senders = senders_to(course, to);
  if (senders.empty() || pair.sent.empty()) return;
  const PacketSet own = PacketSet::source(addresses_of_all(senders));
  const PacketSet sent = pair.sent & own;
  const bool alike = senders.size() > 1 && (sent.forget(PacketField::kSource) & own) == sent;
  if (senders.size() == 1 || alike) {
    return add_senders(course, std::move(senders), to, sent, pair);
  }
  for (NamedEnd& sender : senders) add_senders(course, {std::move(sender)}, to, sent, pair);
}

void FlowWriter::add_senders(const Course& course, std::vector<NamedEnd> senders, const FlowEnd& to,
                             const PacketSet& sent, const SentAndDelivered& pair) {
  Flow outline;
  outline.from = senders.front().end;
  outline.to = to;
  outline.via = course.via;
  outline.open = course.open;
  outline.derived = course.derived;
  const bool alone = senders.size() == 1;
  // Not among the sheets of those that are alike: there the first stands for others.
  const FlowEnd last = alone ? senders.front().end : senders.back().end;
  Sheet& sheet = sheets_[{course.from, course.family, last, to}];
  for (const AddressRange& source : senders.front().addresses) {
    const PacketSet mine = sent & PacketSet::source(source);
    if (!mine.empty()) write_outlines(ends_, outline, source, mine, pair, sheet.flows);
  }
  sheet.senders = std::move(senders);
}

std::vector<Flow> FlowWriter::take() {
  std::vector<Flow> out;
  for (auto& [key, sheet] : sheets_) {
    for (const Flow& flow : merge_flows(std::move(sheet.flows))) {
      if (sheet.senders.size() == 1) {
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
