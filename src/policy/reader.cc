#include "policy/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "policy/redact.h"

namespace firebreak {
namespace {

constexpr std::size_t kMostDiagnostics = 500;  // nobody reads more
constexpr int kMostSuggestions = 100;          // each compares a word with every candidate
constexpr std::size_t kMostCandidates = 1000;
constexpr std::size_t kLongestWord = 64;

std::string_view kind_of(const YamlNode& node) {
  if (node.is_mapping()) return "a mapping";
  if (node.is_sequence()) return "a list";
  return node.is_null() ? "empty" : "text";
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

}  // namespace

Reader::Reader(std::string_view source, std::vector<Diagnostic>& diagnostics)
    : source_(source),
      lines_(source),
      diagnostics_(diagnostics),
      suggestions_left_(kMostSuggestions) {}

void Reader::add(Diagnostic::Level level, const YamlNode& at, std::string message,
                 std::string hint) {
  if (diagnostics_.size() >= kMostDiagnostics) return;
  const Position position = lines_.at(at.start);
  const std::size_t length = at.is_scalar() ? std::max<std::size_t>(at.end - at.start, 1) : 1;
  const std::size_t line_end = std::min(source_.find('\n', at.start), source_.size());
  const std::size_t shown = std::min(length, std::max<std::size_t>(line_end - at.start, 1));
  Diagnostic& found = diagnostics_.emplace_back();
  found.level = level;
  found.line = position.line;
  found.column = position.column;
  found.length = static_cast<int>(shown);
  found.message = std::move(message);
  found.hint = std::move(hint);
}

void Reader::error(const YamlNode& at, std::string message, std::string hint) {
  add(Diagnostic::Level::kError, at, std::move(message), std::move(hint));
}

void Reader::warning(const YamlNode& at, std::string message, std::string hint) {
  add(Diagnostic::Level::kWarning, at, std::move(message), std::move(hint));
}

Position Reader::position(const YamlNode& node) const { return lines_.at(node.start); }

std::optional<std::string> Reader::text(const YamlNode& node, std::string_view what) {
  if (!node.is_scalar()) {
    error(node, fmt::format("{} must be text, not {}", what, kind_of(node)));
  } else if (node.is_null() || trim(node.text).empty()) {
    error(node, fmt::format("{} is empty", what));
  } else if (std::ranges::any_of(node.text, is_control)) {
    error(node, fmt::format("{} has a line break or control character in it", what));
  } else {
    return node.text;
  }
  return std::nullopt;
}

std::vector<std::string> Reader::texts(const YamlNode& node, std::string_view what) {
  if (node.is_scalar() && !node.is_null()) {
    error(node, fmt::format("{} must be a list, not text", what), "put it in [ ]");
    return {};
  }
  std::vector<std::string> out;
  std::unordered_set<std::string_view> seen;
  for (const YamlNode* item : items(node, what)) {
    const auto found = text(*item, fmt::format("an item of {}", what));
    if (!found) continue;
    if (seen.insert(item->text).second) {
      out.push_back(*found);
    } else {
      error(*item, fmt::format("{} is listed twice", quoted(*found)));
    }
  }
  return out;
}

bool Reader::name(const YamlNode& node, std::string_view text, std::string_view what) {
  constexpr std::size_t kLongest = 128;
  const std::size_t bad = text.find_first_of(" /*?,:'\"`\\<>|&;$(){}[]#");
  if (std::ranges::any_of(text, is_control)) {
    error(node, fmt::format("{} has a line break or control character in it", what));
  } else if (bad != std::string_view::npos) {
    error(node, fmt::format("{} cannot have '{}' in it", what, text[bad]));
  } else if (text.starts_with('@') || text.starts_with('-') || text.starts_with('.')) {
    error(node, fmt::format("{} cannot begin with '{}'", what, text[0]));
  } else if (text.size() > kLongest) {
    error(node, fmt::format("{} is longer than {} bytes", what, kLongest));
  } else {
    return true;
  }
  return false;
}

std::optional<Date> Reader::date(const YamlNode& node, std::string_view what) {
  const auto written = text(node, what);
  if (!written) return std::nullopt;
  const auto parsed = parse_date(*written);
  if (!parsed) {
    error(node, fmt::format("{} must be a day that exists, not {}", what, quoted(*written)),
          "write it as 2027-03-31");
  }
  return parsed;
}

std::optional<std::chrono::hours> Reader::duration(const YamlNode& node, std::string_view what) {
  const auto written = text(node, what);
  if (!written) return std::nullopt;
  constexpr int kLongest = 10 * 366 * 24;
  int number = 0;
  const char* end = written->data() + written->size();
  const auto [stop, status] = std::from_chars(written->data(), end, number);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  const int factor = unit == "h" ? 1 : unit == "d" ? 24 : unit == "w" ? 7 * 24 : 0;
  if (status != std::errc() || factor == 0 || number <= 0 || number > kLongest / factor) {
    error(node,
          fmt::format("{} must be a duration up to ten years, not {}", what, quoted(*written)),
          "write hours, days or weeks: 24h, 30d, 2w");
    return std::nullopt;
  }
  return std::chrono::hours(number * factor);
}

std::optional<std::string> Reader::choice(const YamlNode& node, std::string_view what,
                                          std::span<const std::string_view> words) {
  // `null` is a word here ("unlisted: null").
  const bool null_word = node.is_null() && std::ranges::find(words, node.text) != words.end();
  auto written = null_word ? std::optional(node.text) : text(node, what);
  if (!written || std::ranges::find(words, *written) != words.end()) return written;
  error(node, fmt::format("{} cannot be {}", what, quoted(*written)),
        suggestion(*written, words, fmt::format("it is one of {}", fmt::join(words, ", "))));
  return std::nullopt;
}

std::vector<YamlEntry> Reader::entries(const YamlNode& node, std::string_view what,
                                       bool may_be_null) {
  std::vector<YamlEntry> out;
  if (!node.is_mapping()) {
    if (!may_be_null || !node.is_null()) {
      error(node,
            fmt::format("{} must be a mapping of keys to values, not {}", what, kind_of(node)));
    }
    return out;
  }
  std::unordered_map<std::string_view, const YamlNode*> seen;
  for (const auto& [key, value] : node.pairs) {
    if (!key->is_scalar()) {
      error(*key, fmt::format("a key of {} must be text, not {}", what, kind_of(*key)));
    } else if (trim(key->text).empty()) {
      error(*key, fmt::format("a key of {} is empty", what));
    } else if (key->plain && key->text == "<<") {
      error(*key, "merge keys (<<) are not part of a policy", "write the keys out");
    } else if (const auto [first, fresh] = seen.emplace(key->text, key); !fresh) {
      error(*key, fmt::format("duplicate key {}", quoted(key->text)),
            fmt::format("first given on line {}", position(*first->second).line));
    } else {
      out.push_back({.name = key->text, .key = key, .value = value});
    }
  }
  return out;
}

std::span<const YamlNode* const> Reader::items(const YamlNode& node, std::string_view what,
                                               bool may_be_null) {
  if (node.is_sequence()) return node.items;
  if (!may_be_null || !node.is_null()) {
    error(node, fmt::format("{} must be a list, not {}", what, kind_of(node)),
          node.is_mapping() ? "begin each item with '- '" : "");
  }
  return {};
}

bool Reader::known(const YamlNode& node, std::string_view text, const Names& names,
                   std::string_view kind) {
  if (names.contains(text)) return true;
  if (diagnostics_.size() >= kMostDiagnostics) return false;
  std::vector<std::string_view> candidates;
  for (const auto& [name, at] : names) {
    if (candidates.size() == kMostCandidates) break;
    candidates.push_back(name);
  }
  error(node, fmt::format("no {} is called {}", kind, quoted(text)), suggestion(text, candidates));
  return false;
}

std::string Reader::suggestion(std::string_view word, std::span<const std::string_view> candidates,
                               std::string otherwise) {
  if (word.size() > kLongestWord || suggestions_left_ == 0) return otherwise;
  --suggestions_left_;
  const auto found = nearest(word, candidates);
  return found ? fmt::format("did you mean {}?", quoted(*found)) : otherwise;
}

Fields::Fields(Reader& reader, const YamlNode& node, const YamlNode& owner, std::string_view what,
               std::initializer_list<std::string_view> known)
    : reader_(reader),
      owner_(owner),
      what_(what),
      entries_(reader.entries(node, what)),
      usable_(node.is_mapping()) {
  const std::span<const std::string_view> words(known.begin(), known.size());
  for (const YamlEntry& entry : entries_) {
    if (std::ranges::find(words, entry.name) != words.end()) continue;
    unknown_ = true;
    const std::string list = fmt::format("its keys are {}", fmt::join(words, ", "));
    std::string hint = names_secret(entry.name) ? "a policy holds no passwords"
                                                : reader.suggestion(entry.name, words, list);
    hints_ += hint;
    reader.error(*entry.key, fmt::format("unknown key {} in {}", quoted(entry.name), what),
                 std::move(hint));
  }
}

const YamlNode* Fields::find(std::string_view key) const {
  const auto found = std::ranges::find(entries_, key, &YamlEntry::name);
  return found != entries_.end() ? found->value : nullptr;
}

const YamlNode* Fields::need(std::string_view key, std::string hint) const {
  const YamlNode* found = find(key);
  // One mistyped key is one mistake.
  const bool mistyped = hints_.contains(fmt::format("did you mean '{}'?", key));
  if (found == nullptr && usable_ && !mistyped) {
    reader_.error(owner_, fmt::format("{} needs the key '{}'", what_, key), std::move(hint));
  }
  return found;
}

std::string Fields::text(std::string_view key) const {
  const YamlNode* found = find(key);
  if (found == nullptr) return {};
  return reader_.text(*found, fmt::format("'{}' of {}", key, what_)).value_or("");
}

std::string Fields::need_text(std::string_view key, std::string hint) const {
  return need(key, std::move(hint)) != nullptr ? text(key) : std::string();
}

}  // namespace firebreak
