#include "rules/nft_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace firebreak {
namespace {

struct NamedPriority {
  std::string_view name;
  int value;
};
constexpr auto kPriorities = std::to_array<NamedPriority>({{"raw", -300},
                                                           {"mangle", -150},
                                                           {"dstnat", -100},
                                                           {"filter", 0},
                                                           {"security", 50},
                                                           {"srcnat", 100}});

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// -300, "raw", "srcnat + 5".
std::optional<int> read_priority(NftJson value) {
  std::int64_t number = 0;
  if (value.get(number) == simdjson::SUCCESS) {
    constexpr std::int64_t kMost = 0x7FFFFFFF;
    if (number < -kMost || number > kMost) return std::nullopt;
    return static_cast<int>(number);
  }
  const auto text = nft_string(value);
  if (!text) return std::nullopt;
  const std::vector<std::string_view> words = split(*text, ' ');
  const auto* const named = std::ranges::find(kPriorities, words[0], &NamedPriority::name);
  if (named == kPriorities.end()) return words.size() == 1 ? whole_number(*text) : std::nullopt;
  if (words.size() == 1) return named->value;
  constexpr int kFar = 1'000'000;
  const auto offset = words.size() == 3 ? whole_number(words[2]) : std::nullopt;
  if (!offset || *offset < 0 || *offset > kFar) return std::nullopt;
  if (words[1] == "+") return named->value + *offset;
  return words[1] == "-" ? std::optional(named->value - *offset) : std::nullopt;
}

// nft 1.0.6 prints nonsense for the flags of a table (json.c passes a wrong pointer).
NftListedTable::Dormant read_dormant(NftJson table) {
  const auto flags = nft_member(table, "flags");
  if (!flags) return NftListedTable::Dormant::kNo;
  const auto words = nft_words(flags);
  if (!words) return NftListedTable::Dormant::kUnknown;
  bool clear = true;
  for (const std::string_view word : *words) {
    if (word == "dormant") return NftListedTable::Dormant::kYes;
    clear = clear && (word == "owner" || word == "persist");
  }
  return clear ? NftListedTable::Dormant::kNo : NftListedTable::Dormant::kUnknown;
}

bool only_counts(NftJson statement) {
  const auto named = nft_named(statement);
  return named && named->name == "counter";
}

class NftDocumentReader {
 public:
  explicit NftDocumentReader(NftDocument& out) : out_(out) {}

  std::vector<std::string> read(NftJson root) {
    const auto list = nft_member(root, "nftables");
    const auto items = list ? nft_list(*list) : std::nullopt;
    if (!items) return {R"(not what nft prints: {"nftables": [...]} is expected)"};
    for (const NftJson item : *items) {
      place_ = fmt::format("$.nftables[{}]", number_++);
      const auto named = nft_named(item);
      if (named) {
        read_object(*named);
      } else {
        error("an object with one member is expected");
      }
    }
    for (const auto& [set, updated] : updated_) {
      const auto found = out_.sets.find(set);
      if (found != out_.sets.end()) found->second.changes = true;
    }
    return std::move(errors_);
  }

 private:
  void error(std::string_view what) { errors_.push_back(fmt::format("{}: {}", place_, what)); }

  void read_object(const NftNamed& object) {
    const auto& [kind, body] = object;
    if (kind == "table") return read_table(body);
    if (kind != "chain" && kind != "rule" && kind != "set" && kind != "map" && kind != "element" &&
        kind != "limit") {
      return;  // "metainfo", "counter", "flowtable", … do nothing by themselves
    }
    const auto table = table_of(body);
    if (!table) return;
    const auto name = nft_string(body, kind == "rule" ? "chain" : "name");
    if (!name) return error(fmt::format("a {} without a name", kind));
    const NftDocument::Name key{*table, std::string(*name)};
    if (kind == "chain") return read_chain(body, key);
    if (kind == "rule") return read_rule(body, key);
    if (kind == "limit") {
      const auto inverted = nft_member(body, "inv");
      bool over = false;
      if (inverted && inverted->get(over) != simdjson::SUCCESS) over = false;
      out_.limits[key] = over;
      return;
    }
    read_set(body, key);
  }

  void read_table(NftJson body) {
    const auto family = nft_string(body, "family");
    const auto name = nft_string(body, "name");
    if (!family || !name) return error("a table needs a family and a name");
    const auto key = std::pair(std::string(*family), std::string(*name));
    if (!tables_.emplace(key, out_.tables.size()).second)
      return error("this table was there before");
    out_.tables.push_back({key.first, key.second, read_dormant(body)});
  }

  std::optional<std::size_t> table_of(NftJson body) {
    const auto family = nft_string(body, "family");
    const auto name = nft_string(body, "table");
    if (!family || !name) {
      error("no family and table are given");
      return std::nullopt;
    }
    const auto found = tables_.find(std::pair(std::string(*family), std::string(*name)));
    if (found != tables_.end()) return found->second;
    error(fmt::format("there is no table '{} {}'", *family, *name));
    return std::nullopt;
  }

