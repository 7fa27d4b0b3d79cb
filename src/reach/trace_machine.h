// One network namespace's packet filter and connections, for one packet and its answer.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reach/model.h"
#include "rules/evaluate.h"

namespace firebreak {

// What tells connections apart. ICMP: type * 256 in the place of the destination port.
struct TraceTuple {
  std::uint8_t protocol = 0;
  IpAddress source;
  IpAddress destination;
  Port source_port;
  Port destination_port;
  friend auto operator<=>(const TraceTuple&, const TraceTuple&) = default;
};
[[nodiscard]] TraceTuple tuple_of(const Packet& packet);
[[nodiscard]] TraceTuple inverted(const TraceTuple& tuple);  // of what answers

// An entry of a namespace's connection table. NAT is in the difference between the two tuples.
struct TraceConnection {
  TraceTuple original;  // of the first packet, as it came
  TraceTuple answer;    // of what answers it, as that will come
  std::uint32_t mark = 0;
  std::uint8_t rewritten = 0;    // bits of OnState
  bool destination_set = false;  // the NAT chains of the one and the other kind had their say
  bool source_set = false;
};

// A packet in a namespace.
struct TracePacket {
  Packet packet;
  std::optional<std::size_t> connection;  // in the namespace's table
  bool answers = false;                   // that connection
};

struct TraceVerdict {
  PacketOutcome::Kind kind = PacketOutcome::Kind::kUnknown;
  std::string why;       // the rule that decided
  bool notable = false;  // something but a policy decided, or the packet is another now
};

class TraceMachine {
 public:
  explicit TraceMachine(const Space& space) : space_(space) {}

  // Connection tracking: finds the connection of a packet that came in or is being sent, and with
  // it the packet's state.
  void track(TracePacket& it) const;

  // Runs one hook; an accepted packet is changed as the rules and its connection's NAT want.
  // `next_hop` is known after routing.
  TraceVerdict run(Hook hook, TracePacket& it, const std::optional<IpAddress>& next_hop = {});

 private:
  [[nodiscard]] bool remembers(Hook hook, const TracePacket& it) const;
  const Program& without_nat(Hook hook, Family family, bool before);
  PacketOutcome run_remembered(Hook hook, const TracePacket& it, const Surroundings& around);
  void note(Hook hook, const Packet& before, TracePacket& it);

  const Space& space_;
  std::vector<TraceConnection> connections_;
  std::array<std::optional<Program>, 2> parts_;  // by family; made when first needed
};

// What the machine knows of its addresses. Refers to the space.
[[nodiscard]] Surroundings trace_surroundings(const Space& space, Family family,
                                              const std::optional<IpAddress>& next_hop);

}  // namespace firebreak
