#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "estate/testing.h"
#include "estate/words.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;

std::string named(std::string_view text, TextKind kind) {
  std::string names;
  const EnvironmentSet found = environments_in(text, kind);
  for (const KnownEnvironment environment : kKnownEnvironments) {
    if (!found.test(static_cast<std::size_t>(environment))) continue;
    if (!names.empty()) names += "+";
    names += name_of(environment);
  }
  return names;
}

struct WordCase {
  std::string_view text;
  TextKind kind;
  std::string_view names;
};

class Words : public ::testing::TestWithParam<WordCase> {};

TEST_P(Words, AreReadWhole) {
  EXPECT_EQ(named(GetParam().text, GetParam().kind), GetParam().names);
}

INSTANTIATE_TEST_SUITE_P(
    OfNames, Words,
    ::testing::Values(
        WordCase{"prod", TextKind::kName, "production"},
        WordCase{"shop-prod-db", TextKind::kName, "production"},
        WordCase{"shop_PROD", TextKind::kName, "production"},
        WordCase{"prodDb", TextKind::kName, "production"},
        WordCase{"dbProd1", TextKind::kName, "production"},
        WordCase{"dev2", TextKind::kName, "development"},
        WordCase{"db.prod1.internal", TextKind::kName, "production"},
        WordCase{"shop-live", TextKind::kName, "production"},
        WordCase{"shop-uat", TextKind::kName, "staging"},
        WordCase{"stg", TextKind::kName, "staging"},
        WordCase{"pre-prod", TextKind::kName, "staging"},
        WordCase{"preprod-db", TextKind::kName, "staging"},
        WordCase{"qa-3", TextKind::kName, "testing"},
        WordCase{"prod-to-staging", TextKind::kName, "production+staging"},
        WordCase{"product", TextKind::kName, ""}, WordCase{"products-db", TextKind::kName, ""},
        WordCase{"backstage", TextKind::kName, ""}, WordCase{"developer", TextKind::kName, ""},
        WordCase{"reproduction", TextKind::kName, ""}, WordCase{"testament", TextKind::kName, ""},
        WordCase{"devops", TextKind::kName, ""}, WordCase{"DevOps", TextKind::kName, ""},
        WordCase{"live-chat", TextKind::kName, ""},
        WordCase{"local-path-provisioner", TextKind::kName, ""},
        WordCase{"drone-ci", TextKind::kName, ""}, WordCase{"ci", TextKind::kName, ""},
        WordCase{"staging-area", TextKind::kName, ""}, WordCase{"dev-tools", TextKind::kName, ""},
        WordCase{"devtools", TextKind::kName, ""}, WordCase{"e2e-test", TextKind::kName, ""},
        WordCase{"load-test-prod", TextKind::kName, "production"},
        WordCase{"proddb", TextKind::kName, "production"},
        WordCase{"test", TextKind::kName, "testing"}, WordCase{"test", TextKind::kPart, ""},
        WordCase{"sandbox", TextKind::kPart, ""}, WordCase{"shop-test", TextKind::kPart, "testing"},
        WordCase{"dev", TextKind::kPart, "development"}, WordCase{"nonprod", TextKind::kName, ""},
        WordCase{"non-prod", TextKind::kName, ""}, WordCase{"epic_hopper", TextKind::kName, ""},
        WordCase{"", TextKind::kName, ""}, WordCase{"---", TextKind::kName, ""},
        WordCase{"8f5ae7631bac", TextKind::kName, ""}));

INSTANTIATE_TEST_SUITE_P(
    OfHosts, Words,
    ::testing::Values(WordCase{"db.prod.example.com", TextKind::kHostName, "production"},
                      WordCase{"prod-db", TextKind::kHostName, "production"},
                      WordCase{"api.example.dev", TextKind::kHostName, ""},
                      WordCase{"printer.local", TextKind::kHostName, ""},
                      WordCase{"db.dev.example.dev", TextKind::kHostName, "development"},
                      WordCase{"localhost", TextKind::kHostName, ""}));

INSTANTIATE_TEST_SUITE_P(OfValues, Words,
                         ::testing::Values(WordCase{"live", TextKind::kValue, "production"},
                                           WordCase{"local", TextKind::kValue, "development"},
                                           WordCase{"prod,metrics", TextKind::kValue, "production"},
                                           WordCase{"Production", TextKind::kValue, "production"},
                                           WordCase{"ci", TextKind::kValue, "testing"},
                                           WordCase{"acceptance", TextKind::kValue, "staging"},
                                           WordCase{"int", TextKind::kValue, "testing"},
                                           WordCase{"frontend", TextKind::kValue, ""}));

