// Random programs, packet by packet: what is said of sets must be what the evaluator says of each
// of their packets.
#include <gtest/gtest.h>

#include <algorithm>
#include <variant>

#include "filter/testing.h"
#include "packet/space.h"
#include "rules/evaluate.h"

namespace firebreak {
namespace {

template <class Wanted>
bool any_action(const Program& program, const Wanted& wanted) {
  return std::ranges::any_of(program.chains, [&](const Chain& chain) {
    return std::ranges::any_of(chain.rules, [&](const Rule& rule) { return wanted(rule.action); });
  });
}
template <class Range>
bool is_wide(const std::optional<Range>& range) {
  return range && range->first != range->last;
}

// Where the two do not know the same: the evaluator what a destination was before DNAT, sets which
// addresses SNAT may choose of.
struct Differences {
  bool original = false;  // some condition asks for it
  bool dnat = false;
  bool dnat_chooses = false;  // of a range
  bool snat_chooses = false;  // of a range, or of what is not known
  bool masquerades =
      false;  // as what is not known: sets lose that packet, the evaluator its source

  explicit Differences(const RandomHook& hook) {
    for (const Chain& chain : hook.program.chains) {
      for (const Rule& rule : chain.rules) {
        original |= std::ranges::any_of(rule.conditions, [](const Condition& condition) {
          return std::holds_alternative<OnOriginal>(condition.what);
        });
      }
    }
    dnat = any_action(hook.program,
                      [](const Action& action) { return std::holds_alternative<Dnat>(action); });
    dnat_chooses = any_action(hook.program, [](const Action& action) {
      const auto* const nat = std::get_if<Dnat>(&action);
      return nat != nullptr && (is_wide(nat->to) || is_wide(nat->ports));
    });
    snat_chooses = any_action(hook.program, [](const Action& action) {
      const auto* const nat = std::get_if<Snat>(&action);
      return nat != nullptr && (is_wide(nat->to) || is_wide(nat->ports));
    });
    masquerades = !hook.one.address_of && any_action(hook.program, [](const Action& action) {
      const auto* const nat = std::get_if<Snat>(&action);
      return nat != nullptr && nat->masquerade;
    });
    snat_chooses |= masquerades;
  }
  [[nodiscard]] bool known_to_evaluator_alone(const PacketHeader& header) const {
    return original && (dnat || header.destination_rewritten);
  }
};

// The evaluator tells drops from rejects and calls it unknown which; to sets it is the same.
Program without_rejects(Program program) {
  for (Chain& chain : program.chains) {
    for (Rule& rule : chain.rules) {
      if (rule.action == Action(Verdict::kReject)) rule.action = Verdict::kDrop;
    }
  }
  return program;
}

Packet packet_of(const HookPlace& place, const PacketHeader& header) {
  Packet packet;
  packet.in_interface = place.in;
  packet.out_interface = place.out;
  packet.bridge_in = place.bridge_in;
  packet.bridge_out = place.bridge_out;
  packet.protocol = header.protocol;
  packet.source = header.source;
  packet.destination = header.destination;
  packet.source_port = header.source_port;
  packet.destination_port = header.destination_port;
  packet.tcp_flags = place.tcp_flags;
  packet.icmp_type = static_cast<std::uint8_t>(header.destination_port.value >> 8U);
  packet.icmp_code = static_cast<std::uint8_t>(header.destination_port.value & 255U);
  packet.mark = header.mark;
  packet.connection_mark = header.connection_mark;
  unsigned state = place.state;
  if (header.destination_rewritten) state |= OnState::kDestinationRewritten;
  if (header.source_rewritten) state |= OnState::kSourceRewritten;
  if (header.untracked) state = OnState::kUntracked;
  packet.state = static_cast<std::uint8_t>(state);
  if (place.state == OnState::kEstablished) {
    packet.original_destination = header.source;
    packet.original_port = header.source_port;
  }
  return packet;
}

// The headers that the packet may have.
PacketSet headers_of(const Packet& packet, bool with_flags) {
  PacketSet set = PacketSet::protocol(packet.protocol) &
                  PacketSet::destination({packet.destination, packet.destination}) &
                  PacketSet::destination_port({packet.destination_port, packet.destination_port}) &
                  PacketSet::mark(packet.mark) & PacketSet::connection_mark(packet.connection_mark);
  if (packet.source) set &= PacketSet::source({*packet.source, *packet.source});
  if (packet.source_port) set &= PacketSet::source_port({*packet.source_port, *packet.source_port});
  const bool untracked = packet.state == OnState::kUntracked;
  set &= PacketSet::flag(PacketField::kUntracked, untracked);
  if (untracked || !with_flags) return set;
  return set &
         PacketSet::flag(PacketField::kDestinationRewritten,
                         (packet.state & OnState::kDestinationRewritten) != 0) &
         PacketSet::flag(PacketField::kSourceRewritten,
                         (packet.state & OnState::kSourceRewritten) != 0);
}

// What a result says of one packet.
struct Said {
  bool dropped = false;
  bool lost = false;
  int sure = 0;
  int unsure = 0;
  PacketSet after;

