#include "verify/plan.h"

#include <gmock/gmock.h>

#include "reach/reach.h"
#include "reach/testing.h"

namespace firebreak {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

// Two networks apart: api and web on one, db on the other. The host drops what crosses.
ReachBuilder two_networks() {
  ReachBuilder b;
  b.host("laptop")
      .bridge("br-a", {"10.81.1.1/24"})
      .bridge("br-b", {"10.81.2.1/24"})
      .iptables(
          "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n");
  b.container("api").on("br-a", {"10.81.1.2/24"});
  b.container("web").on("br-a", {"10.81.1.3/24"}).listens(80);
  b.container("db").on("br-b", {"10.81.2.2/24"}).listens(5432);
  return b;
}

struct PlanCase {
  Estate estate;
  Flows flows;
  std::vector<VerifyPlace> places;
  ProbePlan plan;

  explicit PlanCase(const ReachBuilder& b, ProbePlanOptions options = {})
      : estate(b.estate()),
        flows(*reach(estate, {.all = true})),
        places(verify_places(estate)),
        plan(plan_probes(places, flows.flows, options)) {}

  // "api tcp 10.81.1.3:80 open"
  [[nodiscard]] std::vector<std::string> told() const {
    std::vector<std::string> out;
    for (const PlannedProbe& one : plan.probes) {
      const std::string who = one.from.container ? estate[*one.from.container].name : "host";
      const std::string how = one.packet.protocol == 6    ? "tcp"
                              : one.packet.protocol == 17 ? "udp"
                                                          : "icmp";
      std::string where = one.packet.destination.text();
      if (how != "icmp") where += ":" + std::to_string(one.packet.destination_port.value);
      out.push_back(who + " " + how + " " + where + " " + std::string(name_of(one.prediction)));
    }
    return out;
  }
  [[nodiscard]] std::size_t closed(std::string_view from, std::string_view to) const {
    return static_cast<std::size_t>(std::ranges::count_if(plan.probes, [&](const auto& one) {
      return one.prediction == Prediction::kClosed && one.from == end_named(estate, from) &&
             one.to == end_named(estate, to);
    }));
  }
};

TEST(APlan, AsksWhatListensAndOnePortOfEachRange) {
  const auto told = PlanCase(two_networks()).told();
  EXPECT_THAT(told, Contains("api tcp 10.81.1.3:80 open"));
  EXPECT_THAT(told, Contains("api tcp 10.81.1.3:1 open"));
  EXPECT_THAT(told, Contains("api tcp 10.81.1.3:81 open"));
  EXPECT_THAT(told, Contains("api icmp 10.81.1.3 open"));
  EXPECT_THAT(told, Contains("host tcp 10.81.2.2:5432 open"));
}

TEST(APlan, AsksWhatIsNamedWhereNoFlowLeads) {
  const auto told = PlanCase(two_networks()).told();
  EXPECT_THAT(told, Contains("api tcp 10.81.2.2:5432 closed"));
  EXPECT_THAT(told, Contains("api icmp 10.81.2.2 closed"));
  EXPECT_THAT(told, Contains("db tcp 10.81.1.3:80 closed"));
  EXPECT_THAT(told, Contains("db tcp 10.81.1.2:80 closed"));  // the port is web's
}

TEST(APlan, AsksTheNeighboursOfWhatIsOpen) {
  ReachBuilder b = two_networks();
  b.host("other")
      .bridge("br-a", {"10.82.1.1/24"})
      .bridge("br-b", {"10.82.2.1/24"})
      .iptables(
          "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
          "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
          "-A FORWARD -p tcp -m tcp --dport 4000:4010 -j ACCEPT\nCOMMIT\n");
  b.container("c").on("br-a", {"10.82.1.2/24"});
  b.container("d").on("br-b", {"10.82.2.2/24"});
  const auto told = PlanCase(b).told();
  for (const char* probe : {"c tcp 10.82.2.2:4000 open", "c tcp 10.82.2.2:4010 open",
                            "c tcp 10.82.2.2:3999 closed", "c tcp 10.82.2.2:4011 closed"}) {
    EXPECT_THAT(told, Contains(probe));
  }
}

TEST(APlan, KeepsToSoManyOfAPair) {
  EXPECT_EQ(PlanCase(two_networks(), {.most = 3}).closed("laptop/api", "laptop/db"), 3);
  EXPECT_GT(PlanCase(two_networks()).closed("laptop/api", "laptop/db"), 3);
}

TEST(APlan, KeepsToTheEstatesAddresses) {
  const PlanCase planned(two_networks());
  for (const PlannedProbe& one : planned.plan.probes) {
    EXPECT_TRUE(std::ranges::any_of(planned.places, [&](const VerifyPlace& place) {
      return std::ranges::binary_search(place.addresses, one.packet.destination);
    })) << one.packet.destination.text();
  }
}

TEST(APlan, ListensNowhereUnlessAsked) {
  EXPECT_THAT(PlanCase(two_networks()).plan.listeners, IsEmpty());
}

TEST(APlan, ListensNeverWhereAPortIsSomebodys) {
  const PlanCase planned(two_networks(), {.listeners = true});
  const auto web = planned.plan.listeners.at(end_named(planned.estate, "laptop/web"));
  EXPECT_THAT(web, Contains(ListenHere{6, address_of("10.81.1.3"), Port{1}}));
  EXPECT_THAT(web, Not(Contains(ListenHere{6, address_of("10.81.1.3"), Port{80}})));
}

TEST(APlan, CountsPublishedPortsAsSomebodys) {
  ReachBuilder b = two_networks();
  b.names().publish(5433, 5432);  // of db, the last
  const PlanCase planned(b);
  const auto& host = planned.places.front();
  ASSERT_FALSE(host.end.container);
  EXPECT_THAT(host.named, Contains(std::pair<std::uint8_t, Port>(6, Port{5433})));
}

TEST(APlan, CountsExposedPortsAsSomebodys) {
  ReachBuilder b = two_networks();
  b.names().edit([](Container& db) { db.exposed = {{Port{1}, Protocol::kTcp}}; });
  const PlanCase planned(b, {.listeners = true});
  const auto there = planned.plan.listeners.at(end_named(planned.estate, "laptop/db"));
  EXPECT_THAT(there, Not(Contains(ListenHere{6, address_of("10.81.2.2"), Port{1}})));
  EXPECT_THAT(there, Contains(ListenHere{17, address_of("10.81.2.2"), Port{1}}));
}

TEST(Places, LeaveAddressesOutThatWaitForTheirLink) {
  ReachBuilder b;
  b.host("laptop").bridge("br-a", {"10.81.1.1/24", "fd00:81::1/64"});
  EXPECT_EQ(PlanCase(b).places.front().addresses.size(), 1);
  b.container("api").on("br-a", {"10.81.1.2/24", "fd00:81::2/64"});
  EXPECT_EQ(PlanCase(b).places.front().addresses.size(), 2);
}

TEST(APlan, FollowsAPortThatIsRewritten) {
  Flow flow;
  flow.address = {address_of("10.81.1.1"), address_of("10.81.1.1")};
  flow.delivered = {address_of("10.81.2.2"), address_of("10.81.2.2")};
  flow.ports = {{Port{5433}, Port{5433}}};
  flow.delivered_ports = {{Port{5432}, Port{5432}}};
  PlannedProbe probe;
  probe.packet = header_from("10.81.1.2 -> 10.81.1.1:5433");
  probe.flows = {&flow};
  EXPECT_EQ(probe.landing(), std::pair(address_of("10.81.2.2"), Port{5432}));
  flow.delivered_ports = {{Port{5000}, Port{5100}}};
  EXPECT_FALSE(probe.landing());
}

}  // namespace
}  // namespace firebreak
