// Problem: engines and parallel collection give lists in any order; the bytes must not show it.
// Method: one order over all types, field by field as fields.h lists them (ids and names stand
// first there), applied from the inside out to every list but those whose order means something:
// the steps of commands, a step's targets (what is copied from, then what is copied to), and rules
// of policy routing.
// Cost: O(n log n) comparisons, which end at the id unless two things share it.
#include <algorithm>
#include <compare>
#include <functional>
#include <optional>

#include "snapshot/fields.h"
#include "snapshot/json.h"

namespace firebreak {
namespace {

using json::kFields;
using json::Object;

template <class T>
std::strong_ordering order(const T& a, const T& b) {
  return a <=> b;
}

template <Object T>
std::strong_ordering order(const T& a, const T& b);

template <class T>
std::strong_ordering order(const std::vector<T>& a, const std::vector<T>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (const auto result = order(a[i], b[i]); result != std::strong_ordering::equal) return result;
  }
  return a.size() <=> b.size();
}

template <Object T>
std::strong_ordering order(const T& a, const T& b) {
  auto result = std::strong_ordering::equal;
  std::apply(
      [&](const auto&... field) {
        (void)(((result = order(std::invoke(field.get, a), std::invoke(field.get, b))) ==
                std::strong_ordering::equal) &&
               ...);
      },
      kFields<T>);
  return result;
}

template <class T>
void arrange(T&) {}  // a leaf

template <Object T>
void arrange(T& object);

void arrange(std::vector<CommandStep>& steps);

void arrange(std::vector<NetRule>&) {}

template <Object T>
void arrange(std::optional<T>& object) {
  if (object) arrange(*object);
}

template <class T>
void arrange(std::vector<T>& list) {
  for (T& item : list) arrange(item);
  std::ranges::sort(list, [](const T& a, const T& b) { return order(a, b) < 0; });
}

template <Object T>
void arrange(T& object) {
  std::apply([&](const auto&... field) { (arrange(std::invoke(field.get, object)), ...); },
             kFields<T>);
}

void arrange(std::vector<CommandStep>& steps) {
  for (CommandStep& step : steps) arrange(step.secrets);
}

}  // namespace

void sort_canonically(Snapshot& snapshot) { arrange(snapshot); }

}  // namespace firebreak
