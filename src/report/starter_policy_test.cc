#include "report/starter_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "base/diagnostic.h"
#include "estate/testing.h"
#include "policy/load.h"
#include "report/starter_selectors.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Writes a policy for the snapshot, reads it, and checks that it says the same. Returns its text.
std::string round_trip(const Snapshot& snapshot) {
  const Estate inferred = build_estate(snapshot, {});
  std::string text = starter_policy(inferred);
  LoadedPolicy loaded = load_policy(text, "firebreak.yaml");
  EXPECT_TRUE(loaded.diagnostics.empty()) << render(loaded.diagnostics, loaded.source) << text;
  const Estate assigned = build_estate(snapshot, std::move(loaded.policy));
  EXPECT_EQ(inferred.workloads().size(), assigned.workloads().size());
  for (std::size_t w = 0; w < inferred.workloads().size(); ++w) {
    const Workload& before = inferred.workloads()[w];
    const Workload& after = assigned.workloads()[w];
    const auto name = [](const Estate& estate, const Workload& workload) {
      return workload.environment ? estate[*workload.environment].name : std::string();
    };
    EXPECT_EQ(name(assigned, after), name(inferred, before)) << before.stable_name << "\n" << text;
    EXPECT_LE(after.candidates.size(), 1U);
  }
  for (const Selector* selector : assigned.unmatched_selectors()) {
    ADD_FAILURE() << "matches nothing: " << selector->text;
  }
  return text;
}

TEST(StarterPolicy, SaysWhatAShopOnOneHostIs) {
  SnapshotBuilder b;
  b.host("laptop").network("shop-prod_default").network("shop-dev_default").network("proxy");
  b.compose("shop-prod", "api").on("shop-prod_default").on("proxy");
  b.compose("shop-prod", "db").on("shop-prod_default");
  b.compose("shop-dev", "api").on("shop-dev_default").on("proxy");
  b.container("probe").label("env", "staging").on("bridge");
  b.compose("traefik", "traefik").on("proxy");
  const std::string text = round_trip(b.build());
  const char* golden = "tests/golden/starter-policy/shop.yaml";
  if (std::getenv("FIREBREAK_GOLDEN") != nullptr) std::ofstream(golden, std::ios::binary) << text;
  std::ifstream file(golden, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, expected);
}

TEST(StarterPolicy, PrefersLabelsThenProjectsThenServicesThenNames) {
  SnapshotBuilder b;
  b.host("a");
  b.compose("mixed", "one").label("com.example.environment", "prod");
  b.compose("mixed", "two-staging");
  b.compose("mixed", "three");
  b.compose("whole-dev", "api");
  b.container("job-dev");
  const std::string text = round_trip(b.build());
  EXPECT_THAT(text, HasSubstr("- label: com.example.environment=prod\n"));
  EXPECT_THAT(text, HasSubstr("- {compose: mixed, service: two-staging}\n"));
  EXPECT_THAT(text, HasSubstr("- compose: whole-dev\n"));
  EXPECT_THAT(text, HasSubstr("- name: job-dev\n"));
  EXPECT_THAT(text, HasSubstr("#   mixed/three: nothing says where it belongs\n"
                              "#     - {compose: mixed, service: three}\n"));
}

TEST(StarterPolicy, NamesTheHostWhereNamesAloneAreNotEnough) {
  SnapshotBuilder b;
  b.host("prod-1");
  b.container("db").env("APP_ENV", plain("production"));
  b.compose("shop", "api").env("APP_ENV", plain("production"));
  b.host("laptop");
  b.container("db").env("APP_ENV", plain("development"));
  b.compose("shop", "api").env("APP_ENV", plain("development"));
  const std::string text = round_trip(b.build());
  EXPECT_THAT(text, HasSubstr("- {host: prod-1, name: db}"));
  EXPECT_THAT(text, HasSubstr("- {host: laptop, compose: shop}"));
  EXPECT_THAT(text, HasSubstr("host: separate  # as they are today"));
}

TEST(StarterPolicy, LabelThatAnUnassignedWorkloadAlsoHasIsNotUsed) {
  SnapshotBuilder b;
  b.host("a");
  b.container("one").label("env", "prod").label("team", "shop");
  b.container("two").label("env", "prod").label("stage", "dev");  // contradicts itself
  const std::string text = round_trip(b.build());
  EXPECT_THAT(text, HasSubstr("- name: one\n"));
  EXPECT_THAT(text, HasSubstr("#   two: claimed by several: label env=prod; label stage=dev\n"));
}

