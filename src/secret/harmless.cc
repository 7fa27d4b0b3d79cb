#include "secret/harmless.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "secret/chars.h"
#include "secret/host.h"
#include "secret/names.h"
#include "secret/strength.h"

namespace firebreak {
namespace {

// Sorted.
constexpr auto kHarmlessWords = std::to_array<std::string_view>(
    {"always",     "auto",   "canary",  "ci",      "console",       "critical", "debug",
     "default",    "demo",   "dev",     "devel",   "development",   "disabled", "enabled",
     "error",      "false",  "fatal",   "info",    "integration",   "json",     "live",
     "local",      "logfmt", "never",   "no",      "none",          "notice",   "off",
     "on",         "plain",  "prd",     "preprod", "preproduction", "preview",  "prod",
     "production", "qa",     "release", "sandbox", "silent",        "stage",    "staging",
     "stderr",     "stdout", "stg",     "test",    "testing",       "text",     "trace",
     "true",       "uat",    "utc",     "verbose", "warn",          "warning",  "yes"});
static_assert(std::ranges::is_sorted(kHarmlessWords));

constexpr auto kUnits = std::to_array<std::string_view>(
    {"",   "%",  "b",   "d",   "g",  "gb", "gi", "gib", "h",  "k",  "kb",  "ki", "kib", "m",
     "mb", "mi", "mib", "min", "ms", "ns", "s",  "t",   "tb", "ti", "tib", "us", "w"});
static_assert(std::ranges::is_sorted(kUnits));

bool is_word(std::string_view value) {
  return value.size() <= 16 && std::ranges::binary_search(kHarmlessWords, lower(value));
}

// "5432", "0.5", "30s", "512Mi": at most five digits before the point, three after it.
bool is_small_number(std::string_view value) {
  if (value.starts_with('-')) value.remove_prefix(1);
  if (value.size() > 12) return false;
  std::size_t at = 0;
  while (at < value.size() && is_digit(value[at])) ++at;
  if (at == 0 || at > 5) return false;
  if (at < value.size() && value[at] == '.') {
    const std::size_t from = ++at;
    while (at < value.size() && is_digit(value[at])) ++at;
    if (at == from || at - from > 3) return false;
  }
  return std::ranges::binary_search(kUnits, lower(value.substr(at)));
}

// "v1.25.3", "20.10.24-alpine3.18", "2024.06"
bool is_version(std::string_view value) {
  if (value.starts_with('v')) value.remove_prefix(1);
  if (value.size() > 40 || value.empty() || !is_digit(value.front())) return false;
  std::size_t at = 0;
  std::size_t dots = 0;
  while (at < value.size() && (is_digit(value[at]) || value[at] == '.')) {
    if (value[at] == '.') ++dots;
    ++at;
  }
  if (dots == 0 || dots > 3 || value[at - 1] == '.') return false;
  const std::string_view rest = value.substr(at);
  return rest.empty() ||
         (rest.size() <= 20 && is_made_of_alnum_or(rest, "-+.~_") && !looks_random(rest));
}

// "C.UTF-8", "en_US.UTF-8", "de_DE@euro"
bool is_locale(std::string_view value) {
  if (value == "C" || value == "POSIX" || value == "C.UTF-8" || value == "C.utf8") return true;
  if (value.size() < 5 || value.size() > 20) return false;
  if (!is_lower(value[0]) || !is_lower(value[1]) || value[2] != '_' || !is_upper(value[3]) ||
      !is_upper(value[4])) {
    return false;
  }
  const std::string rest = lower(value.substr(5));
  return rest.empty() || rest == ".utf-8" || rest == ".utf8" || rest == "@euro" ||
         rest == ".iso-8859-1" || rest == ".iso88591";
}

bool is_time_zone(std::string_view value) {
  constexpr auto kAreas =
      std::to_array<std::string_view>({"Africa", "America", "Antarctica", "Asia", "Atlantic",
                                       "Australia", "Etc", "Europe", "Indian", "Pacific", "US"});
  if (value == "UTC" || value == "GMT") return true;
  const std::size_t slash = value.find('/');
  if (slash == std::string_view::npos || value.size() > 40) return false;
  return std::ranges::find(kAreas, value.substr(0, slash)) != kAreas.end() &&
         is_made_of_alnum_or(value.substr(slash + 1), "/_-+") && !looks_random(value);
}

// "production", "prod,metrics", "shop-staging"
bool is_environment_value(std::string_view value) {
  if (value.size() > 64) return false;
  for (const std::string_view part : split(value, ',')) {
    if (!is_plain_name(trim(part)) || trim(part).size() > 40) return false;
  }
  return true;
}

}  // namespace

bool is_harmless(std::string_view name, std::string_view value) {
  if (value.empty()) return true;
  if (value.size() > 1024) return false;
  if (is_word(value) || is_small_number(value) || is_version(value) || is_locale(value) ||
      is_time_zone(value)) {
    return true;
  }
  if (names_environment(name)) return is_environment_value(value);
  if (names_database(name)) return is_plain_name(value);
  return names_file(name) && is_plain_path(value);
}

}  // namespace firebreak
