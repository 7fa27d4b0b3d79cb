#include "policy/load.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/diagnostic.h"

namespace firebreak {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string complaints(const LoadedPolicy& loaded) {
  return render(loaded.diagnostics, loaded.source);
}

// tests/golden/policy/CASE/{firebreak.yaml,expected.txt}. FIREBREAK_GOLDEN=write rewrites them.
TEST(LoadPolicy, SaysWhatTheGoldenFilesSay) {
  const bool write = std::getenv("FIREBREAK_GOLDEN") != nullptr;
  int cases = 0;
  for (const auto& folder : fs::directory_iterator("tests/golden/policy")) {
    SCOPED_TRACE(folder.path().filename());
    const LoadedPolicy loaded =
        load_policy(read(folder.path() / "firebreak.yaml"), "firebreak.yaml");
    const std::string said = complaints(loaded);
    if (write) std::ofstream(folder.path() / "expected.txt", std::ios::binary) << said;
    EXPECT_EQ(said, read(folder.path() / "expected.txt"));
    ++cases;
  }
  EXPECT_GE(cases, 1);
}

Policy design_example() {
  LoadedPolicy loaded =
      load_policy(read("tests/golden/policy/design-example/firebreak.yaml"), "firebreak.yaml");
  EXPECT_TRUE(loaded.ok()) << complaints(loaded);
  EXPECT_TRUE(loaded.diagnostics.empty());
  return std::move(loaded.policy);
}

TEST(LoadPolicy, ReadsHostsInAllTheirForms) {
  const Policy policy = design_example();
  ASSERT_EQ(policy.hosts.size(), 4U);
  EXPECT_EQ(policy.hosts[0].name, "prod-1");
  EXPECT_EQ(policy.hosts[0].location, "tcp://prod-1:2376");
  EXPECT_EQ(policy.hosts[0].tls_directory, "~/.docker/prod-1");
  EXPECT_EQ(policy.hosts[0].at.line, 3);
  EXPECT_EQ(policy.hosts[0].at.column, 3);
  EXPECT_EQ(policy.hosts[2].location, "ssh://ops@edge");
  EXPECT_EQ(policy.hosts[3].kind, HostSource::Kind::kSnapshot);
  EXPECT_EQ(policy.hosts[3].location, "old.snapshot.json");
  const LoadedPolicy brief = load_policy("version: 1\nhosts: {laptop: context:default}", "f");
  ASSERT_TRUE(brief.ok()) << complaints(brief);
  EXPECT_EQ(brief.policy.hosts.at(0).location, "context:default");
  EXPECT_EQ(brief.policy.hosts.at(0).kind, HostSource::Kind::kDocker);
}

TEST(LoadPolicy, ReadsEnvironmentsWithTheirSelectors) {
  const Policy policy = design_example();
  ASSERT_EQ(policy.environments.size(), 3U);
  const EnvironmentRule& production = policy.environments[0];
  EXPECT_EQ(production.name, "production");
  EXPECT_EQ(production.tier, Tier::kProduction);
  EXPECT_THAT(production.networks, ElementsAre("production-network"));
  ASSERT_EQ(production.match.size(), 3U);
  EXPECT_EQ(production.match[0].text, "label: env=production");
  EXPECT_EQ(production.match[0].label_name, "env");
  EXPECT_EQ(production.match[0].label_value, "production");
  EXPECT_EQ(production.match[0].at.line, 12);
  EXPECT_EQ(production.match[1].compose, "shop-prod");
  EXPECT_EQ(production.match[2].text, "host: prod-1, name: db-*");
  EXPECT_EQ(production.match[2].host, "prod-1");
  EXPECT_EQ(production.match[2].name, "db-*");
  EXPECT_EQ(policy.environments[2].tier, Tier::kDevelopment);
  ASSERT_EQ(policy.shared.size(), 1U);
  EXPECT_THAT(policy.shared[0].serves, ElementsAre("staging", "development"));
  EXPECT_EQ(policy.shared[0].reason, "one collector for the lower environments");
}

TEST(LoadPolicy, ReadsALabelWithoutValueAsAnyValue) {
  const LoadedPolicy loaded = load_policy(
      "version: 1\nenvironments:\n  a: {tier: staging, match: [{label: env}, {label: 'x=a=b'}, "
      "{label: y=}]}",
      "f");
  ASSERT_TRUE(loaded.ok()) << complaints(loaded);
  const std::vector<Selector>& match = loaded.policy.environments.at(0).match;
  ASSERT_EQ(match.size(), 3U);
  EXPECT_EQ(match[0].label_name, "env");
  EXPECT_EQ(match[0].label_value, "*");
  EXPECT_EQ(match[1].label_value, "a=b");
  EXPECT_EQ(match[2].label_value, "");
}

TEST(LoadPolicy, ReadsWhatIsRequiredOfThePairs) {
  const Policy policy = design_example();
  ASSERT_EQ(policy.require.size(), 1U);
  EXPECT_EQ(policy.require[0].first, "production");
  EXPECT_EQ(policy.require[0].second, "*");
  const std::map<Dimension, Level> expected = {{Dimension::kHost, Level::kSeparate},
                                               {Dimension::kNetwork, Level::kSeparate},
                                               {Dimension::kCredentials, Level::kSeparateSystems},
                                               {Dimension::kRegistry, Level::kSeparateCredentials},
                                               {Dimension::kData, Level::kMasked}};
  EXPECT_EQ(policy.require[0].levels, expected);
  EXPECT_EQ(policy.audit_every, std::chrono::hours(24));
  ASSERT_EQ(policy.zones.size(), 2U);
  EXPECT_THAT(policy.zones[0], ElementsAre("prod-1", "prod-2"));
}

TEST(LoadPolicy, ReadsWaivers) {
  const Policy policy = design_example();
  ASSERT_EQ(policy.waivers.size(), 3U);
  EXPECT_EQ(policy.waivers[0].code, "NET002");
  EXPECT_EQ(policy.waivers[0].from, "staging/prometheus");
  EXPECT_EQ(policy.waivers[0].to, "production/api");
  EXPECT_EQ(policy.waivers[0].ports, "9090/tcp");
  EXPECT_EQ(policy.waivers[0].approved_by, "security@example.com");
  EXPECT_EQ(date_text(policy.waivers[0].expires), "2027-03-31");
  EXPECT_THAT(policy.waivers[1].environments, ElementsAre("staging", "development"));
  EXPECT_EQ(policy.waivers[2].fingerprint, "3f9a1c52e07b4d68");
  EXPECT_EQ(policy.waivers[2].code, "");
}

TEST(LoadPolicy, ReadsSystemsDatabasesAndTheNamesOfMasks) {
  const Policy policy = design_example();
  ASSERT_EQ(policy.systems.size(), 1U);
  EXPECT_EQ(policy.systems[0].kind, "vault");
  EXPECT_EQ(policy.systems[0].url, "https://vault-production.example.com:8200");
  EXPECT_EQ(policy.systems[0].ask, "anonymous");
  ASSERT_EQ(policy.databases.size(), 2U);
  EXPECT_EQ(policy.databases[0].masks, "shop");
  EXPECT_EQ(policy.databases[1].url, "postgresql:///shop?host=/run/postgresql");
  EXPECT_THAT(policy.mask_sets, ElementsAre("shop"));
}

TEST(LoadPolicy, DigestIsSha256OfTheFilesBytes) {
  // `printf 'version: 1\n' | sha256sum`
  EXPECT_EQ(load_policy("version: 1\n", "f").policy.digest,
            "sha256:09bfcc6a14b83e2192b8673677725c84883ee9cd0c70e45c9ec09daa8f2b2847");
  EXPECT_NE(load_policy("version: 1\r\n", "f").policy.digest,
            load_policy("version: 1\n", "f").policy.digest);
}

TEST(LoadPolicy, PrintsNothingItself) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  (void)load_policy("a: [b\nc: {d\n\t- \"x", "f");
  (void)load_policy("%YAML 9.9\n---\nversion: 1\n", "f");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(LoadPolicy, RefusesFilesOverFourMebibytes) {
  const std::string big = "version: 1 #" + std::string(std::size_t{4} << 20U, 'x');
  const LoadedPolicy loaded = load_policy(big, "f");
  EXPECT_FALSE(loaded.ok());
  EXPECT_THAT(complaints(loaded), testing::HasSubstr("at most 4194304 bytes"));
  EXPECT_TRUE(load_policy(big.substr(0, std::size_t{4} << 20U), "f").ok());
}

TEST(LoadPolicy, RefusesMoreBracketsThanTheParserShouldHold) {
  const std::string braces(500'001, '{');
  EXPECT_THAT(complaints(load_policy(braces, "f")),
              testing::HasSubstr("at most 500000 brackets and commas"));
}

TEST(LoadPolicy, BoundsTheNumberOfComplaints) {
  std::string yaml = "version: 1\n";
  for (int i = 0; i < 5000; ++i) yaml += "k" + std::to_string(i) + ": x\n";
  EXPECT_EQ(load_policy(yaml, "f").diagnostics.size(), 500U);
}

TEST(LoadPolicy, SuggestionsNeedAPlausibleMistake) {
  const auto hint = [](const std::string& key) {
    const LoadedPolicy loaded = load_policy("version: 1\n" + key + ": {}\n", "f");
    return loaded.diagnostics.empty() ? "" : loaded.diagnostics[0].hint;
  };
  EXPECT_EQ(hint("host"), "did you mean 'hosts'?");
  EXPECT_EQ(hint("Hosts"), "did you mean 'hosts'?");
  EXPECT_EQ(hint("enviroment"), "did you mean 'environments'?");
  EXPECT_EQ(hint("waiver"), "did you mean 'waivers'?");
  EXPECT_EQ(hint("req"), "did you mean 'require'?");
  EXPECT_THAT(hint("networks"), testing::StartsWith("its keys are"));
}

// Wherever it stands, and whatever else is wrong with the file.
TEST(LoadPolicy, NeverShowsAPassword) {
  constexpr std::string_view kPassword = "hunter2hunter2";
  const std::vector<std::string> shapes = {
      "hosts: {a: 'tcp://u:hunter2hunter2@h'}",
      "hosts: {a: {docker: \"tcp://u:hunter2hunter2@h:99999\"}}",
      "hosts: {a: \"tcp:\\u002f/u:hunter2\\x68unter2@h\"}",
      "hosts: {a: \"tcp://u:\\\n  hunter2hunter2@h\"}",
      "hosts: {a: 'tcp://u:hunter2hunter2@h}",
      "hosts: {a: tcp://u:hunter2hunter2@h, b: tcp://u:hunter2hunter2@h]",
      "hosts:\n  a: ssh://u:x/hunter2hunter2/y@z@h\n  a: 1",
      "tcp://u:hunter2hunter2@h: 1",
      "- tcp://u:hunter2hunter2@h",
      "hosts: {'prod-1://u:hunter2hunter2@h': unix:///x, a: unix:///y}\nzones: [[prod-1]]",
      "hosts: *tcp://u:hunter2hunter2@h",
      "hosts: !tcp://u:hunter2hunter2@h x",
      "hosts: !<tcp://u:hunter2hunter2@h> x",
      "tcp://u:hunter2hunter2@h",
      "databases: {a: {environment: 'postgres://u:hunter2hunter2@h', url: x}}",
      "databases: {a: {environment: production, url: 'user=a password = hunter2hunter2'}}",
      "databases: {a: {environment: production, url: 'service=a', password: hunter2hunter2}}",
      "databases:\n  a:\n    dbPassword: >-\n      hunter2hunter2\n",
      "databases:\n  a: {environment: x, \"password\": \"hunter2hunter2\", url: }",
      "systems: {v: {kind: x, url: 'https://h/?api_key=hunter2hunter2', environment: y}}",
      "waivers: [{code: 'https://u:hunter2hunter2@h', expires: 'a://u:hunter2hunter2@h'}]",
      "waivers: [{fingerprint: 'a://u:hunter2hunter2@h', ports: 'a://u:hunter2hunter2@h'}]",
      "require: [{between: ['a://u:hunter2hunter2@h', x], host: 'a://u:hunter2hunter2@h'}]",
      "audit: {every: 'a://u:hunter2hunter2@h'}",
      "masks: {a: {tables: {t: {c: 'A://u:hunter2hunter2@h'}}}}",
      "zones: [[a, a], ['a://u:hunter2hunter2@h', 'a://u:hunter2hunter2@h']]",
      "version: 'a://u:hunter2hunter2@h'"};
  for (const std::string& shape : shapes) {
    SCOPED_TRACE(shape);
    const LoadedPolicy loaded = load_policy("version: 1\n" + shape + "\n", "f");
    EXPECT_FALSE(loaded.ok());
    EXPECT_THAT(complaints(loaded), testing::Not(testing::HasSubstr(kPassword)));
    EXPECT_THAT(loaded.source, testing::Not(testing::HasSubstr("hunter2")));
  }
}

TEST(LoadPolicy, BoundsTheNumberOfEnvironments) {
  const auto with = [](int number) {
    std::string yaml = "version: 1\nenvironments:\n";
    for (int i = 0; i < number; ++i) {
      yaml += fmt::format("  e{0}: {{tier: staging, match: [{{label: env=e{0}}}]}}\n", i);
    }
    return load_policy(yaml, "firebreak.yaml");
  };
  EXPECT_TRUE(with(250).ok());
  const LoadedPolicy more = with(251);
  ASSERT_EQ(more.diagnostics.size(), 1U);
  EXPECT_EQ(more.diagnostics[0].message, "a policy has at most 250 environments, not 251");
}

}  // namespace
}  // namespace firebreak
