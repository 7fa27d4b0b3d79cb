// CRED001 and CRED006: secrets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/testing.h"

namespace firebreak {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

PolicyBuilder two_environments() {
  PolicyBuilder policy;
  policy.environment("production", Tier::kProduction, {"label: env=prod"})
      .environment("staging", Tier::kStaging, {"label: env=staging"})
      .environment("development", Tier::kDevelopment, {"label: env=dev"});
  return policy;
}

Secret weak_secret(std::string_view text) {
  Secret made = secret(text);
  made.weak = true;
  return made;
}

Secret live_key(std::string_view text, bool live) {
  Secret made = secret(text, SecretKind::kApiKey);
  made.provider = "stripe";
  made.live = live;
  return made;
}

TEST(SharedValues, OnePasswordInTwoEnvironmentsIsFound) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-dev").label("env", "dev").env("DB_PASSWORD", secret("correct-horse-battery"));
  b.container("api-prod").label("env", "prod").env("DATABASE_URL", secret("correct-horse-battery"));
  const Estate estate = build_estate(b.build(), two_environments().build());
  EXPECT_THAT(
      titles_of(estate, Code::kCred001),
      ElementsAre("high development->production: development/api-dev and "
                  "production/api-prod use the same password (DATABASE_URL and DB_PASSWORD)"));
  const Finding finding = findings_of(estate, Code::kCred001).at(0);
  EXPECT_THAT(finding.subjects,
              testing::IsSupersetOf(
                  {Subject{"variable", "laptop", "api-dev DB_PASSWORD", "development"},
                   Subject{"variable", "laptop", "api-prod DATABASE_URL", "production"}}));
  EXPECT_EQ(finding.path.size(), 2U);
  EXPECT_THAT(dump(finding), HasSubstr("$ docker rm --force api-dev"));
  EXPECT_THAT(dump(finding), Not(HasSubstr("docker rm --force api-prod")));
}

TEST(SharedValues, DifferentPasswordsAreNot) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-dev").label("env", "dev").env("DB_PASSWORD", secret("one"));
  b.container("api-prod").label("env", "prod").env("DB_PASSWORD", secret("other"));
  EXPECT_THAT(titles_of(build_estate(b.build(), two_environments().build()), Code::kCred001),
              IsEmpty());
}

TEST(SharedValues, OnePasswordWithinAnEnvironmentIsNot) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api").label("env", "prod").env("DB_PASSWORD", secret("same"));
  b.container("db").label("env", "prod").env("POSTGRES_PASSWORD", secret("same"));
  b.container("stray").env("POSTGRES_PASSWORD", secret("same"));
  EXPECT_THAT(titles_of(build_estate(b.build(), two_environments().build()), Code::kCred001),
              IsEmpty());
}

TEST(SharedValues, AVariableOfTheImageIsNoSharedSecret) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-dev").label("env", "dev").env("GPG_KEY", secret("of-the-image")).from_image();
  b.container("api-prod").label("env", "prod").env("GPG_KEY", secret("of-the-image")).from_image();
  EXPECT_THAT(titles_of(build_estate(b.build(), two_environments().build()), Code::kCred001),
              IsEmpty());
}

TEST(SharedValues, LabelsAndCommandsHoldSecretsToo) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-dev")
      .label("env", "dev")
      .command({{.program = "psql",
                 .targets = {},
                 .secrets = {secret("same")},
                 .pipes_into_next = false}});
  b.container("api-prod").label("env", "prod").edit([](Container& container) {
    Value value;
    value.secrets = {secret("same")};
    container.labels.push_back({.name = "traefik.auth", .value = value});
  });
  const Estate estate = build_estate(b.build(), two_environments().build());
  EXPECT_THAT(titles_of(estate, Code::kCred001),
              ElementsAre(HasSubstr("(command psql and label traefik.auth)")));
  EXPECT_THAT(
      findings_of(estate, Code::kCred001).at(0).subjects,
      testing::IsSupersetOf({Subject{"command", "laptop", "api-dev psql", "development"},
                             Subject{"label", "laptop", "api-prod traefik.auth", "production"}}));
}

TEST(SharedValues, SaysThatAValueIsGuessableAndNothingMoreOfIt) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("db-dev").label("env", "dev").env("POSTGRES_PASSWORD", weak_secret("hunter2"));
  b.container("db-prod").label("env", "prod").env("POSTGRES_PASSWORD", weak_secret("hunter2"));
  const Estate estate = build_estate(b.build(), two_environments().build());
  EXPECT_THAT(titles_of(estate, Code::kCred001),
              ElementsAre(HasSubstr("the same guessable password")));
  const std::string all = dump(run(check_credentials, estate));
  EXPECT_THAT(all, HasSubstr("note The value is guessable"));
  EXPECT_THAT(all, Not(HasSubstr("hunter2")));
  EXPECT_THAT(all, Not(HasSubstr(secret("hunter2").fingerprint.hex().substr(0, 8))));
}