TEST(StarterPolicy, OwnsOnlyNetworksWhoseMembersAllBelongToOneEnvironment) {
  SnapshotBuilder b;
  b.host("a").network("backend").network("halfway").network("both");
  b.container("api-prod").on("backend").on("halfway").on("both").on("bridge");
  b.container("unknown").on("halfway");
  b.container("api-dev").on("both");
  const std::string text = round_trip(b.build());
  EXPECT_THAT(text, HasSubstr("      - backend\n"));
  EXPECT_THAT(text, Not(HasSubstr("      - halfway\n")));
  EXPECT_THAT(text, Not(HasSubstr("      - both\n")));
  EXPECT_THAT(text, Not(HasSubstr("      - bridge\n")));
}

TEST(StarterPolicy, OwnsANetworkNameOnlyIfItMeansTheSameOnAllHosts) {
  SnapshotBuilder b;
  b.host("a").network("backend").container("api-prod").on("backend");
  b.host("b").network("backend").container("api-dev").on("backend");
  EXPECT_THAT(round_trip(b.build()), Not(HasSubstr("      - backend\n")));
}

TEST(StarterPolicy, WritesNoEnvironmentsWhereNothingTellsOfThem) {
  SnapshotBuilder b;
  b.host("a").compose("blog", "web");
  const std::string text = round_trip(b.build());
  EXPECT_THAT(text, HasSubstr("# environments:\n"));
  EXPECT_THAT(text, Not(HasSubstr("\nenvironments:\n")));
  EXPECT_THAT(text, Not(HasSubstr("\nrequire:\n")));
  EXPECT_THAT(text, HasSubstr("#     - {compose: blog, service: web}\n"));
  (void)round_trip(Snapshot{});
}

TEST(StarterPolicy, SwarmServicesAreSelectedByTheirNames) {
  SnapshotBuilder b;
  b.host("manager");
  b.container("shop-prod_api.1.x1").edit([](Container& c) {
    c.labels = {{"com.docker.swarm.service.id", plain("svc1")},
                {"com.docker.swarm.service.name", plain("shop-prod_api")},
                {"com.docker.stack.namespace", plain("shop-prod")}};
  });
  b.container("lonely-dev.1.x2").edit([](Container& c) {
    c.labels = {{"com.docker.swarm.service.id", plain("svc2")},
                {"com.docker.swarm.service.name", plain("lonely-dev")}};
  });
  const std::string text = round_trip(b.build());
  EXPECT_THAT(text, HasSubstr("- compose: shop-prod\n"));
  EXPECT_THAT(text, HasSubstr("- service: lonely-dev\n"));
}

TEST(StarterPolicy, PlannedContainersNeedNoHost) {
  SnapshotBuilder b;
  b.compose_host();
  b.planned("shop-prod", "api");
  b.planned("shop-dev", "api");
  const std::string text = round_trip(b.build());
  EXPECT_THAT(text, HasSubstr("# hosts:\n"));
  EXPECT_THAT(text, HasSubstr("- compose: shop-dev\n"));
}

TEST(StarterPolicy, HostileNamesStayInsideTheirPlaces) {
  SnapshotBuilder b;
  b.host("a").network("x\n  evil: {tier: production}");
  b.container("prod: {a}, \"q\" \\ # no").on("x\n  evil: {tier: production}");
  b.container("dev\nversion: 2").label("env", "dev");
  b.container("prod *").label("env", "dev *\x01");
  b.container("stage\xC2\x85 \xE2\x80\xA8 ü").label("stage", "stage \xC2\x85\xE2\x80\xA8ü");
  b.container("\xFF\xFE prod");
  b.container("null").label("env", "null").env("APP_ENV", plain("prod"));
  const Estate inferred = build_estate(b.build(), {});
  const std::string text = starter_policy(inferred);
  const LoadedPolicy loaded = load_policy(text, "f");
  EXPECT_TRUE(loaded.diagnostics.empty()) << render(loaded.diagnostics, loaded.source) << text;
  EXPECT_THAT(text, Not(HasSubstr("\nversion: 2")));
  const Estate assigned = build_estate(b.build(), loaded.policy);
  EXPECT_EQ(environment_of(assigned, "null"), "production");
  EXPECT_EQ(environment_of(assigned, "prod: {a}, \"q\" \\ # no"), "production");
  EXPECT_EQ(environment_of(assigned, "stage\xC2\x85 \xE2\x80\xA8 ü"), "staging");
}

