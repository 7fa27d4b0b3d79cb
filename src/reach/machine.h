// One namespace and one family, ready for packet sets: routing, admission and the packet filter.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "filter/filter.h"
#include "packet/set.h"
#include "reach/model.h"

namespace firebreak {

// Packets that routing treats alike.
struct RoutedPart {
  PacketSet packets;
  RouteOutcome outcome;
};

// What a hook lets pass of the replies that there could be, whatever they are, told by the packets
// that they answer: asked once, cut often.
struct Passing {
  PacketSet surely;
  PacketSet possibly;  // with those of `surely`
};

// Which way packets go. Answers are told by the packets that they answer, so that no set has to be
// turned around: of a set that goes back, the sources say where it goes.
enum class Heading : std::uint8_t { kForth, kBack };

// Lives in the thread's PacketSpace.
class SetMachine {
 public:
  SetMachine(const NetModel& model, SpaceId space, Family family);

  [[nodiscard]] const Space& space() const { return *space_; }
  [[nodiscard]] Filter& filter() { return filter_; }
  // Every packet that a process there may send to open a connection: from each of its own
  // addresses, TCP, UDP, SCTP and echo requests.
  [[nodiscard]] const PacketSet& sendable() const { return sendable_; }
  // To addresses of the machine's own.
  [[nodiscard]] const PacketSet& to_itself() const { return to_itself_; }

  // `incoming`: the interface that the packets came in by, "lo" for the machine's own.
  [[nodiscard]] std::vector<RoutedPart> route(const PacketSet& packets, std::string_view incoming,
                                              Heading heading = Heading::kForth);
  // Those that routing takes from this interface: no impossible addresses (fib_validate_source,
  // ip_route_input_slow: "martians"), and what rp_filter asks for.
  [[nodiscard]] PacketSet admitted(const PacketSet& packets, std::size_t link,
                                   Heading heading = Heading::kForth);
  // Those of its own that may leave by the interface: loopback addresses stay at home.
  [[nodiscard]] PacketSet emitted(const PacketSet& packets, std::size_t link,
                                  Heading heading = Heading::kForth);
  [[nodiscard]] bool forwards(std::size_t in) const;

  // `state`: kEstablished; at a machine that has not seen what they answer, kInvalid or (UDP) kNew.
  // Those that it would translate are no answers any more and do not pass.
  [[nodiscard]] const Passing& replies_pass(Hook hook, const std::string& in,
                                            const std::string& out, OnState::Bit state);

 private:
  // Constants for one heading: what the sender's end is, and what the receiver's.
  struct Guarded {
    PacketSet guard;
    std::string incoming;
    std::vector<std::pair<PacketSet, RouteOutcome>> entries;
  };
  struct Sides {
    std::vector<Guarded> lookups;
    PacketSet to_loopback;
    PacketSet from_loopback;
    PacketSet from_itself;
  };
  [[nodiscard]] Sides sides_of(Heading heading) const;
  [[nodiscard]] const Sides& sides(Heading heading) const {
    return heading == Heading::kForth ? forth_ : back_;
  }
  [[nodiscard]] const std::vector<AddressRange>& sources_by(std::size_t link, bool strict);

  const Space* space_;
  Family family_;
  Sides forth_;
  Sides back_;
  PacketSet to_itself_;
  PacketSet sendable_;
  Filter filter_;
  bool marks_matter_ = false;
  std::map<std::pair<std::size_t, bool>, std::vector<AddressRange>> sources_by_;
  std::map<std::tuple<Hook, std::string, std::string, OnState::Bit>, Passing> passing_;
};

// The address sets of one machine for its packet filter.
[[nodiscard]] FilterSurroundings surroundings_of(const Space& space, Family family);

}  // namespace firebreak
