// CHECK: for our own mistakes only, never for input. Stays on in release builds.
#pragma once

namespace firebreak {

// Prints the broken promise and where it stands (no values: they could be secrets), then aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace firebreak

#define CHECK(condition)                  \
  (static_cast<bool>(condition) ? void(0) \
                                : ::firebreak::check_failed(#condition, __FILE__, __LINE__))
