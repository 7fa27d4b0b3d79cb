// Times that other work on the machine does not count in.
#pragma once

#include <ctime>
#include <functional>

#include "base/check.h"

namespace firebreak {

// Processor time of this process, in milliseconds.
[[nodiscard]] inline double processor_ms() {
  timespec time{};
  CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

[[nodiscard]] inline double once_ms(const std::function<void()>& work) {
  const double start = processor_ms();
  work();
  return processor_ms() - start;
}

}  // namespace firebreak
