// Packet sets against brute force, on values of the fuzzer's choice. The input says where each
// field's values are cut into cells (whole addresses and ports, of both families), then what to
// compute: ranges of cells, joined, met, subtracted, complemented and rewritten on a stack. All the
// while a model holds, for each combination of cells, whether its packets belong to the set. In the
// end both agree on the first and the last packet of every combination, on the count, on the lists
// of addresses and ports, and the set is what its rectangles are together.
#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "packet/bits.h"
#include "packet/rectangles.h"
#include "packet/set.h"
#include "packet/space.h"

namespace {

using namespace firebreak;
using enum PacketField;

constexpr std::array kFields = {kFamily,     kProtocol,        kSource, kDestination,
                                kSourcePort, kDestinationPort, kMark,   kUntracked};
constexpr std::array<std::size_t, kFields.size()> kCells = {2, 3, 3, 4, 2, 4, 4, 2};
constexpr std::size_t kMarkPlace = 6;
constexpr std::size_t kCombinations = std::size_t{2} * 3 * 3 * 4 * 2 * 4 * 4 * 2;
using Model = std::bitset<kCombinations>;
using Cells = std::array<std::size_t, kFields.size()>;

const Cells& cells_of(std::size_t wanted) {
  static const std::vector<Cells> all = [] {
    std::vector<Cells> made(kCombinations);
    for (std::size_t index = 0; index < kCombinations; ++index) {
      std::size_t rest = index;
      for (std::size_t at = 0; at < kFields.size(); ++at) {
        made[index][at] = rest % kCells[at];
        rest /= kCells[at];
      }
    }
    return made;
  }();
  return all[wanted];
}

std::size_t index_of(const Cells& cells) {
  std::size_t index = 0;
  for (std::size_t at = cells.size(); at-- > 0;) index = index * kCells[at] + cells[at];
  return index;
}

class Input {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  [[nodiscard]] bool done() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  std::size_t below(std::size_t limit) { return byte() % limit; }

 private:
  std::span<const std::uint8_t> bytes_;
};

struct Both {
  PacketSet set;
  Model model;
};

class Run {
 public:
  explicit Run(std::span<const std::uint8_t> bytes) : input_(bytes) {
    for (const Family family : {Family::kV4, Family::kV6}) {
      for (std::size_t at = 0; at < kFields.size(); ++at) {
        auto& starts = starts_[static_cast<std::size_t>(family)][at];
        // The others have one value a cell; a mark has two bits.
        if (kFields[at] == kMark || kFields[at] == kFamily || kFields[at] == kUntracked) continue;
        if (family == Family::kV6 && kFields[at] != kSource && kFields[at] != kDestination) {
          starts = starts_[0][at];
          continue;
        }
        starts = cut(width_of(kFields[at], family), kCells[at]);
      }
    }
  }

  void run() {
    for (int steps = 0; !input_.done() && steps < 40; ++steps) step();
    if (stack_.empty()) return;
    while (stack_.size() > 1) {  // so that all of it is looked at
      join([](const Both& left, const Both& right) {
        return Both{(left.set | right.set) - (left.set & right.set), left.model ^ right.model};
      });
    }
    check(stack_.back());
  }

 private:
  // First values of cells; fewer distinct ones than asked for leave cells at the end empty.
  std::vector<FieldBits> cut(unsigned width, std::size_t cells) {
    std::vector<FieldBits> starts = {0};
    while (starts.size() < cells) {
      FieldBits value = 0;
      for (unsigned bit = 0; bit < width; bit += 8) value = value << 8U | input_.byte();
      starts.push_back(value);
    }
    std::ranges::sort(starts);
    starts.erase(std::ranges::unique(starts).begin(), starts.end());
    return starts;
  }

  [[nodiscard]] const std::vector<FieldBits>& starts(Family family, std::size_t at) const {
    return starts_[static_cast<std::size_t>(family)][at];
  }

  [[nodiscard]] bool is_cut(std::size_t at) const { return !starts_[0][at].empty(); }

  [[nodiscard]] FieldBits last_of(Family family, std::size_t at, std::size_t cell) const {
    const auto& cuts = starts(family, at);
    return cell + 1 < cuts.size() ? cuts[cell + 1] - 1 : largest(width_of(kFields[at], family));
  }

  // Cells that no value is in take no part.
  [[nodiscard]] bool exists(const Cells& cells) const {
    const auto family = static_cast<Family>(cells[0]);
    for (std::size_t at = 0; at < cells.size(); ++at) {
      if (is_cut(at) && cells[at] >= starts(family, at).size()) return false;
    }
    return true;
  }

