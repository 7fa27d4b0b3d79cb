// From sets of packets to flows that people read.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "reach/ends.h"
#include "reach/propagate.h"
#include "reach/reach.h"
#include "reach/relays.h"
#include "reach/replies.h"

namespace firebreak {

// Senders of one space whose packets differ in nothing but their source are written once and
// multiplied at the end: cost follows spaces and ports, not pairs of containers.
class FlowWriter {
 public:
  FlowWriter(SetMachines& machines, const Ends& ends, Relays& relays, const ReachOptions& options)
      : machines_(machines), ends_(ends), relays_(relays), options_(options) {}

  // The flows of one arrival of packets that `from` sent.
  void add(SpaceId from, Family family, const Delivery& arrival, const Answered& answered);
  // Sorted; what differs in its ports, sources or addresses alone is one flow.
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
  // Senders of a space whose packets are alike, with those of the first.
  struct Group {
    std::vector<NamedEnd> senders;
    PacketSet sent;
  };
  struct Sheet {
    std::vector<NamedEnd> senders;  // for all of which the flows count
    bool alike = false;             // the flows' sources are to be replaced by each sender's
    std::vector<Flow> flows;
  };
  // The group's first sender, how many it stands for, the receiver.
  using SheetKey = std::tuple<SpaceId, Family, FlowEnd, std::size_t, FlowEnd>;

  [[nodiscard]] std::vector<Group> groups_of(const Course& course, const PacketSet& sent) const;
  void add_pair(const Course& course, const std::vector<Group>& groups,
                const SentAndDelivered& pair);
  void add_relayed(Course course, const std::vector<Group>& groups, const SentAndDelivered& pair);
  void add_muted(const Course& course, const RelayLeg& leg, const PacketSet& sent,
                 const PacketSet& delivered);
  // Of the group's packets those that are `among`, and what arrives of them.
  void add_group(const Course& course, const Group& group, const FlowEnd& to,
                 const PacketSet& among, const SentAndDelivered& pair);

  SetMachines& machines_;
  const Ends& ends_;
  Relays& relays_;
  ReachOptions options_;
  std::map<SheetKey, Sheet> sheets_;
};

// Flows that differ in nothing but sources, or ports, or addresses, as one; sorted.
[[nodiscard]] std::vector<Flow> merge_flows(std::vector<Flow> flows);

}  // namespace firebreak
