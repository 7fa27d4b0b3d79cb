// Any bytes as a snapshot: no crash, and what is read is written and read again as the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "snapshot/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto first = firebreak::parse_snapshot(bytes, "fuzz");
  if (!first) {
    CHECK(!first.error().what.empty());
    return 0;
  }
  firebreak::sort_canonically(*first);
  const std::string written = firebreak::to_json(*first);
  auto second = firebreak::parse_snapshot(written, "again");
  CHECK(second.has_value());
  firebreak::sort_canonically(*second);
  CHECK(firebreak::to_json(*second) == written);
  return 0;
}
