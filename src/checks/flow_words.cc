#include "checks/flow_words.h"

#include <algorithm>

namespace firebreak {
namespace {

std::string place_text(const AddressRange& range, std::span<const PortRange> ports) {
  std::string address = range_text(range);
  if (ports.empty()) return address;
  return (range.first.is_v6() ? "[" + address + "]" : address) + ":" + ports_text(ports);
}

}  // namespace

bool may_be_answered(const Flow& flow) {
  constexpr std::uint8_t kSctp = 132;
  return !is_echo(flow.protocol) && flow.listening.value_or(flow.protocol != kSctp);
}

std::string protocol_text(std::uint8_t protocol) {
  switch (protocol) {
    case kIcmp: return "icmp";
    case 6: return "tcp";
    case 17: return "udp";
    case kIcmpV6: return "icmpv6";
    case 132: return "sctp";
    default: return std::to_string(protocol);
  }
}

std::string ports_text(std::span<const PortRange> ports) {
  std::string out;
  for (const PortRange& range : ports) {
    if (!out.empty()) out += ',';
    out += std::to_string(range.first.value);
    if (range.first != range.last) out += "-" + std::to_string(range.last.value);
  }
  return out;
}

std::string range_text(const AddressRange& range) {
  if (range.first == range.last) return range.first.text();
  return range.first.text() + "-" + range.last.text();
}

std::string_view name_of(FlowVia via) {
  switch (via) {
    case FlowVia::kSameNetwork: return "same-network";
    case FlowVia::kRouted: return "routed";
    case FlowVia::kPublishedPort: return "published-port";
    case FlowVia::kUserlandProxy: return "userland-proxy";
    case FlowVia::kHostService: return "host-service";
    case FlowVia::kFromHost: return "from-host";
  }
  return {};
}

std::string_view phrase_of(FlowVia via) {
  switch (via) {
    case FlowVia::kSameNetwork: return "on a common network";
    case FlowVia::kRouted: return "routed by a host";
    case FlowVia::kPublishedPort: return "through a published port";
    case FlowVia::kUserlandProxy: return "through a published port and its docker-proxy";
    case FlowVia::kHostService: return "to the host's own address";
    case FlowVia::kFromHost: return "from the host itself";
  }
  return {};
}

std::string destination_text(const Flow& flow) {
  return protocol_text(flow.protocol) + " " + place_text(flow.address, flow.ports);
}

std::string delivered_text(const Flow& flow) {
  return place_text(flow.delivered, flow.delivered_ports);
}

std::vector<PortRange> merged(std::vector<PortRange> ports) {
  std::ranges::sort(ports);
  std::vector<PortRange> out;
  for (const PortRange& range : ports) {
    if (!out.empty() && int{range.first.value} <= int{out.back().last.value} + 1) {
      out.back().last = std::max(out.back().last, range.last);
    } else {
      out.push_back(range);
    }
  }
  return out;
}

}  // namespace firebreak
