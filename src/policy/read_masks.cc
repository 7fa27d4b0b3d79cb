// masks: checked for form. What the transformers mean is decided by the parts that mask.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policy/sections.h"

namespace firebreak {
namespace {

constexpr std::array<std::string_view, 3> kUnlisted = {"refuse", "keep", "null"};

// A transformer's name: lower case, digits, underscores. `null` is one.
void check_transformer(Reader& reader, const YamlNode& node) {
  if (node.is_null() && node.text == "null") return;
  const auto word = reader.text(node, "a mask");
  if (!word) return;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (!std::ranges::all_of(*word, fits)) {
    reader.error(node, fmt::format("{} is not the name of a mask", quoted(*word)),
                 "names are lower case with underscores, like first_name");
  }
}

void check_parameter(Reader& reader, const YamlEntry& entry) {
  const YamlNode& value = *entry.value;
  const bool list = value.is_sequence() && std::ranges::all_of(value.items, &YamlNode::is_scalar);
  if (!value.is_scalar() && !list) {
    reader.error(value, fmt::format("parameter {} must be text, a number or a list of them",
                                    quoted(entry.name)));
  } else if (value.is_null() && value.text != "null") {
    reader.error(value, fmt::format("parameter {} is empty", quoted(entry.name)));
  }
}

// `word`, `{as: word, parameter: value}`, or `{json: {path: rule}}` (once, not inside itself).
void check_rule(Reader& reader, const YamlNode& node, bool json_allowed) {
  if (node.is_scalar()) return check_transformer(reader, node);
  const auto entries = reader.entries(node, "a mask");
  if (!node.is_mapping()) return;
  const auto named = [&](std::string_view key) {
    const auto found = std::ranges::find(entries, key, &YamlEntry::name);
    return found != entries.end() ? &*found : nullptr;
  };
  if (const YamlEntry* json = named("json"); json != nullptr && json_allowed) {
    if (entries.size() > 1) reader.error(node, "a mask for JSON has no key but 'json'");
    for (const YamlEntry& path : reader.entries(*json->value, "'json'")) {
      check_rule(reader, *path.value, false);
    }
  } else if (const YamlEntry* as = named("as")) {
    if (as->value->is_scalar()) {
      check_transformer(reader, *as->value);
    } else {
      reader.error(*as->value, "'as' must be the name of a mask");
    }
    for (const YamlEntry& entry : entries) {
      if (&entry != as) check_parameter(reader, entry);
    }
  } else {
    reader.error(node, "a mask with parameters needs 'as', the name of the mask",
                 "for example {as: phone, keep_prefix: 3}");
  }
}

void check_table(Reader& reader, const YamlEntry& table) {
  if (table.value->is_scalar()) return check_transformer(reader, *table.value);  // drop_rows
  for (const YamlEntry& column : reader.entries(*table.value, "a table")) {
    check_rule(reader, *column.value, true);
  }
}

}  // namespace

void read_masks(Reader& reader, const YamlNode& node, Draft& draft) {
  for (const YamlEntry& entry : reader.entries(node, "'masks'", true)) {
    draft.masks.emplace(entry.name, entry.key);
    if (!reader.name(*entry.key, entry.name, "the name of a set of masks")) continue;
    const Fields fields(reader, *entry.value, *entry.key, "a set of masks",
                        {"unlisted", "max_age", "tables"});
    if (const YamlNode* unlisted = fields.find("unlisted")) {
      (void)reader.choice(*unlisted, "'unlisted'", kUnlisted);
    }
    if (const YamlNode* age = fields.find("max_age")) (void)reader.duration(*age, "'max_age'");
    if (const YamlNode* tables = fields.need("tables")) {
      for (const YamlEntry& table : reader.entries(*tables, "'tables'", true)) {
        check_table(reader, table);
      }
    }
    draft.policy.mask_sets.push_back(entry.name);
  }
}

}  // namespace firebreak
