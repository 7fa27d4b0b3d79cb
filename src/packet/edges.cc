#include <algorithm>

#include "base/check.h"
#include "packet/bits.h"
#include "packet/rectangles.h"

namespace firebreak {
namespace {

using enum PacketField;

class Edges {
 public:
  explicit Edges(const PacketSet& set) : set_(set.on_the_wire()) {}

  void add(const PacketRectangle& rectangle) {
    const auto base = rectangle.packets().smallest();
    CHECK(base.has_value());
    const unsigned width = width_of(kSource, base->source.family());
    for (const AddressRange& range : rectangle.sources) {
      add(*base, kSource, bits_of(range.first), bits_of(range.last), width);
    }
    for (const AddressRange& range : rectangle.destinations) {
      add(*base, kDestination, bits_of(range.first), bits_of(range.last), width);
    }
    for (const PortRange& range : rectangle.source_ports) {
      add(*base, kSourcePort, range.first.value, range.last.value, 16);
    }
    for (const PortRange& range : rectangle.destination_ports) {
      add(*base, kDestinationPort, range.first.value, range.last.value, 16);
    }
  }

  [[nodiscard]] std::vector<PacketEdge> take() {
    std::ranges::sort(edges_);
    edges_.erase(std::ranges::unique(edges_).begin(), edges_.end());
    return std::move(edges_);
  }

 private:
  void add(const PacketHeader& base, PacketField field, FieldBits first, FieldBits last,
           unsigned width) {
    if (first > 0) add(base, field, first, first - 1);
    if (last < largest(width)) add(base, field, last, last + 1);
  }

  void add(PacketHeader inside, PacketField field, FieldBits value, FieldBits beyond) {
    set(inside, field, value);
    CHECK(set_.contains(inside));
    PacketHeader outside = inside;
    set(outside, field, beyond);
    if (!set_.contains(outside)) edges_.push_back({inside, outside});
  }

  PacketSet set_;
  std::vector<PacketEdge> edges_;
};

}  // namespace

std::vector<PacketEdge> edges_of(const PacketSet& set, std::size_t most) {
  Edges edges(set);
  for (const PacketRectangle& rectangle : rectangles_of(set)) edges.add(rectangle);
  std::vector<PacketEdge> all = edges.take();
  if (all.size() <= most) return all;
  std::vector<PacketEdge> some;
  some.reserve(most);
  for (std::size_t at = 0; at < most; ++at) some.push_back(all[at * all.size() / most]);
  return some;
}

}  // namespace firebreak
