// The packet-set pipeline against the one-packet pipeline: for every namespace of an estate, each
// of its addresses, every address and every port that is named anywhere (with its neighbours),
// both must say the same. The one-packet pipeline is compared with measurements in
// trace_measured_test.cc.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "packet/space.h"
#include "reach/reach.h"
#include "reach/testing.h"
#include "reach/trace.h"
#include "snapshot/json.h"

namespace firebreak {
namespace {

Estate read_golden_estate(const std::string& name) {
  std::ifstream file(std::filesystem::path("tests/golden/reach") / name / "snapshot.json",
                     std::ios::binary);
  CHECK(file.good());
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto snapshot = parse_snapshot(text, name);
  CHECK(snapshot.has_value());
  return build_estate(std::move(*snapshot), {});
}

void add_port(std::set<Port>& ports, Port port) {
  for (const int near : {-1, 0, 1}) {
    const int value = port.value + near;
    if (value >= 1 && value <= 65535) ports.insert(Port{static_cast<std::uint16_t>(value)});
  }
}

void add_ports(std::set<Port>& ports, const Program& program) {
  const auto add = [&](const std::vector<PortRange>& ranges) {
    for (const PortRange& range : ranges) {
      add_port(ports, range.first);
      add_port(ports, range.last);
    }
  };
  for (const Chain& chain : program.chains) {
    for (const Rule& rule : chain.rules) {
      for (const Condition& condition : rule.conditions) {
        if (const auto* on = std::get_if<OnPort>(&condition.what)) add(on->any_of);
      }
      const auto* dnat = std::get_if<Dnat>(&rule.action);
      if (dnat != nullptr && dnat->ports) add({*dnat->ports});
    }
  }
}

std::vector<Port> ports_to_try(const NetModel& model) {
  std::set<Port> ports = {Port{1}, Port{65535}, Port{31337}};
  for (const Space& space : model.spaces) {
    for (const Program& program : space.programs) add_ports(ports, program);
    for (const Listener& listener : space.state->listeners) add_port(ports, listener.port);
    for (const UserlandProxy& proxy : space.proxies) add_port(ports, proxy.host_port);
  }
  return {ports.begin(), ports.end()};
}

struct OwnedAddress {
  FlowEnd end;
  IpAddress address;
};

std::vector<OwnedAddress> addresses_of(const NetModel& model) {
  std::vector<OwnedAddress> out;
  for (const Space& space : model.spaces) {
    FlowEnd end{space.host, {}};
    if (!space.is_host()) end.container = space.members.front();
    for (const NetLink& link : space.state->links) {
      for (const LinkAddress& own : link.addresses) {
        const bool link_local = own.address.is_v6() && own.address.bytes()[0] == 0xFE;
        if (!link_local && !link.loopback) out.push_back({end, own.address});
      }
    }
  }
  return out;
}

bool in_ports(const std::vector<PortRange>& ranges, Port port) {
  return ranges.empty() || std::ranges::any_of(ranges, [&](const PortRange& range) {
           return range.first <= port && port <= range.last;
         });
}

// Flows by sender and address, for a quick look.
class FlowTable {
 public:
  explicit FlowTable(const Flows& flows) {
    for (const Flow& flow : flows.flows) {
      for (const AddressRange& source : flow.sources) {
        table_[{flow.from, source.first, flow.address.first, flow.protocol}].push_back(&flow);
        for (const AddressRange& other : flow.also_at) {
          table_[{flow.from, source.first, other.first, flow.protocol}].push_back(&flow);
        }
      }
    }
  }
  // "laptop", "laptop unknown", "": who gets the packet, all that do.
  std::set<std::tuple<FlowEnd, bool>> find(const FlowEnd& from, const PacketHeader& packet) const {
    std::set<std::tuple<FlowEnd, bool>> out;
    const auto found = table_.find({from, packet.source, packet.destination, packet.protocol});
    if (found == table_.end()) return out;
    for (const Flow* flow : found->second) {
      if (in_ports(flow->ports, packet.destination_port)) out.insert({flow->to, flow->open});
    }
    return out;
  }

