#include "estate/words.h"

#include <algorithm>
#include <string>

#include "base/check.h"

namespace firebreak {
namespace {

using enum KnownEnvironment;

struct Word {
  std::string_view text;
  KnownEnvironment environment;
  bool at_end = false;    // in names, counts at their end only ("shop-live", not "live-chat")
  bool in_images = true;  // public images use it for other things otherwise ("dynamodb-local")
};

// Sorted by text.
constexpr std::array kWords = {
    Word{"ci", kTesting, false, false},
    Word{"demo", kTesting, false, false},
    Word{"dev", kDevelopment},
    Word{"devel", kDevelopment},
    Word{"development", kDevelopment},
    Word{"live", kProduction, true, false},
    Word{"local", kDevelopment, true, false},
    Word{"prd", kProduction},
    Word{"preprod", kStaging},
    Word{"preproduction", kStaging},
    Word{"prod", kProduction},
    Word{"production", kProduction},
    Word{"qa", kTesting, false, false},
    Word{"sandbox", kTesting, false, false},
    Word{"stage", kStaging, false, false},
    Word{"staging", kStaging},
    Word{"stg", kStaging},
    Word{"test", kTesting, false, false},
    Word{"testing", kTesting, false, false},
    Word{"uat", kStaging},
};
static_assert(std::ranges::is_sorted(kWords, {}, &Word::text));
constexpr std::size_t kLongestWord = 13;

const Word* find_word(std::string_view text) {
  if (text.size() < 2 || text.size() > kLongestWord) return nullptr;
  const auto at = std::ranges::lower_bound(kWords, text, {}, &Word::text);
  return at != kWords.end() && at->text == text ? &*at : nullptr;
}

// Reads a text word by word; what a word means may hang on its neighbours.
class Reader {
 public:
  explicit Reader(TextKind kind) : kind_(kind) {}

  void read(std::string_view word) {
    settle(false, word);
    const Word* found = find_word(word);
    if (found == nullptr || (kind_ == TextKind::kImage && !found->in_images)) {
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
    const bool elsewhere = waiting_->at_end && !at_end && kind_ != TextKind::kValue;
    const bool devops = waiting_->text == "dev" && next == "ops";
    if (!elsewhere && !devops) found_.set(static_cast<std::size_t>(meaning_));
    waiting_ = nullptr;
  }

  TextKind kind_;
  EnvironmentSet found_;
  const Word* waiting_ = nullptr;
  KnownEnvironment meaning_ = kDevelopment;
  bool negated_ = false;
  bool before_ = false;
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
  Reader reader(kind);
  each_word(text, [&](std::string_view word) { reader.read(word); });
  return reader.finish();
}

}  // namespace firebreak