TEST(SharedValues, NamesTheAccountOfAnAccessKey) {
  Secret key = secret("AKIA", SecretKind::kAccessKeyId);
  key.provider = "aws";
  key.account = "609629065308";
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-dev").label("env", "dev").env("AWS_ACCESS_KEY_ID", key);
  b.container("api-prod").label("env", "prod").env("AWS_ACCESS_KEY_ID", key);
  const Estate estate = build_estate(b.build(), two_environments().build());
  EXPECT_THAT(titles_of(estate, Code::kCred001),
              ElementsAre(HasSubstr("the same aws access key (account 609629065308)")));
}

TEST(SharedValues, EveryPairOfEnvironmentsHasItsFinding) {
  SnapshotBuilder b;
  b.host("laptop");
  for (const char* environment : {"dev", "staging", "prod"})
    b.container(std::string("api-") + environment)
        .label("env", environment)
        .env("KEY", secret("same"));
  const Findings found =
      findings_of(build_estate(b.build(), two_environments().build()), Code::kCred001);
  Lines pairs;
  for (const Finding& finding : found) pairs.push_back(join(finding.environments, "->"));
  EXPECT_THAT(pairs, testing::UnorderedElementsAre(
                         "development->staging", "development->production", "staging->production"));
}

TEST(SharedValues, DistinctSecretsStaySeparateFindings) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-dev").label("env", "dev").env("A", secret("1")).env("B", secret("2"));
  b.container("api-prod").label("env", "prod").env("A", secret("1")).env("B", secret("2"));
  const Findings found =
      findings_of(build_estate(b.build(), two_environments().build()), Code::kCred001);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[0].fingerprint, found[1].fingerprint);
}

TEST(SharedValues, SecretsInTheSamePlacesAreOneFinding) {
  const Value both{
      .text = {}, .opaque = false, .secrets = {secret("1"), secret("2")}, .targets = {}};
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-dev").label("env", "dev").env("DSN", both);
  b.container("api-prod").label("env", "prod").env("DSN", both);
  EXPECT_THAT(titles_of(build_estate(b.build(), two_environments().build()), Code::kCred001),
              ElementsAre(HasSubstr("use the same 2 secrets: password and password (DSN)")));
}

TEST(SharedValues, ASecretOfASharedServiceIsHeldOnPurpose) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("metrics").label("role", "metrics").env("TOKEN", secret("same"));
  b.container("api-dev").label("env", "dev").env("TOKEN", secret("same"));
  b.container("api-staging").label("env", "staging").env("TOKEN", secret("same"));
  PolicyBuilder policy = two_environments();
  policy.shared("label: role=metrics", {"development", "staging"});
  EXPECT_THAT(titles_of(build_estate(b.build(), policy.build()), Code::kCred001), IsEmpty());
}

TEST(SharedValues, ASharedServiceWithProductionsSecretIsFound) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("metrics").label("role", "metrics").env("TOKEN", secret("same"));
  b.container("api-prod").label("env", "prod").env("TOKEN", secret("same"));
  PolicyBuilder policy = two_environments();
  policy.shared("label: role=metrics", {"staging"});
  EXPECT_THAT(titles_of(build_estate(b.build(), policy.build()), Code::kCred001),
              ElementsAre(HasSubstr("staging->production: metrics and production/api-prod")));
}

TEST(SharedValues, StoppedOnBothSidesCountsOneLess) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-dev").label("env", "dev").env("KEY", secret("same")).stopped();
  b.container("api-prod").label("env", "prod").env("KEY", secret("same")).stopped();
  EXPECT_THAT(titles_of(build_estate(b.build(), two_environments().build()), Code::kCred001),
              ElementsAre(HasSubstr("medium development->production")));
}

TEST(SharedValues, ReplicasAreOneSubject) {
  SnapshotBuilder b;
  b.host("laptop");
  for (const int number : {1, 2, 3})
    b.compose("dev", "api", number).label("env", "dev").env("KEY", secret("same"));
  b.container("api-prod").label("env", "prod").env("KEY", secret("same"));
  const Findings found =
      findings_of(build_estate(b.build(), two_environments().build()), Code::kCred001);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].path.size(), 2U);
}

TEST(SharedValues, FingerprintsOutliveTheKeyOfTheRunAndRestarts) {
  const auto fingerprints = [](std::string_view one, std::string_view two, std::string_view id) {
    SnapshotBuilder b;
    b.host("laptop");
    b.container("api-dev")
        .label("env", "dev")
        .env("A", secret(one))
        .env("B", secret(two))
        .edit([&](Container& c) { c.id = ContainerKey(engine_id(id)); });
    b.container("api-prod").label("env", "prod").env("A", secret(one)).env("B", secret(two));
    Lines lines;
    for (const Finding& f :
         findings_of(build_estate(b.build(), two_environments().build()), Code::kCred001))
      lines.push_back(f.fingerprint);
    return lines;
  };
  EXPECT_EQ(fingerprints("1", "2", "x"), fingerprints("2", "1", "y"));
}

