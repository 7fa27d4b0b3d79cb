#include "rules/evaluate.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "rules/holds.h"
#include "rules/rewrite.h"

namespace firebreak {
namespace {

using Kind = PacketOutcome::Kind;

constexpr int kConnectionTracking = -200;  // NF_IP_PRI_CONNTRACK
constexpr std::size_t kMostWorlds = 64;    // that are followed side by side
constexpr int kDeepest = 500;              // chains that call each other
constexpr int kMostRules = 200'000;        // that are read for one packet

// One way that things may have gone so far. There are several where it is not known whether a rule
// applies, or where the kernel picks an address.
struct World {
  Packet packet;
  std::vector<Step> steps;
  std::vector<Step> doubts;  // rules that made it one of several
  bool rewritten = false;    // by a NAT chain of this hook
};
using Worlds = std::vector<World>;

void add_doubt(World& world, const Step& step) {
  if (std::ranges::find(world.doubts, step) == world.doubts.end()) world.doubts.push_back(step);
}

void move_to(Worlds& to, Worlds from) { std::ranges::move(from, std::back_inserter(to)); }

// Worlds that look the same from here on are one.
Worlds merged(Worlds worlds) {
  Worlds out;
  for (World& world : worlds) {
    const auto same = std::ranges::find_if(out, [&](const World& other) {
      return other.rewritten == world.rewritten && other.packet == world.packet;
    });
    if (same == out.end()) {
      out.push_back(std::move(world));
    } else {
      for (const Step& step : world.doubts) add_doubt(*same, step);
    }
  }
  return out;
}

class Run {
 public:
  Run(const Program& program, Hook hook, const Surroundings& surroundings)
      : program_(program), hook_(hook), surroundings_(surroundings) {}

  PacketOutcome run(const Packet& packet) {
    Worlds worlds(1);
    worlds[0].packet = packet;
    for (const BaseChain& base : program_.base_chains) {
      if (base.hook == hook_) worlds = through(base, std::move(worlds));
    }
    for (World& world : worlds) ended_.push_back({Kind::kAccepted, std::move(world)});
    return outcome();
  }

 private:
  struct Ended {
    Kind kind;
    World world;
  };
  void end(Kind kind, World world) { ended_.push_back({kind, std::move(world)}); }
  void end_unknown(World world, const Step& step) {
    add_doubt(world, step);
    end(Kind::kUnknown, std::move(world));
  }

  // The worlds in which the packet leaves this base chain alive.
  Worlds through(const BaseChain& base, Worlds worlds) {
    Worlds running;
    Worlds passed;
    for (World& world : worlds) {
      const bool skips = base.kind == BaseChain::Kind::kNat &&
                         (world.rewritten || (world.packet.state & OnState::kNew) == 0);
      (skips ? passed : running).push_back(std::move(world));
    }
    before_tracking_ = base.priority < kConnectionTracking &&
                       (hook_ == Hook::kPrerouting || hook_ == Hook::kOutput);
    accepted_.clear();
    for (World& world : chain(base.chain, std::move(running), 0)) {
      world.steps.push_back({base.chain, program_.chains[base.chain.index()].rules.size()});
      if (base.policy_accepts) {
        accepted_.push_back(std::move(world));
      } else {
        end(Kind::kDropped, std::move(world));
      }
    }
    move_to(passed, std::move(accepted_));
    return merged(std::move(passed));
  }

  // The worlds in which the packet returns from this chain.
  Worlds chain(ChainId id, Worlds worlds, int depth) {
    Worlds returned;
    const std::vector<Rule>& rules = program_.chains[id.index()].rules;
    for (std::size_t i = 0; i < rules.size() && !worlds.empty(); ++i) {
      const Step step{id, i};
      ++rules_read_;
      if (worlds.size() > kMostWorlds || depth > kDeepest || rules_read_ > kMostRules) {
        for (World& world : worlds) end_unknown(std::move(world), step);
        return returned;
      }
      Worlds matching;
      Worlds rest;
      for (World& world : worlds) split(rules[i], step, std::move(world), matching, rest);
      act(rules[i], step, std::move(matching), depth, rest, returned);
      worlds = merged(std::move(rest));
    }
    move_to(returned, std::move(worlds));
    return merged(std::move(returned));
  }

  // Whether the packet, as the rule sees it, meets all conditions.
  Holds all_hold(const Rule& rule, const Packet& packet) const {
    if (before_tracking_ && packet.state != OnState::kUntracked &&
        packet.state != OnState::kInvalid) {
      Packet seen = packet;
      seen.state = OnState::kInvalid;
      return all_hold(rule, seen);
    }
    Holds all = Holds::kYes;
    for (const Condition& condition : rule.conditions) {
      const Holds one = holds(program_, condition, packet, surroundings_);
      if (one == Holds::kNo) return one;
      if (one == Holds::kUnknown) all = one;
    }
    return all;
  }

  void split(const Rule& rule, const Step& step, World world, Worlds& matching, Worlds& rest) {
    Holds all = all_hold(rule, world.packet);
    if (all == Holds::kUnknown && goes_on(rule)) all = Holds::kNo;  // the same either way
    if (all == Holds::kUnknown) add_doubt(world, step);
    if (all == Holds::kUnknown) rest.push_back(world);
    (all == Holds::kNo ? rest : matching).push_back(std::move(world));
  }