  void read_chain(NftJson body, const NftDocument::Name& key) {
    if (!out_.chain_of.emplace(key, out_.chains.size()).second) {
      return error(fmt::format("chain '{}' was there before", key.second));
    }
    out_.chains.push_back({.table = key.first, .name = key.second, .hook = {}, .rules = {}});
    if (!nft_member(body, "hook")) return;
    const auto hook = nft_string(body, "hook");
    const auto type = nft_string(body, "type");
    const auto priority = nft_member(body, "prio");
    const auto value = priority ? read_priority(*priority) : std::nullopt;
    if (!hook || !type) return error("a base chain needs a hook and a type");
    if (!value) return error("a base chain needs a priority");
    const std::string_view policy = nft_string(body, "policy").value_or("accept");
    if (policy != "accept" && policy != "drop")
      return error("the policy is neither accept nor drop");
    out_.chains.back().hook = {std::string(*hook), std::string(*type), *value, policy == "accept"};
  }

  void read_rule(NftJson body, const NftDocument::Name& key) {
    const auto chain = out_.chain_of.find(key);
    if (chain == out_.chain_of.end()) {
      return error(fmt::format("there is no chain '{}' in this table", key.second));
    }
    const auto expression = nft_member(body, "expr");
    auto statements = expression ? nft_list(*expression) : std::nullopt;
    if (!statements) return error("a rule without a list of expressions");
    for (std::size_t i = 0; i < statements->size(); ++i) {
      const auto statement = nft_named((*statements)[i]);
      if (!statement) {
        return error(fmt::format("expression {} is not an object with one member", i));
      }
      note_update(*statement, key.first);
    }
    const auto handle = nft_member(body, "handle");
    out_.chains[chain->second].rules.push_back(
        {.handle = handle ? nft_json_text(*handle) : "?", .statements = *std::move(statements)});
  }

  // {"set": {"op": "add", "elem": …, "set": "@seen"}}: packets change the set.
  void note_update(const NftNamed& statement, std::size_t table) {
    if (statement.name != "set" && statement.name != "map") return;
    const auto name = nft_string(statement.value, statement.name);
    if (name && name->starts_with('@')) updated_[{table, std::string(name->substr(1))}] = true;
  }

  void read_set(NftJson body, const NftDocument::Name& key) {
    NftSet& set = out_.sets[key];
    const auto flags = nft_words(nft_member(body, "flags"));
    const auto has = [&](std::string_view flag) {
      return std::ranges::find(*flags, flag) != flags->end();
    };
    if (!flags || has("dynamic") || has("timeout") || nft_member(body, "timeout")) {
      set.changes = true;
    }
    const auto statements = nft_member(body, "stmt");
    if (statements) {
      const auto list = nft_list(*statements);
      if (!list || !std::ranges::all_of(*list, only_counts)) set.changes = true;
    }
    const auto elements = nft_member(body, "elem");
    if (!elements) return;
    const auto list = nft_list(*elements);
    if (!list) return error("the elements are not a list");
    set.elements.insert(set.elements.end(), list->begin(), list->end());
    for (const NftJson element : *list) {
      const auto pair = nft_list(element);
      if (carries_more(pair && !pair->empty() ? pair->front() : element)) set.changes = true;
    }
  }

  // {"elem": {"val": …, "timeout": 60}}.
  static bool carries_more(NftJson element) {
    const auto body = nft_member(element, "elem");
    simdjson::dom::object object;
    if (!body || body->get(object) != simdjson::SUCCESS) return false;
    return std::ranges::any_of(object, [](const auto& member) {
      return member.key != "val" && member.key != "comment" && member.key != "counter";
    });
  }

  NftDocument& out_;
  std::string place_;
  std::size_t number_ = 0;
  std::map<std::pair<std::string, std::string>, std::size_t> tables_;
  std::map<NftDocument::Name, bool> updated_;  // sets that rules change
  std::vector<std::string> errors_;
};

}  // namespace

NftJson nft_bare_element(NftJson element) {
  const auto body = nft_member(element, "elem");
  const auto value = body ? nft_member(*body, "val") : std::nullopt;
  return value.value_or(element);
}

std::vector<std::string> read_nft_document(NftJson root, NftDocument& out) {
  return NftDocumentReader(out).read(root);
}

std::optional<NftSet> nft_set_of(const NftDocument& document, std::size_t table, NftJson value) {
  NftSet out;
  if (const auto name = nft_string(value)) {
    if (!name->starts_with('@')) return std::nullopt;
    const auto found = document.sets.find({table, std::string(name->substr(1))});
    if (found == document.sets.end()) return std::nullopt;
    out = found->second;
  } else {
    const auto set = nft_member(value, "set");
    auto list = set ? nft_list(*set) : std::nullopt;
    if (!list) return std::nullopt;
    out.elements = *std::move(list);
  }
  for (NftJson& element : out.elements) element = nft_bare_element(element);
  return out;
}

std::optional<NftElement> nft_map_element(NftJson element) {
  const auto pair = nft_list(element);
  if (!pair || pair->size() != 2) return std::nullopt;
  return NftElement{nft_bare_element((*pair)[0]), (*pair)[1]};
}

}  // namespace firebreak
