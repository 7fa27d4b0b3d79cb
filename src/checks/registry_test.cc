// REG002 and REG004.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/testing.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kDigest = "sha256:" + std::string(64, 'a');

PolicyBuilder environments() {
  PolicyBuilder policy;
  policy.environment("production", Tier::kProduction, {"label: env=prod"})
      .environment("staging", Tier::kStaging, {"label: env=staging"})
      .environment("development", Tier::kDevelopment, {"label: env=dev"});
  return policy;
}

// One container an environment, on one host.
SnapshotBuilder images(const std::string& development, const std::string& production) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-dev", development).label("env", "dev");
  b.container("api-prod", production).label("env", "prod");
  return b;
}

Lines found(const SnapshotBuilder& b, Code code, const PolicyBuilder& policy = environments()) {
  return titles_of(build_estate(b.build(), policy.build()), code);
}

TEST(Registry, OneNamespaceForTwoEnvironmentsIsFound) {
  const SnapshotBuilder b = images("r.example.com/shop/api:dev", "r.example.com/shop/web:1");
  EXPECT_THAT(
      found(b, Code::kReg002),
      ElementsAre("medium development->production: development and production pull from one "
                  "namespace of a private registry, r.example.com/shop"));
  const Estate estate = build_estate(b.build(), environments().build());
  const Finding finding = findings_of(estate, Code::kReg002).at(0);
  EXPECT_THAT(finding.subjects,
              testing::IsSupersetOf(
                  {Subject{"image", "laptop", "r.example.com/shop/api:dev", "development"},
                   Subject{"image", "laptop", "r.example.com/shop/web:1", "production"}}));
  EXPECT_THAT(dump(finding), HasSubstr("$ docker push r.example.com/shop-production/web:1"));
  EXPECT_THAT(dump(finding), HasSubstr("note They use different repositories"));
}

TEST(Registry, ARegistryWithoutNamespacesIsOneNamespace) {
  EXPECT_THAT(found(images("r.example.com/api-dev", "r.example.com/api-prod"), Code::kReg002),
              ElementsAre(HasSubstr("private registry, r.example.com")));
}

struct Twin {
  std::string name;
  std::string development;
  std::string production;
};
class SeparateImages : public testing::TestWithParam<Twin> {};

TEST_P(SeparateImages, ShareNothing) {
  const SnapshotBuilder b = images(GetParam().development, GetParam().production);
  EXPECT_THAT(found(b, Code::kReg002), IsEmpty());
  EXPECT_THAT(found(b, Code::kReg004), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Registry, SeparateImages,
    testing::Values(
        Twin{"TwoNamespaces", "r.example.com/shop-dev/api:1", "r.example.com/shop-prod/api:1"},
        Twin{"NestedNamespace", "r.example.com/shop/dev/api:1", "r.example.com/shop/api:1"},
        Twin{"TwoRegistries", "r1.example.com/shop/api:1", "r2.example.com/shop/api:1"},
        Twin{"OfficialImage", "postgres:15", "postgres:15"},
        Twin{"HubImage", "grafana/grafana:10", "docker.io/grafana/grafana:10"},
        Twin{"Hoster", "ghcr.io/acme/api:1", "ghcr.io/acme/api:1"},
        Twin{"KubernetesRegistry", "registry.k8s.io/pause:3", "registry.k8s.io/pause:3"},
        Twin{"BuiltHere", "api:latest", "api:latest"},
        Twin{"BuiltHereByPodman", "localhost/api:latest", "localhost/api:latest"},
        Twin{"ImageId", kDigest, kDigest}),
    [](const auto& each) { return each.param.name; });

TEST(Registry, LocalhostIsAnotherRegistryOnEachHost) {
  SnapshotBuilder b;
  b.host("a").container("api", "localhost:5000/shop/api:1").label("env", "dev");
  b.host("b").container("api", "localhost:5000/shop/api:1").label("env", "prod");
  EXPECT_THAT(found(b, Code::kReg002), IsEmpty());
  EXPECT_THAT(found(b, Code::kReg004), IsEmpty());
  EXPECT_THAT(
      found(images("localhost:5000/shop/api:1", "localhost:5000/shop/api:1"), Code::kReg002),
      ElementsAre(HasSubstr("localhost:5000/shop")));
}

TEST(Registry, ATagThatALowerEnvironmentUsesTooIsFound) {
  const SnapshotBuilder b = images("r.example.com/shop/api:main", "r.example.com/shop/api:main");
  EXPECT_THAT(
      found(b, Code::kReg004),
      ElementsAre("high development->production: production runs r.example.com/shop/api:main "
                  "by a tag of a repository that development uses too"));
  EXPECT_THAT(dump(findings_of(build_estate(b.build(), environments().build()), Code::kReg004)),
              HasSubstr("note Both use the same tag"));
}

TEST(Registry, AnotherTagOfTheRepositoryCanBeMovedAsWell) {
  const SnapshotBuilder b = images("r.example.com/shop/api:dev", "r.example.com/shop/api");
  EXPECT_THAT(found(b, Code::kReg004),
              ElementsAre(HasSubstr("runs r.example.com/shop/api:latest by a tag")));
  EXPECT_THAT(dump(findings_of(build_estate(b.build(), environments().build()), Code::kReg004)),
              Not(HasSubstr("note Both use the same tag")));
}

TEST(Registry, ADigestCannotBeMoved) {
  EXPECT_THAT(
      found(images("r.example.com/shop/api:1", "r.example.com/shop/api@" + kDigest), Code::kReg004),
      IsEmpty());
  EXPECT_THAT(found(images("r.example.com/shop/api:1", "r.example.com/shop/api:1@" + kDigest),
                    Code::kReg004),
              IsEmpty());
}

TEST(Registry, OnlyProductionsTagsCount) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-dev", "r.example.com/shop/api:1").label("env", "dev");
  b.container("api-staging", "r.example.com/shop/api:1").label("env", "staging");
  EXPECT_THAT(found(b, Code::kReg004), IsEmpty());
  EXPECT_EQ(found(b, Code::kReg002).size(), 1U);
}