INSTANTIATE_TEST_SUITE_P(OfImages, Words,
                         ::testing::Values(WordCase{"acme-prod/api", TextKind::kImage,
                                                    "production"},
                                           WordCase{"amazon/dynamodb-local", TextKind::kImage, ""},
                                           WordCase{"gitlab/ci", TextKind::kImage, ""}));

// One container that is alone on its host.
Estate alone(const std::function<void(SnapshotBuilder&)>& describe) {
  SnapshotBuilder b;
  b.host("laptop").container("epic_hopper");
  describe(b);
  return build_estate(b.build(), {});
}

TEST(Inference, HearsLabelsFirst) {
  const Estate estate = alone([](SnapshotBuilder& b) {
    b.label("com.example.environment", "staging").env("APP_ENV", "production");
  });
  EXPECT_EQ(environment_of(estate, "epic_hopper"), "staging");
  ASSERT_EQ(workload(estate, "epic_hopper").evidence.size(), 1U);
  EXPECT_EQ(workload(estate, "epic_hopper").evidence[0].reason,
            "label com.example.environment=staging");
}

TEST(Inference, HearsVariablesThatNameTheEnvironment) {
  for (const std::string_view name :
       {"APP_ENV", "ENVIRONMENT", "ENV", "DEPLOY_ENV", "ASPNETCORE_ENVIRONMENT",
        "SPRING_PROFILES_ACTIVE", "DJANGO_ENV", "STAGE", "SHOP_ENV", "app_env", "TIER",
        "BILLING_ENVIRONMENT", "aspnetcore_environment"}) {
    const Estate estate = alone([&](SnapshotBuilder& b) { b.env(name, "prod"); });
    EXPECT_EQ(environment_of(estate, "epic_hopper"), "production") << name;
  }
}

TEST(Inference, DoesNotHearVariablesOfTheImage) {
  const Estate estate =
      alone([](SnapshotBuilder& b) { b.env("APP_ENV", "production").from_image(); });
  EXPECT_EQ(environment_of(estate, "epic_hopper"), "");
  EXPECT_TRUE(estate.environments().empty());
}

TEST(Inference, TakesFrameworkModesAsSupportOnly) {
  const Estate mode = alone([](SnapshotBuilder& b) { b.env("NODE_ENV", "production"); });
  EXPECT_EQ(environment_of(mode, "epic_hopper"), "");
  const Estate agreeing =
      alone([](SnapshotBuilder& b) { b.env("NODE_ENV", "production").env("APP_ENV", "prod"); });
  ASSERT_EQ(workload(agreeing, "epic_hopper").evidence.size(), 2U);
  EXPECT_EQ(workload(agreeing, "epic_hopper").evidence[1].reason,
            "supported by NODE_ENV=production");
  const Estate differing =
      alone([](SnapshotBuilder& b) { b.env("NODE_ENV", "production").env("APP_ENV", "dev"); });
  EXPECT_EQ(environment_of(differing, "epic_hopper"), "development");
  EXPECT_EQ(workload(differing, "epic_hopper").evidence.size(), 1U);
}

TEST(Inference, TakesAFrameworkModeThatSaysStaging) {
  const Estate estate = alone([](SnapshotBuilder& b) { b.env("RAILS_ENV", "staging"); });
  EXPECT_EQ(environment_of(estate, "epic_hopper"), "staging");
  for (const std::string_view mode : {"development", "test"}) {
    const Estate other = alone([&](SnapshotBuilder& b) { b.env("RAILS_ENV", mode); });
    EXPECT_EQ(environment_of(other, "epic_hopper"), "") << mode;
  }
}

// Builds run with APP_ENV=production in every environment.
TEST(Inference, TakesAProductionModeOnlyWhereNoNameSaysOtherwise) {
  SnapshotBuilder b;
  b.host("laptop");
  b.compose("shop_dev", "web").env("APP_ENV", "production");
  b.compose("shop_prod", "web").env("APP_ENV", "production");
  b.container("api-staging").env("ENVIRONMENT", "prod");
  b.container("blog").env("APP_ENV", "production");
  b.compose("wiki_prod", "web").env("APP_ENV", "staging");
  const Estate estate = build_estate(b.build(), {});
  EXPECT_EQ(environment_of(estate, "shop_dev/web"), "development");
  EXPECT_EQ(environment_of(estate, "shop_prod/web"), "production");
  EXPECT_EQ(environment_of(estate, "api-staging"), "staging");
  EXPECT_EQ(environment_of(estate, "blog"), "production");
  EXPECT_EQ(environment_of(estate, "wiki_prod/web"), "staging");
  const auto& evidence = workload(estate, "shop_prod/web").evidence;
  ASSERT_EQ(evidence.size(), 2U);
  EXPECT_EQ(evidence[1].reason, "supported by APP_ENV=production");
  EXPECT_EQ(workload(estate, "blog").evidence.size(), 1U);
}

