// All packets that the processes of one namespace may send, followed until they are delivered.
//
// Method: header space propagation (Kazemian et al., NSDI 2012) with one set for all senders of a
// namespace. A set is cut at each hook, route and segment; at a hook that rewrites, the ways are
// kept apart only in the record (Crossing), so that the packets as sent can be worked out from
// those that arrive. Cost: for each sender, each pair of interfaces that its packets pass between,
// the rules there. Limits: 12 namespaces on the way.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "reach/crossing.h"
#include "reach/machine.h"

namespace firebreak {

// Packets that INPUT let pass in the namespace of `crossing`.
struct Delivery {
  PacketSet packets;
  Trail crossing;
  bool sure = true;
};

// The machines of a model, made when they are first asked for.
class SetMachines {
 public:
  explicit SetMachines(const NetModel& model) : model_(model) {}
  [[nodiscard]] SetMachine& at(SpaceId space, Family family);
  [[nodiscard]] const NetModel& model() const { return model_; }

  // Where frames go that leave by an interface to `gateway`, or, without one, to their
  // destinations. Unclaimed ones leave the estate, or go nowhere.
  struct Taken {
    Station to;
    PacketSet packets;
    bool sure = true;  // false: the address is claimed more than once
  };
  [[nodiscard]] std::vector<Taken> take(const Interface& from,
                                        const std::optional<IpAddress>& gateway,
                                        const PacketSet& packets, Family family,
                                        Heading heading = Heading::kForth);

 private:
  // By segment and family: each station with the addresses that it answers for.
  struct Claim {
    Station station;
    PacketSet exactly;  // the interface's own addresses
    PacketSet also;     // others of its machine
  };
  const std::vector<Claim>& claims(SegmentId segment, Family family, Heading heading);

  const NetModel& model_;
  std::map<std::pair<SpaceId, Family>, SetMachine> machines_;
  std::map<std::tuple<SegmentId, Family, Heading>, std::vector<Claim>> claims_;
};

class Propagation {
 public:
  // What could not be followed is added to `gaps`.
  Propagation(SetMachines& machines, Family family, std::vector<FlowGap>& gaps)
      : machines_(machines), family_(family), gaps_(gaps) {}

  // `packets`: a subset of what the space may send (SetMachine::sendable).
  [[nodiscard]] std::vector<Delivery> send(SpaceId space, const PacketSet& packets);

 private:
  // Packets on the wire, or inside a machine after the hooks of `crossing` so far.
  struct Parcel {
    PacketSet packets;
    Trail previous;  // the last whole crossing; null at the sender
    bool sure = true;
  };
  // A crossing in the making: its packets stand after the last relation that it has.
  struct Inside {
    Crossing crossing;
    PacketSet packets;
  };

  // Runs a hook and calls `next` with what comes out, the sure and the others apart.
  template <class Next>
  void run(SpaceId space, Hook hook, const HookPlace& place, const Inside& inside,
           std::shared_ptr<const Relation> Crossing::* slot, const Next& next);
  void emit(SpaceId space, const RoutedPart& part, bool sure);
  void depart(const RoutedPart& part, const Inside& inside, std::size_t loopback);
  void transmit(const Interface& from, const std::optional<IpAddress>& gateway,
                const Parcel& parcel);
  void bridge(const Segment& segment, const Station& from, const Station& to, const Parcel& parcel);
  void arrive(const Interface& at, const std::string& port, const Parcel& parcel);
  void routed(std::size_t in, const Inside& inside);
  void forward(const RoutedPart& part, std::size_t in, const Inside& inside);
  void deliver(std::size_t in, const Inside& inside);
  void leave(const RouteOutcome& way, const HookPlace& place, const Inside& inside);
  void lose(SpaceId id, const std::string& what, const std::string& why);
  [[nodiscard]] std::optional<std::string> port_name(SpaceId space, const std::string& port) const;

  SetMachines& machines_;
  Family family_;
  std::vector<FlowGap>& gaps_;
  std::vector<Delivery> arrivals_;
};

}  // namespace firebreak
