#include "rules/nft.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "base/text.h"
#include "rules/iptables_hooks.h"
#include "rules/loops.h"
#include "rules/nft_context.h"
#include "rules/nft_elsewhere.h"
#include "rules/nft_text.h"
#include "rules/nft_writer.h"

namespace firebreak {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20U;
constexpr std::size_t kDeepestJson = 64;

std::optional<BaseChain::Kind> kind_of(std::string_view type) {
  if (type == "filter") return BaseChain::Kind::kFilter;
  if (type == "nat") return BaseChain::Kind::kNat;
  if (type == "route") return BaseChain::Kind::kRoute;
  return std::nullopt;
}

// Turns a document into chains and rules.
class RulesetWriter {
 public:
  RulesetWriter(const NftDocument& document, Program& program)
      : document_(document),
        program_(program),
        first_chain_(program.chains.size()),
        context_{.program = program, .document = document, .chains = {}, .sets = {}} {}

  std::vector<std::string> write() {
    add_chains();
    for (const auto& [number, id] : context_.chains) add_rules(number, id);
    if (context_.exhausted) errors_.emplace_back("the rule set is too large to be written out");
    if (errors_.empty()) report_loop();
    sort_base_chains(program_);
    return std::move(errors_);
  }

 private:
  // Of base chains with the same priority the one that was made last runs first
  // (net/netfilter/core.c, nf_hook_entries_grow), and nft lists in the order of making.
  void add_chains() {
    for (std::size_t i = document_.chains.size(); i-- > 0;) {
      const NftChain& chain = document_.chains[i];
      if (!nft_counts_for(document_.tables[chain.table], program_.family)) continue;
      const NftListedTable& table = document_.tables[chain.table];
      program_.chains.push_back({.table = table.text(), .name = chain.name, .rules = {}});
      const ChainId id(program_.chains.size() - 1);
      context_.chains.emplace(i, id);
      if (chain.hook) add_base_chain(chain, id);
    }
  }

  void add_base_chain(const NftChain& chain, ChainId id) {
    const NftHook& from = *chain.hook;
    const auto hook = nft_hook(from.hook);
    const auto kind = kind_of(from.type);
    if (!kind)
      errors_.push_back(fmt::format("{}: no chain is of type '{}'", place(chain), from.type));
    if (!hook && from.hook != "ingress" && from.hook != "egress") {
      errors_.push_back(fmt::format("{}: there is no hook '{}'", place(chain), from.hook));
    }
    if (!hook || !kind) return;
    program_.base_chains.push_back({.hook = *hook,
                                    .priority = from.priority,
                                    .kind = *kind,
                                    .policy_accepts = from.policy_accepts,
                                    .chain = id});
    if (document_.tables[chain.table].dormant != NftListedTable::Dormant::kUnknown) return;
    const std::string text = "the table may be dormant";
    program_.chains[id.index()].rules.push_back({.conditions = {{NotUnderstood{text}, false}},
                                                 .action = Verdict::kAccept,
                                                 .text = text,
                                                 .line = 0});
  }

  void add_rules(std::size_t number, ChainId id) {
    const NftChain& chain = document_.chains[number];
    for (const NftRule& rule : chain.rules) {
      if (context_.exhausted) return;
      std::vector<std::string> errors;
      NftRuleWriter(context_, chain.table, id, rule, errors).write();
      for (const std::string& error : errors) {
        errors_.push_back(fmt::format("{}, rule {}: {}", place(chain), rule.handle, error));
      }
    }
  }

  void report_loop() {
    const auto loop = find_loop(program_, first_chain_);
    if (!loop) return;
    const Chain& chain = program_.chains[loop->chain.index()];
    errors_.push_back(fmt::format("table {}, chain {}: it leads back to itself by '{}'",
                                  chain.table, chain.name, chain.rules[loop->rule].text));
  }

  std::string place(const NftChain& chain) const {
    return fmt::format("table {}, chain {}", document_.tables[chain.table].text(), chain.name);
  }

  const NftDocument& document_;
  Program& program_;
  std::size_t first_chain_;
  NftContext context_;
  std::vector<std::string> errors_;
};

Diagnostic diagnostic_of(std::string_view where, std::string message) {
  return {.level = Diagnostic::Level::kError,
          .file = std::string(where),
          .line = 0,
          .column = 0,
          .length = 1,
          .message = std::move(message),
          .hint = {}};
}

// What is wrong with text that is not JSON.
std::string why_not_json(std::string_view json, simdjson::error_code error) {
  const std::size_t bad = first_invalid_utf8(json);
  if (bad < json.size()) return fmt::format("not JSON: byte {} is not UTF-8", bad + 1);
  return fmt::format("not JSON, or cut off after {} bytes: {}", json.size(),
                     simdjson::error_message(error));
}

}  // namespace

NftReading parse_nft_ruleset(std::string_view json, std::string_view where, Program& into) {
  NftReading out;
  const auto fail = [&](std::string message) {
    out.diagnostics.push_back(diagnostic_of(where, std::move(message)));
  };
  if (trim(json).empty()) return out;
  if (json.size() > kMostBytes) {
    fail("more text than nft prints of any rule set that a machine can run");
    return out;
  }
  const simdjson::padded_string padded(json);
  simdjson::dom::parser parser;
  NftJson root;
  auto error = parser.allocate(json.size(), kDeepestJson);
  if (error == simdjson::SUCCESS) error = parser.parse(padded).get(root);
  if (error != simdjson::SUCCESS) {
    fail(why_not_json(json, error));
    return out;
  }
  NftDocument document;
  std::vector<std::string> errors = read_nft_document(root, document);
  Program program = into;
  if (errors.empty()) errors = RulesetWriter(document, program).write();
  for (std::string& each : errors) fail(std::move(each));
  if (!errors.empty()) return out;
  into = std::move(program);
  out.not_followed = nft_elsewhere(document, into.family);
  return out;
}

}  // namespace firebreak
