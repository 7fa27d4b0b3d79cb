// From a decision diagram to a short list.
//
// The diagram is taken apart field by field, in the order of its variables. At each field, values
// that lead to the same node go together, so every path through "nodes where a field begins" is one
// rectangle; their number is bounded by that of the set's distinct rests, not by its ranges. Then
// rectangles that differ in one field only are merged, until none do. Worst case: as many
// rectangles as the set has ranges in all fields multiplied; bounded by the space's ranges_most.
#include "packet/rectangles.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "packet/bits.h"
#include "packet/layout.h"
#include "packet/slices.h"
#include "packet/space.h"

namespace firebreak {
namespace {

using enum PacketField;

bool is_rectangle_field(PacketField field) {
  return field == kProtocol || field == kSource || field == kDestination || field == kSourcePort ||
         field == kDestinationPort;
}

// Calls `visit` with the list of the field.
template <class Rectangle, class Visit>
auto with_list(Rectangle& rectangle, PacketField field, const Visit& visit) {
  switch (field) {
    case kProtocol: return visit(rectangle.protocols);
    case kSource: return visit(rectangle.sources);
    case kDestination: return visit(rectangle.destinations);
    case kSourcePort: return visit(rectangle.source_ports);
    case kDestinationPort: return visit(rectangle.destination_ports);
    default: CHECK(false);
  }
}

AddressRange range_from(FieldBits first, FieldBits last, Family family, const AddressRange*) {
  return {address_of(first, family), address_of(last, family)};
}
PortRange range_from(FieldBits first, FieldBits last, Family, const PortRange*) {
  return {Port{static_cast<std::uint16_t>(first)}, Port{static_cast<std::uint16_t>(last)}};
}
ProtocolRange range_from(FieldBits first, FieldBits last, Family, const ProtocolRange*) {
  return {static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(last)};
}

FieldBits number(const IpAddress& address) { return bits_of(address); }
FieldBits number(Port port) { return port.value; }
FieldBits number(std::uint8_t protocol) { return protocol; }

using Interval = std::pair<FieldBits, FieldBits>;
using Intervals = std::vector<Interval>;

template <class Range>
void assign(std::vector<Range>& list, const Intervals& intervals, Family family) {
  list.clear();
  for (const auto& [first, last] : intervals) {
    list.push_back(range_from(first, last, family, static_cast<const Range*>(nullptr)));
  }
}

class Decomposition {
 public:
  std::vector<PacketRectangle> of(const PacketSet& set) {
    const PacketLayout& layout = PacketSpace::current().layout();
    const PacketSet wire = set.on_the_wire();
    std::ranges::copy_if(layout.order(), std::back_inserter(fields_), is_rectangle_field);
    for (const Family family : {Family::kV4, Family::kV6}) {
      family_ = family;
      const Bdd half = wire.node().given(layout.family(family));
      split(half.view(), 0);
    }
    return std::move(found_);
  }

 private:
  void split(BddView node, std::size_t depth) {
    if (node.is_false()) return;
    if (depth == fields_.size()) {
      CHECK(node.is_true());
      found_.push_back(partial_);
      check_listable(found_.size());
      return;
    }
    std::vector<std::pair<BddView, Intervals>> groups;  // in the order of their first values
    std::map<BddView, std::size_t> known;
    for (const FieldSlice& slice : slices_of(node, fields_[depth], family_)) {
      const auto [at, is_new] = known.emplace(slice.rest, groups.size());
      if (is_new) groups.emplace_back(slice.rest, Intervals{});
      groups[at->second].second.emplace_back(slice.first, slice.last);
    }
    for (const auto& [rest, intervals] : groups) {
      with_list(partial_, fields_[depth], [&](auto& list) { assign(list, intervals, family_); });
      split(rest, depth + 1);
    }
  }

  std::vector<PacketField> fields_;
  Family family_ = Family::kV4;
  PacketRectangle partial_;
  std::vector<PacketRectangle> found_;
};

// Disjoint lists, sorted and merged into one.
template <class Range>
void unite(std::vector<Range>& list, const std::vector<Range>& more) {
  list.insert(list.end(), more.begin(), more.end());
  std::ranges::sort(list);
  std::vector<Range> merged;
  for (const Range& range : list) {
    if (!merged.empty() && number(merged.back().last) + 1 == number(range.first)) {
      merged.back().last = range.last;
    } else {
      merged.push_back(range);
    }
  }
  list = std::move(merged);
}

// Merges rectangles that are equal but for one field; says whether there were any.
bool merge_along(std::vector<PacketRectangle>& rectangles, PacketField field) {
  std::map<PacketRectangle, PacketRectangle> by_others;
  for (PacketRectangle& rectangle : rectangles) {
    PacketRectangle others = rectangle;
    // The addresses' family must stay in the key when an address list is left out: the other
    // address list has it.
    with_list(others, field, [](auto& list) { list.clear(); });
    const auto [at, is_new] = by_others.try_emplace(std::move(others), rectangle);
    if (is_new) continue;
    with_list(at->second, field, [&](auto& list) {
      with_list(std::as_const(rectangle), field, [&](const auto& more) {
        if constexpr (std::is_same_v<decltype(list), std::remove_cvref_t<decltype(more)>&>) {
          unite(list, more);
        }
      });
    });
  }
  const bool merged = by_others.size() < rectangles.size();
  rectangles.clear();
  for (auto& [others, rectangle] : by_others) rectangles.push_back(std::move(rectangle));
  return merged;
}

template <class Range, class Make>
PacketSet any_range(const std::vector<Range>& ranges, const Make& make) {
  std::vector<PacketSet> sets;
  sets.reserve(ranges.size());
  for (const Range& range : ranges) sets.push_back(make(range));
  return PacketSet::any_of(sets);
}

}  // namespace

PacketSet PacketRectangle::packets() const {
  return PacketSet::source(sources) & PacketSet::destination(destinations) &
         any_range(protocols,
                   [](const ProtocolRange& range) { return PacketSet::protocol(range); }) &
         any_range(source_ports, PacketSet::source_port) &
         any_range(destination_ports, PacketSet::destination_port);
}

std::vector<PacketRectangle> rectangles_of(const PacketSet& set) {
  std::vector<PacketRectangle> rectangles = Decomposition().of(set);
  bool merged = true;
  while (merged) {
    merged = false;
    for (const PacketField field :
         {kSource, kDestination, kProtocol, kSourcePort, kDestinationPort}) {
      merged = merge_along(rectangles, field) || merged;
    }
  }
  std::ranges::sort(rectangles);
  return rectangles;
}

}  // namespace firebreak