  template <class Holds>
  Model model_of(const Holds& holds) const {
    Model model;
    for (std::size_t index = 0; index < kCombinations; ++index) {
      const Cells& cells = cells_of(index);
      model[index] = exists(cells) && holds(cells);
    }
    return model;
  }

  struct Range {
    std::size_t at, first, last;
    Family family;
    FieldBits low, high;
  };
  Range range(std::size_t at) {
    const auto family = static_cast<Family>(input_.below(2));
    const std::size_t count = starts(family, at).size();
    const std::size_t first = input_.below(count);
    const std::size_t last = first + input_.below(count - first);
    return {at, first, last, family, starts(family, at)[first], last_of(family, at, last)};
  }
  static AddressRange addresses(const Range& range) {
    return {address_of(range.low, range.family), address_of(range.high, range.family)};
  }
  static PortRange ports(const Range& range) {
    return {Port{static_cast<std::uint16_t>(range.low)},
            Port{static_cast<std::uint16_t>(range.high)}};
  }

  void push(PacketSet set, Model model) { stack_.push_back({std::move(set), model}); }

  Both pop() {
    if (stack_.empty()) return {};
    Both top = std::move(stack_.back());
    stack_.pop_back();
    return top;
  }

  void push_range(std::size_t at) {
    const Range some = range(at);
    PacketSet set;
    switch (kFields[at]) {
      case kSource: set = PacketSet::source(addresses(some)); break;
      case kDestination: set = PacketSet::destination(addresses(some)); break;
      case kSourcePort: set = PacketSet::source_port(ports(some)); break;
      case kDestinationPort: set = PacketSet::destination_port(ports(some)); break;
      default:
        set = PacketSet::protocol(ProtocolRange{static_cast<std::uint8_t>(some.low),
                                                static_cast<std::uint8_t>(some.high)});
    }
    const bool of_family = kFields[at] == kSource || kFields[at] == kDestination;
    push(std::move(set), model_of([&](const Cells& cells) {
           return (!of_family || cells[0] == static_cast<std::size_t>(some.family)) &&
                  some.first <= cells[at] && cells[at] <= some.last;
         }));
  }

  // The field takes any of the cells, in packets of `family` or of all.
  Model spread(const Model& model, std::size_t at, std::size_t first, std::size_t last,
               std::optional<Family> family) const {
    Model after;
    for (std::size_t index = 0; index < kCombinations; ++index) {
      if (!model[index]) continue;
      Cells cells = cells_of(index);
      if (family && cells[0] != static_cast<std::size_t>(*family)) {
        after.set(index);
        continue;
      }
      for (cells[at] = first; cells[at] <= last; ++cells[at]) after.set(index_of(cells));
    }
    return after;
  }

  void rewrite(std::size_t at) {
    const Both top = pop();
    const Range some = range(at);
    const auto any = [&](std::optional<Family> family) {
      return spread(top.model, at, some.first, some.last, family);
    };
    switch (kFields[at]) {
      case kSource: push(top.set.with_source(addresses(some)), any(some.family)); break;
      case kDestination: push(top.set.with_destination(addresses(some)), any(some.family)); break;
      case kSourcePort: push(top.set.with_source_port(ports(some)), any({})); break;
      case kDestinationPort: push(top.set.with_destination_port(ports(some)), any({})); break;
      default:
        push(top.set.forget(kProtocol),
             spread(top.model, at, 0, starts(Family::kV4, at).size() - 1, {}));
    }
  }

  void remark() {
    const Both top = pop();
    const auto value = static_cast<std::uint32_t>(input_.below(4));
    const auto mask = static_cast<std::uint32_t>(input_.below(4));
    Model after;
    for (std::size_t index = 0; index < kCombinations; ++index) {
      if (!top.model[index]) continue;
      Cells cells = cells_of(index);
      cells[kMarkPlace] = (cells[kMarkPlace] & ~std::size_t{mask}) ^ value;
      after.set(index_of(cells));
    }
    push(top.set.with_mark(value, mask), after);
  }

