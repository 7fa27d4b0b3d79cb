#include "rules/iptables.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "rules/iptables_hooks.h"
#include "rules/loops.h"
#include "rules/rule_sink.h"
#include "rules/save_words.h"

namespace firebreak {
namespace {

constexpr std::string_view kNotShown = "# Table `";

class TablesParser {
 public:
  TablesParser(std::string_view text, const std::string& where, Program& program)
      : text_(text), where_(where), program_(program), first_chain_(program.chains.size()) {}

  std::vector<Diagnostic> parse() {
    int number = 0;
    while (const auto line = next_line(text_, number)) {
      line_ = *line;
      read_line();
    }
    if (!table_.empty()) {
      line_ = table_line_;
      error(fmt::format("table '{}' has no COMMIT: the text is cut off", table_));
    }
    if (diagnostics_.empty()) report_loop();
    sort_base_chains(program_);
    return std::move(diagnostics_);
  }

 private:
  void error(std::string message, int column = 1, std::size_t length = 1) {
    diagnostics_.push_back({.level = Diagnostic::Level::kError,
                            .file = where_,
                            .line = line_.number,
                            .column = column,
                            .length = static_cast<int>(std::max<std::size_t>(length, 1)),
                            .message = std::move(message),
                            .hint = {}});
  }

  void read_line() {
    const std::string_view text = trim(line_.text);
    if (!line_.closed) return error("a quote is opened and not closed", 1, line_.text.size());
    if (text.empty()) return;
    if (text.front() == '#') return read_comment(text);
    if (text.front() == '*') return open_table(text.substr(1));
    if (table_.empty()) return unknown_line();
    if (text == "COMMIT") return commit();
    if (text.front() == ':') return declare_chain();
    read_rule();
  }

  void unknown_line() { error("not a line of iptables-save", 1, line_.text.size()); }

  // "# Table `nat' is incompatible, use 'nft' tool." or "contains incompatible base-chains": there
  // are rules that the tool does not show.
  void read_comment(std::string_view text) {
    if (!text.starts_with(kNotShown) || !text.contains(" incompatible")) return;
    const std::string_view name = text.substr(kNotShown.size(), text.find('\'') - kNotShown.size());
    Chain chain{.table = std::string(name), .name = "(not shown)", .rules = {}};
    chain.rules.push_back({.conditions = {},
                           .action = NotUnderstood{std::string(text.substr(2))},
                           .text = std::string(text.substr(2)),
                           .line = line_.number});
    program_.chains.push_back(std::move(chain));
    const ChainId id(program_.chains.size() - 1);
    for (const Hook hook :
         {Hook::kPrerouting, Hook::kInput, Hook::kForward, Hook::kOutput, Hook::kPostrouting}) {
      constexpr int kFirst = -1000;  // nothing that follows is certain
      program_.base_chains.push_back({.hook = hook, .priority = kFirst, .chain = id});
    }
  }

  void open_table(std::string_view name) {
    if (!table_.empty()) error(fmt::format("table '{}' has no COMMIT", table_));
    table_ = name;
    table_line_ = line_;
    chains_.clear();
    pending_.clear();
    if (!is_iptables_table(name)) error("there is no such table", 2, name.size());
    if (!seen_.insert(std::string(name)).second) error("this table was there before");
  }

  void commit() {
    for (const Pending& jump : pending_) {
      line_ = jump.line;
      const auto found = chains_.find(jump.target);
      if (found == chains_.end() || found->second.built_in) {
        error(fmt::format("there is no chain '{}' to jump to in table '{}'", jump.target, table_),
              jump.column, line_.text.size());
        continue;
      }
      rule_at(jump).action = Jump{found->second.id, jump.no_return};
    }
    table_.clear();
  }

