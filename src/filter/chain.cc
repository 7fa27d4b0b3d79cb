#include "filter/chain.h"

#include "filter/marks.h"

namespace firebreak {
namespace {

constexpr std::size_t kMostRemembered = 4096;

Passage pass_part(const RuleBlock& block, const PacketSet& packets) {
  const auto add = [&](const PacketSet& to, Parcels& parcels) {
    const PacketSet set = packets & to;
    parcels.add({}, {.before = set, .now = set});
  };
  Passage out;
  add(block.accepted, out.accepted);
  add(block.returned, out.returned);
  add(block.going_on, out.going_on);
  out.dropped = packets & block.dropped;
  out.lost = packets & block.lost;
  for (const NatPart& part : block.rewritten) {
    const PacketSet set = packets & part.packets;
    if (set.empty()) continue;
    out.accepted.add(part.written, {.before = set, .now = set.rewritten(part.rewrite)});
  }
  for (const auto& [step, set] : block.doubts.all()) {
    out.doubts.add({step.first, step.second}, packets & set);
  }
  return out;
}

// What a rule leaves alone goes on. Packets of which it is not known go both ways.
template <class Part>
PacketSet leave_alone(const Part& part, const PacketSet& packets, Passage& out) {
  const PacketSet rest = packets - part.match.surely;
  const PacketSet met = packets & part.match.perhaps;
  out.going_on.add({}, {.before = rest, .now = rest});
  out.doubts.add(part.step, met & rest);
  return met;
}

Passage pass_part(const WriteRule& rule, const PacketSet& packets) {
  Passage out;
  const PacketSet met = leave_alone(rule, packets, out);
  out.add({}, {.before = met, .now = met}, written_by(*rule.action, rule.step, met));
  return out;
}

Passage pass_part(const CallRule& rule, const PacketSet& packets) {
  Passage out;
  const PacketSet met = leave_alone(rule, packets, out);
  if (met.empty()) return out;
  Passage back = pass(*rule.chain, met);
  if (!rule.no_return) std::swap(back.returned, back.going_on);
  out.add({}, {.before = met, .now = met}, back);
  return out;
}

}  // namespace

const Passage& pass(const ReadyChain& chain, const PacketSet& packets) {
  const auto known = chain.remembered.find(packets.node().view());
  if (known != chain.remembered.end()) return known->second.second;
  Passage out;
  Parcels here;
  here.add({}, {.before = packets, .now = packets});
  for (const auto& part : chain.parts) {
    out.going_on = {};
    for (const auto& [written, parcel] : here.all()) {
      out.add(written, parcel,
              std::visit([&](const auto& one) { return pass_part(one, parcel.now); }, part));
    }
    here = std::exchange(out.going_on, {});
    if (here.empty()) break;
  }
  for (const auto& [written, parcel] : here.all()) out.returned.add(written, parcel);
  if (chain.remembered.size() >= kMostRemembered) chain.remembered.clear();
  const auto added =
      chain.remembered.insert_or_assign(packets.node().view(), std::pair(packets, std::move(out)));
  return added.first->second.second;
}

}  // namespace firebreak
