// Random packet filters over a small world, for tests.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "filter/filter.h"
#include "rules/packet.h"
#include "rules/program.h"

namespace firebreak {

// Everything that a test of one hook needs. Addresses are 10.0.0.0 to 10.0.0.7 (or fd00::…),
// ports 78 to 83, marks 0 to 3, protocols ICMP, TCP, UDP and GRE.
struct RandomHook {
  Program program;
  Hook hook = Hook::kForward;
  std::vector<HookPlace> places;
  Surroundings one;         // for the evaluator, and the same
  FilterSurroundings sets;  // for sets
};
[[nodiscard]] RandomHook random_hook(std::uint32_t seed);

// A packet of that world, as it comes to the hook.
[[nodiscard]] PacketHeader random_header(const RandomHook& hook, std::mt19937& dice);
// A set of such packets.
[[nodiscard]] PacketSet random_packets(const RandomHook& hook, std::mt19937& dice);

}  // namespace firebreak
