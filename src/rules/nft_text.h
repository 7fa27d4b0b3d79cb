// Statements of nft as a person would write them, for explanations: "iifname "br-a" tcp dport 80".
#pragma once

#include <span>
#include <string>

#include "rules/nft_json.h"

namespace firebreak {

// Comments and log prefixes are left out; what has no short form is its JSON.
[[nodiscard]] std::string nft_statement_text(NftJson statement);
[[nodiscard]] std::string nft_expression_text(NftJson expression);
[[nodiscard]] std::string nft_rule_text(std::span<const NftJson> statements);

}  // namespace firebreak