 private:
  std::map<std::tuple<FlowEnd, IpAddress, IpAddress, std::uint8_t>, std::vector<const Flow*>>
      table_;
};

struct Agreement {
  int packets = 0;
  int delivered = 0;
  int unknown = 0;
  std::vector<std::string> wrong;
};

std::string describe(const Estate& estate, const FlowEnd& from, const PacketHeader& packet,
                     const PacketTrace& trace) {
  std::string out = (from.container ? estate[*from.container].name : "@") + " " +
                    std::to_string(packet.protocol) + " " + packet.source.text() + " -> " +
                    packet.destination.text() + ":" +
                    std::to_string(packet.destination_port.value) + " trace " +
                    std::to_string(static_cast<int>(trace.outcome));
  for (const FlowHop& hop : trace.hops) out += "\n    " + hop.place + " | " + hop.why;
  return out;
}

void compare_packet(const Estate& estate, const Tracer& tracer, const FlowTable& table,
                    const FlowEnd& from, const PacketHeader& packet, Agreement& out) {
  const PacketTrace trace = tracer.trace(from, packet);
  const auto flows = table.find(from, packet);
  ++out.packets;
  bool agrees = false;
  if (trace.outcome == PacketTrace::Outcome::kUnknown) {
    ++out.unknown;
    agrees = std::ranges::none_of(flows, [](const auto& flow) { return std::get<bool>(flow); });
  } else if (trace.outcome == PacketTrace::Outcome::kDelivered && *trace.to == from) {
    // By a proxy of the host back to itself: there is a flow to the host.
    agrees = std::ranges::none_of(
        flows, [](const auto& flow) { return std::get<FlowEnd>(flow).container.has_value(); });
  } else if (trace.outcome == PacketTrace::Outcome::kDelivered) {
    ++out.delivered;
    agrees = flows.contains({*trace.to, true});
  } else {
    agrees = std::ranges::none_of(flows, [](const auto& flow) { return std::get<bool>(flow); });
  }
  if (!agrees) out.wrong.push_back(describe(estate, from, packet, trace));
}

// Every `stride`-th of all packets: traces take a millisecond each.
Agreement compare_pipelines(const Estate& estate, int stride) {
  const auto flows = reach(estate, {.all = true});
  CHECK(flows.has_value());
  const Tracer tracer(estate);
  const FlowTable table(*flows);
  const std::vector<OwnedAddress> addresses = addresses_of(tracer.model());
  const std::vector<Port> ports = ports_to_try(tracer.model());
  Agreement out;
  int number = 0;
  const auto compare = [&](const FlowEnd& from, const PacketHeader& packet) {
    if (++number % stride == 0) compare_packet(estate, tracer, table, from, packet, out);
  };
  for (const OwnedAddress& from : addresses) {
    for (const OwnedAddress& to : addresses) {
      if (from.address.family() != to.address.family()) continue;
      PacketHeader packet{.protocol = 6, .source = from.address, .destination = to.address};
      packet.source_port = Port{40000};
      for (const Port port : ports) {
        packet.destination_port = port;
        for (const std::uint8_t protocol : {std::uint8_t{6}, std::uint8_t{17}}) {
          packet.protocol = protocol;
          compare(from.end, packet);
        }
      }
      packet.protocol = static_cast<std::uint8_t>(from.address.is_v6() ? 58 : 1);
      packet.destination_port =
          Port{static_cast<std::uint16_t>(from.address.is_v6() ? 128 << 8 : 8 << 8)};
      compare(from.end, packet);
    }
  }
  return out;
}

void expect_agreement(const Agreement& agreement, int delivered) {
  std::string some;
  for (std::size_t i = 0; i < agreement.wrong.size() && i < 10; ++i) {
    some += agreement.wrong[i] + "\n";
  }
  EXPECT_EQ(agreement.wrong.size(), 0U) << some;
  EXPECT_GT(agreement.delivered, delivered);
  EXPECT_EQ(agreement.unknown, 0);
}

TEST(Agreement, Docker28) {
  expect_agreement(compare_pipelines(read_golden_estate("docker-28"), 37), 100);
}

TEST(Agreement, Docker20WithoutUserlandProxy) {
  expect_agreement(compare_pipelines(read_golden_estate("docker-20.10-without-proxy"), 13), 100);
}

}  // namespace
}  // namespace firebreak
