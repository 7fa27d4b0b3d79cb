#include "checks/image_reference.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace firebreak {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

TEST(ImageReference, FillsInWhatShortNamesLeaveOut) {
  struct Case {
    std::string text, registry, repository, tag, digest;
  };
  const std::vector<Case> cases = {
      {"postgres", "docker.io", "library/postgres", "", ""},
      {"postgres:15", "docker.io", "library/postgres", "15", ""},
      {"shop/api", "docker.io", "shop/api", "", ""},
      {"docker.io/postgres", "docker.io", "library/postgres", "", ""},
      {"index.docker.io/shop/api:1", "docker.io", "shop/api", "1", ""},
      {"localhost/api", "localhost", "api", "", ""},
      {"localhost:5000/api:2", "localhost:5000", "api", "2", ""},
      {"registry.example.com/shop/api", "registry.example.com", "shop/api", "", ""},
      {"Registry.Example.com:443/a/b/c:v1.0", "registry.example.com:443", "a/b/c", "v1.0", ""},
      {"REGISTRY/api", "registry", "api", "", ""},
      {"registry/api", "docker.io", "registry/api", "", ""},
      {"10.0.0.5:5000/api", "10.0.0.5:5000", "api", "", ""},
      {"[fd00::1]:5000/api:1", "[fd00::1]:5000", "api", "1", ""},
      {"r.example.com/api@" + kDigest, "r.example.com", "api", "", kDigest},
      {"r.example.com/api:1.4@" + kDigest, "r.example.com", "api", "1.4", kDigest},
  };
  for (const Case& c : cases) {
    const auto reference = ImageReference::parse(c.text);
    ASSERT_TRUE(reference) << c.text;
    EXPECT_EQ(reference->registry, c.registry) << c.text;
    EXPECT_EQ(reference->repository, c.repository) << c.text;
    EXPECT_EQ(reference->tag, c.tag) << c.text;
    EXPECT_EQ(reference->digest, c.digest) << c.text;
  }
}

TEST(ImageReference, RefusesWhatDockerRefuses) {
  const std::vector<std::string> refused = {"",
                                            ":1",
                                            "/api",
                                            "api/",
                                            "Api",
                                            "a//b",
                                            "api:",
                                            "api:-1",
                                            "api@sha256:12",
                                            "api@",
                                            "-api",
                                            "api-",
                                            "a..b",
                                            "a___b",
                                            "a._b",
                                            "a b",
                                            "r.example.com:x/api",
                                            "r..com/api",
                                            "[fd00::1/api",
                                            "[nonsense]:1/api",
                                            "a/B",
                                            "a.b__c/d",
                                            "api:" + std::string(129, 'a'),
                                            std::string(300, 'a')};
  for (const std::string& text : refused) EXPECT_FALSE(ImageReference::parse(text)) << text;
}

TEST(ImageReference, AnImageIdNamesNoRepository) {
  EXPECT_FALSE(ImageReference::parse(kDigest));
  EXPECT_FALSE(ImageReference::parse(std::string(64, 'b')));
  EXPECT_FALSE(ImageReference::parse("sha256:0123456789ab"));
  EXPECT_TRUE(ImageReference::parse(std::string(63, 'b')));
}

TEST(ImageReference, PrintsTheNameThatPeopleWrite) {
  struct Case {
    std::string text, name, name_space, full;
  };
  for (const Case& c :
       std::vector<Case>{{"docker.io/library/postgres", "postgres", "library", "postgres:latest"},
                         {"shop/api:1", "shop/api", "shop", "shop/api:1"},
                         {"r.example.com/api:1", "r.example.com/api", "", "r.example.com/api:1"},
                         {"r.example.com/a/b/api", "r.example.com/a/b/api", "a/b",
                          "r.example.com/a/b/api:latest"},
                         {"r.example.com/a/api@" + kDigest, "r.example.com/a/api", "a",
                          "r.example.com/a/api@" + kDigest}}) {
    const auto reference = ImageReference::parse(c.text);
    ASSERT_TRUE(reference) << c.text;
    EXPECT_EQ(reference->name(), c.name);
    EXPECT_EQ(reference->name_space(), c.name_space);
    EXPECT_EQ(reference->text(), c.full);
  }
}

TEST(ImageReference, OnlyADigestPins) {
  EXPECT_FALSE(ImageReference::parse("r.example.com/api")->pinned());
  EXPECT_FALSE(ImageReference::parse("r.example.com/api:1.4.2")->pinned());
  EXPECT_TRUE(ImageReference::parse("r.example.com/api:1.4.2@" + kDigest)->pinned());
}

TEST(RegistryKind, TellsPrivateRegistriesFromPublicOnes) {
  for (const char* name : {"docker.io", "ghcr.io", "quay.io", "gcr.io", "eu.gcr.io", "lscr.io",
                           "registry.k8s.io", "public.ecr.aws", "mcr.microsoft.com"})
    EXPECT_EQ(registry_kind(name), RegistryKind::kPublic) << name;
  for (const char* name :
       {"registry.example.com", "registry.example.com:5000", "10.0.0.5:5000", "registry",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com", "shop.azurecr.io", "notdocker.io",
        "europe-docker.pkg.dev", "localhost.example.com", "[fd00::1]:5000"})
    EXPECT_EQ(registry_kind(name), RegistryKind::kPrivate) << name;
}

TEST(RegistryKind, LoopbackIsAnotherRegistryOnEveryHost) {
  for (const char* name : {"localhost:5000", "127.0.0.1:5000", "127.0.0.2", "[::1]:5000"})
    EXPECT_EQ(registry_kind(name), RegistryKind::kOnHost) << name;
  EXPECT_EQ(registry_kind("localhost"), RegistryKind::kNowhere);
}

}  // namespace
}  // namespace firebreak
