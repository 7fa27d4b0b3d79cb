// Joins rules into the parts of a chain.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "filter/chain.h"
#include "filter/unions.h"

namespace firebreak {

// Rule after rule, in order. What a block does with a packet is known before there is a packet:
// each rule takes its part of what the rules before it left.
class ChainBuilder {
 public:
  // `nat_apart`: no packet meets two NAT rules of the chain. The unions outlive it, and so do all
  // matches and parts that are added.
  ChainBuilder(const PacketSet& family, bool nat_apart, KeptUnions& unions)
      : family_(family), nat_apart_(nat_apart), unions_(unions), here_(family) {}

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
  void rewrite(const NatPart& part, PacketSet packets);
  void join_verdicts();
  void join_nat();
  void resolve_nat(std::span<const NumberedSet> rules, std::span<const NatPart* const> parts,
                   const PacketSet& taken);
  void end_block();

  PacketSet family_;
  bool nat_apart_;
  KeptUnions& unions_;
  PacketSet here_;  // what reaches the next rule of the block
  RuleBlock block_;
  bool used_ = false;  // the block has a rule
  // Rules that are not joined yet, one after the other: of the same verdict, or with one NatPart.
  // At most one of the two has any.
  Verdict verdict_ = Verdict::kAccept;
  std::vector<NumberedSet> same_verdict_;
  std::vector<NumberedSet> nat_;
  std::vector<const NatPart*> nat_parts_;
  std::map<Written, Rewritten> rewritten_;
  ReadyChain chain_;
};

}  // namespace firebreak
