// How packets came where they are: the namespaces they passed, and what each made of them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "filter/filter.h"
#include "packet/set.h"
#include "reach/model.h"

namespace firebreak {

// What one hook let pass, read in both directions.
class Relation {
 public:
  Relation() = default;
  explicit Relation(std::vector<HookBranch> branches);

  [[nodiscard]] const std::vector<HookBranch>& branches() const { return branches_; }
  [[nodiscard]] const PacketSet& after() const { return after_; }
  [[nodiscard]] bool rewrites() const { return rewrites_; }
  // The packets before the hook that come out as one of these.
  [[nodiscard]] PacketSet before(const PacketSet& after) const;
  // What these become.
  [[nodiscard]] PacketSet after(const PacketSet& before) const;

 private:
  std::vector<HookBranch> branches_;
  PacketSet after_;
  bool rewrites_ = false;
};

[[nodiscard]] PacketSet before_branch(const HookBranch& branch, const PacketSet& after);
[[nodiscard]] PacketSet after_branch(const HookBranch& branch, const PacketSet& before);

// One namespace that packets passed through, were sent by or delivered to. `first` is the hook
// that may rewrite destinations (PREROUTING, OUTPUT), `middle` INPUT or FORWARD (nothing at the
// sender), `last` POSTROUTING (nothing where they are delivered).
struct Crossing {
  SpaceId space;
  std::optional<std::size_t> in;   // nullopt: sent here
  std::optional<std::size_t> out;  // nullopt: delivered here
  bool bridged = false;
  bool sure = true;
  std::shared_ptr<const Relation> first = {};   // never null
  std::shared_ptr<const Relation> middle = {};  // null: none
  std::shared_ptr<const Relation> last = {};
  std::shared_ptr<const Crossing> previous = {};  // nullptr: the sender's
};
using Trail = std::shared_ptr<const Crossing>;

// The sets at one crossing of all packets that end in a given set.
struct Levels {
  PacketSet entered;  // before `first`
  PacketSet inside;   // after it: destinations are rewritten, sources not yet
  PacketSet left;     // as they went on
};

// For each crossing of the trail, the last one first.
[[nodiscard]] std::vector<Levels> levels_of(const Crossing& last, const PacketSet& delivered);

// Packets as they were sent, and as they arrive.
struct SentAndDelivered {
  PacketSet sent;
  PacketSet delivered;
  bool redirected = false;  // their destinations differ
};

// Split by the ways in which destinations were rewritten, so that of each pair everything sent to
// one address and port arrives at one place.
[[nodiscard]] std::vector<SentAndDelivered> pairs_of(const Crossing& last,
                                                     const PacketSet& delivered);

// On entering another namespace: marks and the state of connections stay behind.
[[nodiscard]] PacketSet arriving(const PacketSet& packets);

}  // namespace firebreak
