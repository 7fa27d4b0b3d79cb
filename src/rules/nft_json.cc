#include "rules/nft_json.h"

#include <limits>

namespace firebreak {

std::optional<NftJson> nft_member(NftJson of, std::string_view key) {
  simdjson::dom::object object;
  NftJson value;
  if (of.get(object) != simdjson::SUCCESS) return std::nullopt;
  if (object.at_key(key).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<std::string_view> nft_string(NftJson value) {
  std::string_view out;
  if (value.get(out) != simdjson::SUCCESS) return std::nullopt;
  return out;
}

std::optional<std::string_view> nft_string(NftJson of, std::string_view key) {
  const auto value = nft_member(of, key);
  return value ? nft_string(*value) : std::nullopt;
}

std::optional<std::uint32_t> nft_number(NftJson value) {
  std::uint64_t out = 0;
  if (value.get(out) != simdjson::SUCCESS) return std::nullopt;
  if (out > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(out);
}

std::optional<std::vector<NftJson>> nft_list(NftJson value) {
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return std::nullopt;
  std::vector<NftJson> out;
  for (const NftJson each : array) out.push_back(each);
  return out;
}

std::optional<NftNamed> nft_named(NftJson value) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS || object.size() != 1) return std::nullopt;
  const auto member = *object.begin();
  return NftNamed{member.key, member.value};
}

std::optional<std::vector<std::string_view>> nft_words(std::optional<NftJson> value) {
  if (!value) return std::vector<std::string_view>{};
  if (const auto one = nft_string(*value)) return std::vector{*one};
  const auto list = nft_list(*value);
  if (!list) return std::nullopt;
  std::vector<std::string_view> out;
  for (const NftJson each : *list) {
    const auto word = nft_string(each);
    if (!word) return std::nullopt;
    out.push_back(*word);
  }
  return out;
}

std::string nft_json_text(NftJson value) {
  constexpr std::size_t kMost = 200;
  std::string text = simdjson::minify(value);
  if (text.size() <= kMost) return text;
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

}  // namespace firebreak
