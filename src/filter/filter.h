// What a packet filter does with all packets of a set at once: rules/ programs run over packet/
// sets. Checked against the one-packet evaluator (rules/evaluate.h), which is written to be
// obviously right.
//
// Method: header space analysis (Kazemian, Varghese, McKeown: NSDI 2012) on decision diagrams, as
// Batfish does: each rule cuts what meets it out of the set that has come this far. Interfaces are
// places, not header bits: conditions on them are decided before any set is touched.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packet/set.h"
#include "rules/evaluate.h"
#include "rules/program.h"

namespace firebreak {

// Where and as what packets meet a hook. All packets of one run have the same.
struct HookPlace {
  std::string in = {};   // interface; empty: none, the machine's own packets
  std::string out = {};  // empty: none yet (PREROUTING), or none at all (INPUT)
  // As in rules/packet.h: the ports of the bridges, where br_netfilter knows them.
  std::optional<std::string> bridge_in = {};
  std::optional<std::string> bridge_out = {};
  // kNew: they open a connection, NAT chains are run. kEstablished: replies, NAT chains are not
  // run. kInvalid: of no connection, NAT chains are not run. Whether addresses were rewritten is
  // asked of the packets' flags.
  std::uint8_t state = OnState::kNew;
  std::uint8_t tcp_flags = 2;  // SYN; replies: SYN and ACK, 18
  bool nat = true;  // false: NAT chains are not run though the connection is new (over lo)
  // What the connection's destination was before DNAT is not in the set: a condition that asks for
  // it (OnOriginal) is unknown for packets whose destination was rewritten. Of other replies it is
  // the source.
  friend auto operator<=>(const HookPlace&, const HookPlace&) = default;
};

// What the machine knows of addresses; a function that is not set: not known. Pure: same arguments,
// same answers, as long as the filter lives.
struct FilterSurroundings {
  // All addresses of that type, as seen from one interface (--limit-iface-…) or, if empty, from the
  // machine. Types are disjoint; those of one family: the program's.
  std::function<std::vector<AddressRange>(OnAddressType::Bit, std::string_view interface)>
      addresses_of;
  // The address that REDIRECT and MASQUERADE take from an interface; nullopt: it has none.
  std::function<std::optional<IpAddress>(std::string_view interface)> address_of;
};

// Packets that come out of a hook having gone the same way.
struct HookBranch {
  PacketSet before;  // as they went in; branches may overlap only where one of them is not `sure`
  PacketSet after;   // as they came out
  // The fields that differ between the two. `before` packets become `after` packets with exactly
  // these fields replaced; what they are replaced by does not depend on the others.
  std::vector<PacketField> rewritten;  // sorted
  std::optional<AddressRange> to;      // the new destination, if that was rewritten (DNAT)
  // Not sure: some rule on the way is not understood, or depends on what is not known; these
  // packets may come out like this, or otherwise, or not at all.
  bool sure = true;
};

struct HookResult {
  std::vector<HookBranch> accepted;  // each `before` not empty. At most one rewrites nothing and is
                                     // sure, at most one rewrites nothing and is not
  PacketSet dropped;                 // surely dropped or rejected, as they went in
  PacketSet lost;  // as they went in: an action was not understood, anything may become of them
  std::vector<Step> unknown;  // the rules of which it is not known whether or how they apply to
                              // some packet of the set; sorted, without repetition
};

// A program made ready for sets: conditions are built once and kept. Lives in the thread's
// PacketSpace. Remembers results, so that a chain is not run twice for the same set at the same
// place. Throws PacketSpaceFull, like all work on sets.
class Filter {
 public:
  // CHECK: jumps do not loop (parsers refuse that).
  Filter(Program program, FilterSurroundings surroundings);
  ~Filter();
  Filter(Filter&&) noexcept;
  Filter& operator=(Filter&&) noexcept;

  // All base chains of the hook, by priority. `packets` of the other family come out unchanged in
  // no branch: CHECK that they are of the program's family.
  [[nodiscard]] HookResult run(Hook hook, const HookPlace& place, const PacketSet& packets);

  // Whether no base chain is called at this hook that could do anything but accept all.
  [[nodiscard]] bool idle(Hook hook) const;
  [[nodiscard]] const Program& program() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace firebreak