  // ":FORWARD DROP [0:0]", ":DOCKER - [0:0]".
  void declare_chain() {
    const std::vector<SaveWord> words = words_of(line_.text);
    const std::string name = words[0].text.substr(1);
    if (name.empty() || words.size() < 2 || words.size() > 3) return unknown_line();
    auto base = built_in_chain(table_, name);
    const std::string& policy = words[1].text;
    const bool policy_fits = base ? policy == "ACCEPT" || policy == "DROP" : policy == "-";
    if (!policy_fits) {
      error(base ? "the policy is neither ACCEPT nor DROP" : "only built-in chains have a policy",
            words[1].column, policy.size());
    }
    program_.chains.push_back({.table = table_, .name = name, .rules = {}});
    const ChainId id(program_.chains.size() - 1);
    if (!chains_.emplace(name, Declared{id, base.has_value()}).second) {
      error(fmt::format("chain '{}' was declared before", name), words[0].column, name.size() + 1);
    }
    if (!base) return;
    base->policy_accepts = policy == "ACCEPT";
    base->chain = id;
    program_.base_chains.push_back(*base);
  }

  void read_rule() {
    std::vector<SaveWord> words = words_of(line_.text);
    if (words.front().text.starts_with('[')) words.erase(words.begin());  // counters
    if (words.size() < 2 || !words[0].is("-A")) return unknown_line();
    const auto chain = chains_.find(words[1].text);
    if (chain == chains_.end()) {
      return error(fmt::format("chain '{}' was not declared", words[1].text), words[1].column,
                   words[1].raw.size());
    }
    const SaveRule parts = take_apart(words);
    std::vector<Rule>& rules = program_.chains[chain->second.id.index()].rules;
    rules.push_back({.conditions = {}, .action = Verdict::kGoOn, .text = parts.text});
    rules.back().line = line_.number;
    RuleSink sink(program_, rules.back(), diagnostics_, where_);
    read_own_options(parts.own, sink);
    for (const SaveClause& match : parts.matches) read_match(match, sink);
    if (is_jump(parts)) {
      pending_.push_back({.chain = chain->second.id,
                          .rule = rules.size() - 1,
                          .target = std::string(parts.target.name),
                          .no_return = parts.no_return,
                          .column = parts.target.column,
                          .line = line_});
    } else {
      read_target(parts.target, sink);
    }
  }

  // A chain may be declared below, and may have the name of an extension; options make it one.
  bool is_jump(const SaveRule& rule) const {
    if (rule.no_return) return true;
    if (rule.target.name.empty()) return false;
    const auto found = chains_.find(std::string(rule.target.name));
    if (found != chains_.end() && !found->second.built_in) return true;
    return rule.target.options.empty() && !is_known_target(rule.target.name);
  }

  void report_loop() {
    const auto loop = find_loop(program_, first_chain_);
    if (!loop) return;
    const Chain& chain = program_.chains[loop->chain.index()];
    line_.number = chain.rules[loop->rule].line;
    error(fmt::format("chain '{}' leads back to itself here", chain.name));
  }

  struct Declared {
    ChainId id;
    bool built_in = false;
  };
  struct Pending {
    ChainId chain;
    std::size_t rule = 0;
    std::string target;
    bool no_return = false;
    int column = 1;
    SaveLine line;
  };
  Rule& rule_at(const Pending& jump) {
    return program_.chains[jump.chain.index()].rules[jump.rule];
  }

  std::string_view text_;
  const std::string& where_;
  Program& program_;
  std::size_t first_chain_;
  SaveLine line_;
  SaveLine table_line_;
  std::string table_;  // the one that is open; empty: none
  std::set<std::string> seen_;
  std::map<std::string, Declared> chains_;  // of the open table
  std::vector<Pending> pending_;            // its jumps
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace

std::vector<Diagnostic> parse_iptables_save(std::string_view text, const std::string& where,
                                            Program& into) {
  Program program = into;
  std::vector<Diagnostic> diagnostics = TablesParser(text, where, program).parse();
  if (diagnostics.empty()) into = std::move(program);
  return diagnostics;
}

std::string iptables_without_comments(std::string_view text) {
  std::string out;
  int number = 0;
  while (const auto line = next_line(text, number)) {
    if (line->text.starts_with('#') && !line->text.starts_with(kNotShown)) continue;
    const std::vector<SaveWord> words = words_of(line->text);
    const auto rule = std::ranges::find_if(words, [](const auto& word) { return word.is("-A"); });
    if (rule == words.end() || words.end() - rule < 2) {
      out += line->text;
    } else {
      if (rule != words.begin()) out += std::string(words.front().raw) + " ";
      out += take_apart(std::span(rule, words.end())).text;
    }
    out += '\n';
  }
  return out;
}

}  // namespace firebreak
