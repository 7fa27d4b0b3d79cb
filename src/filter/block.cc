#include "filter/block.h"

#include <algorithm>

#include "base/check.h"

namespace firebreak {
namespace {

// A callee with more kinds of rewriting than this is called, not copied into its callers.
constexpr std::size_t kMostCopied = 8;

const RuleBlock* copied(const ReadyChain& chain) {
  if (chain.parts.size() != 1) return nullptr;
  const auto* const block = std::get_if<RuleBlock>(&chain.parts[0]);
  return block != nullptr && block->rewritten.size() <= kMostCopied ? block : nullptr;
}

}  // namespace

// What reaches the rule and perhaps meets it; what surely does reaches no other.
PacketSet ChainBuilder::take(const Step& step, const RuleMatch& match) {
  join_verdicts();
  join_nat();
  used_ = true;
  const PacketSet taken = here_ & match.perhaps;
  if (match.surely != match.perhaps) block_.doubts.add(step, taken - match.surely);
  here_ -= match.surely;
  return taken;
}

PacketSet& ChainBuilder::outcome(Verdict verdict) {
  CHECK(verdict != Verdict::kGoOn);
  if (verdict == Verdict::kAccept) return block_.accepted;
  return verdict == Verdict::kReturn ? block_.returned : block_.dropped;
}

void ChainBuilder::add(Verdict verdict, const Step& step, const RuleMatch& match) {
  if (match.surely != match.perhaps) {
    outcome(verdict) |= take(step, match);
    return;
  }
  join_nat();
  if (verdict != verdict_) join_verdicts();
  used_ = true;
  verdict_ = verdict;
  same_verdict_.push_back({.number = step.rule, .set = match.surely});
}

void ChainBuilder::join_verdicts() {
  if (same_verdict_.empty()) return;
  const PacketSet all = unions_.of(same_verdict_);
  same_verdict_.clear();
  outcome(verdict_) |= here_ & all;
  here_ -= all;
}

void ChainBuilder::add_lost(const Step& step, const RuleMatch& match) {
  const PacketSet taken = take(step, match);
  block_.lost |= taken;
  block_.doubts.add(step, taken);
}

void ChainBuilder::rewrite(const NatPart& part, PacketSet packets) {
  if (packets.empty()) return;
  Rewritten& rewritten = rewritten_[part.written];
  rewritten.rewrite = part.rewrite;
  rewritten.packets.push_back(std::move(packets));
}

void ChainBuilder::add(const NatParts& nat, const Step& step, const RuleMatch& match) {
  const bool plain = nat.accepted.size() == 1 && nat.chosen.empty() &&
                     nat.accepted[0].packets == match.surely && match.surely == match.perhaps;
  join_verdicts();
  if (plain) {
    used_ = true;
    nat_.push_back({.number = step.rule, .set = match.surely});
    nat_parts_.push_back(nat.accepted.data());
    return;
  }
  join_nat();
  for (const NatPart& part : nat.accepted) rewrite(part, here_ & part.packets);
  const PacketSet lost = here_ & nat.lost;
  block_.dropped |= here_ & nat.dropped;
  block_.lost |= lost;
  block_.doubts.add(step, lost | (here_ & nat.chosen));
  static_cast<void>(take(step, match));
}

void ChainBuilder::join_nat() {
  if (nat_.empty()) return;
  const PacketSet all = unions_.of(nat_);
  resolve_nat(nat_, nat_parts_, all - here_);
  here_ -= all;
  nat_.clear();
  nat_parts_.clear();
}

// Gives each rule what the rules before it left: not `taken`, which is all of theirs that these
// rules would take too.
void ChainBuilder::resolve_nat(std::span<const NumberedSet> rules,
                               std::span<const NatPart* const> parts, const PacketSet& taken) {
  const bool alike = std::ranges::all_of(
      parts, [&](const NatPart* part) { return part->written == parts[0]->written; });
  if (alike) {
    rewrite(*parts[0], unions_.of(rules) - taken);
    return;
  }
  if (nat_apart_ && taken.empty()) {
    for (std::size_t i = 0; i < rules.size(); ++i) rewrite(*parts[i], rules[i].set);
    return;
  }
  const std::size_t cut = KeptUnions::middle(rules);
  const PacketSet first = unions_.of(rules.first(cut));
  const PacketSet second = unions_.of(rules.subspan(cut));
  resolve_nat(rules.first(cut), parts.first(cut), taken & first);
  resolve_nat(rules.subspan(cut), parts.subspan(cut), (taken | first) & second);
}

void ChainBuilder::add(const Jump& jump, const Step& step, const RuleMatch& match,
                       const ReadyChain& callee) {
  const RuleBlock* const block = copied(callee);
  if (block == nullptr && !callee.parts.empty()) {
    end_block();
    chain_.parts.emplace_back(
        CallRule{.match = match, .step = step, .chain = &callee, .no_return = jump.no_return});
    return;
  }
  const PacketSet taken = take(step, match);
  PacketSet back = taken;
  if (block != nullptr) {
    block_.accepted |= taken & block->accepted;
    block_.dropped |= taken & block->dropped;
    block_.lost |= taken & block->lost;
    for (const NatPart& part : block->rewritten) rewrite(part, taken & part.packets);
    for (const auto& [at, set] : block->doubts.all()) {
      block_.doubts.add({at.first, at.second}, taken & set);
    }
    back &= block->returned | block->going_on;
  }
  (jump.no_return ? block_.returned : here_) |= back;
}

void ChainBuilder::add(const Action& write, const Step& step, const RuleMatch& match) {
  end_block();
  chain_.parts.emplace_back(WriteRule{.match = match, .step = step, .action = &write});
}

void ChainBuilder::end_block() {
  join_verdicts();
  join_nat();
  if (used_) {
    block_.going_on = here_;
    for (auto& [written, rewritten] : rewritten_) {
      block_.rewritten.push_back({.packets = PacketSet::any_of(rewritten.packets),
                                  .rewrite = rewritten.rewrite,
                                  .written = written});
    }
    chain_.parts.emplace_back(std::move(block_));
  }
  block_ = {};
  rewritten_.clear();
  used_ = false;
  here_ = family_;
}

ReadyChain ChainBuilder::finish() && {
  end_block();
  return std::move(chain_);
}

}  // namespace firebreak