TEST(Inference, HearsTheTagOfAnImageThatNamesAnEnvironment) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("blue", "shop:prod");
  b.container("green", "registry.example.com:5000/acme/shop:staging");
  b.container("red", "shop:dev");
  b.container("public", "homeassistant/home-assistant:dev");
  b.container("plain", "registry.example.com:5000/production");
  b.container("latest", "shop:1.2-prod");
  const Estate estate = build_estate(b.build(), {});
  EXPECT_EQ(environment_of(estate, "blue"), "production");
  EXPECT_EQ(environment_of(estate, "green"), "staging");
  EXPECT_EQ(environment_of(estate, "red"), "development");
  EXPECT_EQ(environment_of(estate, "public"), "");
  EXPECT_EQ(environment_of(estate, "plain"), "production");
  EXPECT_EQ(environment_of(estate, "latest"), "");
}

TEST(Inference, HearsWhatADatabaseIsCalled) {
  const Estate estate = alone([](SnapshotBuilder& b) { b.env("POSTGRES_DB", "shop_prod"); });
  EXPECT_EQ(environment_of(estate, "epic_hopper"), "production");
  const Estate example = alone([](SnapshotBuilder& b) { b.env("MYSQL_DATABASE", "test"); });
  EXPECT_EQ(environment_of(example, "epic_hopper"), "");
}

// "test" of a project is what runs its tests, "sandbox" what runs code for it.
TEST(Inference, TakesNoPurposeOfAServiceForAnEnvironment) {
  SnapshotBuilder b;
  b.host("laptop");
  for (const std::string_view service : {"test", "sandbox", "web"}) {
    b.compose("myapp", service).edit([&](Container& c) {
      c.name = "myapp-" + std::string(service) + "-1";
    });
  }
  b.compose("shop", "web-test");
  b.compose("shop", "dev");
  b.compose("shop", "db");
  const Estate estate = build_estate(b.build(), {});
  for (const std::string_view name : {"myapp/test", "myapp/sandbox", "myapp/web", "shop/db"}) {
    EXPECT_EQ(environment_of(estate, name), "") << name;
  }
  EXPECT_EQ(environment_of(estate, "shop/web-test"), "testing");
  EXPECT_EQ(environment_of(estate, "shop/dev"), "development");
}

TEST(Inference, LeavesAContradictionUnassigned) {
  const Estate estate = alone(
      [](SnapshotBuilder& b) { b.env("APP_ENV", "staging").env("DEPLOY_ENV", "production"); });
  const Workload& found = workload(estate, "epic_hopper");
  EXPECT_EQ(found.environment, std::nullopt);
  ASSERT_EQ(found.candidates.size(), 2U);
  EXPECT_EQ(estate[found.candidates[0]].name, "production");
  EXPECT_EQ(estate[found.candidates[1]].name, "staging");
  EXPECT_EQ(found.evidence.size(), 2U);
}

TEST(Inference, HearsProjectsNamesImagesAndNetworksInThisOrder) {
  SnapshotBuilder b;
  b.host("laptop").network("dev-net");
  b.compose("shop-prod", "dev-tools").on("dev-net");
  b.container("staging-db", "acme-prod/db:1").on("dev-net");
  b.container("blue", "registry.dev.example.com/acme-prod/db:dev").on("dev-net");
  b.container("green").on("dev-net");
  b.container("plain", "postgres:15").on("bridge");
  const Estate estate = build_estate(b.build(), {});
  EXPECT_EQ(environment_of(estate, "dev-tools"), "production");
  EXPECT_EQ(environment_of(estate, "staging-db"), "staging");
  EXPECT_EQ(environment_of(estate, "blue"), "production");
  EXPECT_EQ(environment_of(estate, "green"), "development");
  EXPECT_EQ(environment_of(estate, "plain"), "");
}

