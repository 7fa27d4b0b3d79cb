// What the readers of nft's JSON share: small questions to a value that may be of any kind.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firebreak {

// Lives as long as the parser that read it.
using NftJson = simdjson::dom::element;

// {"accept": null}: the one member of an object.
struct NftNamed {
  std::string_view name;
  NftJson value;
};

// nullopt: the value is of another kind.
[[nodiscard]] std::optional<NftJson> nft_member(NftJson of, std::string_view key);
[[nodiscard]] std::optional<std::string_view> nft_string(NftJson value);
[[nodiscard]] std::optional<std::string_view> nft_string(NftJson of, std::string_view key);
[[nodiscard]] std::optional<std::uint32_t> nft_number(NftJson value);
[[nodiscard]] std::optional<std::vector<NftJson>> nft_list(NftJson value);
[[nodiscard]] std::optional<NftNamed> nft_named(NftJson value);
// ["random", "persistent"], or "random" alone; nothing is an empty list.
[[nodiscard]] std::optional<std::vector<std::string_view>> nft_words(std::optional<NftJson> value);

// The value as JSON, cut off after some 200 bytes.
[[nodiscard]] std::string nft_json_text(NftJson value);

}  // namespace firebreak
