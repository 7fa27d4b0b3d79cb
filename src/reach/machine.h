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

// What a hook lets pass of the replies that there could be, whatever they are: asked once, cut
// often.
struct Passing {
  PacketSet surely;
  PacketSet possibly;  // with those of `surely`
};

// Answers of packets that open connections: ports and addresses change places, an echo request
// becomes its reply. Each undoes the other.
[[nodiscard]] PacketSet replies_to(const PacketSet& requests);
[[nodiscard]] PacketSet requests_of(const PacketSet& replies);

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
  [[nodiscard]] std::vector<RoutedPart> route(const PacketSet& packets, std::string_view incoming);
  // Those that routing takes from this interface: no impossible addresses (fib_validate_source,
  // ip_route_input_slow: "martians"), and what rp_filter asks for.
  [[nodiscard]] PacketSet admitted(const PacketSet& packets, std::size_t link);
  // Those of its own that may leave by the interface: loopback addresses stay at home.
  [[nodiscard]] PacketSet emitted(const PacketSet& packets, std::size_t link);
  [[nodiscard]] bool forwards(std::size_t in) const;

  // `state`: kEstablished; at a machine that has not seen what they answer, kInvalid or (UDP) kNew.
  // Those that it would translate are no answers any more and do not pass.
  [[nodiscard]] const Passing& replies_pass(Hook hook, const std::string& in,
                                            const std::string& out, OnState::Bit state);

 private:
  struct Guarded {
    PacketSet guard;
    std::string incoming;
    std::vector<std::pair<PacketSet, RouteOutcome>> entries;
  };
  [[nodiscard]] const PacketSet& sources_by(std::size_t link, bool strict);

  const Space* space_;
  Family family_;
  std::vector<Guarded> lookups_;
  PacketSet loopback_destinations_;
  PacketSet loopback_sources_;
  PacketSet own_sources_;
  PacketSet to_itself_;
  PacketSet sendable_;
  Filter filter_;
  bool marks_matter_ = false;
  std::map<std::pair<std::size_t, bool>, PacketSet> sources_by_;
  std::map<std::tuple<Hook, std::string, std::string, OnState::Bit>, Passing> passing_;
};

// The address sets of one machine for its packet filter.
[[nodiscard]] FilterSurroundings surroundings_of(const Space& space, Family family);

}  // namespace firebreak
