#include "rules/nft_context.h"

#include <fmt/format.h>

namespace firebreak {
namespace {

// Two uses of a named set may ask different things of the packet.
std::string signature_of(std::span<const NftKey> keys) {
  std::string out;
  for (const NftKey& key : keys) {
    out += fmt::format("{}{}{} ", static_cast<int>(key.kind), static_cast<int>(key.end),
                       static_cast<int>(key.side));
  }
  return out;
}

NftWays membership_ways(AddressSetId set, std::vector<End> dimensions, bool negated) {
  return {{Condition{InSet{set, std::move(dimensions)}, negated}}};
}

std::optional<NftWays> in_named_set(NftContext& context, std::size_t table,
                                    std::span<const NftKey> keys, std::string_view name,
                                    bool negated) {
  const auto found = context.document.sets.find({table, std::string(name)});
  if (found == context.document.sets.end()) return std::nullopt;
  auto empty = nft_membership(keys, {}, context.family());
  if (!empty) return std::nullopt;
  const auto known = std::tuple(table, std::string(name), signature_of(keys));
  const auto used = context.sets.find(known);
  if (used != context.sets.end()) {
    return membership_ways(used->second, std::move(empty->dimensions), negated);
  }
  std::vector<NftJson> elements;
  if (!context.spend(found->second.elements.size())) return std::nullopt;
  for (const NftJson element : found->second.elements) {
    elements.push_back(nft_bare_element(element));
  }
  auto membership = nft_membership(keys, elements, context.family());
  AddressSet set = std::move(membership->set);
  set.name = fmt::format("{} @{}", context.document.tables[table].text(), name);
  set.understood = set.understood && !found->second.changes;
  context.program.sets.push_back(std::move(set));
  const AddressSetId id(context.program.sets.size() - 1);
  context.sets.emplace(known, id);
  return membership_ways(id, std::move(empty->dimensions), negated);
}

bool is_comparable(std::string_view op) { return op == "==" || op == "!=" || op == "in"; }

}  // namespace

bool NftContext::spend(std::size_t amount) {
  if (amount > budget) {
    exhausted = true;
    return false;
  }
  budget -= amount;
  return true;
}

std::optional<NftWays> nft_in_set(NftContext& context, std::size_t table,
                                  std::span<const NftKey> keys, NftJson set, bool negated) {
  if (const auto name = nft_string(set)) {
    auto named = in_named_set(context, table, keys, name->substr(1), negated);
    if (named || context.exhausted) return named;
  }
  const auto read = nft_set_of(context.document, table, set);
  if (!read || read->changes || !context.spend(read->elements.size())) return std::nullopt;
  return nft_in_elements(context, keys, read->elements, negated);
}

std::optional<NftWays> nft_in_elements(NftContext& context, std::span<const NftKey> keys,
                                       std::span<const NftJson> elements, bool negated) {
  if (keys.size() == 1) return nft_one_of(keys[0], elements, negated, context.family());
  if (auto membership = nft_membership(keys, elements, context.family())) {
    membership->set.name = "{…}";
    context.program.sets.push_back(std::move(membership->set));
    return membership_ways(AddressSetId(context.program.sets.size() - 1),
                           std::move(membership->dimensions), negated);
  }
  if (negated) return std::nullopt;
  constexpr std::size_t kMost = 256;
  NftWays out;
  for (const NftJson element : elements) {
    const auto ways = nft_element_ways(keys, element, context.family());
    if (!ways || out.size() + ways->size() > kMost) return std::nullopt;
    out.insert(out.end(), ways->begin(), ways->end());
  }
  return out;
}

std::optional<NftWays> nft_match(NftContext& context, std::size_t table,
                                 std::span<const NftKey> keys, NftJson match) {
  const auto op = nft_string(match, "op");
  const auto right = nft_member(match, "right");
  if (!op || !right) return std::nullopt;
  const auto name = nft_string(*right);
  if ((name && name->starts_with('@')) || nft_member(*right, "set")) {
    if (!is_comparable(*op)) return std::nullopt;
    return nft_in_set(context, table, keys, *right, *op == "!=");
  }
  if (keys.size() == 1) return nft_compare(keys[0], *op, *right, context.family());
  if (*op != "==" && *op != "!=") return std::nullopt;
  return nft_in_elements(context, keys, std::span(&*right, 1), *op == "!=");
}

std::optional<std::vector<NftElement>> nft_map_elements(NftContext& context, std::size_t table,
                                                        NftJson data) {
  const auto read = nft_set_of(context.document, table, data);
  if (!read || read->changes || !context.spend(read->elements.size())) return std::nullopt;
  std::vector<NftElement> out;
  for (const NftJson element : read->elements) {
    const auto pair = nft_map_element(element);
    if (!pair) return std::nullopt;
    out.push_back(*pair);
  }
  return out;
}

}  // namespace firebreak