  Said(const HookResult& result, const PacketHeader& header)
      : dropped(result.dropped.contains(header)), lost(result.lost.contains(header)) {
    for (const HookBranch& branch : result.accepted) {
      if (!branch.before.contains(header)) continue;
      ++(branch.sure ? sure : unsure);
      PacketSet image = PacketSet::one(header);
      for (const PacketField field : branch.rewritten) image = image.forget(field);
      after |= image & branch.after;
    }
  }
  [[nodiscard]] int sure_ends() const { return sure + static_cast<int>(dropped); }
  [[nodiscard]] bool may_be_otherwise() const { return lost || unsure > 0; }
};

class Agreement {
 public:
  explicit Agreement(const RandomHook& hook)
      : hook_(hook), program_(without_rejects(hook.program)), differences_(hook) {}

  void check(const HookResult& result, const HookPlace& place, const PacketHeader& header) const {
    using Kind = PacketOutcome::Kind;
    const Said said(result, header);
    const PacketOutcome outcome =
        evaluate(program_, hook_.hook, packet_of(place, header), hook_.one);
    EXPECT_LE(said.sure_ends(), 1);
    EXPECT_NE(said.sure_ends() > 0, said.may_be_otherwise());
    if (outcome.kind == Kind::kAccepted) check_accepted(said, outcome, header);
    if (outcome.kind == Kind::kDropped) {
      EXPECT_EQ(said.sure, 0);
      EXPECT_TRUE(said.dropped || differences_.masquerades ||
                  differences_.known_to_evaluator_alone(header));
    }
    if (outcome.kind == Kind::kUnknown && !differences_.snat_chooses) {
      EXPECT_TRUE(said.may_be_otherwise());
    }
  }

 private:
  void check_accepted(const Said& said, const PacketOutcome& outcome,
                      const PacketHeader& header) const {
    EXPECT_FALSE(said.dropped);
    const bool exact_flags = !differences_.dnat_chooses && !differences_.snat_chooses;
    PacketSet all;
    for (const Packet& packet : outcome.packets) {
      const PacketSet one = headers_of(packet, exact_flags);
      EXPECT_TRUE(said.lost || one.overlaps(said.after));
      all |= one;
    }
    if (differences_.known_to_evaluator_alone(header) || differences_.snat_chooses) return;
    EXPECT_FALSE(said.lost);
    EXPECT_TRUE(said.after.is_subset_of(all));
    EXPECT_TRUE(said.sure == 1 || outcome.packets.size() > 1);
  }

  const RandomHook& hook_;
  Program program_;
  Differences differences_;
};

// Every packet has an end, sure ends are apart, and no other packet has one.
void check_whole(const HookResult& result, const PacketSet& packets) {
  PacketSet sure = result.dropped;
  PacketSet all = result.dropped | result.lost;
  for (const HookBranch& branch : result.accepted) {
    EXPECT_FALSE(branch.before.empty());
    EXPECT_FALSE(branch.after.empty());
    if (branch.sure) {
      EXPECT_FALSE(branch.before.overlaps(sure));
      sure |= branch.before;
    }
    all |= branch.before;
    EXPECT_TRUE(!branch.rewritten.empty() || branch.before == branch.after);
  }
  EXPECT_FALSE(sure.overlaps(result.lost));
  EXPECT_EQ(result.unknown.empty(), sure == packets);
  EXPECT_EQ(all, packets);
}

TEST(FilterAgreement, SetsAreWhatTheEvaluatorSaysOfEachPacket) {
  const PacketSpace space;
  std::array<int, 4> kinds{};
  for (std::uint32_t seed = 0; seed < 1000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const RandomHook hook = random_hook(seed);
    std::mt19937 dice(seed + 1'000'000);
    const Agreement agreement(hook);
    Filter filter(hook.program, hook.sets);
    // One filter for all places: what it remembers of one must not be taken for another.
    for (const HookPlace& place : hook.places) {
      const PacketSet packets = random_packets(hook, dice);
      const HookResult result = filter.run(hook.hook, place, packets);
      check_whole(result, packets);
      for (int i = 0; i < 10; ++i) {
        const PacketHeader header = random_header(hook, dice);
        if (!packets.contains(header)) continue;
        agreement.check(result, place, header);
        const Said said(result, header);
        ++kinds[said.dropped ? 0 : said.may_be_otherwise() ? 1 : said.sure > 0 ? 2 : 3];
      }
    }
  }
  // The programs are such that everything happens often.
  EXPECT_GT(kinds[0], 2000);
  EXPECT_GT(kinds[1], 1000);
  EXPECT_GT(kinds[2], 2000);
  EXPECT_EQ(kinds[3], 0);
}

}  // namespace
}  // namespace firebreak