TEST(Inference, HearsDatabasesInConnectionStringsLast) {
  const Estate estate = alone(
      [](SnapshotBuilder& b) { b.env("DATABASE_URL", target("postgres://db:5432/app_staging")); });
  EXPECT_EQ(environment_of(estate, "epic_hopper"), "staging");
  EXPECT_EQ(workload(estate, "epic_hopper").evidence[0].reason,
            "variable DATABASE_URL names database app_staging");
}

TEST(Inference, ReadsTheHostNameOnlyIfSomeoneChoseIt) {
  const Estate chosen =
      alone([](SnapshotBuilder& b) { b.edit([](Container& c) { c.hostname = "api-prod"; }); });
  EXPECT_EQ(environment_of(chosen, "epic_hopper"), "production");
  const Estate machine = alone([](SnapshotBuilder& b) {
    b.network_mode("host").edit([](Container& c) { c.hostname = "prod-1"; });
  });
  EXPECT_EQ(environment_of(machine, "epic_hopper"), "");
}

TEST(Inference, PassesTheEnvironmentOnWithinAComposeProject) {
  SnapshotBuilder b;
  b.host("laptop").network("shop_default");
  b.compose("shop", "web").env("APP_ENV", "prod").on("shop_default");
  b.compose("shop", "db").on("shop_default");
  b.compose("blog", "web").on("shop_default");
  b.host("other").compose("shop", "cache");
  const Estate estate = build_estate(b.build(), {});
  EXPECT_EQ(environment_of(estate, "shop/db"), "production");
  EXPECT_EQ(workload(estate, "shop/db").evidence[0].reason,
            "compose project shop, whose other services are production");
  EXPECT_EQ(environment_of(estate, "blog/web"), "");
  EXPECT_EQ(environment_of(estate, "shop/cache"), "");
}

TEST(Inference, PassesNothingOnIfTheProjectDisagrees) {
  SnapshotBuilder b;
  b.host("laptop");
  b.compose("shop", "web").env("APP_ENV", "prod");
  b.compose("shop", "worker").env("APP_ENV", "dev");
  b.compose("shop", "db");
  const Estate estate = build_estate(b.build(), {});
  EXPECT_EQ(environment_of(estate, "web"), "production");
  EXPECT_EQ(environment_of(estate, "worker"), "development");
  EXPECT_EQ(environment_of(estate, "db"), "");
}

TEST(Inference, SeesNoEnvironmentOnAnOrdinaryMachine) {
  SnapshotBuilder b;
  b.host("laptop").network("proxy");
  for (const std::string_view project : {"blog", "wiki", "music", "photos", "mail"}) {
    b.network(std::string(project) + "_default");
    b.compose(project, "db")
        .on(std::string(project) + "_default")
        .env("POSTGRES_PASSWORD", secret("postgres"));
    b.compose(project, "web")
        .on(std::string(project) + "_default")
        .on("proxy")
        .env("NODE_ENV", "production");
  }
  b.container("traefik", "traefik:2")
      .on("proxy")
      .bind("/var/run/docker.sock", "/var/run/docker.sock");
  const Estate estate = build_estate(b.build(), {});
  EXPECT_TRUE(estate.environments().empty());
  EXPECT_EQ(estate.workloads().size(), 11U);
}

TEST(Inference, OrdersEnvironmentsByTierAndName) {
  SnapshotBuilder b;
  b.host("laptop").container("qa-x").container("dev-x").container("prod-x").container("uat-x");
  const Estate estate = build_estate(b.build(), {});
  std::vector<std::string> names;
  for (const Environment& environment : estate.environments()) names.push_back(environment.name);
  EXPECT_THAT(names, ElementsAre("production", "staging", "development", "testing"));
  EXPECT_EQ(estate.environments()[3].tier, Tier::kDevelopment);
}

TEST(Inference, FindsOwnersOfNetworksByName) {
  SnapshotBuilder b;
  b.host("laptop").network("prod-net").network("dev-net").network("quiet");
  b.container("prod-db").on("prod-net").on("quiet").on("bridge");
  b.container("odd").on("quiet");
  const Estate estate = build_estate(b.build(), {});
  ASSERT_EQ(estate.environments().size(), 1U);
  EXPECT_EQ(network(estate, "prod-net").owner, EnvironmentId(0));
  EXPECT_EQ(network(estate, "dev-net").owner, std::nullopt);  // nobody is in development
  EXPECT_EQ(network(estate, "quiet").owner, std::nullopt);
  std::vector<std::string> names;
  for (const NetworkId id : estate.environments()[0].networks)
    names.push_back(estate[id].network->name);
  EXPECT_THAT(names, ElementsAre("prod-net", "quiet"));
}

}  // namespace
}  // namespace firebreak
