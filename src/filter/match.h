// Conditions of rules as packet sets.
#pragma once

#include <optional>

#include "filter/filter.h"
#include "packet/set.h"
#include "rules/program.h"

namespace firebreak {

// Where a base chain is called, as its rules see it.
struct FilterPlace {
  Hook hook = Hook::kForward;
  HookPlace at;
  bool before_tracking = false;  // it runs before connection tracking has seen the packet
  friend auto operator<=>(const FilterPlace&, const FilterPlace&) = default;

  // The state of all packets that no rule took away from connection tracking.
  [[nodiscard]] std::uint8_t state() const;
  // Whether packets have a connection, unless they are untracked.
  [[nodiscard]] bool has_connection() const;
};

// The packets that meet a rule.
struct RuleMatch {
  PacketSet surely;
  PacketSet perhaps;  // those that surely do, and those of which it is not known
};

// What a condition depends on beyond the packet's header.
struct PlaceNeeds {
  bool decides = false;  // the place alone decides: `decided_by_place`
  bool in = false;       // the interfaces' names
  bool out = false;
  bool state = false;
  bool tcp_flags = false;
  void add(const PlaceNeeds& other);
};
[[nodiscard]] PlaceNeeds needs_of(const Program& program, const Condition& condition);

// Whether packets at that place meet the condition. CHECK: the place alone decides.
[[nodiscard]] bool decided_by_place(const Condition& condition, const HookPlace& place);

// Conditions of one program. Lives in the thread's PacketSpace.
class ConditionSets {
 public:
  ConditionSets(const Program& program, const FilterSurroundings& surroundings);
  [[nodiscard]] RuleMatch match(const Condition& condition, const FilterPlace& place) const;
  // Packets of protocols that have ports.
  [[nodiscard]] const PacketSet& with_ports() const { return with_ports_; }

 private:
  const Program* program_;
  const FilterSurroundings* surroundings_;
  PacketSet with_ports_;
};

}  // namespace firebreak
