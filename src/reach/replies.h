// Whether answers return. A flow opens a connection only if the receiver's packets find their way
// back through routes, rules and the connection's address translation.
#pragma once

#include <cstddef>
#include <vector>

#include "reach/propagate.h"

namespace firebreak {

// Of the packets of an arrival: those whose answers return, and those of which it is not known.
struct Answered {
  PacketSet surely;
  PacketSet perhaps;  // without those of `surely`
};

class Replies {
 public:
  Replies(SetMachines& machines, Family family) : machines_(machines), family_(family) {}

  [[nodiscard]] Answered answered(const Delivery& arrival);

 private:
  // Of replies that leave a place, those that reach the sender. `reached`: the crossing of the
  // trail (0 is the receiver's) whose machine they were at last.
  [[nodiscard]] PacketSet run(const Delivery& arrival);
  [[nodiscard]] PacketSet leave_receiver(const PacketSet& replies);
  [[nodiscard]] PacketSet transmit(const Interface& from, const std::optional<IpAddress>& gateway,
                                   const PacketSet& replies, std::size_t reached);
  [[nodiscard]] PacketSet bridge(const Segment& segment, const Station& to,
                                 const PacketSet& replies, std::size_t reached);
  [[nodiscard]] PacketSet arrive(const Interface& at, const PacketSet& replies,
                                 std::size_t reached);
  [[nodiscard]] PacketSet through(std::size_t index, std::size_t in, const PacketSet& inside);
  [[nodiscard]] PacketSet onward(std::size_t index, std::size_t in, const RoutedPart& part);

  [[nodiscard]] PacketSet past_stranger(SpaceId space, std::size_t in, const PacketSet& replies,
                                        std::size_t reached);
  [[nodiscard]] PacketSet past_strange_bridge(const Segment& segment, const Station& to,
                                              const PacketSet& replies, std::size_t reached);

  [[nodiscard]] const PacketSet& pass(SpaceId space, Hook hook, const std::string& in,
                                      const std::string& out,
                                      OnState::Bit state = OnState::kEstablished);
  [[nodiscard]] std::optional<std::size_t> crossing_at(SpaceId space, std::size_t reached) const;
  [[nodiscard]] PacketSet known_again(const PacketSet& replies, std::size_t index) const;
  [[nodiscard]] PacketSet untranslated(const PacketSet& replies, std::size_t index) const;
  [[nodiscard]] PacketSet translated(const PacketSet& inside, std::size_t index) const;
  [[nodiscard]] PacketSet outside_of(const PacketSet& inside, std::size_t index) const;
  [[nodiscard]] PacketSet inside_of(const PacketSet& outside, std::size_t index) const;

  SetMachines& machines_;
  Family family_;
  bool perhaps_ = false;  // follow what is not known, too
  int strangers_ = 0;     // machines on the way that have not seen what is answered
  std::vector<const Crossing*> trail_;
  std::vector<Levels> levels_;
};

}  // namespace firebreak
