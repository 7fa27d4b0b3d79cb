// What one network namespace can open a connection to in another, as plain data.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "estate/estate.h"
#include "packet/header.h"

namespace firebreak {

// A network namespace: a container's, or the host's own.
struct FlowEnd {
  HostId host;
  // Containers that share a namespace are named by the one that owns it. nullopt: the host's own
  // namespace, also of containers in network mode "host".
  std::optional<ContainerId> container;
  friend auto operator<=>(const FlowEnd&, const FlowEnd&) = default;
};

// How the packets get there.
enum class FlowVia : std::uint8_t {
  kSameNetwork,    // bridged, on one layer-2 segment
  kRouted,         // forwarded by a host, the destination unchanged
  kPublishedPort,  // a destination that a NAT rule rewrites
  kUserlandProxy,  // a docker-proxy process takes the connection and opens another
  kHostService,    // to the host's own namespace
  kFromHost,       // from the host's own namespace, the destination unchanged
};

// Packets that can open a connection from one namespace to another and whose answers return.
// Flows of one pair are disjoint in what is sent.
struct Flow {
  FlowEnd from;
  FlowEnd to;
  std::uint8_t protocol = 6;          // IANA: 6 TCP, 17 UDP, 132 SCTP; 1 and 58: echo requests
  std::vector<AddressRange> sources;  // the sender's own addresses that it works with; sorted
  AddressRange address;               // what the sender connects to; mostly one address
  std::vector<AddressRange> also_at;  // further ones that lead to the same; sorted
  std::vector<PortRange> ports;       // and the ports; sorted, merged; empty for ICMP
  AddressRange delivered;             // what the receiver sees as its own address
  std::vector<PortRange> delivered_ports;
  // Whether something takes connections there; nullopt: not known, or ICMP. A flow is split so that
  // all its ports agree.
  std::optional<bool> listening;
  FlowVia via = FlowVia::kRouted;
  bool open = true;      // false: unknown, because of a rule or a state that is not understood
  bool derived = false;  // a host's rules on the way were derived, not read
  PacketHeader example;  // one packet of it as sent: for `trace` and for probes
  friend auto operator<=>(const Flow&, const Flow&) = default;
};

// Something that the flows do not tell because it was not read or not understood.
struct FlowGap {
  HostId host;
  std::optional<ContainerId> container;
  std::string what;  // "rule of the packet filter", "network namespace of container api"
  std::string why;   // "filter FORWARD: -A FORWARD -m recent --rcheck -j DROP"
  friend auto operator<=>(const FlowGap&, const FlowGap&) = default;
};

struct Flows {
  std::vector<Flow> flows;    // sorted
  std::vector<FlowGap> gaps;  // sorted, each once
};

// One stop of one packet on its way, for explanations.
struct FlowHop {
  FlowEnd at;
  std::string place;  // "eth0 10.81.1.2", "INPUT", "FORWARD br-a to br-b", "docker-proxy :5433"
  std::string why;    // "default route via 10.81.1.1", "filter FORWARD: -A FORWARD -j ACCEPT"
  friend auto operator<=>(const FlowHop&, const FlowHop&) = default;
};

// What becomes of one packet, told stop by stop.
struct PacketTrace {
  enum class Outcome : std::uint8_t {
    kDelivered,  // and its answer returns
    kNoAnswer,   // delivered, but its answer does not return: the hops go on with the answer's
    kStopped,    // the last hop says where and why
    kLeft,       // it leaves the estate
    kUnknown,
  };
  Outcome outcome = Outcome::kUnknown;
  std::optional<FlowEnd> to;  // where it was delivered
  PacketHeader delivered;     // as it arrived there
  std::vector<FlowHop> hops;
};

}  // namespace firebreak