TEST(Registry, TwoProductionEnvironmentsAreNotLowerThanEachOther) {
  PolicyBuilder policy;
  policy.environment("eu", Tier::kProduction, {"label: env=dev"})
      .environment("us", Tier::kProduction, {"label: env=prod"});
  const SnapshotBuilder b = images("r.example.com/shop/api:1", "r.example.com/shop/api:1");
  EXPECT_THAT(found(b, Code::kReg004, policy), IsEmpty());
  EXPECT_EQ(found(b, Code::kReg002, policy).size(), 1U);
}

TEST(Registry, TheRemedyPinsTheDigestThatTheEngineKnows) {
  const std::string other = "sha256:" + std::string(64, 'b');
  SnapshotBuilder b = images("r.example.com/shop/api:1", "r.example.com/shop/api:1");
  b.edit([](Container& container) { container.image_id = ImageKey("sha256:id"); });
  EXPECT_THAT(
      dump(findings_of(build_estate(b.build(), environments().build()), Code::kReg004)),
      HasSubstr(
          "$ docker image inspect --format '{{index .RepoDigests 0}}' r.example.com/shop/api:1"));
  b.edit_host([&](Host& host) {
    host.images.push_back(
        {.id = ImageKey("sha256:id"),
         .tags = {"r.example.com/shop/api:1"},
         .digests = {"mirror.example.com/shop/api@" + other, "r.example.com/shop/api@" + kDigest}});
  });
  const std::string text =
      dump(findings_of(build_estate(b.build(), environments().build()), Code::kReg004));
  EXPECT_THAT(text, HasSubstr("$ docker pull r.example.com/shop/api@" + kDigest));
  EXPECT_THAT(text, Not(HasSubstr(other)));
}

TEST(Registry, AServiceIsPinnedByAnUpdate) {
  SnapshotBuilder b;
  b.host("manager");
  b.container("api-dev", "r.example.com/shop/api:1").label("env", "dev");
  b.service("id", "shop_api", 1)
      .label("env", "prod")
      .label("com.docker.stack.namespace", "shop")
      .edit([](Container& spec) {
        spec.image = "r.example.com/shop/api:1";
        spec.image_id = ImageKey("sha256:id");
      })
      .edit_host([&](Host& host) {
        host.images.push_back({.id = ImageKey("sha256:id"),
                               .tags = {},
                               .digests = {"r.example.com/shop/api@" + kDigest}});
      });
  EXPECT_THAT(
      dump(findings_of(build_estate(b.build(), environments().build()), Code::kReg004)),
      HasSubstr("$ docker service update --image r.example.com/shop/api@" + kDigest + " shop_api"));
}

TEST(Registry, AnImageRunByItsIdIsFoundByTheEnginesNameForIt) {
  SnapshotBuilder b = images("r.example.com/shop/api:1", kDigest);
  b.edit([](Container& container) { container.image_id = ImageKey(kDigest); });
  b.edit_host([](Host& host) {
    host.images.push_back(
        {.id = ImageKey(kDigest), .tags = {"r.example.com/shop/web:2"}, .digests = {}});
  });
  EXPECT_THAT(found(b, Code::kReg002), ElementsAre(HasSubstr("r.example.com/shop")));
}

TEST(Registry, ASharedServiceSharesItsImageOnPurpose) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("proxy", "r.example.com/ops/proxy:1").label("role", "proxy");
  b.container("api-prod", "r.example.com/ops/api:1").label("env", "prod");
  PolicyBuilder policy = environments();
  policy.shared("label: role=proxy", {"development", "production"});
  EXPECT_THAT(found(b, Code::kReg002, policy), IsEmpty());
}

TEST(Registry, StoppedCountsOneLess) {
  SnapshotBuilder b;
  b.host("laptop");
  b.container("api-dev", "r.example.com/shop/api:1").label("env", "dev").stopped();
  b.container("api-prod", "r.example.com/shop/api:1").label("env", "prod").stopped();
  EXPECT_THAT(found(b, Code::kReg002), ElementsAre(HasSubstr("low ")));
  EXPECT_THAT(found(b, Code::kReg004), ElementsAre(HasSubstr("medium ")));
}

TEST(Registry, TheOrderOfTheSnapshotDoesNotMatter) {
  SnapshotBuilder b;
  b.host("a");
  b.container("api", "r.example.com/shop/api:1").label("env", "dev");
  b.container("web", "r.example.com/shop/web:1").label("env", "dev");
  b.host("b");
  b.container("api", "r.example.com/shop/api:1").label("env", "prod");
  b.container("job", "r.example.com/ops/job").label("env", "prod");
  b.container("cron", "r.example.com/ops/job").label("env", "staging");
  const Policy policy = environments().build();
  const std::string forward = dump(run(check_registry, build_estate(b.build(), policy)));
  EXPECT_EQ(forward, dump(run(check_registry, build_estate(reversed(b.build()), policy))));
  EXPECT_THAT(forward, HasSubstr("REG004"));
}

}  // namespace
}  // namespace firebreak
