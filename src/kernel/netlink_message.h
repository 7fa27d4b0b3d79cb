// Netlink's bytes (netlink(7)): messages in a dump, attributes in a message, numbers in an
// attribute. Nothing is read past an end, whatever the bytes are.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>

#include "base/error.h"
#include "base/ip.h"

namespace firebreak::netlink {

struct Message {
  std::uint16_t type = 0;
  std::string_view body;  // behind the header
};

// Visits the messages of a dump but the last, which says that it is whole. kBadData if that one is
// missing or a message is cut off.
[[nodiscard]] Result<void> each_message(std::string_view dump,
                                        const std::function<void(const Message&)>& visit);

// A number or a plain struct at the start of `bytes`, in the machine's byte order; nullopt if they
// are too few.
template <class T>
  requires std::is_trivially_copyable_v<T>
[[nodiscard]] std::optional<T> read(std::string_view bytes) {
  T out;
  if (bytes.size() < sizeof out) return std::nullopt;
  std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

// The attributes behind a message's own header, or within another attribute. Where one occurs
// twice, the last counts.
class Attributes {
 public:
  explicit Attributes(std::string_view bytes) : bytes_(bytes) {}

  // What an attribute holds; empty if it is not there.
  [[nodiscard]] std::string_view operator[](int type) const;
  [[nodiscard]] bool has(int type) const;
  [[nodiscard]] Attributes nested(int type) const { return Attributes((*this)[type]); }
  [[nodiscard]] std::string_view text(int type) const;  // up to its terminating zero
  template <std::integral T>
  [[nodiscard]] T number(int type, T otherwise = 0) const {
    return read<T>((*this)[type]).value_or(otherwise);
  }
  void each(const std::function<void(int, std::string_view)>& visit) const;

 private:
  std::string_view bytes_;
};

// An address in network byte order: 4 or 16 bytes; nullopt for any other number.
[[nodiscard]] std::optional<IpAddress> address_of(std::string_view bytes);

}  // namespace firebreak::netlink
