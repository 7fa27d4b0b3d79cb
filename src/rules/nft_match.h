// From keys and values of nft to conditions.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rules/nft_key.h"

namespace firebreak {

// Ways in which something can hold, of which one must: a way is conditions that must all hold. No
// two hold for the same packet. No way: it never holds.
using NftWays = std::vector<std::vector<Condition>>;

// In all functions: what the key `needs` is left to the caller; nullopt: not understood.

// The key is (or is not) one of the values.
[[nodiscard]] std::optional<NftWays> nft_one_of(const NftKey& key, std::span<const NftJson> values,
                                                bool negated, Family family);
// `key OP value`, where the value is no set: "==", "!=", "in", "!", "<", "<=", ">", ">=".
[[nodiscard]] std::optional<NftWays> nft_compare(const NftKey& key, std::string_view op,
                                                 NftJson value, Family family);
// Every key has the value that stands at its place in {"concat": […]}; one key: just the value.
[[nodiscard]] std::optional<NftWays> nft_element_ways(std::span<const NftKey> keys, NftJson element,
                                                      Family family);
// Both hold. nullopt: too many ways.
[[nodiscard]] std::optional<NftWays> nft_both(const NftWays& first, const NftWays& second);

// The same question of many elements, as a set of which the packet must be a member.
struct NftMembership {
  std::vector<End> dimensions;
  AddressSet set;  // without a name
};
// nullopt: sets of a program do not have such parts.
[[nodiscard]] std::optional<NftMembership> nft_membership(std::span<const NftKey> keys,
                                                          std::span<const NftJson> elements,
                                                          Family family);
// That stands for all that no other element of a set holds.
[[nodiscard]] bool nft_is_catch_all(NftJson element);

}  // namespace firebreak
