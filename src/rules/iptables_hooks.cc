#include "rules/iptables_hooks.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace firebreak {
namespace {

struct BuiltIn {
  std::string_view table;
  std::string_view chain;
  Hook hook;
  int priority;
  BaseChain::Kind kind = BaseChain::Kind::kFilter;
};

// include/uapi/linux/netfilter_ipv4.h, enum nf_ip_hook_priorities.
constexpr auto kBuiltIns = std::to_array<BuiltIn>({
    {"raw", "PREROUTING", Hook::kPrerouting, -300},
    {"raw", "OUTPUT", Hook::kOutput, -300},
    {"mangle", "PREROUTING", Hook::kPrerouting, -150},
    {"mangle", "INPUT", Hook::kInput, -150},
    {"mangle", "FORWARD", Hook::kForward, -150},
    {"mangle", "OUTPUT", Hook::kOutput, -150, BaseChain::Kind::kRoute},
    {"mangle", "POSTROUTING", Hook::kPostrouting, -150},
    {"nat", "PREROUTING", Hook::kPrerouting, -100, BaseChain::Kind::kNat},
    {"nat", "INPUT", Hook::kInput, 100, BaseChain::Kind::kNat},
    {"nat", "OUTPUT", Hook::kOutput, -100, BaseChain::Kind::kNat},
    {"nat", "POSTROUTING", Hook::kPostrouting, 100, BaseChain::Kind::kNat},
    {"filter", "INPUT", Hook::kInput, 0},
    {"filter", "FORWARD", Hook::kForward, 0},
    {"filter", "OUTPUT", Hook::kOutput, 0},
    {"security", "INPUT", Hook::kInput, 50},
    {"security", "FORWARD", Hook::kForward, 50},
    {"security", "OUTPUT", Hook::kOutput, 50},
});

}  // namespace

bool is_iptables_table(std::string_view table) {
  return std::ranges::find(kBuiltIns, table, &BuiltIn::table) != kBuiltIns.end();
}

std::optional<BaseChain> built_in_chain(std::string_view table, std::string_view chain) {
  const auto* const found = std::ranges::find_if(kBuiltIns, [&](const BuiltIn& built_in) {
    return built_in.table == table && built_in.chain == chain;
  });
  if (found == kBuiltIns.end()) return std::nullopt;
  BaseChain base;
  base.hook = found->hook;
  base.priority = found->priority;
  base.kind = found->kind;
  return base;
}

void sort_base_chains(Program& program) {
  // Chains are numbered in order of appearance.
  std::ranges::sort(program.base_chains, {}, [](const BaseChain& base) {
    return std::tuple(base.hook, base.priority, base.chain);
  });
}

}  // namespace firebreak
