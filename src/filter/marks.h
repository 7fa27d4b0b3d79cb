// What rules do to packets that then go on: marks, and no connection tracking.
#pragma once

#include "filter/parcel.h"
#include "rules/program.h"

namespace firebreak {

// CHECK: the action is SetMark, CopyMark or NoTrack, and it does something to these packets.
//
// A new mark that depends on the old ones is worked out for each value of those (up to 64; packets
// with more are lost, with the step as a doubt: real sets have one or two).
[[nodiscard]] Passage written_by(const Action& action, const Step& step, const PacketSet& packets);

}  // namespace firebreak
