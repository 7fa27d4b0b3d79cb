// The words that name an environment, and how names are cut into words. Total and linear.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

#include "policy/policy.h"

namespace firebreak {

// The environments that inference knows, in the order of Estate::environments().
enum class KnownEnvironment : std::uint8_t { kProduction, kStaging, kDevelopment, kTesting };
inline constexpr std::array kKnownEnvironments = {
    KnownEnvironment::kProduction, KnownEnvironment::kStaging, KnownEnvironment::kDevelopment,
    KnownEnvironment::kTesting};
[[nodiscard]] std::string_view name_of(KnownEnvironment environment);
[[nodiscard]] Tier tier_of(KnownEnvironment environment);

using EnvironmentSet = std::bitset<4>;

// What kind of text is read: the less it is meant to name an environment, the fewer words count.
enum class TextKind : std::uint8_t {
  kValue,     // of a variable or label that names environments: every word counts
  kName,      // of a container or project: "live" and "local" only at its end
  kPart,      // of a service, network or database: as kName, and a lone "test", "demo", "sandbox",
              // "local" or "live" says what it is for, not where it belongs
  kHostName,  // as kName, and the last of its dotted parts is not taken for a word (".dev",
              // ".local")
  kImage,     // words that public images do not use for other things
};

// Environments whose words stand in the text as whole words. Words end at everything that is not a
// letter or digit, and at a change of case ("prodDb"); digits behind a word do not matter ("dev2").
// "pre-prod" is staging; "non-prod", "devOps", "staging-area" and "load-test" name nothing.
[[nodiscard]] EnvironmentSet environments_in(std::string_view text, TextKind kind);

// The host name without a top-level domain that looks like a word: "api.example.dev" says nothing
// about api.
[[nodiscard]] std::string_view without_top_level(std::string_view host);

// What one whole word in lower case names.
[[nodiscard]] std::optional<KnownEnvironment> environment_of_word(std::string_view word);

// Calls visit(word) for each word of the text; words are in lower case, cut after 31 characters,
// and valid during the call only.
template <class Visit>
void each_word(std::string_view text, Visit visit) {
  std::array<char, 31> word{};
  std::size_t length = 0;
  bool cut = false;
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto finish = [&] {
    std::size_t end = length;
    while (!cut && end > 0 && is_digit(word[end - 1])) --end;
    if (end > 0) visit(std::string_view(word.data(), end));
    length = 0;
    cut = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!is_upper(c) && !is_lower(c) && !is_digit(c)) {
      finish();
      continue;
    }
    if (is_upper(c) && i > 0) {
      const bool after_lower = is_lower(text[i - 1]);
      const bool last_of_acronym =
          is_upper(text[i - 1]) && i + 1 < text.size() && is_lower(text[i + 1]);
      if (after_lower || last_of_acronym) finish();
    }
    if (length == word.size()) {
      cut = true;
      continue;
    }
    word[length++] = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  finish();
}

}  // namespace firebreak