TEST(SharedSecretObjects, OneSwarmSecretOfTwoEnvironmentsIsFound) {
  SnapshotBuilder b;
  b.host("manager");
  for (const char* environment : {"dev", "prod"})
    b.service(std::string("id-") + environment, std::string("api-") + environment, 1)
        .label("env", environment)
        .edit([](Container& spec) { spec.secrets = {"db_password"}; });
  const Estate estate = build_estate(b.build(), two_environments().build());
  EXPECT_THAT(titles_of(estate, Code::kCred001),
              ElementsAre("high development->production: development/api-dev and "
                          "production/api-prod are given the same secret db_password"));
  EXPECT_THAT(dump(findings_of(estate, Code::kCred001)),
              HasSubstr("docker service update --secret-rm db_password --secret-add "
                        "source=db_password_development,target=db_password api-dev"));
}

TEST(SharedSecretObjects, AnExternalSecretOfTwoComposeProjectsIsOneSecret) {
  const auto found = [](std::string development, std::string production) {
    SnapshotBuilder b;
    b.compose_host();
    b.planned("dev", "api").label("env", "dev").edit([&](Container& c) {
      c.secrets = {development};
    });
    b.planned("prod", "api").label("env", "prod").edit([&](Container& c) {
      c.secrets = {production};
    });
    return titles_of(build_estate(b.build(), two_environments().build()), Code::kCred001);
  };
  EXPECT_THAT(found("db_password", "db_password"),
              ElementsAre(HasSubstr("the same secret db_password")));
  EXPECT_THAT(found("dev_db_password", "prod_db_password"), IsEmpty());
}

TEST(SharedSecretObjects, EqualNamesInTwoClustersAreTwoSecrets) {
  SnapshotBuilder b;
  for (const char* environment : {"dev", "prod"}) {
    b.host(environment);
    b.service(std::string("id-") + environment, "api", 1)
        .label("env", environment)
        .edit([](Container& c) { c.secrets = {"db_password"}; });
    b.edit_host([&](Host& host) { host.swarm.cluster = environment; });
  }
  EXPECT_THAT(titles_of(build_estate(b.build(), two_environments().build()), Code::kCred001),
              IsEmpty());
}

TEST(LiveCredentials, ALiveKeyBelowProductionIsFound) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api").label("env", "dev").env("STRIPE_KEY", live_key("sk", true));
  const Estate estate = build_estate(b.build(), two_environments().build());
  EXPECT_THAT(titles_of(estate, Code::kCred006),
              ElementsAre("high development: development/api holds a live credential in STRIPE_KEY "
                          "(stripe API key)"));
  EXPECT_THAT(findings_of(estate, Code::kCred006).at(0).subjects,
              Contains(Subject{"variable", "laptop", "api STRIPE_KEY", "development"}));
}

TEST(LiveCredentials, ATestKeyThereAndALiveKeyInProductionAreNot) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-dev").label("env", "dev").env("STRIPE_KEY", live_key("test", false));
  b.container("api-prod").label("env", "prod").env("STRIPE_KEY", live_key("live", true));
  b.container("image").label("env", "dev").env("STRIPE_KEY", live_key("doc", true)).from_image();
  b.container("stray").env("STRIPE_KEY", live_key("stray", true));
  EXPECT_THAT(titles_of(build_estate(b.build(), two_environments().build()), Code::kCred006),
              IsEmpty());
}

TEST(LiveCredentials, StoppedCountsOneLess) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api").label("env", "staging").env("STRIPE_KEY", live_key("sk", true)).stopped();
  EXPECT_THAT(titles_of(build_estate(b.build(), two_environments().build()), Code::kCred006),
              ElementsAre(HasSubstr("medium staging: ")));
}

TEST(Credentials, TheOrderOfTheSnapshotDoesNotMatter) {
  SnapshotBuilder b;
  b.host("a");
  b.container("api")
      .label("env", "dev")
      .env("A", secret("1"))
      .env("B", secret("2"))
      .env("K", live_key("k", true));
  b.container("worker").label("env", "dev").env("A", secret("1"));
  b.host("b");
  b.container("api").label("env", "prod").env("A", secret("1")).env("C", secret("2"));
  b.container("web").label("env", "staging").env("A", secret("1"));
  const Policy policy = two_environments().build();
  const std::string forward = dump(run(check_credentials, build_estate(b.build(), policy)));
  EXPECT_EQ(forward, dump(run(check_credentials, build_estate(reversed(b.build()), policy))));
  EXPECT_THAT(forward, HasSubstr("CRED001"));
}

}  // namespace
}  // namespace firebreak
