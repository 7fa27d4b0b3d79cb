// Cuts a snapshot's containers out of its JSON text, so that a parser needs memory for one of them
// at a time. Internal to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firebreak::json {

struct Split {
  std::string outline;                       // the document with `null` for every container
  std::vector<std::string_view> containers;  // their texts, in order, within the document
};

// Cuts out every element of $.hosts[*].containers. The document is valid JSON exactly if the
// outline and all texts are: each text stands where a value stands. nullopt if there is nothing to
// cut, or an element is no object: then the document has to be parsed whole.
// With `guess`, the cuts are where our own writer's form suggests, which is much faster. If the
// outline and all texts are valid JSON, the guess was right; if not, it says nothing.
[[nodiscard]] std::optional<Split> split_containers(std::string_view document, bool guess);

}  // namespace firebreak::json
