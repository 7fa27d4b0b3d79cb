#include "rules/nft_elsewhere.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace firebreak {
namespace {

constexpr auto kPassing =
    std::to_array<std::string_view>({"match", "counter", "log", "accept", "return", "continue",
                                     "limit", "set", "map", "quota", "last"});

// Which chains surely let all packets pass, whatever the conditions of their rules say.
class PassingSearch {
 public:
  explicit PassingSearch(const NftDocument& document) : document_(document) {
    for (const NftChain& chain : document.chains) chains_.push_back(look_at(chain));
  }

  [[nodiscard]] bool all_pass(std::size_t start) const {
    std::vector<std::size_t> waiting = {start};
    std::set<std::size_t> seen = {start};
    while (!waiting.empty()) {
      const Seen& chain = chains_[waiting.back()];
      waiting.pop_back();
      if (!chain.passes) return false;
      for (const std::size_t next : chain.next) {
        if (seen.insert(next).second) waiting.push_back(next);
      }
    }
    return true;
  }

 private:
  struct Seen {
    bool passes = true;  // what its own rules do
    std::set<std::size_t> next;
  };

  Seen look_at(const NftChain& chain) const {
    Seen out;
    for (const NftRule& rule : chain.rules) {
      for (const NftJson statement : rule.statements) look_at(statement, chain.table, out);
    }
    return out;
  }

  void look_at(NftJson statement, std::size_t table, Seen& out) const {
    const auto named = nft_named(statement);
    const std::string_view name = named ? named->name : "";
    if (std::ranges::find(kPassing, name) != kPassing.end()) return;
    auto found = document_.chain_of.end();
    if (name == "jump" || name == "goto") {
      found = document_.chain_of.find(
          {table, std::string(nft_string(named->value, "target").value_or(""))});
    }
    if (found == document_.chain_of.end()) {
      out.passes = false;
    } else {
      out.next.insert(found->second);
    }
  }

  const NftDocument& document_;
  std::vector<Seen> chains_;
};

bool concerns(const NftListedTable& table, const NftHook& hook, Family family) {
  if (table.dormant == NftListedTable::Dormant::kYes) return false;
  if (table.family == "arp") return family == Family::kV4;
  if (table.family == "ip" || table.family == "ip6" || table.family == "inet") {
    return nft_counts_for(table, family) && !nft_hook(hook.hook);
  }
  return true;
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
  const PassingSearch search(document);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < document.chains.size(); ++i) {
    const NftChain& chain = document.chains[i];
    const NftListedTable& table = document.tables[chain.table];
    if (!chain.hook || !concerns(table, *chain.hook, family)) continue;
    if (chain.hook->policy_accepts && search.all_pass(i)) continue;
    out.push_back(fmt::format("{} {}, at hook {}", table.text(), chain.name, chain.hook->hook));
  }
  return out;
}

}  // namespace firebreak
