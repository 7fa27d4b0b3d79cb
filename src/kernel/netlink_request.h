// Bodies of netlink requests. Included by .cc files of this folder only.
#pragma once

#include <cstring>
#include <string>
#include <type_traits>

namespace firebreak::netlink {

template <class T>
  requires std::is_trivially_copyable_v<T>
std::string bytes_of(const T& value) {
  std::string out(sizeof value, '\0');
  std::memcpy(out.data(), &value, sizeof value);
  return out;
}

}  // namespace firebreak::netlink
