#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "checks/flow_ends.h"
#include "checks/flow_gaps.h"
#include "checks/testing.h"

namespace firebreak {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Policy three_tiers() {
  return PolicyBuilder()
      .environment("production", Tier::kProduction, {"label: env=production"})
      .environment("staging", Tier::kStaging, {"label: env=staging"})
      .environment("development", Tier::kDevelopment, {"label: env=dev"})
      .shared("label: env=both", {"development", "production"})
      .build();
}

// development/api and production/db on networks of their own; db publishes 5432 at 5433.
SnapshotBuilder apart() {
  SnapshotBuilder b;
  b.host("laptop").network("dev-net").network("prod-net");
  b.container("api").label("env", "dev").on("dev-net", "172.18.0.2");
  b.container("db").label("env", "production").on("prod-net", "172.19.0.2").publish(5433, 5432);
  b.edit_host([](Host& host) { host.kernel.emplace(); });
  return b;
}

AddressRange only(std::string_view text) {
  const auto parsed = IpAddress::parse(text);
  CHECK(parsed);
  return {*parsed, *parsed};
}

FlowEnd end(const Estate& estate, std::string_view name) {
  if (name == "@laptop") return {.host = HostId(0), .container = std::nullopt};
  const auto id = estate.find_container(HostId(0), name);
  CHECK(id);
  return FlowEnds(estate).end_of(*id);
}

Flow flow(const Estate& estate, std::string_view from, std::string_view to, std::uint16_t port,
          FlowVia via = FlowVia::kUserlandProxy) {
  Flow out;
  out.from = end(estate, from);
  out.to = end(estate, to);
  out.sources = {only("172.18.0.2")};
  out.address = only("172.18.0.1");
  out.delivered = only("172.19.0.2");
  out.ports = {{Port{port}, Port{port}}};
  out.delivered_ports = out.ports;
  out.listening = true;
  out.via = via;
  out.example = {.protocol = 6,
                 .source = out.sources[0].first,
                 .destination = out.address.first,
                 .source_port = Port{40000},
                 .destination_port = Port{port}};
  return out;
}

PacketTrace delivered(const FlowEnd& from, const PacketHeader& packet) {
  return {.outcome = PacketTrace::Outcome::kDelivered,
          .to = std::nullopt,
          .delivered = packet,
          .hops = {{.at = from, .place = "eth0 172.18.0.2", .why = "default route"},
                   {.at = {.host = from.host, .container = std::nullopt},
                    .place = "INPUT",
                    .why = "policy ACCEPT"}}};
}

Findings found(const Estate& estate, std::vector<Flow> flows) {
  std::ranges::sort(flows);
  const Flows all{.flows = std::move(flows), .gaps = {}};
  const PacketFlows packets{.flows = all, .trace = delivered};
  Findings out;
  check_flows(estate, packets, out);
  return out;
}

Lines lines(const Findings& findings) {
  Lines out;
  for (const Finding& one : findings) {
    out.push_back(std::string(info(one.code).name) + " " + std::string(name_of(one.severity)) +
                  " " + one.title);
  }
  return out;
}

TEST(Flows, ThroughAPublishedPortPassIsolation) {
  const Estate estate = build_estate(apart().build(), three_tiers());
  const Findings out = found(estate, {flow(estate, "api", "db", 5432)});
  ASSERT_THAT(lines(out), ElementsAre("NET003 high development/api can open tcp 5432 on "
                                      "production/db through the host's address"));
  EXPECT_THAT(out[0].environments, ElementsAre("development", "production"));
  ASSERT_THAT(out[0].path, SizeIs(2));
  EXPECT_EQ(out[0].path[0].at, "development/api eth0 172.18.0.2");
  EXPECT_EQ(out[0].path[1].at, "laptop INPUT");
  ASSERT_THAT(out[0].remedy, SizeIs(1));
  EXPECT_THAT(out[0].remedy[0].text, HasSubstr("without `-p 5433:5432`"));
  EXPECT_THAT(out[0].remedy[0].text, HasSubstr("`127.0.0.1:5433:5432`"));
  EXPECT_THAT(out[0].remedy[0].commands, ElementsAre("docker rm --force db"));
}

TEST(Flows, WithinAnEnvironmentAndToSharedServicesAreFine) {
  SnapshotBuilder b = apart();
  b.container("worker").label("env", "dev").on("dev-net");
  b.container("mail").label("env", "both").on("dev-net");
  b.container("stray").on("dev-net");
  const Estate estate = build_estate(b.build(), three_tiers());
  EXPECT_THAT(found(estate, {flow(estate, "api", "worker", 80), flow(estate, "api", "mail", 25),
                             flow(estate, "mail", "db", 5432), flow(estate, "api", "stray", 80)}),
              IsEmpty());
}

TEST(Flows, ThatAreUnknownAreNoFinding) {
  const Estate estate = build_estate(apart().build(), three_tiers());
  Flow unknown = flow(estate, "api", "db", 5432);
  unknown.open = false;
  EXPECT_THAT(found(estate, {unknown}), IsEmpty());
}

TEST(Flows, OfOnePairAndOneWayAreOneFinding) {
  const Estate estate = build_estate(apart().build(), three_tiers());
  Flow dns = flow(estate, "api", "db", 53);
  dns.protocol = 17;
  const Findings out =
      found(estate, {flow(estate, "api", "db", 5432), flow(estate, "api", "db", 5433), dns,
                     flow(estate, "api", "db", 80, FlowVia::kRouted),
                     flow(estate, "db", "api", 8080, FlowVia::kRouted)});
  EXPECT_THAT(lines(out),
              testing::UnorderedElementsAre(
                  "NET003 high development/api can open tcp 5432-5433 and udp 53 on production/db "
                  "through the host's address",
                  "NET002 high development/api can open tcp 80 on production/db",
                  "NET002 high production/db can open tcp 8080 on development/api"));
}

TEST(Flows, KeepTheirFingerprintWhenAddressesAndPortsChange) {
  const Estate estate = build_estate(apart().build(), three_tiers());
  Flow later = flow(estate, "api", "db", 5555);
  later.address = only("172.18.0.9");
  EXPECT_EQ(found(estate, {flow(estate, "api", "db", 5432)})[0].fingerprint,
            found(estate, {later})[0].fingerprint);
  EXPECT_NE(found(estate, {flow(estate, "api", "db", 5432)})[0].fingerprint,
            found(estate, {flow(estate, "db", "api", 5432)})[0].fingerprint);
}

TEST(Flows, ThatAreRoutedAreClosedInDockerUser) {
  SnapshotBuilder b = apart();
  b.edit_host([](Host& host) {
    host.kernel->host.filters.iptables_nft = "*filter\n:DOCKER-USER - [0:0]\nCOMMIT\n";
  });
  const Estate estate = build_estate(b.build(), three_tiers());
  const auto remedy =
      found(estate, {flow(estate, "api", "db", 5432, FlowVia::kRouted)})[0].remedy[0];
  EXPECT_THAT(remedy.commands,
              ElementsAre("iptables -I DOCKER-USER -s 172.18.0.0/16 -d 172.19.0.0/16 -j DROP"));
}

TEST(Flows, WithoutDockersChainAreClosedInForward) {
  const Estate estate = build_estate(apart().build(), three_tiers());
  const auto remedy =
      found(estate, {flow(estate, "api", "db", 5432, FlowVia::kRouted)})[0].remedy[0];
  EXPECT_THAT(remedy.commands, Contains(HasSubstr("-I FORWARD ")));
}

TEST(Flows, OnACommonNetworkAreThatNetworksMatter) {
  SnapshotBuilder b = apart();
  b.network("shared-net");
  b.container("one").label("env", "dev").on("shared-net");
  b.container("two").label("env", "production").on("shared-net");
  const Estate estate = build_estate(b.build(), three_tiers());
  EXPECT_THAT(found(estate, {flow(estate, "one", "two", 80, FlowVia::kSameNetwork)}), IsEmpty());
  EXPECT_THAT(lines(found(estate, {flow(estate, "api", "db", 80, FlowVia::kSameNetwork)})),
              ElementsAre("NET002 high development/api can open tcp 80 on production/db"));
  // What it publishes is open past that network.
  EXPECT_THAT(found(estate, {flow(estate, "one", "two", 80)}), SizeIs(1));
}

TEST(Flows, ToTheHostCountWhereAContainerUsesItsNetwork) {
  SnapshotBuilder b = apart();
  b.container("exporter").label("env", "production").network_mode("host");
  const Estate estate = build_estate(b.build(), three_tiers());
  const Flow service = flow(estate, "api", "@laptop", 9100, FlowVia::kHostService);
  Flow closed = service;
  closed.ports = closed.delivered_ports = {{Port{1}, Port{9099}}};
  closed.listening = false;
  const Findings out = found(estate, {service, closed});
  EXPECT_THAT(lines(out),
              ElementsAre("NET003 high development/api can open tcp 9100 on laptop itself, whose "
                          "network production/exporter uses"));
  EXPECT_THAT(out[0].remedy[0].text, HasSubstr("--network host"));
  EXPECT_THAT(found(estate, {closed}), IsEmpty());
  // From the host's network everything is reached: NET005 says so.
  EXPECT_THAT(found(estate, {flow(estate, "exporter", "api", 80, FlowVia::kFromHost)}), IsEmpty());
  // Without such a container the host belongs to nobody.
  const Estate plain = build_estate(apart().build(), three_tiers());
  EXPECT_THAT(found(plain, {flow(plain, "api", "@laptop", 22, FlowVia::kHostService)}), IsEmpty());
}

TEST(Flows, ToAPublishedPortAreNotTheHostsOwn) {
  SnapshotBuilder b = apart();
  b.container("exporter").label("env", "production").network_mode("host");
  b.edit_host([](Host& host) {
    host.kernel->proxies.push_back({.protocol = Protocol::kTcp,
                                    .host_address = {},
                                    .host_port = Port{5433},
                                    .container_address = only("172.19.0.2").first,
                                    .container_port = Port{5432}});
  });
  const Estate estate = build_estate(b.build(), three_tiers());
  Flow service = flow(estate, "api", "@laptop", 5433, FlowVia::kHostService);
  EXPECT_THAT(found(estate, {service}), IsEmpty());
  service.ports = service.delivered_ports = {{Port{5432}, Port{5434}}};
  const Findings out = found(estate, {service});
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_THAT(out[0].title, HasSubstr("tcp 5432 and 5434 on laptop itself"));
}

TEST(Flows, OfSctpCountWhereSomethingIsKnownToListen) {
  const Estate estate = build_estate(apart().build(), three_tiers());
  Flow sctp = flow(estate, "api", "db", 80, FlowVia::kRouted);
  sctp.protocol = 132;
  sctp.listening = std::nullopt;
  EXPECT_THAT(lines(found(estate, {sctp, flow(estate, "api", "db", 80, FlowVia::kRouted)})),
              ElementsAre("NET002 high development/api can open tcp 80 on production/db"));
  EXPECT_THAT(lines(found(estate, {sctp})),
              ElementsAre("NET002 medium development/api can open sctp 80 on production/db"));
}

TEST(Flows, WeighLessWhereNothingListens) {
  const Estate estate = build_estate(apart().build(), three_tiers());
  Flow idle = flow(estate, "api", "db", 81, FlowVia::kRouted);
  idle.listening = false;
  const Findings alone = found(estate, {idle});
  ASSERT_THAT(lines(alone),
              ElementsAre("NET002 medium development/api can open tcp 81 on production/db"));
  EXPECT_THAT(alone[0].notes, Contains("better: nothing is known to listen there now"));
  const Findings beside = found(estate, {idle, flow(estate, "api", "db", 80, FlowVia::kRouted)});
  ASSERT_THAT(lines(beside),
              ElementsAre("NET002 high development/api can open tcp 80 on production/db"));
  EXPECT_THAT(beside[0].notes, Contains(HasSubstr("other ports are open too")));
}

TEST(Flows, OfEchoRequestsAloneWeighLeast) {
  const Estate estate = build_estate(apart().build(), three_tiers());
  Flow ping = flow(estate, "api", "db", 1, FlowVia::kRouted);
  ping.protocol = 1;
  ping.ports.clear();
  ping.delivered_ports.clear();
  ping.listening = std::nullopt;
  EXPECT_THAT(lines(found(estate, {ping})),
              ElementsAre("NET002 low development/api can ping production/db"));
  EXPECT_THAT(lines(found(estate, {ping, flow(estate, "api", "db", 80, FlowVia::kRouted)})),
              ElementsAre("NET002 high development/api can open tcp 80 on production/db"));
}

TEST(Flows, BetweenStoppedWorkloadsWeighLess) {
  SnapshotBuilder b;
  b.host("laptop").network("net");
  b.container("api").label("env", "dev").on("net").stopped();
  b.container("db").label("env", "production").stopped();
  const Estate estate = build_estate(b.build(), three_tiers());
  EXPECT_EQ(found(estate, {flow(estate, "api", "db", 80)})[0].severity, Severity::kMedium);
}

TEST(Flows, AreNamedByAllThatShareANamespace) {
  SnapshotBuilder b = apart();
  b.container("probe").label("env", "staging").network_mode("container:api");
  const Estate estate = build_estate(b.build(), three_tiers());
  EXPECT_THAT(
      lines(found(estate, {flow(estate, "api", "db", 80, FlowVia::kRouted)})),
      testing::UnorderedElementsAre("NET002 high development/api can open tcp 80 on production/db",
                                    "NET002 high staging/probe can open tcp 80 on production/db"));
}

TEST(Flows, ThatTheTraceDoesNotConfirmAreStillTold) {
  const Estate estate = build_estate(apart().build(), three_tiers());
  const Flows flows{.flows = {flow(estate, "api", "db", 5432)}, .gaps = {}};
  const PacketFlows packets{
      .flows = flows, .trace = [](const FlowEnd&, const PacketHeader&) { return PacketTrace{}; }};
  Findings out;
  check_flows(estate, packets, out);
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_THAT(out[0].path[0].why, HasSubstr("connects to tcp 172.18.0.1:5432"));
}

TEST(Flows, AreCheckedOnlyIfThereAreAny) {
  const Estate estate = build_estate(apart().build(), three_tiers());
  const auto of_packets = [](const Finding& one) { return one.code == Code::kNet003; };
  const Flows flows{.flows = {flow(estate, "api", "db", 5432)}, .gaps = {}};
  const PacketFlows packets{.flows = flows, .trace = delivered};
  EXPECT_TRUE(std::ranges::none_of(run_checks(estate), of_packets));
  EXPECT_TRUE(std::ranges::any_of(run_checks(estate, &packets), of_packets));
}

// The findings of one code, with flows.
Findings with_flows(const Estate& estate, Code code, const Flows& flows) {
  const PacketFlows packets{.flows = flows, .trace = delivered};
  Findings out = run_checks(estate, &packets);
  std::erase_if(out, [&](const Finding& one) { return one.code != code; });
  return out;
}

TEST(EngineApi, ThatIsOpenCountsForThoseWhosePacketsGetThere) {
  SnapshotBuilder b = apart();
  b.edit_host([](Host& host) {
    host.engine.warnings = {
        "WARNING: API is accessible on http://0.0.0.0:2375 without encryption."};
  });
  const Estate estate = build_estate(b.build(), three_tiers());
  const Flow way = flow(estate, "api", "@laptop", 2375, FlowVia::kHostService);
  const Findings open = with_flows(estate, Code::kHost005, {.flows = {way}, .gaps = {}});
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].path[0].at, "development/api");
  EXPECT_EQ(open[0].path[0].why, "can open tcp 172.18.0.1:2375");
  EXPECT_THAT(with_flows(estate, Code::kHost005, {}), SizeIs(1));  // none was asked for
  const Flow other = flow(estate, "api", "@laptop", 22, FlowVia::kHostService);
  EXPECT_THAT(with_flows(estate, Code::kHost005, {.flows = {other}, .gaps = {}}), IsEmpty());
}

