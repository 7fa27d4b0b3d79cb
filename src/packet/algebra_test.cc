// Packet sets against brute force: random expressions over a universe of 8,192 packets, each of
// which is computed a second time as a plain set of packets.
#include <gtest/gtest.h>

#include <array>
#include <bitset>
#include <random>

#include "packet/set.h"
#include "packet/space.h"

namespace firebreak {
namespace {

// The values that fields take in the universe. None of the ranges is a prefix.
constexpr std::array kProtocols = {6, 17};
constexpr unsigned kFirstSource = 3;         // 3, 4
constexpr unsigned kFirstDestination = 6;    // 6 to 9
constexpr unsigned kFirstSourcePort = 1023;  // 1023, 1024
constexpr unsigned kFirstPort = 78;          // 78 to 81
constexpr std::array<std::uint32_t, 4> kMarks = {0, 1, 0x80000000, 0x80000001};

constexpr std::array<std::size_t, 9> kSizes = {2, 2, 2, 4, 2, 4, 4, 4, 2};
constexpr std::size_t kPackets = 8192;
using Model = std::bitset<kPackets>;

// One packet of the universe, by the place of each field's value.
struct Point {
  std::array<std::size_t, 9> at{};  // family, protocol, source, destination, source port, port,
                                    // mark, connection mark, destination rewritten
  static Point of(std::size_t index) {
    Point point;
    for (std::size_t field = 0; field < kSizes.size(); ++field) {
      point.at[field] = index % kSizes[field];
      index /= kSizes[field];
    }
    return point;
  }
  [[nodiscard]] std::size_t index() const {
    std::size_t index = 0;
    for (std::size_t field = kSizes.size(); field-- > 0;) index = index * kSizes[field] + at[field];
    return index;
  }
};
enum Part {
  kFamilyPart,
  kProtocolPart,
  kSourcePart,
  kDestinationPart,
  kSourcePortPart,
  kPortPart,
  kMarkPart,
  kConnectionMarkPart,
  kFlagPart
};

IpAddress address(std::size_t family, unsigned last) {
  if (family == 0) return IpAddress::v4(0x0A000000U + last);
  std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
  bytes[15] = static_cast<std::uint8_t>(last);
  return IpAddress::of(Family::kV6, bytes);
}

Port port(std::size_t value) { return Port{static_cast<std::uint16_t>(value)}; }

PacketHeader header_of(const Point& point) {
  PacketHeader header;
  header.source =
      address(point.at[kFamilyPart], kFirstSource + static_cast<unsigned>(point.at[kSourcePart]));
  header.destination = address(
      point.at[kFamilyPart], kFirstDestination + static_cast<unsigned>(point.at[kDestinationPart]));
  header.protocol = static_cast<std::uint8_t>(kProtocols[point.at[kProtocolPart]]);
  header.source_port = port(kFirstSourcePort + point.at[kSourcePortPart]);
  header.destination_port = port(kFirstPort + point.at[kPortPart]);
  header.mark = kMarks[point.at[kMarkPart]];
  header.connection_mark = kMarks[point.at[kConnectionMarkPart]];
  header.destination_rewritten = point.at[kFlagPart] == 1;
  return header;
}

std::size_t place_of_mark(std::uint32_t mark) { return (mark & 1U) | (mark >> 31U) << 1U; }

struct Both {
  PacketSet set;
  Model model;
};

class Expressions {
 public:
  explicit Expressions(unsigned seed) : dice_(seed) {
    std::array<PacketSet, 4> marks;
    std::array<PacketSet, 4> connection_marks;
    for (std::size_t at = 0; at < 4; ++at) {
      marks[at] = PacketSet::mark(kMarks[at]);
      connection_marks[at] = PacketSet::connection_mark(kMarks[at]);
    }
    const std::array addresses = {sources(0, 0, 1) & destinations(0, 0, 3),
                                  sources(1, 0, 1) & destinations(1, 0, 3)};
    universe_ = PacketSet::any_of(addresses) & PacketSet::any_of(marks) &
                PacketSet::any_of(connection_marks) &
                (PacketSet::protocol(6) | PacketSet::protocol(17)) &
                PacketSet::source_port({port(1023), port(1024)}) &
                PacketSet::destination_port({port(78), port(81)}) &
                PacketSet::flag(PacketField::kSourceRewritten, false) &
                PacketSet::flag(PacketField::kUntracked, false);
  }

  Both next(int depth) {
    if (depth == 0) return leaf();
    switch (below(10)) {
      case 0:
      case 1: return join(next(depth - 1), next(depth - 1));
      case 2:
      case 3: return meet(next(depth - 1), next(depth - 1));
      case 4: return subtract(next(depth - 1), next(depth - 1));
      case 5: {
        const Both inner = next(depth - 1);
        return {~inner.set & universe_, ~inner.model};
      }
      default: return rewritten(next(depth - 1));
    }
  }

