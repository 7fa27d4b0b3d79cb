#include "snapshot/json.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "snapshot/testing.h"

namespace firebreak {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string error_of(const std::string& json) {
  const auto result = parse_snapshot(json, "x.json");
  return result ? "no error" : result.error().text();
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

TEST(SnapshotJson, ReadsBackWhatItWrote) {
  const std::string json = to_json(sample_snapshot());
  const auto read = parse_snapshot(json, "x.json");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(to_json(*read), json);
  EXPECT_EQ(read->hosts[0].containers[1].env, sample_snapshot().hosts[0].containers[1].env);
  EXPECT_EQ(read->hosts[0].containers[1].isolation,
            sample_snapshot().hosts[0].containers[1].isolation);
  EXPECT_EQ(read->hosts[0].containers[1].command, sample_snapshot().hosts[0].containers[1].command);
  EXPECT_EQ(read->gaps, sample_snapshot().gaps);
  EXPECT_EQ(read->hosts[0].kernel, sample_snapshot().hosts[0].kernel);
}

TEST(SnapshotJson, NoFieldOfTheSampleHasItsDefault) {
  // Otherwise the round trip above would not notice that a field is lost.
  const std::string json = to_json(sample_snapshot());
  for (const char* field : {"opaque",
                            "from_image",
                            "pipes_into_next",
                            "read_write",
                            "propagation",
                            "ipv6",
                            "live",
                            "weak",
                            "bridge_nf_iptables",
                            "authorization_plugins",
                            "device_rules",
                            "cgroup_mode",
                            "external",
                            "ingress",
                            "attachable",
                            "tasks",
                            "device",
                            "digests",
                            "volumes_from",
                            "extra_hosts",
                            "kind",
                            "tls",
                            "account",
                            "kernel_missing",
                            "loopback",
                            "master",
                            "peer_namespace",
                            "vxlan_port",
                            "vlan_id",
                            "hairpin",
                            "isolated",
                            "vlan_filtering",
                            "nf_call_ip6tables",
                            "metric",
                            "source",
                            "mark_mask",
                            "understood",
                            "v6_only",
                            "ip6tables_legacy",
                            "ipset",
                            "container_address",
                            "unread"}) {
    EXPECT_THAT(json, HasSubstr("\"" + std::string(field) + "\":"));
  }
}

TEST(SnapshotJson, LeavesDefaultsOut) {
  Snapshot snapshot;
  EXPECT_EQ(to_json(snapshot),
            "{\"schema\":\"firebreak/snapshot/"
            "1\",\"taken\":\"1970-01-01T00:00:00Z\",\"hosts\":[],\"gaps\":[]}\n");
}

TEST(SnapshotJson, NamesThePlaceOfAnError) {
  const std::string json = to_json(sample_snapshot());
  EXPECT_EQ(error_of(replaced(json, "\"name\":\"LANG\"", "\"name\":7")),
            "x.json: $.hosts[0].swarm.services[0].spec.env[1].name: expected a string");
  EXPECT_EQ(error_of(replaced(json, "\"name\":\"LANG\",", "")),
            "x.json: $.hosts[0].swarm.services[0].spec.env[1]: \"name\" is missing");
  EXPECT_THAT(error_of(replaced(json, "\"state\":\"planned\"", "\"state\":\"asleep\"")),
              HasSubstr(".spec.state: expected one of running, stopped, planned"));
  EXPECT_THAT(error_of(replaced(json, "\"host_port\":8080", "\"host_port\":65536")),
              HasSubstr(".ports[0].host_port: expected a port, 0 to 65535"));
  EXPECT_THAT(error_of(replaced(json, "\"10.0.0.0/24\"", "\"10.0.0.0/33\"")),
              HasSubstr(".networks[0].subnets[0]: expected a subnet"));
  EXPECT_THAT(error_of(replaced(json, "\"encrypted\":\"\"", "\"encrypted\":null")),
              HasSubstr(".networks[0].options.encrypted: expected a string"));
}

TEST(SnapshotJson, NamesThePlaceOfAnErrorInKernelState) {
  const std::string json = to_json(sample_snapshot());
  EXPECT_THAT(error_of(replaced(json, "\"172.18.0.1/16\"", "\"172.18.0.1\"")),
              HasSubstr(".kernel.host.links[1].addresses[0]: expected an address"));
  EXPECT_THAT(error_of(replaced(json, "\"metric\":20", "\"metric\":4294967296")),
              HasSubstr(".kernel.host.routes[0].metric: expected a whole number, 0 to 4294967295"));
  EXPECT_THAT(error_of(replaced(json, "\"peer_namespace\":0", "\"peer_namespace\":2147483648")),
              HasSubstr(".peer_namespace: expected a whole number of 32 bits"));
  EXPECT_THAT(error_of(replaced(json, "\"prohibit\"", "\"maybe\"")),
              HasSubstr(".routes[1].kind: expected one of unicast, local"));
}

TEST(SnapshotJson, RefusesWhatIsNoWholeSnapshot) {
  const std::string json = to_json(sample_snapshot());
  EXPECT_THAT(error_of(""), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_of(json + "x"), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_of(json.substr(0, json.size() / 2)), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_of("[]"), HasSubstr("$: expected an object"));
  EXPECT_THAT(error_of("{}"), HasSubstr("\"schema\" is missing"));
  EXPECT_THAT(error_of(replaced(json, "snapshot/1", "snapshot/2")),
              HasSubstr("$.schema: expected"));
  EXPECT_THAT(error_of(replaced(json, "\"schema\":\"firebreak/snapshot/1\",", "")),
              HasSubstr("missing"));
  EXPECT_THAT(error_of(replaced(json, "shop-prod", "shop-\xC3\x28")), HasSubstr("not valid JSON"));
}

TEST(SnapshotJson, NamesPlacesInsideContainers) {
  const std::string json = to_json(sample_snapshot());
  const std::string last =
      json.substr(0, json.rfind("\"LANG\"")) + "false" + json.substr(json.rfind("\"LANG\"") + 6);
  EXPECT_EQ(error_of(last), "x.json: $.hosts[0].containers[1].env[1].name: expected a string");
}

std::string with_containers(const std::string& list) {
  return R"({"schema":"firebreak/snapshot/1","taken":"2026-11-23T10:00:00Z","gaps":[],"hosts":[{"name":"a",)"
         R"("networks":[],"volumes":[],"images":[],"containers":)" +
         list + "}]}";
}

TEST(SnapshotJson, IsAsStrictInsideContainersAsOutside) {
  const std::string good = R"({"id":"1","name":"}]\\\"[{"})";
  EXPECT_EQ(error_of(with_containers("[" + good + " , " + good + "]")), "no error");
  for (const char* bad : {"[null]", "[{}]", "[1]", "[\"x\"]", "[[]]", "null", "{}"}) {
    EXPECT_THAT(error_of(with_containers(bad)), HasSubstr("$.hosts[0].containers")) << bad;
    EXPECT_THAT(error_of(with_containers(bad)), Not(HasSubstr("not valid JSON"))) << bad;
  }
  for (const std::string& bad :
       std::vector<std::string>{fmt::format("[{} {}]", good, good), fmt::format("[{},]", good),
                                fmt::format("[{}null]", good), fmt::format("[nul,{}]", good),
                                fmt::format(R"([{},{{"id":"1",}}])", good),
                                fmt::format("[{}}}]", good), R"([{"a":[}]}])", R"([{"a" 1}])"}) {
    EXPECT_THAT(error_of(with_containers(bad)), HasSubstr("not valid JSON")) << bad;
  }
  EXPECT_THAT(error_of(with_containers("[" + good + ",null]")),
              HasSubstr("$.hosts[0].containers[1]: expected an object"));
}

