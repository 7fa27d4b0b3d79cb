// Problem: recognise the credentials of well-known issuers by their published prefixes and lengths.
// Method: a table of prefixes, sorted by nothing but care: the first match wins, so longer prefixes
// stand before shorter ones. Each says which characters may follow and how many at least.
// Limits: forms without a prefix (AWS secret keys, old GitHub tokens) need a name (scan.cc).
#include "secret/providers.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "secret/chars.h"
#include "secret/encoding.h"

namespace firebreak {
namespace {

enum class Live : std::uint8_t { kUnknown, kLive, kTest };

struct Form {
  std::string_view prefix;
  std::string_view provider;
  std::string_view also;  // characters besides letters and digits
  std::size_t at_least;   // characters after the prefix
  Live live = Live::kUnknown;
};

constexpr auto kForms = std::to_array<Form>({
    {"sk_live_", "stripe", "", 10, Live::kLive},
    {"sk_test_", "stripe", "", 10, Live::kTest},
    {"rk_live_", "stripe", "", 10, Live::kLive},
    {"rk_test_", "stripe", "", 10, Live::kTest},
    {"whsec_", "stripe", "+/=", 20},
    {"rzp_live_", "razorpay", "", 10, Live::kLive},
    {"rzp_test_", "razorpay", "", 10, Live::kTest},
    {"access-sandbox-", "plaid", "-", 30, Live::kTest},
    {"access-development-", "plaid", "-", 30, Live::kTest},
    {"access-production-", "plaid", "-", 30, Live::kLive},
    {"sq0atp-", "square", "-_", 20, Live::kLive},
    {"sq0csp-", "square", "-_", 40, Live::kLive},
    {"sandbox-sq0csb-", "square", "-_", 30, Live::kTest},
    {"EAAA", "square", "-_", 55, Live::kLive},
    {"access_token$sandbox$", "paypal", "$", 40, Live::kTest},
    {"access_token$production$", "paypal", "$", 40, Live::kLive},
    {"sk_sbox_", "checkout", "*-_=", 15, Live::kTest},
    {"github_pat_", "github", "_", 30},
    {"ghp_", "github", "", 30},
    {"gho_", "github", "", 30},
    {"ghu_", "github", "", 30},
    {"ghs_", "github", "._-", 30},
    {"ghr_", "github", "", 30},
    {"glpat-", "gitlab", "-_.", 20},
    {"gldt-", "gitlab", "-_.", 20},
    {"glrt-", "gitlab", "-_.", 20},
    {"glcbt-", "gitlab", "-_.", 20},
    {"glptt-", "gitlab", "-_.", 20},
    {"xoxb-", "slack", "-", 20},
    {"xoxp-", "slack", "-", 20},
    {"xoxa-", "slack", "-", 20},
    {"xoxr-", "slack", "-", 20},
    {"xoxs-", "slack", "-", 20},
    {"xapp-", "slack", "-", 20},
    {"SG.", "sendgrid", "-_.", 60},
    {"key-", "mailgun", "", 32},
    {"xkeysib-", "brevo", "-", 40},
    {"npm_", "npm", "", 36},
    {"pypi-AgE", "pypi", "-_", 30},
    {"dop_v1_", "digitalocean", "", 64},
    {"doo_v1_", "digitalocean", "", 64},
    {"sk-ant-", "anthropic", "-_", 30},
    {"sk-proj-", "openai", "-_", 30},
    {"sk-svcacct-", "openai", "-_", 30},
    {"sk-or-v1-", "openrouter", "", 40},
    {"hf_", "huggingface", "", 30},
    {"hvs.", "vault", "-_", 20},
    {"hvb.", "vault", "-_", 20},
    {"hvr.", "vault", "-_", 20},
    {"AIza", "google", "-_", 35},
    {"GOCSPX-", "google", "-_", 25},
    {"ya29.", "google", "-_.", 30},
    {"NRAK-", "newrelic", "", 25},
    {"glsa_", "grafana", "_", 30},
    {"glc_", "grafana", "=", 30},
    {"shpat_", "shopify", "", 32},
    {"shpss_", "shopify", "", 32},
    {"lin_api_", "linear", "", 30},
    {"rubygems_", "rubygems", "", 40},
    {"dckr_pat_", "docker-hub", "-_", 20},
    {"dckr_oat_", "docker-hub", "-_", 20},
    {"tskey-", "tailscale", "-", 20},
    {"PMAK-", "postman", "-", 40},
    {"AGE-SECRET-KEY-1", "age", "", 50},
    {"sntrys_", "sentry", "+/=_", 40},
    {"sntryu_", "sentry", "", 60},
    {"figd_", "figma", "-_", 35},
    {"CFPAT-", "contentful", "-_", 40},
    {"dapi", "databricks", "", 32},
    {"ATATT3", "atlassian", "-_=", 60},
});

std::size_t run_of(std::string_view text, std::string_view also) {
  std::size_t size = 0;
  while (size < text.size() &&
         (is_alnum(text[size]) || also.find(text[size]) != std::string_view::npos)) {
    ++size;
  }
  return size;
}

std::optional<ProviderMatch> by_table(std::string_view text) {
  for (const Form& form : kForms) {
    if (!text.starts_with(form.prefix)) continue;
    const std::size_t rest = run_of(text.substr(form.prefix.size()), form.also);
    if (rest < form.at_least) continue;
    ProviderMatch out{
        form.provider, SecretKind::kApiKey, std::nullopt, {}, form.prefix.size() + rest};
    if (form.live != Live::kUnknown) out.live = form.live == Live::kLive;
    return out;
  }
  return std::nullopt;
}

bool is_base32(char c) { return is_upper(c) || (c >= '2' && c <= '7'); }

std::optional<ProviderMatch> aws_at(std::string_view text) {
  if (!text.starts_with("AKIA") && !text.starts_with("ASIA")) return std::nullopt;
  std::size_t size = 4;
  while (size < text.size() && is_base32(text[size])) ++size;
  if (size != 20 || (text.size() > 20 && is_alnum(text[20]))) return std::nullopt;
  ProviderMatch out{"aws", SecretKind::kAccessKeyId, std::nullopt, {}, size};
  out.account = aws_account_of(text.substr(0, 20)).value_or("");
  return out;
}

// "dp.st.production.…": service tokens name their configuration.
std::optional<ProviderMatch> doppler_at(std::string_view text) {
  constexpr auto kPrefixes = std::to_array<std::string_view>(
      {"dp.st.", "dp.pt.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."});
  for (const std::string_view prefix : kPrefixes) {
    if (!text.starts_with(prefix)) continue;
    std::string_view rest = text.substr(prefix.size());
    ProviderMatch out{"doppler", SecretKind::kApiKey, std::nullopt, {}, prefix.size()};
    const std::size_t name = run_of(rest, "-_");
    if (prefix == "dp.st." && name < rest.size() && rest[name] == '.') {
      const std::string_view config = rest.substr(0, name);
      if (config.size() <= 40) out.account = std::string(config);
      if (config.starts_with("prd") || config.starts_with("prod")) out.live = true;
      out.size += name + 1;
      rest.remove_prefix(name + 1);
    }
    const std::size_t secret = run_of(rest, "");
    if (secret < 40) return std::nullopt;
    out.size += secret;
    return out;
  }
  return std::nullopt;
}

// "eyJ….eyJ….signature": header and payload are JSON objects in base64.
std::optional<ProviderMatch> jwt_at(std::string_view text) {
  if (!text.starts_with("eyJ")) return std::nullopt;
  const std::size_t header = run_of(text, "-_");
  if (header < 16 || header >= text.size() || text[header] != '.') return std::nullopt;
  const std::string_view after = text.substr(header + 1);
  const std::size_t payload = run_of(after, "-_");
  if (payload < 4 || payload >= after.size() || after[payload] != '.') return std::nullopt;
  const auto decoded = decode_base64(text.substr(0, header));
  if (!decoded || !decoded->starts_with('{')) return std::nullopt;
  const std::size_t signature = run_of(after.substr(payload + 1), "-_");
  return ProviderMatch{
      "jwt", SecretKind::kToken, std::nullopt, {}, header + payload + signature + 2};
}

// Forms whose prefix is too short to stand without an exact length.
std::optional<ProviderMatch> exact_at(std::string_view text) {
  const std::size_t run = run_of(text, "");
  const auto hex_after = [&](std::size_t prefix) {
    return all_of(text.substr(prefix, run - prefix), is_hex);
  };
  if (run == 34 && (text.starts_with("SK") || text.starts_with("AC")) && hex_after(2)) {
    const auto kind = text.starts_with("AC") ? SecretKind::kAccessKeyId : SecretKind::kApiKey;
    return ProviderMatch{"twilio", kind, std::nullopt, {}, run};
  }
  const std::size_t mollie = run_of(text, "_");
  if (mollie == 35 && text.starts_with("live_"))
    return ProviderMatch{"mollie", SecretKind::kApiKey, true, {}, mollie};
  if (mollie == 35 && text.starts_with("test_"))
    return ProviderMatch{"mollie", SecretKind::kApiKey, false, {}, mollie};
  const std::size_t openai = run_of(text, "-");
  if (openai == 51 && text.starts_with("sk-"))
    return ProviderMatch{"openai", SecretKind::kApiKey, std::nullopt, {}, openai};
  const std::size_t checkout = run_of(text, "-_");
  if (checkout == 39 && text.starts_with("sk_") && text[11] == '-') {
    return ProviderMatch{"checkout", SecretKind::kApiKey, true, {}, checkout};
  }
  const std::size_t vault = run_of(text, ".");
  if (vault == 26 && text.starts_with("s."))
    return ProviderMatch{"vault", SecretKind::kApiKey, std::nullopt, {}, vault};
  return std::nullopt;
}

}  // namespace

std::optional<ProviderMatch> provider_at(std::string_view text) {
  if (text.size() < 16) return std::nullopt;
  if (auto found = by_table(text)) return found;
  if (auto found = aws_at(text)) return found;
  if (auto found = doppler_at(text)) return found;
  if (auto found = jwt_at(text)) return found;
  return exact_at(text);
}

std::optional<ProviderMatch> provider_of(std::string_view text) {
  auto found = provider_at(text);
  if (!found || found->size != text.size()) return std::nullopt;
  return found;
}

// The id after its four letters is base32; the first six bytes hold the account, shifted left by
// seven bits under a flag bit.
std::optional<std::string> aws_account_of(std::string_view access_key_id) {
  if (access_key_id.size() != 20) return std::nullopt;
  // Ids of the old scheme ("AKIAI…", "AKIAJ…") hold no account.
  if (access_key_id[4] >= 'A' && access_key_id[4] < 'Q') return std::nullopt;
  std::uint64_t bits = 0;
  for (const char c : access_key_id.substr(4, 10)) {  // 50 bits
    if (!is_base32(c)) return std::nullopt;
    bits = (bits << 5U) | static_cast<std::uint64_t>(is_upper(c) ? c - 'A' : c - '2' + 26);
  }
  const std::uint64_t account = ((bits >> 2U) & 0x7fffffffff80U) >> 7U;
  std::string digits = std::to_string(account);
  if (digits.size() > 12) return std::nullopt;
  return std::string(12 - digits.size(), '0') + digits;
}

}  // namespace firebreak
