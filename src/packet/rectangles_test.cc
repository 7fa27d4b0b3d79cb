#include "packet/rectangles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "packet/bits.h"
#include "packet/space.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

IpAddress ip(const char* text) { return *IpAddress::parse(text); }
AddressRange net(const char* text) { return AddressRange::of(*Cidr::parse(text)); }
PortRange ports(std::uint16_t first, std::uint16_t last) { return {Port{first}, Port{last}}; }
PacketSet port(std::uint16_t number) { return PacketSet::destination_port(ports(number, number)); }

// A rule as people write them: some of the fields, in ranges.
PacketSet random_rule(std::mt19937& dice) {
  PacketSet set = PacketSet::all();
  const auto flip = [&] { return dice() % 2 == 0; };
  const bool v6 = dice() % 4 == 0;
  const auto address = [&] {
    std::array<std::uint8_t, 16> bytes{};
    bytes[0] = v6 ? 0xfd : 10;
    bytes[v6 ? 15 : 3] = static_cast<std::uint8_t>(dice() % 16);
    bytes[v6 ? 7 : 2] = static_cast<std::uint8_t>(dice() % 3);
    return IpAddress::of(v6 ? Family::kV6 : Family::kV4, bytes);
  };
  const auto range = [&] {
    const auto [first, last] = std::minmax({address(), address()});
    return AddressRange{first, last};
  };
  if (flip()) set &= PacketSet::source(range());
  if (flip()) set &= PacketSet::destination(range());
  if (flip()) set &= PacketSet::protocol(flip() ? 6 : 17);
  const auto first = static_cast<std::uint16_t>(dice() % 100);
  const PortRange some = ports(first, static_cast<std::uint16_t>(first + dice() % 10));
  if (flip()) set &= PacketSet::destination_port(some);
  if (dice() % 8 == 0) set &= PacketSet::source_port(some);
  if (dice() % 8 == 0) set &= PacketSet::mark(dice() % 4, 3);
  return set;
}

// First match wins, as in a chain.
PacketSet random_chain(std::mt19937& dice, std::size_t rules) {
  PacketSet left = PacketSet::all();
  PacketSet accepted;
  for (std::size_t rule = 0; rule < rules; ++rule) {
    const PacketSet match = left & random_rule(dice);
    if (dice() % 2 == 0) accepted |= match;
    left -= match;
  }
  return accepted;
}

TEST(Rectangles, OfASimpleSetIsItself) {
  const PacketSpace space;
  const PacketSet set = PacketSet::source(net("10.1.0.0/16")) &
                        PacketSet::destination(net("10.2.0.9/32")) & PacketSet::protocol(6) &
                        (port(80) | port(443));
  EXPECT_THAT(rectangles_of(set),
              ElementsAre(PacketRectangle{.sources = {net("10.1.0.0/16")},
                                          .destinations = {net("10.2.0.9/32")},
                                          .protocols = {{6, 6}},
                                          .source_ports = {ports(0, 65535)},
                                          .destination_ports = {ports(80, 80), ports(443, 443)}}));
  EXPECT_THAT(rectangles_of(PacketSet::none()), IsEmpty());
  EXPECT_EQ(rectangles_of(PacketSet::all()).size(), 2);  // one for each family
}

TEST(Rectangles, OnesThatDifferInOneFieldAreOne) {
  const PacketSpace space;
  const auto to = [](const char* address, std::uint16_t number) {
    return PacketSet::destination(net(address)) & port(number);
  };
  const PacketSet set = to("10.0.0.1/32", 80) | to("10.0.0.2/32", 80) | to("10.0.0.1/32", 443) |
                        to("10.0.0.2/32", 443) | to("10.0.0.7/32", 22);
  EXPECT_EQ(rectangles_of(set).size(), 2);
}

