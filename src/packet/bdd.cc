// BuDDy behind a value type. What its manual does not say, and this file depends on (read in and
// tried with 2.4):
//  - A table whose largest size is not a prime writes past its end once it is full: it "grows" to
//    the size it has. So the limit is made a prime here.
//  - When it is full, the operation under way ends with a wrong result and leaves wrong results in
//    the caches; bdd_clear_error empties those. Nodes that are referenced stay sound.
//  - Close to full, it collects garbage for every few nodes that it makes. A table that a
//  collection
//    leaves nearly full counts as full.
//  - A failed realloc of the table leaves it unusable, so this is a CHECK. The limit is there to
//    come first.
#include "packet/bdd.h"

#include <bdd.h>
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "base/check.h"
#include "packet/full.h"

// bdd.h turns the names of its C functions into those of C++ functions that we do not use.
#undef bdd_init
#undef bdd_ithvar
#undef bdd_nithvar
#undef bdd_makeset

namespace firebreak {
namespace {

struct Table {
  std::thread::id owner;
  std::size_t references = 0;  // to nodes that are not constants
  int error = 0;               // BuDDy's, of the operation under way
  bool nearly_full = false;
  int nodes_most = 0;
};

constexpr int kNearlyFullPercent = 5;  // free nodes after a collection, below which it is

std::atomic<Table*>& current() {
  static std::atomic<Table*> table = nullptr;
  return table;
}

Table& table() {
  Table* const found = current().load(std::memory_order_relaxed);
  CHECK(found != nullptr);
  CHECK(found->owner == std::this_thread::get_id());
  return *found;
}

void on_error(int code) { table().error = std::abs(code); }

void on_collection(int before, bddGbcStat* stat) {
  if (before != 0) return;
  Table& self = table();
  self.nearly_full = stat->nodes >= self.nodes_most &&
                     stat->freenodes < self.nodes_most / 100 * kNearlyFullPercent;
}

// Ends every operation that makes nodes.
int finished(int node) {
  Table& self = table();
  if (self.error == 0 && !self.nearly_full) return node;
  CHECK(self.error == 0 || self.error == std::abs(BDD_NODENUM));
  self.error = 0;
  self.nearly_full = false;
  bdd_clear_error();
  throw PacketSpaceFull(
      {.kind = ErrorKind::kUnsupported,
       .what = fmt::format("the packet sets need more than {} BDD nodes", self.nodes_most),
       .where = {},
       .remedy = "ask about fewer hosts at once"});
}

int largest_prime_to(int limit) {
  const auto is_prime = [](int number) {
    for (int factor = 2; factor <= number / factor; ++factor) {
      if (number % factor == 0) return false;
    }
    return number >= 2;
  };
  while (!is_prime(limit)) --limit;
  return limit;
}

struct PairDeleter {
  void operator()(bddPair* pair) const { bdd_freepair(pair); }
};

}  // namespace

BddTable::BddTable(const BddTableOptions& options) {
  CHECK(options.variables > 0 && options.nodes_first > 2 * options.variables);
  CHECK(options.nodes_most / 2 > options.nodes_first && options.cache_entries > 0);
  auto made = std::make_unique<Table>();
  made->owner = std::this_thread::get_id();
  made->nodes_most = largest_prime_to(options.nodes_most);
  Table* expected = nullptr;
  CHECK(current().compare_exchange_strong(expected, made.get()));
  const Table& self = *made.release();
  CHECK(bdd_init(options.nodes_first, options.cache_entries) == 0);
  bdd_error_hook(on_error);
  bdd_gbc_hook(on_collection);
  bdd_setmaxnodenum(self.nodes_most);
  bdd_setmaxincrease(self.nodes_most);
  bdd_setminfreenodes(33);  // after a collection, in percent; with fewer the table grows
  bdd_setcacheratio(std::max(1, options.nodes_first / options.cache_entries));
  bdd_setvarnum(options.variables);
  bdd_disable_reorder();
  CHECK(self.error == 0);
}

BddTable::~BddTable() {
  const std::unique_ptr<Table> self(&table());
  CHECK(self->references == 0);
  bdd_done();
  current() = nullptr;
}

BddTableStats BddTable::stats() const {
  CHECK(table().error == 0);
  bddStat stat{};
  ::bdd_stats(&stat);
  return {.nodes = static_cast<std::size_t>(stat.nodenum - stat.freenodes),
          .allocated = static_cast<std::size_t>(stat.nodenum),
          .made = static_cast<std::size_t>(stat.produced),
          .collections = static_cast<std::size_t>(stat.gbcnum)};
}

int BddView::variable() const {
  CHECK(!is_constant());
  return bdd_var(node_);
}

BddView BddView::low() const {
  CHECK(!is_constant());
  return BddView(bdd_low(node_));
}

BddView BddView::high() const {
  CHECK(!is_constant());
  return BddView(bdd_high(node_));
}

Bdd::Bdd(int node) : node_(node) {
  if (node_ < 2) return;
  Table& self = table();
  bdd_addref(node_);
  ++self.references;
  CHECK(self.error == 0);
}

Bdd::Bdd(const Bdd& other) : Bdd(other.node_) {}

Bdd::~Bdd() {
  if (node_ < 2) return;
  Table& self = table();
  bdd_delref(node_);
  --self.references;
  CHECK(self.error == 0);
}

Bdd Bdd::literal(int variable, bool value) {
  return Bdd(finished(value ? bdd_ithvar(variable) : bdd_nithvar(variable)));
}

Bdd operator&(const Bdd& left, const Bdd& right) {
  return Bdd(finished(bdd_apply(left.node_, right.node_, bddop_and)));
}

Bdd operator|(const Bdd& left, const Bdd& right) {
  return Bdd(finished(bdd_apply(left.node_, right.node_, bddop_or)));
}

// BuDDy has no short cut for differences: it would walk all of `left` to take nothing away.
Bdd operator-(const Bdd& left, const Bdd& right) {
  if (left.node_ == 0 || right.node_ == 0) return left;
  return Bdd(finished(bdd_apply(left.node_, right.node_, bddop_diff)));
}

Bdd Bdd::operator!() const { return Bdd(finished(bdd_not(node_))); }

Bdd Bdd::equal(const Bdd& left, const Bdd& right) {
  return Bdd(finished(bdd_apply(left.node_, right.node_, bddop_biimp)));
}

Bdd Bdd::exists(const Bdd& cube) const { return Bdd(finished(bdd_exist(node_, cube.node_))); }

Bdd Bdd::given(const Bdd& cube) const { return Bdd(finished(bdd_restrict(node_, cube.node_))); }

Bdd Bdd::flipped(int variable) const {
  return Bdd(finished(bdd_compose(node_, bdd_nithvar(variable), variable)));
}

Bdd Bdd::swapped(std::span<const std::pair<int, int>> pairs) const {
  const std::unique_ptr<bddPair, PairDeleter> map(bdd_newpair());
  CHECK(map != nullptr);
  for (const auto& [left, right] : pairs) {
    bdd_setpair(map.get(), left, right);
    bdd_setpair(map.get(), right, left);
  }
  return Bdd(finished(bdd_veccompose(node_, map.get())));
}

std::size_t Bdd::node_count() const {
  CHECK(table().error == 0);
  return static_cast<std::size_t>(bdd_nodecount(node_));
}

double Bdd::assignments() const {
  CHECK(table().error == 0);
  return bdd_satcount(node_);
}

}  // namespace firebreak
