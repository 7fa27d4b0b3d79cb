// Which chains of which table the kernel calls, where, and in which order.
#pragma once

#include <optional>
#include <string_view>

#include "rules/program.h"

namespace firebreak {

[[nodiscard]] bool is_iptables_table(std::string_view table);
// Hook, priority and kind of a chain that iptables has of itself; nullopt: it has no such chain.
[[nodiscard]] std::optional<BaseChain> built_in_chain(std::string_view table,
                                                      std::string_view chain);
// By hook, priority and order of appearance, as base_chains are.
void sort_base_chains(Program& program);

}  // namespace firebreak