TEST(StarterPolicy, HostsThatAPolicyCannotNameAreLeftOut) {
  SnapshotBuilder b;
  b.host("a/b").container("db").env("APP_ENV", plain("production"));
  b.host("c").container("api-dev");
  EXPECT_THAT(round_trip(b.build()), Not(HasSubstr("\nhosts:\n")));
}

// Whatever the mixture of evidence, names and hosts.
TEST(StarterPolicy, HostsOfOneNameAreLeftOut) {
  SnapshotBuilder b;
  b.host("local").container("prod-api");
  b.host("local").container("dev-api");
  EXPECT_THAT(round_trip(b.build()), HasSubstr("# hosts:"));
}

TEST(StarterPolicy, ReadsBackTheSameForRandomEstates) {
  const std::vector<std::string> words = {"prod", "dev", "staging", "shop", "api", "db", "qa", "x"};
  std::mt19937 random(20261123);  // the same estates every time
  const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const auto name = [&] { return words[pick(words.size())] + "-" + words[pick(words.size())]; };
  std::size_t assigned = 0;
  for (int round = 0; round < 200; ++round) {
    SnapshotBuilder b;
    const std::size_t hosts = 1 + pick(3);
    for (std::size_t h = 0; h < hosts; ++h) {
      b.host("host-" + std::to_string(h)).network("front").network("shop-prod").network("back-dev");
      const std::size_t containers = 1 + pick(8);
      for (std::size_t c = 0; c < containers; ++c) {
        if (pick(2) == 0) {
          b.compose(name(), words[pick(words.size())], static_cast<int>(c));
        } else {
          b.container(name() + std::to_string(c));
        }
        if (pick(3) == 0) b.label("env", words[pick(words.size())]);
        if (pick(4) == 0) b.label("stage", words[pick(words.size())]);
        if (pick(3) == 0) b.env("APP_ENV", plain(words[pick(words.size())]));
        if (pick(3) == 0) b.env("DATABASE_URL", target("postgres://" + name() + ":5432/app"));
        if (pick(2) == 0) b.on("front");
        if (pick(4) == 0) b.on("shop-prod");
        if (pick(4) == 0) b.on("back-dev");
      }
    }
    const Snapshot snapshot = b.build();
    SCOPED_TRACE(round);
    (void)round_trip(snapshot);
    if (HasFailure()) return;
    const Estate estate = build_estate(snapshot, {});
    for (const Workload& each : estate.workloads()) assigned += each.environment ? 1 : 0;
  }
  EXPECT_GT(assigned, 500U);
}

TEST(YamlText, ReadsBackAsItself) {
  for (const std::string text :
       {"shop",     "a b",          "null", "~",   "No",  "1",   "-x",        "a: b", "a #b",
        "[a]",      "{a}",          "*a",   "&a",  "!a",  "%a",  "@a",        "`a",   "'a'",
        "\"a\"",    "a\\b",         "a,b",  "",    " a ", "x=y", "tcp://h:1", "ü",    "\xC2\x85",
        "a\u2028b", "\xEF\xBB\xBF", "---",  "...", "a?b", "<<",  "|",         ">"}) {
    SCOPED_TRACE(text);
    const LoadedPolicy loaded =
        load_policy("version: 1\nshared: [{match: [{name: a}], serves: [production], reason: " +
                        yaml_text("x" + text + "x") + "}]",
                    "f");
    ASSERT_TRUE(loaded.ok()) << render(loaded.diagnostics, loaded.source);
    EXPECT_EQ(loaded.policy.shared.at(0).reason, "x" + text + "x");
    if (trim(text).empty()) continue;
    const LoadedPolicy alone =
        load_policy("version: 1\nshared: [{match: [{name: a}], serves: [production], reason: " +
                        yaml_text(text) + "}]",
                    "f");
    ASSERT_TRUE(alone.ok()) << render(alone.diagnostics, alone.source);
    EXPECT_EQ(alone.policy.shared.at(0).reason, text);
  }
}

}  // namespace
}  // namespace firebreak
