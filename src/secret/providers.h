// Credentials that tell their issuer by their form.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "snapshot/secret.h"

namespace firebreak {

struct ProviderMatch {
  std::string_view provider;
  SecretKind kind = SecretKind::kApiKey;
  std::optional<bool> live;
  std::string account;
  std::size_t size = 0;  // bytes of the text that belong to the credential
};

// A credential at the very start of `text`.
[[nodiscard]] std::optional<ProviderMatch> provider_at(std::string_view text);
// The whole of `text` is a credential.
[[nodiscard]] std::optional<ProviderMatch> provider_of(std::string_view text);

// The account number in an AWS access key id ("AKIA…", "ASIA…", 20 characters); nullopt for ids of
// the old scheme, which hold none.
[[nodiscard]] std::optional<std::string> aws_account_of(std::string_view access_key_id);

}  // namespace firebreak
