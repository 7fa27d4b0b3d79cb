// Selectors that say what inference found: the part of starter_policy.cc that chooses. Private to
// starter_policy.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "estate/estate.h"

namespace firebreak {

// Keys and values of one selector, "{compose: shop, service: db}".
using SelectorFields = std::vector<std::pair<std::string_view, std::string>>;

struct ChosenSelector {
  SelectorFields fields;
  std::vector<WorkloadId> covers;  // whom it was chosen for or turned out to match, sorted
};

struct ChosenSelectors {
  // One list for each environment of the estate, in its order.
  std::vector<std::vector<ChosenSelector>> environments;
  std::vector<WorkloadId> left;  // assigned, but no selector matches them and no others
};

// Chooses for every assigned workload a selector that matches members of its environment only.
// `hosts`: whether selectors may name hosts.
[[nodiscard]] ChosenSelectors choose_selectors(const Estate& estate, bool hosts);

// The plainest selector for one workload alone, for hints.
[[nodiscard]] SelectorFields selector_for(const Estate& estate, WorkloadId id);

// "compose: shop", "{compose: shop, service: db}": as YAML.
[[nodiscard]] std::string selector_yaml(const SelectorFields& fields);

// A scalar that YAML reads back as this text: plain where that is safe, also inside [ ] and { },
// else in double quotes with escapes. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string yaml_text(std::string_view text);

}  // namespace firebreak
