#include "rules/rule_sink.h"

#include <algorithm>

namespace firebreak {

void RuleSink::not_understood(const SaveClause& clause, const SaveOption& option) {
  const std::string match = clause.name.empty() ? "" : "-m " + std::string(clause.name) + " ";
  not_understood(match + option.text);
}

AddressSetId RuleSink::set_named(std::string_view name) {
  const auto found = std::ranges::find(program_.sets, name, &AddressSet::name);
  if (found != program_.sets.end()) {
    return AddressSetId(static_cast<std::size_t>(found - program_.sets.begin()));
  }
  program_.sets.push_back({.name = std::string(name), .elements = {}, .understood = false});
  return AddressSetId(program_.sets.size() - 1);
}

void RuleSink::set_changes(std::string_view name) {
  program_.sets[set_named(name).index()].understood = false;
}

void RuleSink::error(const SaveOption& option, std::string message) {
  diagnostics_.push_back({.level = Diagnostic::Level::kError,
                          .file = where_,
                          .line = rule_.line,
                          .column = option.column,
                          .length = static_cast<int>(option.text.size()),
                          .message = std::move(message),
                          .hint = {}});
}

}  // namespace firebreak