 private:
  static Both join(const Both& left, const Both& right) {
    return {left.set | right.set, left.model | right.model};
  }
  static Both meet(const Both& left, const Both& right) {
    return {left.set & right.set, left.model & right.model};
  }
  static Both subtract(const Both& left, const Both& right) {
    return {left.set - right.set, left.model & ~right.model};
  }

  std::size_t below(std::size_t limit) { return dice_() % limit; }

  std::pair<std::size_t, std::size_t> range(std::size_t size) {
    const std::size_t first = below(size);
    return {first, first + below(size - first)};
  }

  static PacketSet sources(std::size_t family, std::size_t first, std::size_t last) {
    return PacketSet::source(source_range(family, first, last));
  }
  static AddressRange source_range(std::size_t family, std::size_t first, std::size_t last) {
    return {address(family, kFirstSource + static_cast<unsigned>(first)),
            address(family, kFirstSource + static_cast<unsigned>(last))};
  }
  static PacketSet destinations(std::size_t family, std::size_t first, std::size_t last) {
    return PacketSet::destination(destination_range(family, first, last));
  }
  static AddressRange destination_range(std::size_t family, std::size_t first, std::size_t last) {
    return {address(family, kFirstDestination + static_cast<unsigned>(first)),
            address(family, kFirstDestination + static_cast<unsigned>(last))};
  }
  static PortRange port_range(std::size_t base, std::size_t first, std::size_t last) {
    return {port(base + first), port(base + last)};
  }

  template <class Holds>
  Both constrained(const PacketSet& set, const Holds& holds) {
    Model model;
    for (std::size_t index = 0; index < kPackets; ++index) model[index] = holds(Point::of(index));
    return {set & universe_, model};
  }

  Both leaf() {
    const auto within = [](Part part, std::size_t first, std::size_t last) {
      return [=](const Point& point) { return first <= point.at[part] && point.at[part] <= last; };
    };
    switch (below(8)) {
      case 0: {
        const std::size_t family = below(2);
        return constrained(PacketSet::of(family == 0 ? Family::kV4 : Family::kV6),
                           within(kFamilyPart, family, family));
      }
      case 1: {
        const std::size_t protocol = below(2);
        return constrained(PacketSet::protocol(static_cast<std::uint8_t>(kProtocols[protocol])),
                           within(kProtocolPart, protocol, protocol));
      }
      case 2: {
        const std::size_t family = below(2);
        const auto [first, last] = range(2);
        return constrained(sources(family, first, last), [=](const Point& point) {
          return point.at[kFamilyPart] == family && within(kSourcePart, first, last)(point);
        });
      }
      case 3: {
        const std::size_t family = below(2);
        const auto [first, last] = range(4);
        return constrained(destinations(family, first, last), [=](const Point& point) {
          return point.at[kFamilyPart] == family && within(kDestinationPart, first, last)(point);
        });
      }
      case 4: {
        const auto [first, last] = range(2);
        return constrained(PacketSet::source_port(port_range(kFirstSourcePort, first, last)),
                           within(kSourcePortPart, first, last));
      }
      case 5: {
        const auto [first, last] = range(4);
        return constrained(PacketSet::destination_port(port_range(kFirstPort, first, last)),
                           within(kPortPart, first, last));
      }
      case 6: {
        const std::uint32_t value = kMarks[below(4)];
        const std::uint32_t mask = kMarks[below(4)];
        const bool connection = below(2) == 1;
        return constrained(
            connection ? PacketSet::connection_mark(value, mask) : PacketSet::mark(value, mask),
            [=](const Point& point) {
              return ((kMarks[point.at[connection ? kConnectionMarkPart : kMarkPart]] ^ value) &
                      mask) == 0;
            });
      }
      default: {
        const std::size_t value = below(2);
        return constrained(PacketSet::flag(PacketField::kDestinationRewritten, value == 1),
                           within(kFlagPart, value, value));
      }
    }
  }

  // `to(point, add)` calls `add` with every packet that the packet may become.
  template <class To>
  static Both image(const PacketSet& set, const Model& model, const To& to) {
    Model after;
    for (std::size_t index = 0; index < kPackets; ++index) {
      if (model[index]) to(Point::of(index), [&](const Point& point) { after.set(point.index()); });
    }
    return {set, after};
  }

  static auto to_any(Part part, std::size_t first, std::size_t last) {
    return [=](Point point, const auto& add) {
      for (std::size_t at = first; at <= last; ++at) {
        point.at[part] = at;
        add(point);
      }
    };
  }

  static auto to_any_of_family(std::size_t family, Part part, std::size_t first, std::size_t last) {
    return [=](const Point& point, const auto& add) {
      if (point.at[kFamilyPart] == family) {
        to_any(part, first, last)(point, add);
      } else {
        add(point);
      }
    };
  }

