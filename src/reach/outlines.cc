#include "reach/outlines.h"

#include <algorithm>
#include <array>

namespace firebreak {
namespace {

constexpr Port kUsualSourcePort{40000};

bool is_icmp(std::uint8_t protocol) { return protocol == 1 || protocol == 58; }

// Adjoining addresses of a list of single ones make a range: take it apart again.
std::vector<AddressRange> single(const std::vector<AddressRange>& ranges) {
  constexpr std::size_t kMost = 64;
  std::vector<AddressRange> out;
  for (const AddressRange& range : ranges) {
    std::array<std::uint8_t, 16> bytes = range.first.bytes();
    std::vector<AddressRange> parts;
    const std::size_t last = range.first.is_v6() ? 15 : 3;
    while (parts.size() <= kMost) {
      const IpAddress at = IpAddress::of(range.first.family(), bytes);
      parts.push_back({at, at});
      if (at == range.last) break;
      for (std::size_t i = last;; --i) {
        if (++bytes.at(i) != 0 || i == 0) break;
      }
    }
    if (parts.size() > kMost) parts = {range};
    out.insert(out.end(), parts.begin(), parts.end());
  }
  return out;
}

PacketHeader example_of(const PacketSet& sent, const std::vector<PortRange>& ports) {
  PacketSet some = sent;
  if (!ports.empty()) some &= PacketSet::destination_port({ports[0].first, ports[0].first});
  const PacketSet usual = some & PacketSet::source_port({kUsualSourcePort, kUsualSourcePort});
  return usual.empty() ? some.smallest().value_or(PacketHeader{}) : *usual.smallest();
}

// Writes the flows of one protocol.
class OutlineWriter {
 public:
  OutlineWriter(const Ends& ends, const SentAndDelivered& pair, std::vector<Flow>& out)
      : ends_(ends), pair_(pair), out_(out) {}

  // Packets that differ in nothing else for all addresses: looked at once.
  void write(Flow flow, const PacketSet& alike) {
    const std::vector<AddressRange> addresses = single(alike.destinations());
    const bool product = addresses.size() > 1 && alike.forget(PacketField::kDestination) ==
                                                     any_destination(alike, addresses);
    if (!product || !pair_.redirected) {
      for (const AddressRange& address : addresses) {
        flow.address = address;
        write_ports(flow, alike & PacketSet::destination(address));
      }
      return;
    }
    flow.address = addresses.front();
    flow.also_at.assign(addresses.begin() + 1, addresses.end());
    write_ports(flow, alike & PacketSet::destination(flow.address));
  }

 private:
  // What `alike` would be to any address if all addresses got what the first one gets.
  static PacketSet any_destination(const PacketSet& alike,
                                   const std::vector<AddressRange>& addresses) {
    const PacketSet to_one =
        (alike & PacketSet::destination(addresses.front())).forget(PacketField::kDestination);
    const bool equal = (to_one & PacketSet::destination(addresses)) == alike;
    return equal ? to_one : PacketSet::none();
  }

  void write_ports(Flow flow, const PacketSet& sent) {
    if (!is_icmp(flow.protocol)) flow.ports = sent.destination_ports();
    flow.delivered = flow.address;
    flow.delivered_ports = flow.ports;
    if (pair_.redirected) {
      const PacketSet delivered = pair_.delivered & PacketSet::protocol(flow.protocol);
      const std::vector<AddressRange> addresses = delivered.destinations();
      if (addresses.empty()) return;
      flow.delivered = addresses.front();
      if (!is_icmp(flow.protocol)) flow.delivered_ports = delivered.destination_ports();
    }
    if (flow.ports.empty()) {
      flow.example = example_of(sent, {});
      out_.push_back(std::move(flow));
    } else if (flow.delivered_ports == flow.ports) {
      write_by_listening(flow, sent);
    } else {
      const auto groups =
          ends_.by_listening(flow.to, flow.protocol, flow.delivered.first, flow.delivered_ports);
      flow.listening = groups.size() == 1 ? groups.front().first : std::nullopt;
      flow.example = example_of(sent, flow.ports);
      out_.push_back(std::move(flow));
    }
  }

  void write_by_listening(Flow& flow, const PacketSet& sent) {
    for (const auto& [listening, ports] :
         ends_.by_listening(flow.to, flow.protocol, flow.delivered.first, flow.ports)) {
      flow.listening = listening;
      flow.example = example_of(sent, ports);
      Flow part = flow;
      part.ports = part.delivered_ports = ports;
      out_.push_back(std::move(part));
    }
  }

  const Ends& ends_;
  const SentAndDelivered& pair_;
  std::vector<Flow>& out_;
};

}  // namespace

void write_outlines(const Ends& ends, Flow outline, const AddressRange& source,
                    const PacketSet& sent, const SentAndDelivered& pair, std::vector<Flow>& out) {
  outline.sources = {source};
  OutlineWriter writer(ends, pair, out);
  for (const ProtocolRange& range : sent.protocols()) {
    for (int protocol = range.first; protocol <= range.last; ++protocol) {
      outline.protocol = static_cast<std::uint8_t>(protocol);
      writer.write(outline, sent & PacketSet::protocol(outline.protocol));
    }
  }
}

}  // namespace firebreak
