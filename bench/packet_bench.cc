// Packet sets against lists of boxes, in one run on one machine:
//   packet_bench             operations, nodes and ratios
//   packet_bench --orders    the work of a host under several orders of variables
//   packet_bench --tables    the same under several sizes of the table and its caches
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "boxes.h"
#include "docker_rules.h"
#include "packet/rectangles.h"
#include "packet/rewrite.h"
#include "packet/set.h"
#include "packet/space.h"
#include "timing.h"

namespace firebreak {
namespace {

constexpr std::size_t kNetworks = 30;
constexpr std::size_t kPorts = 1000;

DockerHost make_host(Family family = Family::kV4) {
  return generate_docker_host(kNetworks, kPorts, family, 1);
}

// ---- rules as sets and as boxes ----

PacketSet tcp_to(const AddressRange& destination, Port port) {
  return PacketSet::protocol(6) & PacketSet::destination_port({port, port}) &
         PacketSet::destination(destination);
}

struct Matches {
  std::vector<PacketSet> published;  // for each port, to any address of the host
  std::vector<PacketSet> accepts;    // for each port, to the container
  std::vector<PacketSet> networks;   // from it
  std::vector<PacketSet> drops;
  std::vector<PacketRewrite> rewrites;  // for each port

  explicit Matches(const DockerHost& host) {
    const PacketSet local = PacketSet::destination(host.addresses);
    for (const DockerHost::Published& port : host.published) {
      published.push_back(local & PacketSet::protocol(6) &
                          PacketSet::destination_port({port.host_port, port.host_port}));
      accepts.push_back(tcp_to(port.container, port.container_port));
      rewrites.push_back(PacketRewrite()
                             .destination(port.container)
                             .destination_port({port.container_port, port.container_port})
                             .flag(PacketField::kDestinationRewritten, true));
    }
    for (const AddressRange& network : host.networks)
      networks.push_back(PacketSet::source(network));
    for (const DockerHost::Drop& drop : host.drops) {
      drops.push_back(PacketSet::source(drop.source) & PacketSet::protocol(6) &
                      PacketSet::destination_port(drop.ports));
    }
  }
};

std::uint32_t number(const IpAddress& address) {
  const auto& bytes = address.bytes();
  return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U |
         std::uint32_t{bytes[2]} << 8U | std::uint32_t{bytes[3]};
}

Box box_from(const AddressRange& source) {
  Box box;
  box.first[0] = number(source.first);
  box.last[0] = number(source.last);
  return box;
}

Box box_to(const AddressRange& destination, Port port) {
  Box box;
  box.first[1] = number(destination.first);
  box.last[1] = number(destination.last);
  box.first[2] = box.last[2] = 6;
  box.first[4] = box.last[4] = port.value;
  return box;
}

// ---- the work ----

void check_equal(const PacketSet& set, const Boxes& boxes) {
  const double packets = set.count() * 0x1p-67;  // marks and flags are 67 bits
  CHECK(std::abs(packets - boxes.count()) <= packets * 1e-9);
}

void print_row(const char* what, double operations, double ms, double boxes_ms, std::size_t nodes,
               std::size_t boxes) {
  std::printf("%-52s %10.0f/s %8zu nodes   boxes: %10.0f/s %7zu   boxes/sets %8.2fx\n", what,
              operations / ms * 1e3, nodes, operations / boxes_ms * 1e3, boxes, boxes_ms / ms);
  std::fflush(stdout);
}

// The median of five, each in a space of its own: operations that were made before cost nothing.
template <class Work>
double sets_ms(const DockerHost& host, const Boxes& boxes, std::size_t& nodes, const Work& work) {
  std::vector<double> times;
  for (int run = 0; run < 5; ++run) {
    const PacketSpace space;
    const Matches matches(host);
    PacketSet set;
    times.push_back(once_ms([&] { set = work(matches); }));
    nodes = set.node_count();
    check_equal(set, boxes);
  }
  std::ranges::sort(times);
  return times[2];
}

void union_of_published(const DockerHost& host) {
  Boxes boxes;
  const double boxes_ms = once_ms([&] {
    for (const DockerHost::Published& port : host.published) {
      for (const AddressRange& address : host.addresses) {
        boxes.add(Boxes(box_to(address, port.host_port)));
      }
    }
  });
  std::size_t nodes = 0;
  const double ms = sets_ms(host, boxes, nodes, [](const Matches& matches) {
    PacketSet set;
    for (const PacketSet& match : matches.published) set |= match;
    return set;
  });
  print_row("union of 1,000 published ports, one by one", static_cast<double>(kPorts), ms, boxes_ms,
            nodes, boxes.size());
}

// What each network may send to each container, and what of it the administrator leaves.
void networks_and_rules(const DockerHost& host) {
  Boxes boxes;
  const double boxes_ms = once_ms([&] {
    for (const AddressRange& network : host.networks) {
      Boxes left(box_from(network));
      for (const DockerHost::Drop& drop : host.drops) {
        Box hole = box_from(drop.source);
        hole.first[2] = hole.last[2] = 6;
        hole.first[4] = drop.ports.first.value;
        hole.last[4] = drop.ports.last.value;
        left.subtract(hole);
      }
      // Networks and containers differ: disjoint without a look at the others. Boxes that need no
      // such look are the better choice, but who evaluates rules does not know it beforehand.
      for (const DockerHost::Published& port : host.published) {
        boxes.append(left.meet(Boxes(box_to(port.container, port.container_port))));
      }
    }
  });
  std::size_t nodes = 0;
  const double ms = sets_ms(host, boxes, nodes, [](const Matches& matches) {
    PacketSet set;
    for (const PacketSet& network : matches.networks) {
      PacketSet left = network;
      for (const PacketSet& drop : matches.drops) left -= drop;
      for (const PacketSet& accept : matches.accepts) set |= left & accept;
    }
    return set;
  });
  print_row("30 networks x 1,000 rules, intersected and joined",
            static_cast<double>(kNetworks * kPorts), ms, boxes_ms, nodes, boxes.size());
}

// A chain of 1,000 rules, the first that matches wins: what an evaluator does for each interface.
void first_match(const DockerHost& host) {
  Boxes boxes;
  const double boxes_ms = once_ms([&] {
    boxes = Boxes(box_from(host.networks[0]));
    for (const DockerHost::Published& port : host.published) {
      for (const AddressRange& address : host.addresses) {
        boxes.subtract(box_to(address, port.host_port));
      }
    }
  });
  std::size_t nodes = 0;
  const double ms = sets_ms(host, boxes, nodes, [](const Matches& matches) {
    PacketSet left = matches.networks[0];
    for (const PacketSet& match : matches.published) left -= match;
    return left;
  });
  print_row("1,000 rules, first match wins, what is left", static_cast<double>(kPorts), ms,
            boxes_ms, nodes, boxes.size());
}

int compare() {
  const DockerHost host = make_host();
  union_of_published(host);
  networks_and_rules(host);
  first_match(host);
  return 0;
}

// Everything that all networks send, through DNAT and the filter: what a host costs.
struct HostWork {
  PacketSet rewritten;
  PacketSet accepted;
};

HostWork evaluate(const DockerHost& host, const Matches& matches) {
  std::vector<PacketSet> rewritten;
  std::vector<PacketSet> accepted;
  for (std::size_t network = 0; network < matches.networks.size(); ++network) {
    PacketSet left = matches.networks[network];
    std::vector<PacketSet> after;
    for (std::size_t at = 0; at < host.published.size(); ++at) {
      if (host.published[at].network == network) continue;  // ! -i BRIDGE
      const PacketSet match = left & matches.published[at];
      left -= match;
      after.push_back(match.rewritten(matches.rewrites[at]));
    }
    after.push_back(left);
    rewritten.push_back(PacketSet::any_of(after));
    for (const PacketSet& drop : matches.drops) rewritten.back() -= drop;
    after.clear();
    PacketSet rest = rewritten.back();
    for (std::size_t at = 0; at < host.published.size(); ++at) {
      if (host.published[at].network == network) continue;
      after.push_back(rest & matches.accepts[at]);
      rest -= matches.accepts[at];
    }
    accepted.push_back(PacketSet::any_of(after));
  }
  return {PacketSet::any_of(rewritten), PacketSet::any_of(accepted)};
}

void measure(const char* name, const PacketSpaceOptions& options) {
  for (const Family family : {Family::kV4, Family::kV6}) {
    const PacketSpace space(options);
    const DockerHost host = make_host(family);
    const double start = processor_ms();
    const Matches matches(host);
    const HostWork work = evaluate(host, matches);
    const double evaluated = processor_ms() - start;
    const std::size_t rectangles = rectangles_of(work.accepted).size();
    const double listed = processor_ms() - start - evaluated;
    std::printf(
        "%-46s %s %8.0f ms, rewritten %7zu, accepted %7zu nodes, made %9zu, table %8zu, "
        "%2zu collections; %5zu rectangles %6.1f ms\n",
        name, family == Family::kV4 ? "IPv4" : "IPv6", evaluated, work.rewritten.node_count(),
        work.accepted.node_count(), space.stats().made, space.stats().allocated,
        space.stats().collections, rectangles, listed);
    std::fflush(stdout);
  }
}

int orders() {
  using enum PacketField;
  const auto with = [](std::vector<PacketField> order, bool flags_first) {
    const std::vector<PacketField> rest = {kMark, kConnectionMark, kDestinationRewritten,
                                           kSourceRewritten, kUntracked};
    order.insert(flags_first ? order.begin() + 1 : order.end(), rest.begin(), rest.end());
    PacketSpaceOptions options;
    options.order = std::move(order);
    return options;
  };
  measure("protocol port destination source",
          with({kFamily, kProtocol, kDestinationPort, kDestination, kSource, kSourcePort}, false));
  measure("flags protocol port destination source (used)",
          with({kFamily, kProtocol, kDestinationPort, kDestination, kSource, kSourcePort}, true));
  measure("port protocol destination source",
          with({kFamily, kDestinationPort, kProtocol, kDestination, kSource, kSourcePort}, false));
  measure("protocol port source destination",
          with({kFamily, kProtocol, kDestinationPort, kSource, kDestination, kSourcePort}, false));
  measure("protocol destination port source",
          with({kFamily, kProtocol, kDestination, kDestinationPort, kSource, kSourcePort}, false));
  measure("destination protocol port source",
          with({kFamily, kDestination, kProtocol, kDestinationPort, kSource, kSourcePort}, false));
  measure("destination source port protocol (Batfish)",
          with({kFamily, kDestination, kSource, kDestinationPort, kSourcePort, kProtocol}, false));
  measure("source destination protocol port",
          with({kFamily, kSource, kDestination, kProtocol, kDestinationPort, kSourcePort}, false));
  return 0;
}

int tables() {
  for (const int first : {1 << 14, 1 << 16, 1 << 20}) {
    for (const int ratio : {1, 4, 16, 64}) {
      PacketSpaceOptions options;
      options.nodes_first = first;
      options.cache_entries = first / ratio;
      char name[80];
      std::snprintf(name, sizeof name, "%8d nodes at first, a cache entry for %2d", first, ratio);
      measure(name, options);
    }
  }
  const double start = processor_ms();
  {
    const PacketSpace space;
  }
  std::printf("an empty space as is: %.2f ms\n", processor_ms() - start);
  return 0;
}

}  // namespace
}  // namespace firebreak

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (arguments.empty()) return firebreak::compare();
  if (arguments[0] == "--orders") return firebreak::orders();
  if (arguments[0] == "--tables") return firebreak::tables();
  std::fputs("usage: packet_bench [--orders | --tables]\n", stderr);
  return 2;
}
