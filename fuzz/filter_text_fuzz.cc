// Any bytes as the output of packet filter tools: no crash, and what is clean stays as it is.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "kernel/filter_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firebreak;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto first = clean_iptables(bytes)) {
    const auto second = clean_iptables(first->text);
    CHECK(second.has_value());
    CHECK(second->text == first->text);
    CHECK(second->tables == first->tables);
  }
  if (const auto first = clean_ipset(bytes)) {
    const auto second = clean_ipset(*first);
    CHECK(second.has_value());
    CHECK(*second == *first);
  }
  const auto first = clean_nft(bytes, {{"ip", "filter"}});
  if (first && !first->empty()) {
    const auto second = clean_nft(*first, {{"ip", "filter"}});
    CHECK(second.has_value());
    CHECK(*second == *first);
  }
  return 0;
}
