#include "rules/nft_elsewhere.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace firebreak {
namespace {

constexpr auto kPassing = std::to_array<std::string_view>(
    {"match", "counter", "log", "accept", "return", "continue", "limit", "set", "quota"});

// Whether all packets surely pass, whatever the conditions of its rules say.
class PassingSearch {
 public:
  explicit PassingSearch(const NftDocument& document) : document_(document) {}

  bool all_pass(std::size_t start) {
    std::vector<std::size_t> waiting = {start};
    std::set<std::size_t> seen = {start};
    while (!waiting.empty()) {
      const NftChain& chain = document_.chains[waiting.back()];
      waiting.pop_back();
      for (const NftRule& rule : chain.rules) {
        for (const NftJson statement : rule.statements) {
          if (!passes(statement, chain.table, waiting, seen)) return false;
        }
      }
    }
    return true;
  }

 private:
  bool passes(NftJson statement, std::size_t table, std::vector<std::size_t>& waiting,
              std::set<std::size_t>& seen) const {
    const auto named = nft_named(statement);
    if (!named) return false;
    if (std::ranges::find(kPassing, named->name) != kPassing.end()) return true;
    if (named->name != "jump" && named->name != "goto") return false;
    const std::string target(nft_string(named->value, "target").value_or(""));
    const auto found = document_.chain_of.find({table, target});
    if (found == document_.chain_of.end()) return false;
    if (seen.insert(found->second).second) waiting.push_back(found->second);
    return true;
  }

  const NftDocument& document_;
};

bool concerns(const NftListedTable& table, const NftHook& hook, Family family) {
  if (table.dormant == NftListedTable::Dormant::kYes) return false;
  if (table.family == "arp") return family == Family::kV4;
  if (table.family == "ip" || table.family == "ip6") return false;
  return table.family != "inet" || !nft_hook(hook.hook);
}

}  // namespace

std::optional<Hook> nft_hook(std::string_view name) {
  if (name == "prerouting") return Hook::kPrerouting;
  if (name == "input") return Hook::kInput;
  if (name == "forward") return Hook::kForward;
  if (name == "output") return Hook::kOutput;
  if (name == "postrouting") return Hook::kPostrouting;
  return std::nullopt;
}

bool nft_counts_for(const NftListedTable& table, Family family) {
  if (table.dormant == NftListedTable::Dormant::kYes) return false;
  return table.family == "inet" || table.family == (family == Family::kV4 ? "ip" : "ip6");
}

std::vector<std::string> nft_elsewhere(const NftDocument& document, Family family) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < document.chains.size(); ++i) {
    const NftChain& chain = document.chains[i];
    const NftListedTable& table = document.tables[chain.table];
    if (!chain.hook || !concerns(table, *chain.hook, family)) continue;
    if (chain.hook->policy_accepts && PassingSearch(document).all_pass(i)) continue;
    out.push_back(fmt::format("{} {}, at hook {}", table.text(), chain.name, chain.hook->hook));
  }
  return out;
}

}  // namespace firebreak
