// One YAML document as a tree whose nodes know where they stand. Wraps libfyaml; nothing else in
// firebreak's policy code sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "policy/policy.h"

namespace firebreak {

struct YamlNode {
  enum class Kind : std::uint8_t { kScalar, kSequence, kMapping };

  Kind kind = Kind::kScalar;
  bool plain = false;     // a scalar without quotes
  std::string text;       // a scalar's value, escapes undone
  std::size_t start = 0;  // bytes of the source it covers, [start, end); a collection's first byte
  std::size_t end = 0;
  std::vector<const YamlNode*> items;
  std::vector<std::pair<const YamlNode*, const YamlNode*>> pairs;  // in the file's order
  std::uint64_t expanded = 1;  // nodes of the tree below it, aliases followed

  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }
  [[nodiscard]] bool is_mapping() const { return kind == Kind::kMapping; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::kSequence; }
  [[nodiscard]] bool is_null() const;  // nothing, ~ or null, without quotes
};

// Where bytes stand: lines end at '\n', columns count bytes; both start at 1.
class LineTable {
 public:
  explicit LineTable(std::string_view source);
  [[nodiscard]] Position at(std::size_t offset) const;
  // First byte of a line; the source's size for lines that do not exist.
  [[nodiscard]] std::size_t start_of(int line) const;

 private:
  std::vector<std::size_t> starts_;
  std::size_t size_;
};

// Aliases share the node they name: a tree below the root can be a graph, without cycles. Moving
// keeps the nodes where they are.
struct YamlDocument {
  std::deque<YamlNode> nodes;
  const YamlNode* root = nullptr;
};

// What keeps hostile files harmless.
struct YamlLimits {
  std::size_t bytes = std::size_t{4} << 20U;
  int depth = 64;
  std::uint64_t expanded = 1'000'000;  // nodes, aliases followed ("billion laughs")
};

// `source` has no byte order mark and no CR LF (see load.cc). Total over all byte strings. nullopt
// after an error, which stands in `diagnostics` (without the file's name).
[[nodiscard]] std::optional<YamlDocument> parse_yaml(std::string_view source,
                                                     const YamlLimits& limits,
                                                     std::vector<Diagnostic>& diagnostics);

}  // namespace firebreak
