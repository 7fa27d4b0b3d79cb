// How the JSON form of a type is described: a tuple of fields, or the names of its enumerators.
// Internal to this folder; fields.h holds the descriptions.
#pragma once

#include <string_view>
#include <type_traits>

namespace firebreak::json {

enum class Need { kOptional, kRequired };

// `get` is a pointer to a member, or a function from the object to a reference.
template <class Get>
struct Field {
  std::string_view name;
  Get get;
  Need need = Need::kOptional;
};
template <class Get>
Field(std::string_view, Get) -> Field<Get>;
template <class Get>
Field(std::string_view, Get, Need) -> Field<Get>;

inline constexpr Need kRequired = Need::kRequired;

// The names of enumerators.
template <class E>
struct EnumName {
  E value;
  std::string_view name;
};
template <class E>
inline constexpr bool kEnumNames = false;
template <class T>
inline constexpr bool kFields = false;

template <class T>
concept Object = !std::is_same_v<std::remove_cv_t<decltype(kFields<T>)>, bool>;
template <class T>
concept Enumeration = !std::is_same_v<std::remove_cv_t<decltype(kEnumNames<T>)>, bool>;

}  // namespace firebreak::json
