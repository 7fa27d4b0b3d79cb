#include "packet/slices.h"

#include <fmt/format.h>

#include "base/check.h"
#include "packet/full.h"
#include "packet/layout.h"
#include "packet/space.h"

namespace firebreak {
namespace {

class Walk {
 public:
  Walk(PacketField field, Family family)
      : layout_(PacketSpace::current().layout()), field_(field), width_(width_of(field, family)) {}

  // All values that begin with the `bit` bits of `prefix`.
  void go(BddView node, unsigned bit, FieldBits prefix) {
    if (node.is_false()) return;
    if (bit == width_ || node.is_constant() ||
        node.variable() > layout_.variable(field_, width_ - 1)) {
      const unsigned left = width_ - bit;
      const FieldBits first = left == 128 ? 0 : prefix << left;
      add(first, first | largest(left), node);
      return;
    }
    const int variable = layout_.variable(field_, bit);
    CHECK(node.variable() >= variable);
    const bool tested = node.variable() == variable;
    go(tested ? node.low() : node, bit + 1, prefix << 1U);
    go(tested ? node.high() : node, bit + 1, prefix << 1U | 1U);
  }

  [[nodiscard]] std::vector<FieldSlice> take() { return std::move(slices_); }

 private:
  void add(FieldBits first, FieldBits last, BddView rest) {
    if (!slices_.empty() && slices_.back().rest == rest && slices_.back().last + 1 == first) {
      slices_.back().last = last;
      return;
    }
    slices_.push_back({first, last, rest});
    check_listable(slices_.size());
  }

  const PacketLayout& layout_;
  PacketField field_;
  unsigned width_;
  std::vector<FieldSlice> slices_;
};

}  // namespace

void check_listable(std::size_t parts) {
  const std::size_t most = PacketSpace::current().options().ranges_most;
  if (parts <= most) return;
  throw PacketSpaceFull({.kind = ErrorKind::kUnsupported,
                         .what = fmt::format("a set of packets has more than {} parts", most),
                         .where = {},
                         .remedy = "ask about fewer hosts at once"});
}

std::vector<FieldSlice> slices_of(BddView node, PacketField field, Family family) {
  Walk walk(field, family);
  walk.go(node, 0, 0);
  return walk.take();
}

}  // namespace firebreak
