// Decoding of the wrappings that secrets come in. All linear; nullopt for what is not well-formed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firebreak {

// Standard or URL-safe alphabet, with or without padding; no white space.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);
[[nodiscard]] std::optional<std::string> decode_hex(std::string_view text);  // either case
// "%41" becomes "A"; a percent sign that starts no escape stays. Never fails.
[[nodiscard]] std::string percent_decoded(std::string_view text);

// Not empty, UTF-8, no control characters but white space.
[[nodiscard]] bool is_plain_text(std::string_view text);

}  // namespace firebreak
