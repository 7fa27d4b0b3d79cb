// The room in which packet sets live.
//
// Packet sets share one table of BDD nodes, because the library that keeps them (BuDDy, see
// docs/third-party.md) has one for the whole process. A PacketSpace owns that table; the thread
// that made it is the only one that may touch a PacketSet, and no PacketSet outlives it. All of
// this is CHECKed. Make one for a question that belongs together (all hosts of an estate, so that
// they share nodes), and let go of it when it is answered.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "packet/full.h"
#include "packet/header.h"

namespace firebreak {

struct PacketSpaceOptions {
  // 20 bytes each. The first ones are touched at once (1.3 MB, less than 1 ms); the table doubles
  // when a garbage collection leaves less than a third of it free.
  int nodes_first = 1 << 16;
  int nodes_most = 16'000'000;  // 320 MB, and 144 MB of caches; more than twice the first
  // At first, of each of six caches, 24 bytes each; their share of the table stays.
  int cache_entries = 1 << 12;
  // Ranges and rectangles that one list may have.
  std::size_t ranges_most = 100'000;
  // The order in which the variables are tested, for measurements. Results do not depend on it,
  // except for which packet is the smallest and how a set falls into rectangles. CHECK: every field
  // once, the two marks beside each other. Empty: the order of packet/set.cc.
  std::vector<PacketField> order;
};

struct PacketSpaceStats {
  std::size_t nodes = 0;        // in use, with those that the next collection frees
  std::size_t allocated = 0;    // the table's size
  std::size_t made = 0;         // nodes ever made
  std::size_t collections = 0;  // of garbage
};

class BddTable;      // packet/bdd.h
class PacketLayout;  // packet/layout.h

class PacketSpace {
 public:
  // CHECK: there is no other one in this process.
  explicit PacketSpace(PacketSpaceOptions options = {});
  ~PacketSpace();
  PacketSpace(const PacketSpace&) = delete;
  PacketSpace& operator=(const PacketSpace&) = delete;

  // The one that this thread made (CHECK: there is one).
  [[nodiscard]] static const PacketSpace& current();
  [[nodiscard]] const PacketSpaceOptions& options() const { return options_; }
  [[nodiscard]] const PacketLayout& layout() const { return *layout_; }
  [[nodiscard]] PacketSpaceStats stats() const;

 private:
  PacketSpaceOptions options_;
  std::unique_ptr<BddTable> table_;
  std::unique_ptr<PacketLayout> layout_;
};

// Of this thread's space.
[[nodiscard]] inline const PacketLayout& current_layout() {
  return PacketSpace::current().layout();
}

// What `work` returns, or the error of a full space: never a wrong set.
template <std::invocable Work>
[[nodiscard]] Result<std::invoke_result_t<Work>> within_space(Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const PacketSpaceFull& full) {
    return std::unexpected(full.error());
  }
}

}  // namespace firebreak
