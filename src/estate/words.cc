#include "estate/words.h"

#include <algorithm>
#include <string>

#include "base/check.h"
#include "base/text.h"

namespace firebreak {
namespace {

using enum KnownEnvironment;

struct Word {
  std::string_view text;
  KnownEnvironment environment;
  // In names, counts at their end only ("shop-live", not "live-chat"), or not at all ("drone-ci").
  enum class InNames : std::uint8_t { kAnywhere, kAtEnd, kNever };
  InNames in_names = InNames::kAnywhere;
  bool in_images = true;  // public images use it for other things otherwise ("dynamodb-local")
};
using enum Word::InNames;

// Sorted by text.
constexpr std::array kWords = {
    Word{"acc", kStaging, kNever, false},
    Word{"acceptance", kStaging, kNever, false},
    Word{"ci", kTesting, kNever, false},
    Word{"demo", kTesting, kAnywhere, false},
    Word{"dev", kDevelopment},
    Word{"devdb", kDevelopment},
    Word{"devel", kDevelopment},
    Word{"development", kDevelopment},
    Word{"int", kTesting, kNever, false},
    Word{"integration", kTesting, kNever, false},
    Word{"live", kProduction, kAtEnd, false},
    Word{"local", kDevelopment, kAtEnd, false},
    Word{"pprod", kStaging},
    Word{"prd", kProduction},
    Word{"preprod", kStaging},
    Word{"preproduction", kStaging},
    Word{"prod", kProduction},
    Word{"proddb", kProduction},
    Word{"production", kProduction},
    Word{"qa", kTesting, kAnywhere, false},
    Word{"sandbox", kTesting, kAnywhere, false},
    Word{"sit", kTesting, kNever, false},
    Word{"stage", kStaging, kAnywhere, false},
    Word{"staging", kStaging},
    Word{"stg", kStaging},
    Word{"test", kTesting, kAnywhere, false},
    Word{"testing", kTesting, kAnywhere, false},
    Word{"uat", kStaging},
};
static_assert(std::ranges::is_sorted(kWords, {}, &Word::text));
constexpr std::size_t kLongestWord = 13;

const Word* find_word(std::string_view text) {
  if (text.size() < 2 || text.size() > kLongestWord) return nullptr;
  const auto at = std::ranges::lower_bound(kWords, text, {}, &Word::text);
  return at != kWords.end() && at->text == text ? &*at : nullptr;
}

struct Pair {
  std::string_view first;
  std::string_view second;
};

// Words that mean something else together.
constexpr auto kCompounds = std::to_array<Pair>({{"dev", "container"},
                                                 {"dev", "containers"},
                                                 {"dev", "ops"},
                                                 {"dev", "tool"},
                                                 {"dev", "tools"},
                                                 {"e2e", "test"},
                                                 {"load", "test"},
                                                 {"penetration", "test"},
                                                 {"smoke", "test"},
                                                 {"speed", "test"},
                                                 {"staging", "area"},
                                                 {"stress", "test"},
                                                 {"test", "container"},
                                                 {"test", "containers"},
                                                 {"test", "report"},
                                                 {"test", "reports"},
                                                 {"test", "results"},
                                                 {"test", "runner"},
                                                 {"unit", "test"}});

bool is_compound(std::string_view first, std::string_view second) {
  return std::ranges::any_of(
      kCompounds, [&](const Pair& pair) { return pair.first == first && pair.second == second; });
}

// What a service, network or database of this name is for.
bool is_purpose(std::string_view text) {
  constexpr std::array<std::string_view, 7> kPurposes = {"demo", "live",    "local", "sandbox",
                                                         "test", "testing", "tests"};
  return std::ranges::find(kPurposes, lower(text)) != kPurposes.end();
}

// Reads a text word by word; what a word means may hang on its neighbours.
class Reader {
 public:
  explicit Reader(TextKind kind) : kind_(kind) {}

  void read(std::string_view word) {
    settle(false, word);
    const Word* found = find_word(word);
    const bool compound = is_compound(last_, word);
    last_ = word;
    if (found == nullptr || compound || (kind_ == TextKind::kImage && !found->in_images)) {
      negated_ = word == "non" || word == "not" || word == "no";
      before_ = word == "pre";
      return;
    }
    if (!negated_) {
      const bool pre_production = before_ && found->environment == kProduction;
      waiting_ = found;
      meaning_ = pre_production ? kStaging : found->environment;
    }
    negated_ = before_ = false;
  }

  [[nodiscard]] EnvironmentSet finish() {
    settle(true, {});
    return found_;
  }

 private:
  // Decides about the word before `next`.
  void settle(bool at_end, std::string_view next) {
    if (waiting_ == nullptr) return;
    const bool in_value = kind_ == TextKind::kValue;
    const bool counts =
        in_value || waiting_->in_names == kAnywhere || (waiting_->in_names == kAtEnd && at_end);
    if (counts && !is_compound(waiting_->text, next))
      found_.set(static_cast<std::size_t>(meaning_));
    waiting_ = nullptr;
  }

  TextKind kind_;
  EnvironmentSet found_;
  const Word* waiting_ = nullptr;
  KnownEnvironment meaning_ = kDevelopment;
  bool negated_ = false;
  bool before_ = false;
  std::string last_;  // the word before
};

}  // namespace

std::string_view name_of(KnownEnvironment environment) {
  switch (environment) {
    case kProduction: return "production";
    case kStaging: return "staging";
    case kDevelopment: return "development";
    case kTesting: return "testing";
  }
  CHECK(false);
}

Tier tier_of(KnownEnvironment environment) {
  switch (environment) {
    case kProduction: return Tier::kProduction;
    case kStaging: return Tier::kStaging;
    case kDevelopment:
    case kTesting: return Tier::kDevelopment;
  }
  CHECK(false);
}

std::optional<KnownEnvironment> environment_of_word(std::string_view word) {
  const Word* found = find_word(word);
  if (found == nullptr) return std::nullopt;
  return found->environment;
}

std::string_view without_top_level(std::string_view host) {
  const std::size_t dot = host.rfind('.');
  if (dot == std::string_view::npos) return host;
  constexpr std::array<std::string_view, 5> kDomains = {"demo", "dev", "live", "local", "test"};
  const bool domain = std::ranges::find(kDomains, host.substr(dot + 1)) != kDomains.end();
  return domain ? host.substr(0, dot) : host;
}

EnvironmentSet environments_in(std::string_view text, TextKind kind) {
  if (kind == TextKind::kHostName) text = without_top_level(text);
  if (kind == TextKind::kPart && is_purpose(text)) return {};
  Reader reader(kind);
  each_word(text, [&](std::string_view word) { reader.read(word); });
  return reader.finish();
}

}  // namespace firebreak
