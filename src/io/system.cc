// Clock, environment and randomness of the operating system.
#include "io/system.h"

#include <sodium.h>

#include <cstdlib>

#include "base/check.h"

namespace firebreak {
namespace {

class RealClock : public Clock {
 public:
  Timestamp now() override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

}  // namespace

std::unique_ptr<Clock> real_clock() { return std::make_unique<RealClock>(); }

GetEnv real_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());  // nobody calls setenv
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

Randomness real_randomness() {
  return [] {
    CHECK(::sodium_init() >= 0);
    std::array<std::uint8_t, 32> bytes{};
    ::randombytes_buf(bytes.data(), bytes.size());
    return bytes;
  };
}

}  // namespace firebreak
