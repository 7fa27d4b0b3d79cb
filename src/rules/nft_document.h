// The objects of a rule set as nft lists them: tables, chains with their rules, sets and maps.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/nft_json.h"

namespace firebreak {

struct NftListedTable {
  enum class Dormant : std::uint8_t { kNo, kYes, kUnknown };
  std::string family;  // "ip", "inet", "bridge"
  std::string name;
  Dormant dormant = Dormant::kNo;
  [[nodiscard]] std::string text() const { return family + " " + name; }
};

struct NftHook {
  std::string hook;  // "forward"
  std::string type;  // "filter", "nat", "route"
  int priority = 0;
  bool policy_accepts = true;
};

struct NftRule {
  std::string handle;
  std::vector<NftJson> statements;
};

struct NftChain {
  std::size_t table = 0;
  std::string name;
  std::optional<NftHook> hook;
  std::vector<NftRule> rules;
};

// A set or a map; an element of a map is a list of two.
struct NftSet {
  std::vector<NftJson> elements;
  bool changes = false;  // at run time, or in a way that is not understood
};
struct NftElement {
  NftJson key;
  NftJson value;
};

struct NftDocument {
  using Name = std::pair<std::size_t, std::string>;  // table, name

  std::vector<NftListedTable> tables;
  std::vector<NftChain> chains;
  std::map<Name, std::size_t> chain_of;
  std::map<Name, NftSet> sets;  // and maps
  std::map<Name, bool> limits;  // true: "over"
};

// Reads {"nftables": […]} into `out`. Errors name the place.
[[nodiscard]] std::vector<std::string> read_nft_document(NftJson root, NftDocument& out);

// The set that "@name" means in that table, or that {"set": […]} lists; nullopt: neither.
[[nodiscard]] std::optional<NftSet> nft_set_of(const NftDocument& document, std::size_t table,
                                               NftJson value);
// {"elem": {"val": …, "comment": …}}: the value.
[[nodiscard]] NftJson nft_bare_element(NftJson element);
// An element of a map.
[[nodiscard]] std::optional<NftElement> nft_map_element(NftJson element);

}  // namespace firebreak
