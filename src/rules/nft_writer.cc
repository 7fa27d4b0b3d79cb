#include "rules/nft_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/nft_text.h"
#include "rules/nft_values.h"

namespace firebreak {
namespace {

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// They change nothing that decides about the packet at hand.
constexpr auto kHarmless = std::to_array<std::string_view>(
    {"log", "last", "continue", "ct helper", "ct timeout", "ct expectation"});
// Whether the packet comes further is not known; it is not changed.
constexpr auto kDoubtful = std::to_array<std::string_view>({"flow", "quota"});

// nullopt: the condition does not say which ICMP type.
bool add_code(std::vector<Condition>& way, std::uint8_t code) {
  for (Condition& condition : way) {
    auto* const icmp = std::get_if<OnIcmpType>(&condition.what);
    if (icmp == nullptr || condition.negated || icmp->code) continue;
    icmp->code = code;
    return true;
  }
  return false;
}

// `ct count N`, `ct count over N`: the connection itself is counted.
std::optional<bool> count_when_idle(NftJson body) {
  const auto value = nft_member(body, "val");
  const auto most = value ? nft_number(*value) : std::nullopt;
  if (!most) return std::nullopt;
  const auto inverted = nft_member(body, "inv");
  bool over = false;
  if (inverted && inverted->get(over) != simdjson::SUCCESS) return std::nullopt;
  return over == (*most == 0);
}

}  // namespace

void NftRuleWriter::write() {
  for (at_ = 0; at_ < rule_.statements.size() && !done_ && !ways_.empty(); ++at_) {
    if (const auto named = nft_named(rule_.statements[at_])) statement(*named);
  }
}

void NftRuleWriter::statement(const NftNamed& statement) {
  const auto& [name, body] = statement;
  if (is_one_of(kHarmless, name)) return;
  if (verdict(statement) || nat(statement) || bound(statement)) return;
  if (name == "match") return match(body);
  if (name == "vmap") return vmap(body);
  if (name == "mangle") return mangle(body);
  if (name == "set" || name == "map") return touch_set(body);
  if (name == "notrack") return change(NoTrack{});
  if (name == "counter" && !nft_member(body, "map")) return;
  const bool xt_match = name == "xt" && nft_string(body, "type") == "match";
  if (is_one_of(kDoubtful, name) || name == "counter" || xt_match) {
    return require_not_understood(nft_json_text(rule_.statements[at_]));
  }
  lost();
}

bool NftRuleWriter::verdict(const NftNamed& statement) {
  if (statement.name == "reject") {
    reject(statement.value);
    return true;
  }
  if (statement.name != "accept" && statement.name != "drop" && statement.name != "return" &&
      statement.name != "jump" && statement.name != "goto") {
    return false;
  }
  const auto action = verdict_action(rule_.statements[at_]);
  if (!action) {
    stop();
  } else if (statement.name == "return" || statement.name == "goto") {
    leave(*action);
  } else {
    end_with(*action);
  }
  return true;
}

// What a verdict says, in a rule or in a map. nullopt: an error.
std::optional<Action> NftRuleWriter::verdict_action(NftJson verdict) {
  const auto named = nft_named(verdict);
  const std::string_view name = named ? named->name : "";
  if (name == "accept") return Verdict::kAccept;
  if (name == "drop") return Verdict::kDrop;
  if (name == "return") return Verdict::kReturn;
  if (name == "continue") return Verdict::kGoOn;
  if (name != "jump" && name != "goto") return NotUnderstood{nft_json_text(verdict)};
  const std::string target(nft_string(named->value, "target").value_or(""));
  const auto found = context_.document.chain_of.find({table_, target});
  if (found == context_.document.chain_of.end()) {
    errors_.push_back(fmt::format("there is no chain '{}' to go to", target));
    return std::nullopt;
  }
  if (context_.document.chains[found->second].hook) {
    errors_.push_back(fmt::format("chain '{}' is a base chain: no rule can go there", target));
    return std::nullopt;
  }
  return Jump{context_.chains.at(found->second), name == "goto"};
}

void NftRuleWriter::reject(NftJson body) {
  const std::string_view type = nft_string(body, "type").value_or("");
  const bool v6 = context_.family() == Family::kV6;
  if ((type == "icmp" && v6) || (type == "icmpv6" && !v6)) return stop();
  constexpr std::uint8_t kTcp = 6;
  if (type == "tcp reset") require({{{{OnProtocol{{kTcp}}, false}}}}, "");
  end_with(Verdict::kReject);
}

bool NftRuleWriter::bound(const NftNamed& statement) {
  const auto& [name, body] = statement;
  std::optional<bool> when_idle;
  if (name == "limit") {
    const auto object = nft_string(body);
    if (object) {
      const auto found = context_.document.limits.find({table_, std::string(*object)});
      if (found != context_.document.limits.end()) when_idle = !found->second;
    } else if (!nft_member(body, "map")) {
      const auto inverted = nft_member(body, "inv");
      bool over = false;
      if (!inverted || inverted->get(over) == simdjson::SUCCESS) when_idle = !over;
    }
  } else if (name == "ct count") {
    when_idle = count_when_idle(body);
  } else {
    return false;
  }
  if (!when_idle) {
    require_not_understood(nft_json_text(rule_.statements[at_]));
  } else {
    require({{{{OnRate{*when_idle}, false}}}}, "");
  }
  return true;
}

void NftRuleWriter::match(NftJson body) {
  const auto left = nft_member(body, "left");
  const std::vector<NftKey> keys =
      left ? nft_keys(*left, context_.family()) : std::vector<NftKey>{};
  if (!require_keys(keys)) return;
  if (keys.size() == 1 && keys[0].kind == NftKey::Kind::kIcmpCode &&
      nft_string(body, "op") == "==") {
    const auto right = nft_member(body, "right");
    const auto code = right ? nft_icmp_code(*right, keys[0].v6_types) : std::nullopt;
    NftWays with_code = ways_;
    const bool all = code && std::ranges::all_of(with_code, [&](std::vector<Condition>& way) {
                       return add_code(way, *code);
                     });
    if (all) {
      ways_ = std::move(with_code);
      return;
    }
  }
  auto ways = keys.empty() ? std::nullopt : nft_match(context_, table_, keys, body);
  require(std::move(ways), nft_json_text(rule_.statements[at_]));
}

// {"op": "add", "set": "@seen", "elem": …, "stmt": […]}: with a bound of its own, what follows
// happens within that bound.
void NftRuleWriter::touch_set(NftJson body) {
  const std::string_view op = nft_string(body, "op").value_or("");
  const std::string text = nft_json_text(rule_.statements[at_]);
  if (op != "add" && op != "update") return require_not_understood(text);
  const auto element = nft_member(body, "elem");
  const auto inner = element ? nft_member(*element, "elem") : std::nullopt;
  const auto value = inner ? nft_member(*inner, "val") : element;
  if (value && !require_keys(nft_keys(*value, context_.family()))) return;
  const auto statements = nft_member(body, "stmt");
  const auto list = statements ? nft_list(*statements) : std::vector<NftJson>{};
  if (!list) return require_not_understood(text);
  for (const NftJson each : *list) {
    const auto named = nft_named(each);
    if (named && named->name == "counter") continue;
    if (!named || !bound(*named)) require_not_understood(text);
  }
}

// ---- the ways to come here ----

void NftRuleWriter::require(std::optional<NftWays> ways, std::string_view text) {
  auto both = ways ? nft_both(ways_, *ways) : std::nullopt;
  if (!both) return require_not_understood(text);
  ways_ = *std::move(both);
}

void NftRuleWriter::require_not_understood(std::string_view text) {
  for (std::vector<Condition>& way : ways_) {
    way.push_back({NotUnderstood{std::string(text)}, false});
  }
}

bool NftRuleWriter::require_keys(std::span<const NftKey> keys) {
  if (std::ranges::any_of(keys, &NftKey::never)) {
    stop();
    return false;
  }
  for (const NftKey& key : keys) require(NftWays{key.needs}, "");
  return true;
}

// ---- what becomes of the packets ----

void NftRuleWriter::end_with(const Action& action, std::string_view text) {
  emit(action, ways_, text);
  stop();
}

void NftRuleWriter::lost() { end_with(NotUnderstood{nft_json_text(rule_.statements[at_])}); }

void NftRuleWriter::emit(const Action& action, const NftWays& ways, std::string_view text) {
  constexpr std::size_t kPrice = 20;  // of a condition, in elements of sets
  std::size_t size = 0;
  for (const std::vector<Condition>& way : ways) size += kPrice * (1 + way.size());
  if (!context_.spend(size)) return stop();
  const std::string shown = text_here(text);
  for (const std::vector<Condition>& way : ways) {
    context_.program.chains[out_.index()].rules.push_back(
        {.conditions = way, .action = action, .text = shown, .line = 0});
  }
}

std::string NftRuleWriter::text_here(std::string_view instead) {
  if (instead.empty()) return nft_rule_text(rule_.statements);
  if (before_at_ != at_) {
    before_ = nft_rule_text(std::span(rule_.statements).first(at_));
    if (!before_.empty()) before_ += ' ';
    before_at_ = at_;
  }
  return before_ + std::string(instead);
}

// A chain of this rule's own returns to the rule that follows; `return` and `goto` are about the
// chain of the rule. Where all packets leave, that can be had by going there without return.
void NftRuleWriter::leave(const Action& action) {
  if (!called_from_) return end_with(action);
  const bool all = ways_.size() == 1 && ways_.front().empty();
  if (!all) return lost();
  std::vector<Rule>& rules = context_.program.chains[called_from_->index()].rules;
  for (std::size_t i = first_call_; i < rules.size(); ++i) {
    if (auto* const jump = std::get_if<Jump>(&rules[i].action)) jump->no_return = true;
  }
  end_with(action);
}

void NftRuleWriter::change(const Action& action, bool more_follows) {
  const bool last = !more_follows && at_ + 1 == rule_.statements.size();
  if (!last && asks_for_what_changes(ways_, action)) {
    if (called_from_) return lost();
    into_own_chain();
  }
  emit(action, ways_);
}

void NftRuleWriter::into_own_chain() {
  const Chain& chain = context_.program.chains[out_.index()];
  Chain own{.table = chain.table,
            .name = fmt::format("{} (rule {})", chain.name, rule_.handle),
            .rules = {}};
  called_from_ = out_;
  first_call_ = chain.rules.size();
  context_.program.chains.push_back(std::move(own));
  const ChainId id(context_.program.chains.size() - 1);
  emit(Jump{id, false}, ways_);
  out_ = id;
  ways_ = {{}};
}

bool NftRuleWriter::asks_for_what_changes(const NftWays& ways, const Action& change) const {
  const auto* const set = std::get_if<SetMark>(&change);
  const auto* const copy = std::get_if<CopyMark>(&change);
  const bool connection =
      (set != nullptr && set->connection) || (copy != nullptr && copy->to_connection);
  const bool mark = set != nullptr || copy != nullptr;
  const auto asks = [&](const Condition& condition) {
    if (const auto* const on = std::get_if<OnMark>(&condition.what)) {
      return mark && on->connection == connection;
    }
    if (std::holds_alternative<InSet>(condition.what)) return mark && !connection;
    return !mark && std::holds_alternative<OnState>(condition.what);
  };
  return std::ranges::any_of(
      ways, [&](const std::vector<Condition>& way) { return std::ranges::any_of(way, asks); });
}

}  // namespace firebreak
