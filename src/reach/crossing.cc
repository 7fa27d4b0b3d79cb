#include "reach/crossing.h"

#include <algorithm>

namespace firebreak {
namespace {

PacketSet without(const PacketSet& set, const std::vector<PacketField>& fields) {
  PacketSet out = set;
  for (const PacketField field : fields) out = out.forget(field);
  return out;
}

bool overlap(const AddressRange& range, const std::vector<AddressRange>& ranges) {
  return std::ranges::any_of(ranges, [&](const AddressRange& other) {
    return range.first <= other.last && other.first <= range.last;
  });
}

}  // namespace

PacketSet before_branch(const HookBranch& branch, const PacketSet& after) {
  if (branch.rewritten.empty()) return branch.before & after;
  return branch.before & without(after & branch.after, branch.rewritten);
}

PacketSet after_branch(const HookBranch& branch, const PacketSet& before) {
  if (branch.rewritten.empty()) return branch.before & before;
  return branch.after & without(before & branch.before, branch.rewritten);
}

Relation::Relation(std::vector<HookBranch> branches) : branches_(std::move(branches)) {
  std::vector<PacketSet> sets;
  for (const HookBranch& branch : branches_) {
    sets.push_back(branch.after);
    rewrites_ = rewrites_ || !branch.rewritten.empty();
  }
  after_ = PacketSet::any_of(sets);
}

PacketSet Relation::before(const PacketSet& after) const {
  if (!rewrites_) return after & after_;
  const std::vector<AddressRange> destinations = after.destinations();
  std::vector<PacketSet> sets;
  for (const HookBranch& branch : branches_) {
    if (branch.to && !overlap(*branch.to, destinations)) continue;
    sets.push_back(before_branch(branch, after));
  }
  return PacketSet::any_of(sets);
}

PacketSet Relation::after(const PacketSet& before) const {
  if (!rewrites_) return before & after_;
  std::vector<PacketSet> sets;
  sets.reserve(branches_.size());
  for (const HookBranch& branch : branches_) sets.push_back(after_branch(branch, before));
  return PacketSet::any_of(sets);
}

std::vector<Levels> levels_of(const Crossing& last, const PacketSet& delivered) {
  std::vector<Levels> out;
  PacketSet left = delivered;
  for (const Crossing* crossing = &last; crossing != nullptr; crossing = crossing->previous.get()) {
    Levels levels;
    // On the wire nothing tells of marks and connections; here they are known again.
    levels.left = crossing->last ? left & crossing->last->after() : left;
    PacketSet inside = crossing->last ? crossing->last->before(left) : left;
    if (crossing->middle) inside = crossing->middle->before(inside);
    levels.inside = inside & crossing->first->after();
    levels.entered = crossing->first->before(inside);
    left = levels.entered.on_the_wire();
    out.push_back(std::move(levels));
  }
  return out;
}

namespace {

bool redirects(const HookBranch& branch) {
  return std::ranges::any_of(branch.rewritten, [](PacketField field) {
    return field == PacketField::kDestination || field == PacketField::kDestinationPort;
  });
}

// What goes to the destinations of these packets.
PacketSet alike_in_destination(const PacketSet& packets) {
  return packets.on_the_wire().forget(PacketField::kSource).forget(PacketField::kSourcePort);
}

void pull(const Crossing& crossing, const SentAndDelivered& pair,
          std::vector<SentAndDelivered>& out) {
  PacketSet inside = crossing.last ? crossing.last->before(pair.sent) : pair.sent;
  if (crossing.middle) inside = crossing.middle->before(inside);
  const std::vector<AddressRange> destinations = inside.destinations();
  // Of what arrives, that which these became.
  const auto became = [&](const PacketSet& packets) {
    return pair.redirected ? pair.delivered : pair.delivered & alike_in_destination(packets);
  };
  PacketSet same;  // by branches that rewrite no destination: they stay together
  for (const HookBranch& branch : crossing.first->branches()) {
    if (branch.to && !overlap(*branch.to, destinations)) continue;
    const PacketSet entered = before_branch(branch, inside);
    if (entered.empty()) continue;
    if (redirects(branch)) {
      out.push_back({entered.on_the_wire(), became(inside & branch.after), true});
    } else {
      same |= entered;
    }
  }
  if (!same.empty()) out.push_back({same.on_the_wire(), became(same), pair.redirected});
}

}  // namespace

std::vector<SentAndDelivered> pairs_of(const Crossing& last, const PacketSet& delivered) {
  std::vector<SentAndDelivered> pairs = {{delivered, delivered.on_the_wire(), false}};
  for (const Crossing* crossing = &last; crossing != nullptr; crossing = crossing->previous.get()) {
    std::vector<SentAndDelivered> before;
    for (const SentAndDelivered& pair : pairs) pull(*crossing, pair, before);
    pairs = std::move(before);
  }
  return pairs;
}

PacketSet arriving(const PacketSet& packets) {
  return packets.on_the_wire() & PacketSet::mark(0) & PacketSet::connection_mark(0) &
         PacketSet::flag(PacketField::kDestinationRewritten, false) &
         PacketSet::flag(PacketField::kSourceRewritten, false) &
         PacketSet::flag(PacketField::kUntracked, false);
}

}  // namespace firebreak
