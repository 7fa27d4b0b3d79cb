// What a packet filter does with one packet: the rules read one after the other, as the kernel
// does. Meant to be obviously right, not fast; filter/filter.h answers for all packets at once and
// is checked against this.
#pragma once

#include <string>
#include <vector>

#include "rules/packet.h"

namespace firebreak {

// A rule that a packet met; `rule` is the number of rules for the base chain's policy.
struct Step {
  ChainId chain;
  std::size_t rule = 0;
  friend bool operator==(const Step&, const Step&) = default;
};

struct PacketOutcome {
  enum class Kind : std::uint8_t { kAccepted, kDropped, kRejected, kUnknown };

  Kind kind = Kind::kUnknown;
  // Accepted: the packet as it leaves the hook. Several: one of them, and which is the kernel's
  // choice (DNAT to a range) or not known.
  std::vector<Packet> packets;
  // The rules that led there, the deciding one last: jumps into chains that the packet did not come
  // back from, or that changed it, and what changed it. Unknown: the rules of which it is not known
  // whether or how they apply.
  std::vector<Step> steps;
};

// Runs all base chains of one hook, by priority. NAT chains are run for packets that are `kNew`,
// and until one of them rewrites. In chains before connection tracking (below -200 in PREROUTING
// and OUTPUT) the packet has no connection yet; its state there is `kInvalid`, or `kUntracked` once
// a rule said so.
//
// A rule of which it is not known whether the packet meets it is followed both ways. If both ends
// agree the answer is known; else it is `kUnknown`.
//
// Routing, bridging, replies and sockets are the caller's: it calls hook by hook, and passes on the
// packet that came out, with `out_interface` set once it is routed.
[[nodiscard]] PacketOutcome evaluate(const Program& program, Hook hook, const Packet& packet,
                                     const Surroundings& surroundings = {});

// "filter FORWARD: -A FORWARD -i eth0 -j DROP", "filter FORWARD: policy DROP".
[[nodiscard]] std::string text_of(const Program& program, const Step& step);

}  // namespace firebreak