  static bool goes_on(const Rule& rule) {
    const auto* const verdict = std::get_if<Verdict>(&rule.action);
    return verdict != nullptr && *verdict == Verdict::kGoOn;
  }

  // Does the rule's action in the worlds that met it; those that go on are added to `rest`.
  void act(const Rule& rule, const Step& step, Worlds worlds, int depth, Worlds& rest,
           Worlds& returned) {
    if (!goes_on(rule)) {
      for (World& world : worlds) world.steps.push_back(step);
    }
    if (const auto* const jump = std::get_if<Jump>(&rule.action)) {
      Worlds back = chain(jump->chain, std::move(worlds), depth + 1);
      for (World& world : back) forget_detour(world, step);
      return move_to(jump->no_return ? returned : rest, std::move(back));
    }
    for (World& world : worlds) {
      if (const auto* const verdict = std::get_if<Verdict>(&rule.action)) {
        decide(*verdict, std::move(world), rest, returned);
      } else if (const auto* const dnat = std::get_if<Dnat>(&rule.action)) {
        rewrite(*dnat, step, std::move(world));
      } else if (const auto* const snat = std::get_if<Snat>(&rule.action)) {
        rewrite(*snat, step, std::move(world));
      } else if (std::holds_alternative<NotUnderstood>(rule.action)) {
        end_unknown(std::move(world), step);
      } else {
        change(rule.action, world.packet);
        rest.push_back(std::move(world));
      }
    }
  }

  // A chain that the packet came back from as it was explains nothing.
  void forget_detour(World& world, const Step& jump) const {
    const auto last = std::ranges::find(world.steps.rbegin(), world.steps.rend(), jump);
    if (last == world.steps.rend()) return;
    const bool changed = std::any_of(world.steps.rbegin(), last, [&](const Step& step) {
      const Action& action = program_.chains[step.chain.index()].rules[step.rule].action;
      return !std::holds_alternative<Verdict>(action) && !std::holds_alternative<Jump>(action);
    });
    if (!changed) world.steps.erase(last.base() - 1, world.steps.end());
  }

  void decide(Verdict verdict, World world, Worlds& rest, Worlds& returned) {
    switch (verdict) {
      case Verdict::kAccept: return accepted_.push_back(std::move(world));
      case Verdict::kDrop: return end(Kind::kDropped, std::move(world));
      case Verdict::kReject: return end(Kind::kRejected, std::move(world));
      case Verdict::kReturn: return returned.push_back(std::move(world));
      case Verdict::kGoOn: return rest.push_back(std::move(world));
    }
  }

  template <class Nat>
  void rewrite(const Nat& nat, const Step& step, World world) {
    auto packets = rewritten(nat, hook_, world.packet, surroundings_);
    if (!packets) return end_unknown(std::move(world), step);
    if (packets->empty()) return end(Kind::kDropped, std::move(world));
    if (packets->size() > 1) add_doubt(world, step);
    world.rewritten = true;
    for (Packet& packet : *packets) {
      world.packet = std::move(packet);
      accepted_.push_back(world);
    }
  }

  void change(const Action& action, Packet& packet) const {
    const bool tracked = !before_tracking_ && packet.has_connection();
    if (const auto* const set = std::get_if<SetMark>(&action)) set_mark(*set, tracked, packet);
    if (const auto* const copy = std::get_if<CopyMark>(&action)) copy_mark(*copy, tracked, packet);
    // A packet that is tracked already stays so.
    if (std::holds_alternative<NoTrack>(action) && before_tracking_) {
      packet.state = OnState::kUntracked;
    }
  }

  // One answer of all the worlds that ended.
  PacketOutcome outcome() const {
    PacketOutcome out{
        .kind = ended_.front().kind, .packets = {}, .steps = ended_.front().world.steps};
    const bool agree =
        std::ranges::all_of(ended_, [&](const Ended& ended) { return ended.kind == out.kind; });
    if (!agree || out.kind == Kind::kUnknown) return {Kind::kUnknown, {}, doubts()};
    if (out.kind != Kind::kAccepted) return out;
    for (const Ended& ended : ended_) {
      if (std::ranges::find(out.packets, ended.world.packet) == out.packets.end()) {
        out.packets.push_back(ended.world.packet);
      }
    }
    return out;
  }

  std::vector<Step> doubts() const {
    std::vector<Step> out;
    for (const Ended& ended : ended_) {
      for (const Step& step : ended.world.doubts) {
        if (std::ranges::find(out, step) == out.end()) out.push_back(step);
      }
    }
    return out;
  }

  const Program& program_;
  Hook hook_;
  const Surroundings& surroundings_;
  bool before_tracking_ = false;
  int rules_read_ = 0;
  Worlds accepted_;  // by the base chain that is running
  std::vector<Ended> ended_;
};

}  // namespace

PacketOutcome evaluate(const Program& program, Hook hook, const Packet& packet,
                       const Surroundings& surroundings) {
  return Run(program, hook, surroundings).run(packet);
}

std::string text_of(const Program& program, const Step& step) {
  const Chain& chain = program.chains[step.chain.index()];
  const std::string place = chain.table + " " + chain.name + ": ";
  if (step.rule < chain.rules.size()) return place + chain.rules[step.rule].text;
  const auto base = std::ranges::find(program.base_chains, step.chain, &BaseChain::chain);
  const bool accepts = base != program.base_chains.end() && base->policy_accepts;
  return place + (accepts ? "policy ACCEPT" : "policy DROP");
}

}  // namespace firebreak
