// Where the readers of matches and targets put what they read, and what is wrong with it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "rules/program.h"
#include "rules/save_rule.h"

namespace firebreak {

class RuleSink {
 public:
  RuleSink(Program& program, Rule& rule, std::vector<Diagnostic>& diagnostics, std::string where)
      : program_(program), rule_(rule), diagnostics_(diagnostics), where_(std::move(where)) {}

  [[nodiscard]] Family family() const { return program_.family; }

  template <class What>
  void add(What what, bool negated = false) {
    rule_.conditions.push_back({std::move(what), negated});
  }
  void never() { add(OnProtocol{}); }  // a condition that no packet meets
  void not_understood(std::string text) { add(NotUnderstood{std::move(text)}); }
  // One option of a match that is understood otherwise.
  void not_understood(const SaveClause& clause, const SaveOption& option);

  void set_action(Action action) { rule_.action = std::move(action); }

  // The set of that name. One that was not read is there afterwards, not understood.
  [[nodiscard]] AddressSetId set_named(std::string_view name);
  void set_changes(std::string_view name);  // packets change it: its content is not known

  // The file is broken there.
  void error(const SaveOption& option, std::string message);

 private:
  Program& program_;
  Rule& rule_;
  std::vector<Diagnostic>& diagnostics_;
  std::string where_;
};

// "-s 10.0.0.0/8 -i eth+ -p tcp".
void read_own_options(const SaveClause& clause, RuleSink& sink);
// "-m NAME …". What is not understood becomes NotUnderstood.
void read_match(const SaveClause& clause, RuleSink& sink);
// "-j NAME …" where NAME is no chain of the table.
void read_target(const SaveClause& clause, RuleSink& sink);
// A target that some iptables extension has. Anything else without options is a chain's name.
[[nodiscard]] bool is_known_target(std::string_view name);

}  // namespace firebreak
