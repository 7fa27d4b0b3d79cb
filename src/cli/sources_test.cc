#include "cli/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Policy two_hosts() {
  Policy policy;
  policy.file = "etc/firebreak.yaml";
  policy.hosts.push_back({{}, "prod-1", HostSource::Kind::kDocker, "tcp://prod-1:2376", "certs"});
  policy.hosts.push_back({{}, "old", HostSource::Kind::kSnapshot, "old.json", ""});
  return policy;
}

std::vector<std::string> names(const Sources& sources) {
  std::vector<std::string> out;
  out.reserve(sources.plan.hosts.size());
  for (const HostSource& host : sources.plan.hosts) out.push_back(host.name);
  return out;
}

TEST(Sources, NothingNamedMeansTheEngineDockerWouldTalkTo) {
  const auto got = choose_sources({}, {});
  ASSERT_TRUE(got);
  EXPECT_THAT(names(*got), ElementsAre("local"));
  EXPECT_EQ(got->plan.hosts[0].location, "");
}

TEST(Sources, ThePolicysHostsWithSnapshotsBesideThePolicy) {
  const auto got = choose_sources({}, two_hosts());
  ASSERT_TRUE(got);
  EXPECT_THAT(names(*got), ElementsAre("prod-1"));
  ASSERT_EQ(got->snapshots.size(), 1U);
  EXPECT_EQ(got->snapshots[0].file, "etc/old.json");
  EXPECT_EQ(got->snapshots[0].host, "old");
}

TEST(Sources, WhatTheCommandLineNamesIsAllThereIs) {
  Arguments arguments;
  arguments.snapshots = {"monday.json"};
  arguments.compose = {"a.yml,b.yml", "c.yml"};
  const auto got = choose_sources(arguments, two_hosts());
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->plan.hosts.empty());
  ASSERT_EQ(got->plan.compose.size(), 2U);
  EXPECT_THAT(got->plan.compose[0].files, ElementsAre("a.yml", "b.yml"));
}

TEST(Sources, HostsByNameOfThePolicyByUrlAndNamed) {
  Arguments arguments;
  arguments.hosts = {"prod-1",         "ssh://ops@edge:22", "x=context:y",
                     "unix:///a.sock", "unix:///b.sock",    "tcp://[::1]:2375"};
  const auto got = choose_sources(arguments, two_hosts());
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_THAT(names(*got), ElementsAre("prod-1", "edge", "x", "local", "local-2", "[::1]:2375"));
  EXPECT_EQ(got->plan.hosts[0].tls_directory, "certs");
}

TEST(Sources, RefusesWhatIsNeither) {
  Arguments arguments;
  arguments.hosts = {"prod-2"};
  EXPECT_THAT(choose_sources(arguments, two_hosts()).error().text(),
              HasSubstr("did you mean 'prod-1'?"));
  arguments.hosts = {"a=b"};
  EXPECT_FALSE(choose_sources(arguments, {}));
  arguments.hosts = {};
  arguments.compose = {"a.yml,"};
  EXPECT_THAT(choose_sources(arguments, {}).error().text(), HasSubstr("empty file name"));
  arguments.hosts = {"a=unix:///x", "a=unix:///y"};
  EXPECT_THAT(choose_sources(arguments, {}).error().text(), HasSubstr("two hosts are called 'a'"));
}

TEST(Sources, AUrlThatNoEngineCanHaveIsAMistakeOfTheCommandLine) {
  for (const char* url : {"tcp://[::1", "tcp://h:99999", "http://h", "npipe:////./pipe/x", "fd://3",
                          "tcp://user:hunter2@h", "ssh://user:hunter2@h"}) {
    Arguments arguments;
    arguments.hosts = {"ok=unix:///x", std::string("a=") + url};
    const auto got = choose_sources(arguments, {});
    ASSERT_FALSE(got) << url;
    EXPECT_EQ(got.error().kind, ErrorKind::kUsage) << url;
    EXPECT_THAT(got.error().text(), testing::Not(HasSubstr("hunter2")));
  }
}

TEST(Sources, NumbersHaveBounds) {
  for (const char* text : {"0", "-1", "x", "9999999", "1.5"}) {
    Arguments arguments;
    arguments.timeout = text;
    EXPECT_FALSE(choose_sources(arguments, {})) << text;
  }
}

}  // namespace
}  // namespace firebreak
