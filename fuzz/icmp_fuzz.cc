// Any bytes as ICMP messages: no crash, nothing read past the end, and a message that is cut off
// says nothing else than the whole one.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "io/icmp_socket.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firebreak;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const Family family : {Family::kV4, Family::kV6}) {
    const auto whole = read_icmp(family, bytes, IpAddress());
    const auto cut = read_icmp(family, bytes.substr(0, size - size / 4), IpAddress());
    if (cut) CHECK(whole && whole->about == cut->about && whole->error == cut->error);
  }
  return 0;
}
