#include "reach/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reach/reach.h"
#include "reach/testing.h"

namespace firebreak {
namespace {

using testing::HasSubstr;

// A table of iptables-save with policies ACCEPT.
std::string saved_table(std::string_view name, std::initializer_list<std::string_view> chains,
                        std::string_view lines) {
  std::string out = "*" + std::string(name) + "\n";
  for (const std::string_view chain : chains) {
    const bool own = chain.starts_with("DOCKER");
    out += ":" + std::string(chain) +
           (own                   ? " -"
            : chain.contains(' ') ? ""
                                  : " ACCEPT") +
           " [0:0]\n";
  }
  return out + std::string(lines) + "COMMIT\n";
}
std::string filter_rules(std::string_view lines, std::string_view forward = "FORWARD") {
  return saved_table("filter", {"INPUT", forward, "OUTPUT", "DOCKER-USER"}, lines);
}
std::string nat_rules(std::string_view lines) {
  return saved_table("nat", {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING", "DOCKER"}, lines);
}

// What became of a packet, as text: outcome, where it was delivered, and as what; then its hops.
std::string traced(const Estate& estate, std::string_view from, std::string_view packet) {
  const PacketTrace trace = trace_packet(estate, end_named(estate, from), header_from(packet));
  std::string out;
  switch (trace.outcome) {
    case PacketTrace::Outcome::kDelivered: out = "delivered"; break;
    case PacketTrace::Outcome::kNoAnswer: out = "no answer"; break;
    case PacketTrace::Outcome::kStopped: out = "stopped"; break;
    case PacketTrace::Outcome::kLeft: out = "left"; break;
    case PacketTrace::Outcome::kUnknown: out = "unknown"; break;
  }
  if (trace.to) {
    out += " to " + name_of(estate, *trace.to) + " as " + trace.delivered.source.text() + " -> " +
           trace.delivered.destination.text() + ":" +
           std::to_string(trace.delivered.destination_port.value);
  }
  for (const FlowHop& hop : trace.hops) {
    out += "\n" + name_of(estate, hop.at) + " " + hop.place + ": " + hop.why;
  }
  return out;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }
std::string last_line(const std::string& text) { return text.substr(text.rfind('\n') + 1); }
std::string outcome_of(const Estate& estate, std::string_view from, std::string_view packet) {
  return first_line(traced(estate, from, packet));
}

// Two networks on one host, api in the one, db in the other. What hosts have before Docker makes
// its rules.
ReachBuilder two_bridges() {
  ReachBuilder b;
  b.host("laptop").bridge("br-a", {"10.81.1.1/24"}).bridge("br-b", {"10.81.2.1/24"});
  b.link("eth0", {"192.0.2.10/24"}).gateway("192.0.2.1");
  return b;
}
void add_containers(ReachBuilder& b) {
  b.container("api").on("br-a", {"10.81.1.2/24"});
  b.container("api2").on("br-a", {"10.81.1.3/24"});
  b.container("db").on("br-b", {"10.81.2.2/24"}).listens(5432);
}
Estate two_networks(std::string_view rules) {
  ReachBuilder b = two_bridges();
  b.iptables(rules);
  add_containers(b);
  return b.estate();
}

constexpr std::string_view kPublished =
    "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
    "-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER\n"
    "-A POSTROUTING -s 10.81.1.0/24 ! -o br-a -j MASQUERADE\n"
    "-A POSTROUTING -s 10.81.2.0/24 ! -o br-b -j MASQUERADE\n"
    "-A DOCKER ! -i br-b -p tcp -m tcp --dport 5433 -j DNAT --to-destination 10.81.2.2:5432\n";

TEST(Trace, SameNetwork) {
  EXPECT_EQ(traced(two_networks(""), "laptop/api", "10.81.1.2 -> 10.81.1.3:80"),
            "delivered to laptop/api2 as 10.81.1.2 -> 10.81.1.3:80\n"
            "laptop/api eth0 10.81.1.2: 10.81.1.0/24 on eth0\n"
            "laptop/api2 INPUT: no rules\n"
            "laptop/api2 eth0 10.81.1.3:80: nothing listens there");
}

TEST(Trace, RoutedBetweenNetworks) {
  const std::string rules =
      filter_rules("-A FORWARD -j DOCKER-USER\n-A FORWARD -i br-a -j ACCEPT\n");
  EXPECT_EQ(traced(two_networks(rules), "laptop/api", "10.81.1.2 -> 10.81.2.2:5432"),
            "delivered to laptop/db as 10.81.1.2 -> 10.81.2.2:5432\n"
            "laptop/api eth0 10.81.1.2: default route via 10.81.1.1\n"
            "laptop FORWARD br-a to br-b: filter FORWARD: -A FORWARD -i br-a -j ACCEPT\n"
            "laptop/db INPUT: no rules\n"
            "laptop/db eth0 10.81.2.2:5432: listening");
}

TEST(Trace, ARuleStopsIt) {
  const std::string drops =
      filter_rules("-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -i br-a -o br-b -j DROP\n");
  EXPECT_EQ(traced(two_networks(drops), "laptop/api", "10.81.1.2 -> 10.81.2.2:5432"),
            "stopped\n"
            "laptop/api eth0 10.81.1.2: default route via 10.81.1.1\n"
            "laptop FORWARD br-a to br-b: filter DOCKER-USER: -A DOCKER-USER -i br-a -o br-b -j "
            "DROP");
  const std::string policy = filter_rules("", "FORWARD DROP");
  EXPECT_EQ(last_line(traced(two_networks(policy), "laptop/api", "10.81.1.2 -> 10.81.2.2:5432")),
            "laptop FORWARD br-a to br-b: filter FORWARD: policy DROP");
}

TEST(Trace, AnswersNeedAWayBack) {
  const std::string one_way = filter_rules("-A FORWARD -i br-a -j ACCEPT\n", "FORWARD DROP");
  EXPECT_EQ(traced(two_networks(one_way), "laptop/api", "10.81.1.2 -> 10.81.2.2:5432"),
            "no answer to laptop/db as 10.81.1.2 -> 10.81.2.2:5432\n"
            "laptop/api eth0 10.81.1.2: default route via 10.81.1.1\n"
            "laptop FORWARD br-a to br-b: filter FORWARD: -A FORWARD -i br-a -j ACCEPT\n"
            "laptop/db INPUT: no rules\n"
            "laptop/db eth0 10.81.2.2:5432: listening\n"
            "laptop/db answer: to 10.81.1.2\n"
            "laptop/db eth0 10.81.2.2: default route via 10.81.2.1\n"
            "laptop FORWARD br-b to br-a: filter FORWARD: policy DROP");
  const std::string both = filter_rules(
      "-A FORWARD -i br-a -j ACCEPT\n-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n",
      "FORWARD DROP");
  EXPECT_EQ(outcome_of(two_networks(both), "laptop/api", "10.81.1.2 -> 10.81.2.2:5432"),
            "delivered to laptop/db as 10.81.1.2 -> 10.81.2.2:5432");
}

TEST(Trace, PublishedPort) {
  const Estate estate = two_networks(nat_rules(kPublished));
  const std::string text = traced(estate, "laptop/api", "10.81.1.2 -> 10.81.1.1:5433");
  EXPECT_EQ(text,
            "delivered to laptop/db as 10.81.2.1 -> 10.81.2.2:5432\n"
            "laptop/api eth0 10.81.1.2: 10.81.1.0/24 on eth0\n"
            "laptop PREROUTING: nat DOCKER: -A DOCKER ! -i br-b -p tcp -m tcp --dport 5433 -j DNAT "
            "--to-destination 10.81.2.2:5432\n"
            "laptop FORWARD br-a to br-b: no rules\n"
            "laptop POSTROUTING: nat POSTROUTING: -A POSTROUTING -s 10.81.1.0/24 ! -o br-a -j "
            "MASQUERADE\n"
            "laptop/db INPUT: no rules\n"
            "laptop/db eth0 10.81.2.2:5432: listening");
  // From the host's own namespace by way of OUTPUT; not by its loopback address.
  EXPECT_EQ(outcome_of(estate, "laptop", "192.0.2.10 -> 192.0.2.10:5433"),
            "delivered to laptop/db as 192.0.2.10 -> 10.81.2.2:5432");
  EXPECT_EQ(outcome_of(estate, "laptop", "127.0.0.1 -> 127.0.0.1:5433"),
            "delivered to laptop as 127.0.0.1 -> 127.0.0.1:5433");
  // Its own network: the rule leaves that to a proxy that is not there.
  EXPECT_EQ(outcome_of(estate, "laptop/db", "10.81.2.2 -> 10.81.2.1:5433"),
            "delivered to laptop as 10.81.2.2 -> 10.81.2.1:5433");
}

TEST(Trace, UserlandProxy) {
  ReachBuilder b = two_bridges();
  b.proxy("0.0.0.0", 5433, "10.81.2.2", 5432).iptables(filter_rules("", "FORWARD DROP"));
  add_containers(b);
  const Estate estate = b.estate();
  EXPECT_EQ(traced(estate, "laptop/api", "10.81.1.2 -> 192.0.2.10:5433"),
            "delivered to laptop/db as 10.81.2.1 -> 10.81.2.2:5432\n"
            "laptop/api eth0 10.81.1.2: default route via 10.81.1.1\n"
            "laptop INPUT: filter INPUT: policy ACCEPT\n"
            "laptop docker-proxy :5433: publishes 10.81.2.2:5432\n"
            "laptop br-b 10.81.2.1: 10.81.2.0/24 on br-b\n"
            "laptop/db INPUT: no rules\n"
            "laptop/db eth0 10.81.2.2:5432: listening");
  EXPECT_EQ(outcome_of(estate, "laptop", "127.0.0.1 -> 127.0.0.1:5433"),
            "delivered to laptop/db as 10.81.2.1 -> 10.81.2.2:5432");
}

TEST(Trace, ProxiedConnectionsNeedBothAnswers) {
  for (const char* rule :
       {"-A INPUT -i br-b -j DROP\n",                                 // the second leg's
        "-A OUTPUT -o br-a -p tcp -m tcp --sport 5433 -j DROP\n"}) {  // the first's
    ReachBuilder b = two_bridges();
    b.proxy("0.0.0.0", 5433, "10.81.2.2", 5432).iptables(filter_rules(rule));
    add_containers(b);
    const Estate estate = b.estate();
    EXPECT_EQ(outcome_of(estate, "laptop/api", "10.81.1.2 -> 10.81.1.1:5433"),
              "no answer to laptop/db as 10.81.2.1 -> 10.81.2.2:5432");
  }
}

TEST(Trace, HostAndContainers) {
  const Estate estate =
      two_networks(filter_rules("-A INPUT -i br-a -p tcp -m tcp --dport 22 -j DROP\n"));
  EXPECT_EQ(outcome_of(estate, "laptop", "10.81.2.1 -> 10.81.2.2:5432"),
            "delivered to laptop/db as 10.81.2.1 -> 10.81.2.2:5432");
  EXPECT_EQ(outcome_of(estate, "laptop", "icmp 10.81.2.1 -> 10.81.2.2"),
            "delivered to laptop/db as 10.81.2.1 -> 10.81.2.2:2048");
  EXPECT_EQ(outcome_of(estate, "laptop/api", "10.81.1.2 -> 10.81.2.1:80"),
            "delivered to laptop as 10.81.1.2 -> 10.81.2.1:80");
  EXPECT_EQ(outcome_of(estate, "laptop/api", "10.81.1.2 -> 10.81.2.1:22"), "stopped");
}

TEST(Trace, WhatNobodyTakes) {
  const Estate estate = two_networks("");
  EXPECT_EQ(last_line(traced(estate, "laptop/api", "10.81.1.2 -> 10.81.1.9:80")),
            "laptop/api eth0: nobody has address 10.81.1.9 there");
  EXPECT_EQ(last_line(traced(estate, "laptop/api", "10.81.9.9 -> 10.81.1.3:80")),
            "laptop/api sender: it has no address 10.81.9.9");
  EXPECT_EQ(outcome_of(estate, "laptop/api", "10.81.1.2 -> 198.51.100.1:443"), "left");
  EXPECT_EQ(outcome_of(estate, "laptop/api", "10.81.1.2 -> 10.81.1.255:80"), "stopped");
  EXPECT_EQ(last_line(traced(estate, "laptop", "127.0.0.1 -> 10.81.1.2:80")),
            "laptop from 127.0.0.1: a loopback address cannot leave by br-a");
}

TEST(Trace, ContainersDoNotForward) {
  ReachBuilder b = two_bridges();
  add_containers(b);
  b.container("both").on("br-a", {"10.81.1.4/24"}).on("br-b", {"10.81.2.4/24"}, false);
  b.container("tricky").on("br-a", {"10.81.1.5/24"}, false).gateway("10.81.1.4");
  EXPECT_EQ(last_line(traced(b.estate(), "laptop/tricky", "10.81.1.5 -> 10.81.2.2:5432")),
            "laptop/both eth0: it is for 10.81.2.2, and net.ipv4.conf.eth0.forwarding is off");
}

TEST(Trace, BridgedFramesAreFilteredWhereTheBridgeSaysSo) {
  const std::string icc = filter_rules("-A FORWARD -i br-a -o br-a -j DROP\n");
  EXPECT_EQ(outcome_of(two_networks(icc), "laptop/api", "10.81.1.2 -> 10.81.1.3:80"),
            "delivered to laptop/api2 as 10.81.1.2 -> 10.81.1.3:80");
  ReachBuilder b = two_bridges();
  b.set("net.bridge.bridge-nf-call-iptables", "1").iptables(icc);
  add_containers(b);
  const std::string text = traced(b.estate(), "laptop/api", "10.81.1.2 -> 10.81.1.3:80");
  EXPECT_EQ(first_line(text), "stopped");
  EXPECT_THAT(last_line(text), HasSubstr("laptop FORWARD br-a, port veth"));
  EXPECT_THAT(last_line(text), HasSubstr("-A FORWARD -i br-a -o br-a -j DROP"));
}

// A container that connects to the port that another one of its network publishes.
TEST(Trace, FramesWithANewDestinationStayOnTheirBridge) {
  const std::string rules =
      nat_rules("-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.81.1.3:80\n");
  ReachBuilder b = two_bridges();
  b.set("net.bridge.bridge-nf-call-iptables", "1").iptables(rules);
  add_containers(b);
  const Estate estate = b.estate();
  EXPECT_EQ(outcome_of(estate, "laptop/api", "10.81.1.2 -> 10.81.1.1:8080"),
            "delivered to laptop/api2 as 10.81.1.2 -> 10.81.1.3:80");
  EXPECT_EQ(last_line(traced(estate, "laptop/api2", "10.81.1.3 -> 10.81.1.1:8080")),
            "laptop br-a: frames do not go back to where they came from");
  // Without br_netfilter the machine routes it, and the answer passes the machine by.
  EXPECT_EQ(last_line(traced(two_networks(rules), "laptop/api", "10.81.1.2 -> 10.81.1.1:8080")),
            "laptop/api eth0: nobody here waits for an answer from 10.81.1.3:80");
}

TEST(Trace, InternalNetwork) {
  ReachBuilder b = two_bridges();
  b.iptables(
      filter_rules("-A DOCKER-USER ! -d 10.81.2.0/24 -i br-b -j DROP\n"
                   "-A FORWARD -j DOCKER-USER\n"));
  add_containers(b);
  b.container("inner").on("br-b", {"10.81.2.7/24"}, false);
  const Estate estate = b.estate();
  EXPECT_EQ(outcome_of(estate, "laptop/inner", "10.81.2.7 -> 10.81.2.2:5432"),
            "delivered to laptop/db as 10.81.2.7 -> 10.81.2.2:5432");
  EXPECT_EQ(last_line(traced(estate, "laptop/inner", "10.81.2.7 -> 10.81.1.2:80")),
            "laptop/inner from 10.81.2.7: no route to 10.81.1.2");
  EXPECT_EQ(outcome_of(estate, "laptop/inner", "10.81.2.7 -> 10.81.2.1:22"),
            "delivered to laptop as 10.81.2.7 -> 10.81.2.1:22");
}

TEST(Trace, LoopbackAddressesStayOnTheMachine) {
  ReachBuilder b = two_bridges();
  b.listens(6379, "127.0.0.1");
  add_containers(b);
  b.container("tricky").on("br-a", {"10.81.1.5/24"}, false).gateway("10.81.1.1", "127.0.0.1/32");
  // The sender's own table local wins; a namespace without loopback has none.
  b.state().links.front().addresses.clear();
  EXPECT_EQ(last_line(traced(b.estate(), "laptop/tricky", "10.81.1.5 -> 127.0.0.1:6379")),
            "laptop br-a: loopback addresses come in by lo only (route_localnet is 0)");
  b = two_bridges();
  b.set("net.ipv4.conf.br-a.route_localnet", "1").listens(6379, "127.0.0.1");
  b.container("tricky").on("br-a", {"10.81.1.5/24"}, false).gateway("10.81.1.1", "127.0.0.1/32");
  b.state().links.front().addresses.clear();
  EXPECT_EQ(outcome_of(b.estate(), "laptop/tricky", "10.81.1.5 -> 127.0.0.1:6379"),
            "no answer to laptop as 10.81.1.5 -> 127.0.0.1:6379");
  b.set("net.ipv4.conf.eth0.route_localnet", "1");
  EXPECT_EQ(outcome_of(b.estate(), "laptop/tricky", "10.81.1.5 -> 127.0.0.1:6379"),
            "delivered to laptop as 10.81.1.5 -> 127.0.0.1:6379");
}

TEST(Trace, SourcesMustComeTheirWay) {
  const auto estate_with = [](std::string_view value) {
    ReachBuilder b = two_bridges();
    b.set("net.ipv4.conf.all.rp_filter", value);
    add_containers(b);
    // Its first network's address, sent by the second.
    b.container("both").on("br-a", {"10.81.1.4/24"}, false).on("br-b", {"10.81.2.4/24"});
    return b.estate();
  };
  EXPECT_EQ(last_line(traced(estate_with("1"), "laptop/both", "10.81.1.4 -> 192.0.2.10:80")),
            "laptop br-b: rp_filter: the way back to 10.81.1.4 is another (10.81.1.0/24 on br-a)");
  EXPECT_EQ(outcome_of(estate_with("2"), "laptop/both", "10.81.1.4 -> 192.0.2.10:80"),
            "delivered to laptop as 10.81.1.4 -> 192.0.2.10:80");
  EXPECT_EQ(outcome_of(estate_with("0"), "laptop/both", "10.81.1.4 -> 192.0.2.10:80"),
            "delivered to laptop as 10.81.1.4 -> 192.0.2.10:80");
}

TEST(Trace, AMachinesOwnAddressesDoNotComeIn) {
  ReachBuilder b = two_bridges();
  add_containers(b);
  b.container("twin").on("br-a", {"10.81.1.6/24", "192.0.2.10/32"});
  EXPECT_EQ(last_line(traced(b.estate(), "laptop/twin", "192.0.2.10 -> 10.81.1.1:80")),
            "laptop br-a: its source 192.0.2.10 is an address of this machine");
}

TEST(Trace, MarksChooseRoutesWithinAMachine) {
  ReachBuilder b = two_bridges();
  b.iptables(
      saved_table("mangle", {"PREROUTING", "OUTPUT"},
                  "-A PREROUTING -i br-a -j MARK --set-xmark 0x1/0xffffffff\n"
                  "-A OUTPUT -p tcp -m tcp --dport 81 -j MARK --set-xmark 0x1/0xffffffff\n"));
  NetRule rule;
  rule.priority = 100;
  rule.mark = rule.mark_mask = 1;
  rule.table = 7;
  b.state().rules.insert(b.state().rules.begin() + 1, rule);
  NetRoute none;
  none.kind = NetRoute::Kind::kBlackhole;
  none.table = 7;
  none.destination = cidr_of("10.81.2.0/24");
  b.state().routes.push_back(none);
  add_containers(b);
  const Estate estate = b.estate();
  EXPECT_EQ(last_line(traced(estate, "laptop/api", "10.81.1.2 -> 10.81.2.2:5432")),
            "laptop br-a: 10.81.2.0/24 refuses");
  EXPECT_EQ(outcome_of(estate, "laptop", "10.81.2.1 -> 10.81.2.2:81"), "stopped");
  EXPECT_EQ(outcome_of(estate, "laptop", "10.81.2.1 -> 10.81.2.2:80"),
            "delivered to laptop/db as 10.81.2.1 -> 10.81.2.2:80");
}

TEST(Trace, MacvlanSiblings) {
  for (const auto& [mode, expected] :
       {std::pair("bridge", "delivered to laptop/b as 192.0.2.21 -> 192.0.2.22:80"),
        std::pair("private", "left")}) {
    ReachBuilder b;
    b.host("laptop").link("eth0", {"192.0.2.10/24"});
    b.container("a").macvlan("eth0", {"192.0.2.21/24"}, mode);
    b.container("b").macvlan("eth0", {"192.0.2.22/24"}, mode).listens(80);
    const Estate estate = b.estate();
    EXPECT_EQ(outcome_of(estate, "laptop/a", "192.0.2.21 -> 192.0.2.22:80"), expected);
    EXPECT_EQ(outcome_of(estate, "laptop/a", "192.0.2.21 -> 192.0.2.10:80"), "left");
  }
}

TEST(Trace, HostsOverTheUnderlay) {
  ReachBuilder b;
  for (const char* number : {"1", "2"}) {
    const std::string n = number;
    b.host("h" + n).link("eth0", {"192.0.2." + n + "/24"});
    b.bridge("br", {"10.8" + n + ".0.1/24"});
    b.iptables(
        nat_rules("-A PREROUTING -m addrtype --dst-type LOCAL -p tcp -m tcp --dport 5433 -j DNAT "
                  "--to-destination 10.8" +
                  n + ".0.2:5432\n-A POSTROUTING -s 10.8" + n + ".0.0/24 ! -o br -j MASQUERADE\n"));
    b.container("c" + n).on("br", {"10.8" + n + ".0.2/24"}).listens(5432);
  }
  EXPECT_EQ(outcome_of(b.estate(), "h1/c1", "10.81.0.2 -> 192.0.2.2:5433"),
            "delivered to h2/c2 as 192.0.2.1 -> 10.82.0.2:5432");
  Policy apart;
  apart.zones = {{"h1"}, {"h2"}};
  EXPECT_EQ(outcome_of(b.estate(apart), "h1/c1", "10.81.0.2 -> 192.0.2.2:5433"), "left");
}

TEST(Trace, Ipv6) {
  ReachBuilder b;
  b.host("laptop").bridge("br-a", {"fd00:1::1/64"}).bridge("br-b", {"fd00:2::1/64"});
  b.proxy("::", 5433, "fd00:2::2", 5432);
  b.container("api").on("br-a", {"fd00:1::2/64"});
  b.container("db").on("br-b", {"fd00:2::2/64"}).listens(5432, "::");
  EXPECT_EQ(last_line(traced(b.estate(), "laptop/api", "fd00:1::2 -> [fd00:2::2]:5432")),
            "laptop br-a: it is for fd00:2::2, and net.ipv6.conf.all.forwarding is off");
  EXPECT_EQ(traced(b.estate(), "laptop/api", "fd00:1::2 -> [fd00:1::1]:5433"),
            "delivered to laptop/db as fd00:2::1 -> fd00:2::2:5432\n"
            "laptop/api eth0 fd00:1::2: fd00:1::/64 on eth0\n"
            "laptop INPUT: no rules\n"
            "laptop docker-proxy :5433: publishes [fd00:2::2]:5432\n"
            "laptop br-b fd00:2::1: fd00:2::/64 on br-b\n"
            "laptop/db INPUT: no rules\n"
            "laptop/db eth0 [fd00:2::2]:5432: listening");
  EXPECT_EQ(outcome_of(b.estate(), "laptop/api", "icmp fd00:1::2 -> fd00:1::1"),
            "delivered to laptop as fd00:1::2 -> fd00:1::1:32768");
}

TEST(Trace, WhatIsNotKnownIsSaid) {
  const std::string recent = filter_rules("-A FORWARD -m recent --rcheck --name x -j DROP\n");
  EXPECT_EQ(last_line(traced(two_networks(recent), "laptop/api", "10.81.1.2 -> 10.81.2.2:5432")),
            "laptop FORWARD br-a to br-b: not known what it does: filter FORWARD: -A FORWARD -m "
            "recent --rcheck --name x -j DROP");
  ReachBuilder b = two_bridges();
  add_containers(b);
  b.unread("routes", "permission denied");
  EXPECT_EQ(traced(b.estate(), "laptop/api", "10.81.1.2 -> 10.81.2.2:5432").substr(0, 7),
            "unknown");
  EXPECT_EQ(outcome_of(b.estate(), "laptop/db", "10.81.2.2 -> 10.81.1.2:80"), "unknown");
  // A namespace that was not read.
  b.names().container("lost");
  EXPECT_EQ(last_line(traced(b.estate(), "laptop/lost", "10.81.1.9 -> 10.81.2.2:5432")),
            "laptop/lost sender: its network namespace was not read");
}

TEST(Trace, TwoClaimOneAddress) {
  ReachBuilder b = two_bridges();
  add_containers(b);
  b.container("copy").on("br-a", {"10.81.1.3/24"});
  EXPECT_EQ(last_line(traced(b.estate(), "laptop/api", "10.81.1.2 -> 10.81.1.3:80")),
            "laptop/api eth0: 2 claim address 10.81.1.3 there");
}

TEST(Trace, RoundInCircles) {
  ReachBuilder b;
  b.host("h1").link("eth0", {"192.0.2.1/24"}).gateway("192.0.2.2", "203.0.113.0/24");
  b.host("h2").link("eth0", {"192.0.2.2/24"}).gateway("192.0.2.1", "203.0.113.0/24");
  b.host("h3").link("eth0", {"192.0.2.3/24"}).gateway("192.0.2.2");
  EXPECT_THAT(last_line(traced(b.estate(), "h3", "192.0.2.3 -> 203.0.113.5:80")),
              HasSubstr("it goes round in circles"));
}

// NAT of the answer: the destination is put back before routing, the source after everything else.
TEST(Trace, FiltersSeeAnswersHalfTranslated) {
  const auto published = [](std::string_view rule) {
    return outcome_of(two_networks(nat_rules(kPublished) + filter_rules(rule)), "laptop/api",
                      "10.81.1.2 -> 10.81.1.1:5433");
  };
  const std::string to_db = " to laptop/db as 10.81.2.1 -> 10.81.2.2:5432";
  EXPECT_EQ(published("-A FORWARD -s 10.81.2.2/32 -d 10.81.1.2/32 -j DROP\n"), "no answer" + to_db);
  EXPECT_EQ(published("-A FORWARD -s 10.81.1.1/32 -j DROP\n-A FORWARD -d 10.81.2.1/32 -j DROP\n"),
            "delivered" + to_db);
  const auto from_host = [](std::string_view rule) {
    const std::string nat =
        nat_rules("-A OUTPUT -p tcp -m tcp --dport 9000 -j DNAT --to-destination 10.81.2.2:5432\n");
    return outcome_of(two_networks(nat + filter_rules(rule)), "laptop",
                      "192.0.2.10 -> 192.0.2.10:9000");
  };
  const std::string by_host = " to laptop/db as 192.0.2.10 -> 10.81.2.2:5432";
  EXPECT_EQ(from_host("-A INPUT -s 10.81.2.2/32 -j DROP\n"), "no answer" + by_host);
  EXPECT_EQ(from_host("-A INPUT -s 192.0.2.10/32 -j DROP\n"), "delivered" + by_host);
}

TEST(Trace, ConnectionMarksStayWithTheirMachine) {
  const std::string set = saved_table(
      "mangle", {"FORWARD"}, "-A FORWARD -i br-a -j CONNMARK --set-xmark 0x3/0xffffffff\n");
  const std::string drop = filter_rules("-A FORWARD -i br-b -m connmark --mark 0x3 -j DROP\n");
  EXPECT_EQ(
      last_line(traced(two_networks(set + drop), "laptop/api", "10.81.1.2 -> 10.81.2.2:80")),
      "laptop FORWARD br-b to br-a: filter FORWARD: -A FORWARD -i br-b -m connmark --mark 0x3 "
      "-j DROP");
  EXPECT_EQ(outcome_of(two_networks(set + drop), "laptop/db", "10.81.2.2 -> 10.81.1.2:80"),
            "delivered to laptop/api as 10.81.2.2 -> 10.81.1.2:80");
}

// Untracked packets have no connection that could undo what NAT did.
TEST(Trace, UntrackedAnswers) {
  const std::string raw =
      saved_table("raw", {"PREROUTING", "OUTPUT"},
                  "-A PREROUTING -i br-b -p tcp -m tcp --sport 5432 -j CT --notrack\n");
  EXPECT_EQ(outcome_of(two_networks(raw), "laptop/api", "10.81.1.2 -> 10.81.2.2:5432"),
            "delivered to laptop/db as 10.81.1.2 -> 10.81.2.2:5432");
  EXPECT_EQ(last_line(traced(two_networks(raw + nat_rules(kPublished)), "laptop/api",
                             "10.81.1.2 -> 10.81.1.1:5433")),
            "laptop br-b: nobody here waits for an answer from 10.81.2.2:5432");
}

// An answer that takes another way meets no connection there.
TEST(Trace, AnswersByAnotherMachineAreInvalid) {
  const auto estate_with = [](std::string_view rules) {
    ReachBuilder b = two_bridges();
    b.iptables(rules);
    b.container("api").on("br-a", {"10.81.1.2/24"}, false).gateway("10.81.1.4");
    b.container("router").on("br-a", {"10.81.1.4/24"}, false).on("br-b", {"10.81.2.4/24"}, false);
    b.set("net.ipv4.conf.eth0.forwarding", "1");
    b.container("db").on("br-b", {"10.81.2.2/24"}).listens(5432);
    return b.estate();
  };
  EXPECT_EQ(outcome_of(estate_with(""), "laptop/api", "10.81.1.2 -> 10.81.2.2:5432"),
            "delivered to laptop/db as 10.81.1.2 -> 10.81.2.2:5432");
  const std::string strict = filter_rules("-A FORWARD -m conntrack --ctstate INVALID -j DROP\n");
  EXPECT_EQ(
      last_line(traced(estate_with(strict), "laptop/api", "10.81.1.2 -> 10.81.2.2:5432")),
      "laptop FORWARD br-b to br-a: filter FORWARD: -A FORWARD -m conntrack --ctstate INVALID "
      "-j DROP");
}

}  // namespace
}  // namespace firebreak
