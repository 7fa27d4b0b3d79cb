// Packets on their way through a hook, with what was done to them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/ip.h"
#include "packet/set.h"
#include "rules/evaluate.h"

namespace firebreak {

// What rules wrote into packets. A range: any value of it.
struct Written {
  std::optional<AddressRange> destination;
  std::optional<PortRange> destination_port;
  std::optional<AddressRange> source;
  std::optional<PortRange> source_port;
  std::optional<std::uint32_t> mark;
  std::optional<std::uint32_t> connection_mark;
  bool destination_rewritten = false;
  bool source_rewritten = false;
  bool untracked = false;
  bool by_nat = false;  // a NAT rule decided; it may have left the packet as it was
  friend auto operator<=>(const Written&, const Written&) = default;

  [[nodiscard]] std::vector<PacketField> fields() const;  // that were written; sorted
  [[nodiscard]] Written then(const Written& later) const;
};

// Packets that had the same written. `now` is made of `before` by that alone: a packet of `before`
// with the written fields replaced is in `now`, and each of `now` is made like this.
struct Parcel {
  PacketSet before;
  PacketSet now;
};

// Parcels by what was written.
class Parcels {
 public:
  void add(const Written& written, const Parcel& parcel);
  [[nodiscard]] bool empty() const { return parcels_.empty(); }
  [[nodiscard]] const std::map<Written, Parcel>& all() const { return parcels_; }

 private:
  std::map<Written, Parcel> parcels_;  // none empty
};

// Rules of which it is not known whether or how they apply, and to which packets.
class Doubts {
 public:
  void add(const Step& step, const PacketSet& before);
  [[nodiscard]] bool empty() const { return doubts_.empty(); }
  [[nodiscard]] const std::map<std::pair<ChainId, std::size_t>, PacketSet>& all() const {
    return doubts_;
  }

 private:
  std::map<std::pair<ChainId, std::size_t>, PacketSet> doubts_;
};

// What may become of the packets of a set in a part of the program. Every packet is somewhere in
// it. In several places: it is not known which; then rules are among the doubts.
struct Passage {
  Parcels accepted;   // by the base chain
  Parcels returned;   // to the calling chain
  Parcels going_on;   // to the next rule
  PacketSet dropped;  // as they came in, like `lost`
  PacketSet lost;     // anything may become of them
  Doubts doubts;

  // What becomes of a parcel whose packets then took that passage.
  void add(const Written& written, const Parcel& parcel, const Passage& later);
};

// The packets of the parcel that are in `part` now, as they were before.
class PullBack {
 public:
  PullBack(const Written& written, const Parcel& parcel);
  [[nodiscard]] PacketSet operator()(const PacketSet& part) const;

 private:
  const Parcel& parcel_;
  std::vector<PacketField> fields_;
};

}  // namespace firebreak
