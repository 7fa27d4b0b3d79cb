// Flows made by hand, for tests of src/paths.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/check.h"
#include "checks/flow_ends.h"
#include "estate/testing.h"
#include "paths/paths.h"

namespace firebreak::testing_paths {

inline IpAddress address(std::string_view text) {
  const auto parsed = IpAddress::parse(text);
  CHECK(parsed);
  return *parsed;
}

inline AddressRange only(std::string_view text) { return {address(text), address(text)}; }
inline std::vector<PortRange> port(std::uint16_t number) { return {{Port{number}, Port{number}}}; }

inline ContainerId container(const Estate& estate, std::string_view name) {
  for (std::size_t i = 0; i < estate.snapshot().hosts.size(); ++i) {
    if (const auto id = estate.find_container(HostId(i), name)) return *id;
  }
  CHECK(false);
  return {};
}

// The namespace of a container, or of a host ("@laptop").
inline FlowEnd end(const Estate& estate, std::string_view name) {
  if (!name.starts_with('@')) return FlowEnds(estate).end_of(container(estate, name));
  for (std::size_t i = 0; i < estate.snapshot().hosts.size(); ++i) {
    if (estate[HostId(i)].name == name.substr(1)) {
      return {.host = HostId(i), .container = std::nullopt};
    }
  }
  CHECK(false);
  return {};
}

// A TCP flow on which something listens; what else it is, the caller changes.
inline Flow flow(const Estate& estate, std::string_view from, std::string_view to,
                 std::string_view address_text, std::uint16_t number,
                 FlowVia via = FlowVia::kRouted) {
  Flow out;
  out.from = end(estate, from);
  out.to = end(estate, to);
  out.sources = {only("10.81.1.2")};
  out.address = out.delivered = only(address_text);
  out.ports = out.delivered_ports = port(number);
  out.listening = true;
  out.via = via;
  out.example = {.protocol = 6,
                 .source = address("10.81.1.2"),
                 .destination = address(address_text),
                 .source_port = Port{40000},
                 .destination_port = Port{number}};
  return out;
}

// A packet's way: stopped in FORWARD unless `delivered`.
inline PacketTrace trace(const FlowEnd& from, const PacketHeader& packet, bool delivered) {
  PacketTrace out;
  out.outcome = delivered ? PacketTrace::Outcome::kDelivered : PacketTrace::Outcome::kStopped;
  out.hops.push_back(
      {.at = from, .place = "eth0 " + packet.source.text(), .why = "default route via 10.81.1.1"});
  out.hops.push_back({.at = {.host = from.host, .container = std::nullopt},
                      .place = "FORWARD br-a to br-b",
                      .why = delivered ? "filter FORWARD: -A FORWARD -j ACCEPT"
                                       : "filter FORWARD: -A FORWARD -j DROP"});
  return out;
}

// development/api and development/ci (with the engine's socket), production/db (publishes 5432 at
// 5433) and the proxy of both, on one host.
inline SnapshotBuilder shop() {
  SnapshotBuilder b;
  b.host("laptop").network("dev-net").network("prod-net");
  b.container("api").label("env", "dev").on("dev-net", "10.81.1.2");
  b.container("ci").label("env", "dev").on("dev-net", "10.81.1.3");
  b.bind("/var/run/docker.sock", "/var/run/docker.sock");
  b.container("db").label("env", "prod").on("prod-net", "10.81.2.2").publish(5433, 5432);
  b.container("proxy").on("dev-net", "10.81.1.4").on("prod-net", "10.81.2.4");
  b.edit_host([](Host& host) { host.kernel.emplace(); });
  return b;
}

inline Policy policy() {
  return PolicyBuilder()
      .environment("production", Tier::kProduction, {"label: env=prod"})
      .environment("staging", Tier::kStaging, {"label: env=staging"})
      .environment("development", Tier::kDevelopment, {"label: env=dev"})
      .build();
}

struct Asked {
  std::string from;
  std::string to;
  bool all = false;
  bool explain = false;
};

inline PathReport find(const Estate& estate, const Flows& flows, const Asked& asked) {
  const FlowEnds ends(estate);
  const auto from = parse_path_end(estate, ends, asked.from, PathSide::kFrom);
  const auto to = parse_path_end(estate, ends, asked.to, PathSide::kTo);
  CHECK(from && to);
  const PacketFlows packets{
      .flows = flows, .trace = [&](const FlowEnd& at, const PacketHeader& packet) {
        return trace(at, packet, std::ranges::any_of(flows.flows, [&](const Flow& one) {
                       return one.open && one.from == at && one.example == packet;
                     }));
      }};
  return find_paths(estate, ends, packets, run_checks(estate),
                    {.from = *from, .to = *to, .all = asked.all, .explain = asked.explain});
}

}  // namespace firebreak::testing_paths