TEST(EngineApi, IsNotTakenForClosedUnlessAllIsKnown) {
  SnapshotBuilder b = apart();
  b.edit_host([](Host& host) {
    host.engine.warnings = {
        "WARNING: API is accessible on http://0.0.0.0:2375 without encryption."};
  });
  const Estate estate = build_estate(b.build(), three_tiers());
  Flow unknown = flow(estate, "api", "@laptop", 2375, FlowVia::kHostService);
  unknown.open = false;
  EXPECT_THAT(with_flows(estate, Code::kHost005, {.flows = {unknown}, .gaps = {}}), SizeIs(1));
  const FlowGap gap{.host = HostId(0), .container = std::nullopt, .what = "rule", .why = "recent"};
  EXPECT_THAT(with_flows(estate, Code::kHost005, {.flows = {}, .gaps = {gap}}), SizeIs(1));
  b.container("agent").label("env", "dev").network_mode("host");
  const Estate beside = build_estate(b.build(), three_tiers());
  EXPECT_THAT(with_flows(beside, Code::kHost005, {}), SizeIs(1));
  b.edit_host([](Host& host) { host.kernel.reset(); });
  EXPECT_THAT(with_flows(build_estate(b.build(), three_tiers()), Code::kHost005, {}), SizeIs(1));
}