  void step() {
    switch (input_.below(16)) {
      case 0: push_range(1); break;
      case 1: push_range(2); break;
      case 2: push_range(3); break;
      case 3: push_range(4); break;
      case 4: push_range(5); break;
      case 5: {
        const auto value = static_cast<std::uint32_t>(input_.below(4));
        const auto mask = static_cast<std::uint32_t>(input_.below(4));
        push(PacketSet::mark(value, mask), model_of([&](const Cells& cells) {
               return ((cells[kMarkPlace] ^ value) & mask) == 0;
             }));
        break;
      }
      case 6: {
        const std::size_t value = input_.below(2);
        push(PacketSet::flag(kUntracked, value == 1),
             model_of([&](const Cells& cells) { return cells.back() == value; }));
        break;
      }
      case 7:
      case 8:
        join([](const Both& left, const Both& right) {
          return Both{left.set | right.set, left.model | right.model};
        });
        break;
      case 9:
        join([](const Both& left, const Both& right) {
          return Both{left.set & right.set, left.model & right.model};
        });
        break;
      case 10:
        join([](const Both& left, const Both& right) {
          return Both{left.set - right.set, left.model & ~right.model};
        });
        break;
      case 11: {
        const Both top = pop();
        push(~top.set, model_of([](const Cells&) { return true; }) & ~top.model);
        break;
      }
      case 12: remark(); break;
      default: rewrite(1 + input_.below(5));
    }
  }

  template <class Operation>
  void join(const Operation& operation) {
    const Both right = pop();
    const Both left = pop();
    stack_.push_back(operation(left, right));
  }

  [[nodiscard]] PacketHeader packet(const Cells& cells, bool last) const {
    const auto family = static_cast<Family>(cells[0]);
    PacketHeader header;
    header.source = header.destination = address_of(0, family);
    for (std::size_t at = 1; at < cells.size(); ++at) {
      const FieldBits value = !is_cut(at) ? cells[at]
                              : last      ? last_of(family, at, cells[at])
                                          : starts(family, at)[cells[at]];
      set(header, kFields[at], value);
    }
    return header;
  }

  // How many packets; the marks' other 30 bits, the connection's mark and two flags are free.
  [[nodiscard]] double packets(const Cells& cells) const {
    const auto family = static_cast<Family>(cells[0]);
    double count = 0x1p64;
    for (std::size_t at = 1; at < cells.size(); ++at) {
      if (!is_cut(at)) continue;
      count *=
          static_cast<double>(last_of(family, at, cells[at]) - starts(family, at)[cells[at]]) + 1;
    }
    return count;
  }

  void check(const Both& both) const {
    double count = 0;
    for (std::size_t index = 0; index < kCombinations; ++index) {
      const Cells& cells = cells_of(index);
      if (!exists(cells)) continue;
      CHECK(both.set.contains(packet(cells, false)) == both.model[index]);
      CHECK(both.set.contains(packet(cells, true)) == both.model[index]);
      if (both.model[index]) count += packets(cells);
    }
    CHECK(std::abs(both.set.count() - count) <= count * 1e-9);
    CHECK(both.set.empty() == both.model.none());
    check_addresses(both, 2, both.set.sources());
    check_addresses(both, 3, both.set.destinations());
    const auto smallest = both.set.smallest();
    CHECK(smallest.has_value() == both.model.any());
    CHECK(!smallest || both.set.contains(*smallest));
    PacketSet together;
    for (const PacketRectangle& rectangle : rectangles_of(both.set)) {
      CHECK(!together.overlaps(rectangle.packets()));
      together |= rectangle.packets();
    }
    CHECK(together == both.set.on_the_wire());
    for (const PacketEdge& edge : edges_of(both.set, 10)) {
      CHECK(together.contains(edge.inside) && !together.contains(edge.outside));
    }
  }

  void check_addresses(const Both& both, std::size_t at,
                       const std::vector<AddressRange>& found) const {
    std::array<std::array<bool, 4>, 2> used{};
    for (std::size_t index = 0; index < kCombinations; ++index) {
      const Cells& cells = cells_of(index);
      if (both.model[index]) used[cells[0]][cells[at]] = true;
    }
    std::vector<AddressRange> expected;
    for (const Family family : {Family::kV4, Family::kV6}) {
      for (std::size_t cell = 0; cell < starts(family, at).size(); ++cell) {
        if (!used[static_cast<std::size_t>(family)][cell]) continue;
        const FieldBits first = starts(family, at)[cell];
        const IpAddress last = address_of(last_of(family, at, cell), family);
        if (!expected.empty() && expected.back().last.family() == family &&
            bits_of(expected.back().last) + 1 == first) {
          expected.back().last = last;
        } else {
          expected.push_back({address_of(first, family), last});
        }
      }
    }
    CHECK(found == expected);
  }

  Input input_;
  std::array<std::array<std::vector<FieldBits>, kFields.size()>, 2> starts_;
  std::vector<Both> stack_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const PacketSpace space;
  Run({data, size}).run();
  return 0;
}
