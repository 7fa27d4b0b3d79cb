#pragma once

#include <optional>

#include "rules/program.h"

namespace firebreak {

// A jump that leads back to where it came from, which the kernel refuses to load; nullopt: none
// among the chains from `first` on.
struct Loop {
  ChainId chain;
  std::size_t rule = 0;
};
[[nodiscard]] std::optional<Loop> find_loop(const Program& program, std::size_t first_chain = 0);

}  // namespace firebreak
