#include "filter/block.h"

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
  if (verdict != verdict_) join_verdicts();
  used_ = true;
  verdict_ = verdict;
  same_verdict_.push_back(match.surely);
}

void ChainBuilder::join_verdicts() {
  if (same_verdict_.empty()) return;
  const PacketSet all = PacketSet::any_of(same_verdict_);
  same_verdict_.clear();
  outcome(verdict_) |= here_ & all;
  here_ -= all;
}

void ChainBuilder::add_lost(const Step& step, const RuleMatch& match) {
  const PacketSet taken = take(step, match);
  block_.lost |= taken;
  block_.doubts.add(step, taken);
}

void ChainBuilder::add(const NatParts& nat, const Step& step, const RuleMatch& match) {
  join_verdicts();
  for (const NatPart& part : nat.accepted) {
    PacketSet taken = here_ & part.packets;
    if (taken.empty()) continue;
    Rewritten& rewritten = rewritten_[part.written];
    rewritten.rewrite = part.rewrite;
    rewritten.packets.push_back(std::move(taken));
  }
  const PacketSet lost = here_ & nat.lost;
  block_.dropped |= here_ & nat.dropped;
  block_.lost |= lost;
  block_.doubts.add(step, lost | (here_ & nat.chosen));
  static_cast<void>(take(step, match));
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
    for (const NatPart& part : block->rewritten) {
      Rewritten& rewritten = rewritten_[part.written];
      rewritten.rewrite = part.rewrite;
      rewritten.packets.push_back(taken & part.packets);
    }
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
