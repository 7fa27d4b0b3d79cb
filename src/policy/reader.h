// Typed access to the nodes of a policy: every mistake becomes a diagnostic and reading goes on.
#pragma once

#include <chrono>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "policy/policy.h"
#include "policy/redact.h"
#include "policy/yaml.h"

namespace firebreak {

// One key and its value.
struct YamlEntry {
  std::string name;
  const YamlNode* key = nullptr;    // never null
  const YamlNode* value = nullptr;  // never null
};

// Things that the policy declares, by name, and that other parts may refer to.
using Names = std::map<std::string, const YamlNode*, std::less<>>;

class Reader {
 public:
  // `source` outlives the reader.
  Reader(std::string_view source, std::vector<Diagnostic>& diagnostics);

  void error(const YamlNode& at, std::string message, std::string hint = {});
  void warning(const YamlNode& at, std::string message, std::string hint = {});
  [[nodiscard]] Position position(const YamlNode& node) const;

  // Each of these reports what is wrong, calling the thing `what` ("the tier"), and then returns
  // nothing (nullopt, or the parts that are right).
  // Text that is not empty and has no control characters.
  [[nodiscard]] std::optional<std::string> text(const YamlNode& node, std::string_view what);
  [[nodiscard]] std::vector<std::string> texts(const YamlNode& node, std::string_view what);
  // A name that other parts refer to and that reports show as "production/db": no blanks, slashes,
  // globs.
  [[nodiscard]] bool name(const YamlNode& node, std::string_view text, std::string_view what);
  [[nodiscard]] std::optional<Date> date(const YamlNode& node, std::string_view what);
  // "24h", "30d", "2w": whole and more than nothing, ten years at most.
  [[nodiscard]] std::optional<std::chrono::hours> duration(const YamlNode& node,
                                                           std::string_view what);
  // One of `words`.
  [[nodiscard]] std::optional<std::string> choice(const YamlNode& node, std::string_view what,
                                                  std::span<const std::string_view> words);
  // Entries of a mapping in the file's order. Keys are text, not empty, each given once; `<<` is
  // refused. A value of nothing at all counts as an empty mapping if `may_be_null`.
  [[nodiscard]] std::vector<YamlEntry> entries(const YamlNode& node, std::string_view what,
                                               bool may_be_null = false);
  [[nodiscard]] std::span<const YamlNode* const> items(const YamlNode& node, std::string_view what,
                                                       bool may_be_null = false);
  // Whether `names` has `text`; reports "no environment is called 'x'" otherwise.
  bool known(const YamlNode& node, std::string_view text, const Names& names,
             std::string_view kind);

  // "did you mean 'x'?", or `otherwise`. Bounded work, whatever the policy's size.
  [[nodiscard]] std::string suggestion(std::string_view word,
                                       std::span<const std::string_view> candidates,
                                       std::string otherwise = {});

 private:
  void add(Diagnostic::Level level, const YamlNode& at, std::string message, std::string hint);

  std::string_view source_;
  LineTable lines_;
  std::vector<Diagnostic>& diagnostics_;
  int suggestions_left_;
};

// The fields of a mapping whose keys are fixed. Reports unknown keys at once.
class Fields {
 public:
  // `owner` is where a missing field is reported: the key that has this mapping as its value.
  Fields(Reader& reader, const YamlNode& node, const YamlNode& owner, std::string_view what,
         std::initializer_list<std::string_view> known);

  [[nodiscard]] const YamlNode* find(std::string_view key) const;  // null if absent
  // Reports when it is absent.
  [[nodiscard]] const YamlNode* need(std::string_view key, std::string hint = {}) const;
  // Some key is not one of the known ones.
  [[nodiscard]] bool has_unknown() const { return unknown_; }
  // The text of a field; empty if absent or wrong (which is reported).
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::string need_text(std::string_view key, std::string hint = {}) const;

 private:
  Reader& reader_;
  const YamlNode& owner_;
  std::string what_;
  std::vector<YamlEntry> entries_;
  bool usable_;
  bool unknown_ = false;
  std::string hints_;  // those given for unknown keys
};

}  // namespace firebreak
