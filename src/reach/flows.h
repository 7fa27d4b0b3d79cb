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
  struct Sheet {
    std::vector<NamedEnd> senders;  // of which the first stands for all
    std::vector<Flow> flows;
  };
  using SheetKey = std::tuple<SpaceId, Family, FlowEnd, FlowEnd>;  // first sender, receiver

  void add_pair(const Course& course, const SentAndDelivered& pair);
  void add_relayed(Course course, const SentAndDelivered& pair);
  void add_receiver(const Course& course, const FlowEnd& to, const SentAndDelivered& pair);
  void add_senders(const Course& course, std::vector<NamedEnd> senders, const FlowEnd& to,
                   const PacketSet& sent, const SentAndDelivered& pair);
  [[nodiscard]] PacketSet answered_by_proxy(SpaceId host, const UserlandProxy& proxy,
                                            const Course& course, const PacketSet& sent) const;
  [[nodiscard]] std::vector<NamedEnd> senders_to(const Course& course, const FlowEnd& to) const;

  SetMachines& machines_;
  const Ends& ends_;
  Relays& relays_;
  ReachOptions options_;
  std::map<SheetKey, Sheet> sheets_;
};

// Flows that differ in nothing but sources, or ports, or addresses, as one; sorted.
[[nodiscard]] std::vector<Flow> merge_flows(std::vector<Flow> flows);

}  // namespace firebreak
