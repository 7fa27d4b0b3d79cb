// A rule line of iptables-save taken apart: what iptables itself asks of the packet, then each
// "-m NAME …", then the target. Inside each part stand options with their values.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/save_words.h"

namespace firebreak {

// "! --dport 80". Before iptables 1.4.3 the "!" stood behind the option; both are read.
struct SaveOption {
  std::string_view name;
  bool negated = false;
  std::vector<std::string_view> values;
  std::string text;  // as printed, "!" and values included
  int column = 1;    // of its first word

  [[nodiscard]] std::string_view value() const;  // the only value; empty if there is none
};

struct SaveClause {
  std::string_view name;  // of the match or target; empty for iptables' own options
  std::vector<SaveOption> options;
  std::string text;  // as printed: "-m recent --rcheck --name x"
  int column = 1;
};

struct SaveRule {
  std::string_view chain;
  SaveClause own;  // -s, -d, -i, -o, -p, -f
  std::vector<SaveClause> matches;
  SaveClause target;       // without a name: the rule has none
  bool no_return = false;  // -g instead of -j
  std::string text;        // all of it, without comments and counters
};

// `words` begin with -A and the chain's name. Keeps views of them.
[[nodiscard]] SaveRule take_apart(std::span<const SaveWord> words);

}  // namespace firebreak
