// Which environment a host name or a database's name speaks of.
#include <algorithm>
#include <string>

#include "base/text.h"
#include "estate/estate.h"
#include "estate/words.h"

namespace firebreak {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  each_word(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

bool holds_all(const std::vector<std::string>& text, const std::vector<std::string>& words) {
  return !words.empty() && std::ranges::all_of(words, [&](const std::string& word) {
    return std::ranges::find(text, word) != text.end();
  });
}

// "https://vault.example.com:8200/x" → "vault.example.com"; "service=shop" → "".
std::string host_in(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos)
    url.remove_prefix(at + 1);
  if (url.starts_with('[')) return lower(url.substr(1, url.find(']') - 1));
  return lower(url.substr(0, url.find(':')));
}

// Keeps one answer, or the knowledge that there are several.
class Answer {
 public:
  void add(std::optional<EnvironmentId> id) {
    if (!id) return;
    if (found_ && *found_ != *id) several_ = true;
    found_ = id;
  }
  [[nodiscard]] bool any() const { return found_.has_value(); }
  [[nodiscard]] std::optional<EnvironmentId> get() const {
    return several_ ? std::nullopt : found_;
  }

 private:
  std::optional<EnvironmentId> found_;
  bool several_ = false;
};

}  // namespace

std::optional<EnvironmentId> Estate::environment_named(std::string_view name) const {
  const std::string wanted = lower(name);
  if (wanted.empty()) return std::nullopt;
  const auto by_name = [&](std::string_view environment) -> std::optional<EnvironmentId> {
    const auto at = std::ranges::find(environments_, environment, &Environment::name);
    if (at == environments_.end()) return std::nullopt;
    return EnvironmentId(static_cast<std::size_t>(at - environments_.begin()));
  };
  Answer declared;
  for (const System& system : policy_->systems) {
    if (host_in(system.url) == wanted) declared.add(by_name(system.environment));
  }
  for (const Database& database : policy_->databases) {
    if (host_in(database.url) == wanted || lower(database.name) == wanted) {
      declared.add(by_name(database.environment));
    }
  }
  if (declared.any()) return declared.get();

  // The longest environment's name wins: "prod-eu-db" is prod-eu's, not prod's.
  const std::vector<std::string> words = words_of(without_top_level(wanted));
  Answer spelled;
  std::size_t longest = 0;
  for (std::size_t e = 0; e < environments_.size(); ++e) {
    const std::vector<std::string> own = words_of(environments_[e].name);
    if (!holds_all(words, own) || own.size() < longest) continue;
    if (own.size() > longest) spelled = Answer();
    longest = own.size();
    spelled.add(EnvironmentId(e));
  }
  const EnvironmentSet said = environments_in(name, TextKind::kHostName);
  if (spelled.any()) return said.count() > 1 ? std::nullopt : spelled.get();
  if (said.count() != 1) return std::nullopt;

  // Another word for the same thing: "live-db" where the environment is called production.
  Answer meant;
  Answer by_tier;
  for (std::size_t e = 0; e < environments_.size(); ++e) {
    if (environments_in(environments_[e].name, TextKind::kValue) == said)
      meant.add(EnvironmentId(e));
    for (const KnownEnvironment known : kKnownEnvironments) {
      const bool spoken = said.test(static_cast<std::size_t>(known));
      if (spoken && environments_[e].tier == tier_of(known)) by_tier.add(EnvironmentId(e));
    }
  }
  return meant.any() ? meant.get() : by_tier.get();
}

}  // namespace firebreak