TEST(SnapshotJson, FindsTheEndsOfContainersThatLookLikeSeveral) {
  const std::string part = R"([{"a":1},{"id":"2"},{"id":"3"}])";
  const std::string nested = R"({"id":"1","name":"a","newer":)" + part + "}";
  const std::string plain = R"({"id":"9","name":"},{\"id\":"})";
  const std::string late = R"({"name":"b","id":"4"})";
  const std::string list =
      "[" + plain + "," + nested + "," + plain + "," + late + ", " + plain + "," + nested + "]";
  const auto read = parse_snapshot(with_containers(list), "x.json");
  ASSERT_TRUE(read) << read.error().text();
  std::vector<std::string> ids;
  for (const Container& container : read->hosts[0].containers) ids.push_back(container.id.value);
  EXPECT_EQ(ids, (std::vector<std::string>{"9", "1", "9", "4", "9", "1"}));
  // The end of the list, and the next list, taken for a part of the last container.
  const std::string behind = R"(],"newer":[{"a":1},{"id":"5"}])";
  EXPECT_EQ(error_of(with_containers("[" + plain + "," + plain + behind)), "no error");
  for (const char* bad : {R"({"id":"1"},{"id":"2")", R"({"id":"1"]},{"id":"2"})"}) {
    EXPECT_THAT(error_of(with_containers("[" + std::string(bad) + "]")),
                HasSubstr("not valid JSON"))
        << bad;
  }
}

TEST(SnapshotJson, SurvivesDepthBombs) {
  EXPECT_THAT(error_of(std::string(100000, '[')), HasSubstr("not valid JSON"));
  std::string bomb;
  for (int i = 0; i < 100000; ++i) bomb += "{\"hosts\":[";
  EXPECT_THAT(error_of(bomb), HasSubstr("not valid JSON"));
}

