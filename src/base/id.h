// Distinct types for things that would otherwise all be `size_t` or `std::string`.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace firebreak {

// An index into one table of the estate. Ids of different tables do not compare or convert.
template <class Tag>
struct Id {
  std::uint32_t value = 0;

  constexpr Id() = default;
  explicit constexpr Id(std::size_t index) : value(static_cast<std::uint32_t>(index)) {}
  [[nodiscard]] constexpr std::size_t index() const { return value; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

// A name that something outside gave to a thing (an engine's container id, a network id). Keys of
// different kinds do not compare or convert.
template <class Tag>
struct Key {
  std::string value;

  Key() = default;
  explicit Key(std::string text) : value(std::move(text)) {}
  [[nodiscard]] bool empty() const { return value.empty(); }
  friend auto operator<=>(const Key&, const Key&) = default;
};

}  // namespace firebreak

template <class Tag>
struct std::hash<firebreak::Id<Tag>> {
  std::size_t operator()(firebreak::Id<Tag> id) const noexcept { return id.value; }
};
template <class Tag>
struct std::hash<firebreak::Key<Tag>> {
  std::size_t operator()(const firebreak::Key<Tag>& key) const noexcept {
    return std::hash<std::string>{}(key.value);
  }
};