TEST(Rectangles, LoseNothingAddNothing) {
  const PacketSpace space;
  std::mt19937 dice(11);
  std::size_t most = 0;
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    const PacketSet set = random_chain(dice, 1 + round % 12);
    const std::vector<PacketRectangle> rectangles = rectangles_of(set);
    most = std::max(most, rectangles.size());
    PacketSet together;
    for (const PacketRectangle& rectangle : rectangles) {
      EXPECT_FALSE(rectangle.packets().empty());
      EXPECT_FALSE(together.overlaps(rectangle.packets()));
      together |= rectangle.packets();
    }
    EXPECT_EQ(together, set.on_the_wire());
  }
  EXPECT_GT(most, 10);
}

TEST(Rectangles, DoNotDependOnTheOrderOfOperations) {
  std::vector<std::vector<PacketRectangle>> seen;
  std::vector<std::vector<PacketEdge>> edges;
  std::vector<PacketHeader> smallest;
  for (const unsigned shuffle : {1U, 2U, 3U}) {
    const PacketSpace space;
    std::mt19937 dice(5);
    constexpr std::size_t kRules = 12;
    std::vector<PacketSet> rules;
    rules.reserve(kRules);
    for (std::size_t made = 0; made < kRules; ++made) rules.push_back(random_rule(dice));
    std::mt19937 other(shuffle);
    (void)random_chain(other, std::size_t{shuffle} * 10);  // leaves other nodes in the table
    std::ranges::shuffle(rules, other);
    PacketSet set;
    for (const PacketSet& rule : rules) set |= rule & PacketSet::protocol(6);
    seen.push_back(rectangles_of(set));
    edges.push_back(edges_of(set, 20));
    smallest.push_back(*set.smallest());
  }
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_EQ(seen[0], seen[2]);
  EXPECT_EQ(edges[0], edges[1]);
  EXPECT_EQ(edges[0], edges[2]);
  EXPECT_EQ(smallest[0], smallest[1]);
  EXPECT_EQ(smallest[0], smallest[2]);
}

TEST(Edges, StandOnEitherSideOfTheBorder) {
  const PacketSpace space;
  std::mt19937 dice(13);
  std::size_t seen = 0;
  for (int round = 0; round < 30; ++round) {
    const PacketSet set = random_chain(dice, 1 + round % 10);
    const PacketSet wire = set.on_the_wire();
    for (const PacketEdge& edge : edges_of(set, 50)) {
      ++seen;
      EXPECT_TRUE(wire.contains(edge.inside));
      EXPECT_FALSE(wire.contains(edge.outside));
      int steps = 0;
      for (const PacketField field :
           {PacketField::kSource, PacketField::kDestination, PacketField::kSourcePort,
            PacketField::kDestinationPort, PacketField::kProtocol}) {
        const FieldBits inside = get(edge.inside, field);
        const FieldBits outside = get(edge.outside, field);
        if (inside == outside) continue;
        ++steps;
        EXPECT_TRUE(inside + 1 == outside || outside + 1 == inside);
      }
      EXPECT_EQ(steps, 1);
    }
  }
  EXPECT_GT(seen, 100);
}

TEST(Edges, OfOnePublishedPort) {
  const PacketSpace space;
  const PacketSet set =
      PacketSet::destination(net("10.0.0.2/32")) & PacketSet::protocol(6) & port(80);
  std::vector<std::pair<std::string, int>> outside;
  for (const PacketEdge& edge : edges_of(set, 100)) {
    EXPECT_EQ(edge.inside.destination, ip("10.0.0.2"));
    EXPECT_EQ(edge.inside.destination_port, Port{80});
    outside.emplace_back(edge.outside.destination.text(), edge.outside.destination_port.value);
  }
  EXPECT_THAT(outside,
              testing::UnorderedElementsAre(std::pair("10.0.0.1", 80), std::pair("10.0.0.3", 80),
                                            std::pair("10.0.0.2", 79), std::pair("10.0.0.2", 81)));
  EXPECT_EQ(edges_of(set, 2).size(), 2);
  EXPECT_THAT(edges_of(PacketSet::all(), 10), IsEmpty());
  EXPECT_THAT(edges_of(PacketSet::none(), 10), IsEmpty());
}

}  // namespace
}  // namespace firebreak
