// From sets of packets to flows that people read.
#pragma once

#include <vector>

#include "reach/ends.h"
#include "reach/propagate.h"
#include "reach/reach.h"
#include "reach/relays.h"
#include "reach/replies.h"

namespace firebreak {

class FlowWriter {
 public:
  FlowWriter(SetMachines& machines, const Ends& ends, Relays& relays, const ReachOptions& options)
      : machines_(machines), ends_(ends), relays_(relays), options_(options) {}

  // The flows of one arrival of packets that `from` sent.
  void add(SpaceId from, Family family, const Arrival& arrival, const Answered& answered);
  // Sorted; what differs in its ports or sources alone is one flow.
  [[nodiscard]] std::vector<Flow> take();

 private:
  struct Course {  // what all flows of one set have in common
    SpaceId from;
    SpaceId to;
    Family family = Family::kV4;
    bool open = true;
    bool derived = false;
    FlowVia via = FlowVia::kRouted;
  };
  void add_pair(const Course& course, const SentAndDelivered& pair);
  void add_relayed(Course course, const SentAndDelivered& pair);
  [[nodiscard]] PacketSet answered_by_proxy(SpaceId host, const UserlandProxy& proxy,
                                            const NamedEnd& from, const PacketSet& sent) const;
  void add_ends(const Course& course, const NamedEnd& from, const FlowEnd& to,
                const PacketSet& sent, const SentAndDelivered& pair);
  void add_source(const Flow& outline, const PacketSet& sent, const SentAndDelivered& pair);
  void add_address(Flow flow, const PacketSet& sent, const SentAndDelivered& pair);
  void add_ports(Flow flow, const PacketSet& sent);

  SetMachines& machines_;
  const Ends& ends_;
  Relays& relays_;
  ReachOptions options_;
  std::vector<Flow> flows_;
};

// Flows that differ in nothing but sources, or but ports, as one; sorted.
[[nodiscard]] std::vector<Flow> merge_flows(std::vector<Flow> flows);

}  // namespace firebreak
