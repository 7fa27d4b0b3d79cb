// Joins rules into the parts of a chain.
#pragma once

#include <map>
#include <vector>

#include "filter/chain.h"

namespace firebreak {

// Rule after rule, in order. What a block does with a packet is known before there is a packet:
// each rule takes its part of what the rules before it left.
class ChainBuilder {
 public:
  explicit ChainBuilder(const PacketSet& family) : family_(family), here_(family) {}

  void add(Verdict verdict, const Step& step, const RuleMatch& match);
  void add(const Jump& jump, const Step& step, const RuleMatch& match, const ReadyChain& callee);
  void add(const NatParts& nat, const Step& step, const RuleMatch& match);
  void add(const Action& write, const Step& step, const RuleMatch& match);
  void add_lost(const Step& step, const RuleMatch& match);

  // Whether nothing reaches the next rule.
  [[nodiscard]] bool done() const { return here_.empty(); }
  [[nodiscard]] ReadyChain finish() &&;

 private:
  struct Rewritten {
    PacketRewrite rewrite;
    std::vector<PacketSet> packets;
  };

  PacketSet take(const Step& step, const RuleMatch& match);
  PacketSet& outcome(Verdict verdict);
  void join_verdicts();
  void end_block();

  PacketSet family_;
  PacketSet here_;  // what reaches the next rule of the block
  RuleBlock block_;
  bool used_ = false;  // the block has a rule
  // Rules with the same verdict, one after the other, that are not joined yet.
  Verdict verdict_ = Verdict::kAccept;
  std::vector<PacketSet> same_verdict_;
  std::map<Written, Rewritten> rewritten_;
  ReadyChain chain_;
};

}  // namespace firebreak