TEST(FlowGaps, SayWhatNeedsThem) {
  const Estate estate = build_estate(apart().build(), three_tiers());
  const FlowEnds ends(estate);
  const Flows flows{.flows = {},
                    .gaps = {{.host = HostId(0),
                              .container = estate.find_container(HostId(0), "api"),
                              .what = "network namespace",
                              .why = "gone"}}};
  const FlowKnowledge known = flow_knowledge(estate, ends, flows);
  ASSERT_THAT(known.gaps, SizeIs(1));
  EXPECT_EQ(known.gaps[0].what, "network namespace of container api");
  EXPECT_EQ(known.gaps[0].host, "laptop");
  EXPECT_THAT(known.gaps[0].needed_by, ElementsAre("NET002", "NET003"));
  EXPECT_THAT(known.without_kernel, IsEmpty());
}

TEST(FlowGaps, TellHostsWithoutKernelStateApart) {
  SnapshotBuilder b = apart();
  b.host("far").edit_host([](Host& host) { host.kernel_missing = "not root"; });
  const Estate estate = build_estate(b.build(), three_tiers());
  const FlowEnds ends(estate);
  const HostId far(estate[HostId(0)].name == "far" ? 0U : 1U);
  Flows flows{.flows = {},
              .gaps = {{.host = far, .container = std::nullopt, .what = "rules", .why = "none"}}};
  FlowKnowledge known = flow_knowledge(estate, ends, flows);
  EXPECT_THAT(known.gaps, IsEmpty());
  ASSERT_THAT(known.without_kernel, SizeIs(1));
  EXPECT_EQ(known.without_kernel[0].host, "far");
  EXPECT_EQ(known.without_kernel[0].why, "not root");
}

TEST(FlowGaps, NameVerdictsThatNothingExplains) {
  const Estate estate = build_estate(apart().build(), three_tiers());
  const FlowEnds ends(estate);
  Flows flows{.flows = {flow(estate, "api", "db", 5432)}, .gaps = {}};
  flows.flows[0].open = false;
  const FlowKnowledge known = flow_knowledge(estate, ends, flows);
  ASSERT_THAT(known.gaps, SizeIs(1));
  EXPECT_THAT(known.gaps[0].what, HasSubstr("whether development/api reaches production/db"));
  flows.gaps = {{.host = HostId(0), .container = std::nullopt, .what = "rule", .why = "-m recent"}};
  EXPECT_THAT(flow_knowledge(estate, ends, flows).gaps, SizeIs(1));
  EXPECT_EQ(flow_knowledge(estate, ends, flows).gaps[0].what, "rule");
}

}  // namespace
}  // namespace firebreak
