// The targets that rewrite a packet or what is known of it. Each gives the action, or nothing where
// the options are not understood.
#pragma once

#include <optional>

#include "rules/rule_sink.h"

namespace firebreak {

// targets_nat.cc
[[nodiscard]] std::optional<Action> read_dnat(const SaveClause& clause, RuleSink& sink);
[[nodiscard]] std::optional<Action> read_snat(const SaveClause& clause, RuleSink& sink);
[[nodiscard]] std::optional<Action> read_masquerade(const SaveClause& clause, RuleSink& sink);
[[nodiscard]] std::optional<Action> read_redirect(const SaveClause& clause, RuleSink& sink);

// targets_mark.cc: MARK, CONNMARK, CT and NOTRACK, SET, TTL and HL
[[nodiscard]] std::optional<Action> read_mark_target(const SaveClause& clause, RuleSink& sink);
[[nodiscard]] std::optional<Action> read_connmark_target(const SaveClause& clause, RuleSink& sink);
[[nodiscard]] std::optional<Action> read_ct_target(const SaveClause& clause, RuleSink& sink);
[[nodiscard]] std::optional<Action> read_set_target(const SaveClause& clause, RuleSink& sink);
[[nodiscard]] std::optional<Action> read_hops_target(const SaveClause& clause, RuleSink& sink);

}  // namespace firebreak
