// Boolean functions as reduced ordered binary decision diagrams (Bryant, "Graph-Based Algorithms
// for Boolean Function Manipulation", IEEE Trans. Comput. 35(8), 1986), kept by BuDDy 2.4.
//
// The inner half of packet/: what a variable means is known to packet/layout.h alone. Use
// packet/set.h.
//
// BuDDy has one table for the whole process. `BddTable` owns it, and the thread that made it is the
// only one that may touch a Bdd: everything here CHECKs that, copying and destroying included.
// Whatever makes nodes throws PacketSpaceFull when there are too many; what existed before it was
// thrown still does. Variables are tested in the order of their numbers; there is no reordering.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

namespace firebreak {

struct BddTableOptions {
  int variables = 0;
  int nodes_first = 0;    // the table begins with these and doubles as needed; 20 bytes each
  int nodes_most = 0;     // more than twice nodes_first; reached means PacketSpaceFull
  int cache_entries = 0;  // at first, of each of six caches; 24 bytes each; grows with the table
};

struct BddTableStats {
  std::size_t nodes = 0;  // in use, dead ones included that were not collected yet
  std::size_t allocated = 0;
  std::size_t made = 0;  // ever
  std::size_t collections = 0;
};

// From construction to destruction there is exactly one (CHECK), and no Bdd but the constants
// outlives it (CHECK).
class BddTable {
 public:
  explicit BddTable(const BddTableOptions& options);
  ~BddTable();
  BddTable(const BddTable&) = delete;
  BddTable& operator=(const BddTable&) = delete;

  [[nodiscard]] BddTableStats stats() const;
};

// A node that is looked at but not kept: valid while a Bdd above it lives.
class BddView {
 public:
  explicit BddView(int node) : node_(node) {}
  [[nodiscard]] bool is_false() const { return node_ == 0; }
  [[nodiscard]] bool is_true() const { return node_ == 1; }
  [[nodiscard]] bool is_constant() const { return node_ < 2; }
  // CHECK for these: not a constant.
  [[nodiscard]] int variable() const;
  [[nodiscard]] BddView low() const;   // where the variable is 0
  [[nodiscard]] BddView high() const;  // where it is 1
  // Equal nodes are equal functions. The order tells them apart and means nothing: it depends on
  // what else was computed.
  friend auto operator<=>(BddView, BddView) = default;

 private:
  int node_;
};

// A function of the table's variables; a value. Copying costs one call and no node.
class Bdd {
 public:
  Bdd() = default;  // false
  [[nodiscard]] static Bdd constant(bool value) { return Bdd(value ? 1 : 0); }
  [[nodiscard]] static Bdd literal(int variable, bool value);
  Bdd(const Bdd& other);
  Bdd(Bdd&& other) noexcept : node_(std::exchange(other.node_, 0)) {}
  Bdd& operator=(const Bdd& other) { return *this = Bdd(other); }
  Bdd& operator=(Bdd&& other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~Bdd();

  // The product of the sizes at worst, about their sum in practice.
  friend Bdd operator&(const Bdd& left, const Bdd& right);
  friend Bdd operator|(const Bdd& left, const Bdd& right);
  friend Bdd operator-(const Bdd& left, const Bdd& right);  // left and not right
  [[nodiscard]] Bdd operator!() const;
  [[nodiscard]] static Bdd equal(const Bdd& left, const Bdd& right);  // true where both agree

  // `cube` is a conjunction of literals.
  [[nodiscard]] Bdd exists(const Bdd& cube) const;  // true where some value of its variables is
  [[nodiscard]] Bdd given(const Bdd& cube) const;   // with its variables fixed to its literals
  [[nodiscard]] Bdd flipped(int variable) const;    // with the variable's meaning turned around
  // With the two variables of each pair exchanged, all pairs at once. No variable occurs twice.
  [[nodiscard]] Bdd swapped(std::span<const std::pair<int, int>> pairs) const;

  friend bool operator==(const Bdd& left, const Bdd& right) { return left.node_ == right.node_; }
  [[nodiscard]] BddView view() const { return BddView(node_); }
  [[nodiscard]] std::size_t node_count() const;  // without the constants
  [[nodiscard]] double assignments() const;      // of all variables, that make it true

 private:
  explicit Bdd(int node);  // takes a reference
  int node_ = 0;           // BuDDy's number: 0 false, 1 true
};

}  // namespace firebreak
