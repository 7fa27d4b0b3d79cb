// Problem: tell secrets that can be guessed from those that cannot, and random text from words.
// Method: a small version of what password meters do. One pass over the text: at each place the
// longest dictionary word, then sequences ("1234", "aaaa", "qwerty" as a word), then single
// characters by the size of the classes in use. Letters that form pronounceable runs count as
// words do. Randomness is judged by how often the character class changes, and by how unlike words
// the neighbouring letters are.
// Cost: O(length × longest word), on at most 128 bytes; looks_random is linear.
// Limits: an estimate. An error moves a secret between the two keys, nothing else; it is never
// printed either way.
#include "secret/strength.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "secret/chars.h"
#include "secret/letters.h"
#include "secret/words.h"

namespace firebreak {
namespace {

constexpr std::size_t kLookedAt = 128;

char unleet(char c) {
  switch (c) {
    case '0': return 'o';
    case '1': return 'i';
    case '3': return 'e';
    case '4': return 'a';
    case '5': return 's';
    case '7': return 't';
    case '@': return 'a';
    case '$': return 's';
    case '!': return 'i';
    default: return to_lower(c);
  }
}

double alphabet_bits(std::string_view text) {
  int size = 0;
  if (std::ranges::any_of(text, is_lower)) size += 26;
  if (std::ranges::any_of(text, is_upper)) size += 26;
  if (std::ranges::any_of(text, is_digit)) size += 10;
  if (std::ranges::any_of(text, [](char c) { return !is_alnum(c); })) size += 32;
  return std::log2(std::max(size, 2));
}

bool is_vowel(char c) {
  return std::string_view("aeiouy").find(to_lower(c)) != std::string_view::npos;
}

// The end of a run of letters that reads like a word: no four consonants or three vowels in a row.
std::size_t pronounceable_until(std::string_view text, std::size_t from) {
  int consonants = 0;
  int vowels = 0;
  std::size_t at = from;
  for (; at < text.size() && is_alpha(text[at]); ++at) {
    // A capital inside starts a new word; inside random text that happens at once.
    if (at > from && is_upper(text[at]) && is_lower(text[at - 1])) break;
    const bool vowel = is_vowel(text[at]);
    consonants = vowel ? 0 : consonants + 1;
    vowels = vowel ? vowels + 1 : 0;
    if (consonants > 3 || vowels > 2) return from;
  }
  return at - from >= 4 ? at : from;
}

// The end of a run that repeats or counts up or down by one.
std::size_t sequence_until(std::string_view text, std::size_t from) {
  std::size_t end = from + 1;
  if (end >= text.size()) return end;
  const int step = text[end] - text[from];
  if (step < -1 || step > 1) return end;
  while (end < text.size() && text[end] - text[end - 1] == step) ++end;
  return end - from >= 3 ? end : from + 1;
}

}  // namespace

double estimated_bits(std::string_view secret) {
  secret = secret.substr(0, kLookedAt);
  std::string plain(secret);
  std::ranges::transform(plain, plain.begin(), unleet);
  const double per_character = alphabet_bits(secret);
  double bits = 0;
  std::size_t at = 0;
  while (at < secret.size()) {
    if (const std::size_t word = common_word_at(std::string_view(plain).substr(at)); word > 0) {
      bits += 10;
      at += word;
    } else if (const std::size_t end = sequence_until(secret, at); end > at + 1) {
      bits += per_character + std::log2(static_cast<double>(end - at));
      at = end;
    } else if (const std::size_t run = pronounceable_until(secret, at); run > at) {
      bits += 2.5 * static_cast<double>(run - at);
      at = run;
    } else {
      bits += per_character;
      ++at;
    }
  }
  return bits;
}

bool is_guessable(std::string_view secret) { return estimated_bits(secret) < 40; }

namespace {

constexpr std::size_t kShortestRandom = 20;
constexpr std::size_t kJudged = 256;  // characters of a run that are looked at

// How unlike words the text is: the mean surprise of neighbouring letters, and how often the class
// of characters changes (Title case is no change). Random base62 text scores about 9, identifiers
// about 4; one in 300 of either lies on the wrong side of kRandomScore at 20 characters.
constexpr double kRandomScore = 6.6;

double randomness_of(std::string_view run) {
  double surprise = 0;
  double pairs = 0;
  double changes = 0;
  for (std::size_t i = 1; i < run.size(); ++i) {
    const char before = run[i - 1];
    const char c = run[i];
    if (is_alpha(before) && is_alpha(c)) {
      surprise += letter_pair_bits(before, c);
      ++pairs;
    }
    const bool same = is_digit(c) == is_digit(before) && is_upper(c) == is_upper(before);
    const bool title = is_upper(before) && is_lower(c);
    if (!same && !title) ++changes;
  }
  return (pairs > 0 ? surprise / pairs : 0) + 6 * changes / static_cast<double>(run.size());
}

// `run` holds letters, digits and "+" only.
bool is_random_run(std::string_view run) {
  if (run.size() < kShortestRandom) return false;
  if (all_of(run, is_hex)) return false;  // digests, revisions, UUIDs, numbers
  run = run.substr(0, kJudged);
  std::array<bool, 256> seen{};
  for (const char c : run) seen[static_cast<unsigned char>(c)] = true;
  if (std::ranges::count(seen, true) < 10) return false;
  return randomness_of(run) >= kRandomScore;
}

bool is_run_char(char c) { return is_alnum(c) || c == '+'; }
bool is_joint(char c) { return c == '-' || c == '_' || c == '/'; }

}  // namespace

bool looks_random(std::string_view text) {
  std::size_t from = 0;
  while (from < text.size()) {
    while (from < text.size() && !is_run_char(text[from])) ++from;
    // A word with few joints may be one base64 text; otherwise each run is judged alone.
    std::size_t end = from;
    std::string joined;
    std::size_t joints = 0;
    while (end < text.size() && (is_run_char(text[end]) || is_joint(text[end]))) {
      if (is_joint(text[end])) {
        ++joints;
      } else if (joined.size() < kJudged) {
        joined += text[end];
      }
      ++end;
    }
    if (joints * 9 <= end - from && is_random_run(joined)) return true;
    while (joints > 0 && from < end) {
      std::size_t stop = from;
      while (stop < end && is_run_char(text[stop])) ++stop;
      if (is_random_run(text.substr(from, stop - from))) return true;
      from = stop + 1;
    }
    from = std::max(from, end);
  }
  return false;
}

}  // namespace firebreak
