// Secrets in text that nobody promised a form for: messages, scripts, option values, files.
#pragma once

#include <string_view>
#include <vector>

#include "snapshot/secret.h"

namespace firebreak {

// A part of a text that is secret.
struct SecretSpan {
  std::size_t begin = 0;
  std::size_t size = 0;
  SecretKind kind = SecretKind::kToken;
  bool encoded = false;  // percent-encoded: it stands in a URL
};

// Spans in order, none overlapping: passwords in URLs, values behind secret names ("password=x",
// "token: x", "--password x", "Authorization: Bearer x"), provider credentials, private keys in
// PEM, random words (unless `random` is false). Linear.
[[nodiscard]] std::vector<SecretSpan> find_secret_spans(std::string_view text, bool random = true);

}  // namespace firebreak
