// What the rules of one rule set have in common while they become a program.
#pragma once

#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "rules/nft_document.h"
#include "rules/nft_match.h"
#include "rules/program.h"

namespace firebreak {

struct NftContext {
  Program& program;
  const NftDocument& document;
  std::map<std::size_t, ChainId> chains;  // of the document's, those of tables that count
  // Named sets that are in the program, by table, name and what they are asked for.
  std::map<std::tuple<std::size_t, std::string, std::string>, AddressSetId> sets;
  std::size_t budget = 4'000'000;  // elements and conditions that may still be made
  bool exhausted = false;

  // false: more has been asked for than a machine can have; the result is an error.
  [[nodiscard]] bool spend(std::size_t amount);
  [[nodiscard]] Family family() const { return program.family; }
};

// `keys` are a member of the set, or are not. nullopt: not understood.
[[nodiscard]] std::optional<NftWays> nft_in_set(NftContext& context, std::size_t table,
                                                std::span<const NftKey> keys, NftJson set,
                                                bool negated);
[[nodiscard]] std::optional<NftWays> nft_in_elements(NftContext& context,
                                                     std::span<const NftKey> keys,
                                                     std::span<const NftJson> elements,
                                                     bool negated);
// The whole condition {"op": …, "left": …, "right": …} without what the keys need.
[[nodiscard]] std::optional<NftWays> nft_match(NftContext& context, std::size_t table,
                                               std::span<const NftKey> keys, NftJson match);

// The elements of the map {"key": …, "data": …}; nullopt: it is not there, it changes, or it is not
// a map.
[[nodiscard]] std::optional<std::vector<NftElement>> nft_map_elements(NftContext& context,
                                                                      std::size_t table,
                                                                      NftJson data);

}  // namespace firebreak
