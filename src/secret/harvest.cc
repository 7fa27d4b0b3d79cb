#include "secret/harvest.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "secret/chars.h"
#include "secret/names.h"

namespace firebreak {
namespace {

// A value with more than this holds no configuration; the bound keeps snapshots small.
constexpr std::size_t kMost = 64;

bool is_aws_secret_key(std::string_view name, std::string_view plain) {
  return plain.size() == 40 && is_made_of_alnum_or(plain, "/+=") &&
         contains_ignoring_case(name, "aws") && contains_ignoring_case(name, "secret");
}

}  // namespace

bool Harvest::secret(std::string_view plain, SecretKind kind, std::string_view provider) {
  auto made = make_secret(plain, SecretHint{kind, provider}, keys_);
  if (!made) return false;
  adopt({std::move(*made)});
  return true;
}

void Harvest::adopt(const std::vector<Secret>& found) {
  for (const Secret& secret : found) {
    const bool known = std::ranges::any_of(
        secrets, [&](const Secret& other) { return other.fingerprint == secret.fingerprint; });
    if (!known && secrets.size() < kMost) secrets.push_back(secret);
  }
}

bool Harvest::named_secret(std::string_view name, std::string_view plain) {
  if (is_aws_secret_key(name, plain)) return secret(plain, SecretKind::kApiKey, "aws");
  return secret(plain, names_password(name) ? SecretKind::kPassword : SecretKind::kToken);
}

void Harvest::target(Target target) {
  if (target.host.empty() && !keep_hostless) return;
  if (targets.size() < kMost && std::ranges::find(targets, target) == targets.end()) {
    targets.push_back(std::move(target));
  }
}

void Harvest::account(std::string_view name) {
  for (Secret& secret : secrets) {
    if (secret.account.empty()) secret.account = std::string(name);
  }
}

}  // namespace firebreak