TEST(SnapshotJson, AllowsFieldsOfNewerVersionsAndAnyOrder) {
  const auto read = parse_snapshot(
      R"({"gaps":[{"why":"w","new":{"a":[1,2]},"what":"x"}],"colour":"red","hosts":[],"taken":"2026-11-23T10:00:00Z",)"
      R"("schema":"firebreak/snapshot/1"})",
      "x.json");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->gaps, (std::vector<Gap>{{"x", "w", "", {}}}));
}

TEST(SnapshotJson, TheLastOfTwoEqualKeysCounts) {
  const auto read = parse_snapshot(
      R"({"schema":"firebreak/snapshot/1","taken":"2026-11-23T10:00:00Z","hosts":[],)"
      R"("gaps":[{"what":"a","why":"b"}],"gaps":[{"what":"c","why":"d"}]})",
      "x.json");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->gaps, (std::vector<Gap>{{"c", "d", "", {}}}));
}

TEST(SnapshotJson, StaysValidWithBytesThatAreNoText) {
  Snapshot snapshot;
  snapshot.gaps = {{"a\xFF\xC3(\x01\"\\\n\x7F", "é", "", {}}};
  const auto read = parse_snapshot(to_json(snapshot), "x.json");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->gaps[0].what, "a\xEF\xBF\xBD\xEF\xBF\xBD(\x01\"\\\n\x7F");
  EXPECT_EQ(read->gaps[0].why, "é");
}

template <class T>
void shuffle(std::vector<T>& list, std::mt19937& random) {
  std::ranges::shuffle(list, random);
}

void shuffle_all(Snapshot& snapshot, std::mt19937& random) {
  shuffle(snapshot.hosts, random);
  shuffle(snapshot.gaps, random);
  for (Host& host : snapshot.hosts) {
    shuffle(host.containers, random);
    shuffle(host.engine.security_options, random);
    for (Network& network : host.networks) {
      shuffle(network.subnets, random);
      shuffle(network.options, random);
    }
    for (Container& container : host.containers) {
      shuffle(container.env, random);
      shuffle(container.labels, random);
      for (Endpoint& endpoint : container.endpoints) shuffle(endpoint.names, random);
    }
  }
}

TEST(SortCanonically, GivesTheSameBytesForAnyOrder) {
  Snapshot sorted = sample_snapshot(20);
  sorted.hosts[0].containers.push_back(sorted.hosts[0].containers[3]);  // an id twice…
  sorted.hosts[0].containers.back().env.pop_back();                     // …with other content
  sort_canonically(sorted);
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    Snapshot shuffled = sorted;
    shuffle_all(shuffled, random);
    sort_canonically(shuffled);
    ASSERT_EQ(to_json(shuffled), to_json(sorted));
  }
}

TEST(SortCanonically, SortsKernelStateButRules) {
  Snapshot snapshot = sample_snapshot(1);
  NetNamespace& state = snapshot.hosts[0].kernel->containers[0].state;
  const NetNamespace before = state;
  std::ranges::reverse(state.links);
  std::ranges::reverse(state.links.back().addresses);
  std::ranges::reverse(state.links[3].addresses);
  sort_canonically(snapshot);
  const auto host = std::ranges::find(snapshot.hosts, "prod-1", &Host::name);
  const NetNamespace& after = host->kernel->containers[0].state;
  EXPECT_EQ(after.links, before.links);
  EXPECT_EQ(after.rules, before.rules);
}

TEST(SortCanonically, KeepsTheOrderOfCommandSteps) {
  Snapshot snapshot = sample_snapshot(1);
  std::ranges::reverse(snapshot.hosts[0].containers[0].command);
  const auto before = snapshot.hosts[0].containers[0].command;
  sort_canonically(snapshot);
  const auto host = std::ranges::find(snapshot.hosts, "prod-1", &Host::name);
  EXPECT_EQ(host->containers[0].command, before);
}

TEST(SortCanonically, KeepsSourcesBeforeWhatIsWritten) {
  Snapshot snapshot = sample_snapshot(1);
  CommandStep copy;
  copy.program = "pgcopydb";
  copy.targets = {{"postgres", "prod-db", std::nullopt, "shop", ""},
                  {"postgres", "dev-db", std::nullopt, "shop", ""}};
  snapshot.hosts.resize(1);
  snapshot.hosts[0].containers[0].command = {copy};
  sort_canonically(snapshot);
  EXPECT_EQ(snapshot.hosts[0].containers[0].command, std::vector{copy});
}

}  // namespace
}  // namespace firebreak