  static auto remarked(Part part, std::uint32_t value, std::uint32_t mask) {
    return [=](Point point, const auto& add) {
      point.at[part] = place_of_mark((kMarks[point.at[part]] & ~mask) ^ value);
      add(point);
    };
  }

  static auto copied(Part from, Part to, std::uint32_t mask) {
    return [=](Point point, const auto& add) {
      point.at[to] =
          place_of_mark((kMarks[point.at[to]] & ~mask) | (kMarks[point.at[from]] & mask));
      add(point);
    };
  }

  Both rewritten(const Both& inner) {
    const std::size_t family = below(2);
    const auto [first, last] = range(4);
    const auto [first2, last2] = range(2);
    const std::uint32_t value = kMarks[below(4)];
    const std::uint32_t mask = kMarks[below(4)];
    const auto& [set, model] = inner;
    switch (below(9)) {
      case 0:
        return image(set.with_destination(destination_range(family, first, last)), model,
                     to_any_of_family(family, kDestinationPart, first, last));
      case 1:
        return image(set.with_source(source_range(family, first2, last2)), model,
                     to_any_of_family(family, kSourcePart, first2, last2));
      case 2:
        return image(set.with_destination_port(port_range(kFirstPort, first, last)), model,
                     to_any(kPortPart, first, last));
      case 3:
        return image(set.with_source_port(port_range(kFirstSourcePort, first2, last2)), model,
                     to_any(kSourcePortPart, first2, last2));
      case 4: return image(set.with_mark(value, mask), model, remarked(kMarkPart, value, mask));
      case 5:
        return image(set.with_connection_mark(value, mask), model,
                     remarked(kConnectionMarkPart, value, mask));
      case 6:
        return image(set.with_mark_saved(mask), model,
                     copied(kMarkPart, kConnectionMarkPart, mask));
      case 7:
        return image(set.with_mark_restored(mask), model,
                     copied(kConnectionMarkPart, kMarkPart, mask));
      default:
        return image(set.with_flag(PacketField::kDestinationRewritten, first2 == 1), model,
                     to_any(kFlagPart, first2, first2));
    }
  }

  std::mt19937 dice_;
  PacketSet universe_;
};

// Every seventh packet is asked for; the count catches what is wrong between them.
void expect_same(const Both& both, std::size_t first) {
  EXPECT_EQ(both.set.count(), static_cast<double>(both.model.count()));
  EXPECT_EQ(both.set.empty(), both.model.none());
  static const std::vector<PacketHeader> headers = [] {
    std::vector<PacketHeader> all;
    all.reserve(kPackets);
    for (std::size_t index = 0; index < kPackets; ++index) {
      all.push_back(header_of(Point::of(index)));
    }
    return all;
  }();
  std::size_t wrong = 0;
  for (std::size_t index = first % 7; index < kPackets; index += 7) {
    if (both.set.contains(headers[index]) != both.model[index]) ++wrong;
  }
  EXPECT_EQ(wrong, 0);
}

TEST(PacketAlgebra, EqualsBruteForce) {
  const PacketSpace space;
  Expressions expressions(1);
  std::size_t neither_empty_nor_all = 0;
  for (int round = 0; round < 100; ++round) {
    SCOPED_TRACE(round);
    const Both both = expressions.next(1 + round % 4);
    expect_same(both, static_cast<std::size_t>(round));
    if (both.model.any() && !both.model.all()) ++neither_empty_nor_all;
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(neither_empty_nor_all, 50);
}

TEST(PacketAlgebra, DoesNotDependOnTheOrderOfVariables) {
  using enum PacketField;
  PacketSpaceOptions options;
  options.order = {
      kUntracked,           kConnectionMark, kMark,        kSourcePort, kSource,
      kDestinationPort,     kFamily,         kDestination, kProtocol,   kSourceRewritten,
      kDestinationRewritten};
  const PacketSpace space(options);
  Expressions expressions(2);
  for (int round = 0; round < 50; ++round) {
    SCOPED_TRACE(round);
    expect_same(expressions.next(1 + round % 4), static_cast<std::size_t>(round));
    if (testing::Test::HasFailure()) return;
  }
}

TEST(PacketAlgebra, EqualSetsAreEqualWhateverTheyWereMadeOf) {
  const PacketSpace space;
  Expressions expressions(3);
  constexpr std::size_t kRounds = 60;
  std::vector<Both> known;
  known.reserve(kRounds);
  for (std::size_t round = 0; round < kRounds; ++round) known.push_back(expressions.next(1));
  for (const Both& left : known) {
    for (const Both& right : known) {
      EXPECT_EQ(left.set == right.set, left.model == right.model);
      EXPECT_EQ(left.set.is_subset_of(right.set), (left.model & ~right.model).none());
      EXPECT_EQ(left.set.overlaps(right.set), (left.model & right.model).any());
    }
  }
}

}  // namespace
}  // namespace firebreak
