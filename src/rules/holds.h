// Whether a packet meets a condition.
#pragma once

#include "rules/packet.h"

namespace firebreak {

enum class Holds : std::uint8_t { kNo, kYes, kUnknown };

[[nodiscard]] Holds holds(const Program& program, const Condition& condition, const Packet& packet,
                          const Surroundings& surroundings);

}  // namespace firebreak
