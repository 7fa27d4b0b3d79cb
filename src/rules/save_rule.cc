#include "rules/save_rule.h"

#include <algorithm>
#include <array>

namespace firebreak {
namespace {

// iptables' own, wherever they stand: no extension has options of one letter.
constexpr auto kOwn = std::to_array<std::string_view>({"-s", "-d", "-i", "-o", "-p", "-f"});

// Options whose value is free text: it may look like an option, and is printed without quotes then.
constexpr auto kFreeText =
    std::to_array<std::string_view>({"--comment", "--log-prefix", "--nflog-prefix", "--name",
                                     "--string", "--hex-string", "--hashlimit-name", "--helper"});

bool is_option(const SaveWord& word) {
  return !word.quoted && word.text.size() > 1 && word.text.front() == '-';
}

void append(std::string& text, std::string_view word) {
  if (!text.empty() && !word.empty()) text += ' ';
  text += word;
}

class RuleWords {
 public:
  explicit RuleWords(std::span<const SaveWord> words) : words_(words) {}

  SaveRule read() {
    rule_.chain = words_[1].text;
    rule_.text = "-A " + std::string(words_[1].raw);
    at_ = 2;
    clause_ = &rule_.own;
    while (at_ < words_.size()) read_one();
    append(rule_.text, rule_.own.text);
    for (const SaveClause& match : rule_.matches) {
      if (match.name != "comment") append(rule_.text, match.text);
    }
    append(rule_.text, rule_.target.text);
    return std::move(rule_);
  }

 private:
  bool at(std::string_view keyword) const { return words_[at_].is(keyword); }

  void read_one() {
    if (at("-m") || at("--match")) {
      open(rule_.matches.emplace_back());
    } else if (at("-j") || at("--jump")) {
      open(rule_.target);
    } else if (at("-g") || at("--goto")) {
      rule_.no_return = true;
      open(rule_.target);
    } else if (at("-c") || at("--set-counters")) {
      at_ += 3;
    } else {
      read_option();
    }
  }

  void open(SaveClause& clause) {
    clause.column = words_[at_].column;
    clause_ = &clause;
    append(clause.text, words_[at_++].raw);
    if (at_ == words_.size()) return;
    clause.name = words_[at_].text;
    append(clause.text, words_[at_++].raw);
  }

  // "! --name value…", "--name ! value…" or, where no option was expected, a word alone.
  void read_option() {
    SaveOption option;
    option.column = words_[at_].column;
    const std::size_t first = at_;
    while (at_ < words_.size() && at("!")) {
      option.negated = !option.negated;
      ++at_;
    }
    if (at_ < words_.size()) option.name = words_[at_++].text;
    if (std::ranges::find(kFreeText, option.name) != kFreeText.end()) {
      if (at_ < words_.size()) option.values.emplace_back(words_[at_++].text);
    } else {
      read_values(option);
    }
    for (std::size_t i = first; i < at_; ++i) append(option.text, words_[i].raw);
    const bool own = std::ranges::find(kOwn, option.name) != kOwn.end();
    SaveClause& clause = own ? rule_.own : *clause_;
    append(clause.text, option.text);
    clause.options.push_back(std::move(option));
  }

  void read_values(SaveOption& option) {
    if (at_ + 1 < words_.size() && at("!") && !is_option(words_[at_ + 1])) {
      option.negated = !option.negated;
      ++at_;
    }
    while (at_ < words_.size() && !is_option(words_[at_]) && !at("!")) {
      option.values.emplace_back(words_[at_++].text);
    }
  }

  std::span<const SaveWord> words_;
  std::size_t at_ = 0;
  SaveRule rule_;
  SaveClause* clause_ = nullptr;
};

}  // namespace

std::string_view SaveOption::value() const { return values.size() == 1 ? values.front() : ""; }

SaveRule take_apart(std::span<const SaveWord> words) { return RuleWords(words).read(); }

}  // namespace firebreak
