// Verdict maps: each element is a case of its own. No two elements hold for the same packet, so
// their order does not matter, as long as nothing changes between them what the map looks at.
#include <fmt/format.h>

#include <algorithm>

#include "rules/nft_text.h"
#include "rules/nft_writer.h"

namespace firebreak {
namespace {

// A chain that an element jumps to may change it, and come back.
bool may_change(const NftKey& key) {
  return key.kind == NftKey::Kind::kMark || key.kind == NftKey::Kind::kState ||
         key.kind == NftKey::Kind::kStatus || key.kind == NftKey::Kind::kUnknown;
}

bool comes_back(const Action& action) {
  const auto* const jump = std::get_if<Jump>(&action);
  return jump != nullptr && !jump->no_return;
}

bool leaves_chain(const Action& action) {
  const auto* const jump = std::get_if<Jump>(&action);
  if (jump != nullptr) return jump->no_return;
  const auto* const verdict = std::get_if<Verdict>(&action);
  return verdict != nullptr && *verdict == Verdict::kReturn;
}

}  // namespace

void NftRuleWriter::vmap(NftJson body) {
  const auto key = nft_member(body, "key");
  const auto data = nft_member(body, "data");
  const auto elements = data ? nft_map_elements(context_, table_, *data) : std::nullopt;
  if (!key || !elements) return lost();
  const std::vector<NftKey> keys = nft_keys(*key, context_.family());
  if (!require_keys(keys)) return;
  NftWays continued;
  std::vector<Case> cases = cases_of(keys, *elements, continued);
  write_cases(std::move(cases), keys);
  ways_ = std::move(continued);
}

NftWays NftRuleWriter::ways_of_element(std::span<const NftKey> keys, const NftElement& element,
                                       std::span<const NftElement> all) {
  std::optional<NftWays> ways;
  if (nft_is_catch_all(element.key)) {
    std::vector<NftJson> others;
    for (const NftElement& other : all) {
      if (!nft_is_catch_all(other.key)) others.push_back(other.key);
    }
    ways = nft_in_elements(context_, keys, others, true);
  } else {
    ways = nft_element_ways(keys, element.key, context_.family());
  }
  if (ways) ways = nft_both(ways_, *ways);
  if (ways) return *std::move(ways);
  NftWays doubtful = ways_;
  for (std::vector<Condition>& way : doubtful) {
    way.push_back({NotUnderstood{nft_json_text(element.key)}, false});
  }
  return doubtful;
}

// One for each element that decides something; `continued` are the ways to those that do not.
std::vector<NftRuleWriter::Case> NftRuleWriter::cases_of(std::span<const NftKey> keys,
                                                         std::span<const NftElement> elements,
                                                         NftWays& continued) {
  const auto key = nft_member(*nft_member(rule_.statements[at_], "vmap"), "key");
  const std::string key_text = nft_expression_text(*key);
  std::vector<Case> out;
  for (const NftElement& element : elements) {
    auto action = verdict_action(element.value);
    if (!action) continue;
    NftWays ways = ways_of_element(keys, element, elements);
    if (*action == Action(Verdict::kGoOn)) {
      continued.insert(continued.end(), ways.begin(), ways.end());
      continue;
    }
    out.push_back({std::move(ways), *std::move(action),
                   fmt::format("{} vmap {{ {} : {} }}", key_text, nft_expression_text(element.key),
                               nft_statement_text(element.value))});
  }
  return out;
}

void NftRuleWriter::write_cases(std::vector<Case> cases, std::span<const NftKey> keys) {
  const auto jumps =
      std::ranges::stable_partition(cases, [](const Case& one) { return !comes_back(one.action); });
  const bool own = std::ranges::any_of(keys, may_change) && !jumps.empty() &&
                   (jumps.size() > 1 || at_ + 1 < rule_.statements.size());
  for (const Case& one : std::span(cases.begin(), jumps.begin())) {
    if (called_from_ && leaves_chain(one.action)) {
      emit(NotUnderstood{one.text}, one.ways, one.text);
    } else {
      emit(one.action, one.ways, one.text);
    }
  }
  if (own && called_from_) return lost();
  if (own) into_own_chain();
  for (Case& one : jumps) {
    // Out of the rule's own chain without return: back to the rule that follows.
    if (auto* const jump = std::get_if<Jump>(&one.action)) {
      jump->no_return = own || called_from_.has_value();
    }
    emit(one.action, one.ways, one.text);
  }
}

}  // namespace firebreak
