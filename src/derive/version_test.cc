#include "derive/version.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

TEST(EngineVersion, IsReadFromWhatEnginesSay) {
  EXPECT_EQ(*parse_engine_version("20.10.24+dfsg1"), (EngineVersion{20, 10, 24}));
  EXPECT_EQ(*parse_engine_version("28.5.2"), (EngineVersion{28, 5, 2}));
  EXPECT_EQ(*parse_engine_version("29.0.0-rc.1"), (EngineVersion{29, 0, 0}));
  EXPECT_EQ(*parse_engine_version("24.0.7~ubuntu"), (EngineVersion{24, 0, 7}));
}

TEST(EngineVersion, WhatIsLeftOutIsTheNewest) {
  EXPECT_GT(*parse_engine_version("28"), *parse_engine_version("28.5.2"));
  EXPECT_EQ(family_of(*parse_engine_version("28")), EngineFamily::kDirectDrops);
  EXPECT_EQ(family_of(*parse_engine_version("28.0")), EngineFamily::kPortDrops);
}

TEST(EngineVersion, BelongsToAFamily) {
  const auto family = [](const char* text) { return family_of(*parse_engine_version(text)); };
  EXPECT_EQ(family("20.10.0"), EngineFamily::kForward);
  EXPECT_EQ(family("27.5.1"), EngineFamily::kForward);
  EXPECT_EQ(family("28.0.0"), EngineFamily::kBridgeSet);
  EXPECT_EQ(family("28.0.1"), EngineFamily::kPortDrops);
  EXPECT_EQ(family("28.1.1"), EngineFamily::kPortDrops);
  EXPECT_EQ(family("28.2.0"), EngineFamily::kDirectDrops);
  EXPECT_EQ(family("29.0.0"), EngineFamily::kNoIsolation);
}

TEST(EngineVersion, OthersAreRefusedWithAReason) {
  for (const char* text : {"", "dev", "master-1", "28x", "28.5.2.1", "28.", "-1", "99999999"}) {
    const auto read = parse_engine_version(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::kUsage) << text;
  }
  for (const char* text : {"19.03.15", "1.13.1", "20.9", "30.0.0"}) {
    const auto read = parse_engine_version(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::kUnsupported) << text;
    EXPECT_NE(read.error().what.find(text), std::string::npos);
  }
}

TEST(EngineVersion, PodmanAndRootlessEnginesAreRefused) {
  Engine engine;
  engine.product = "docker";
  engine.version = "28.5.2";
  EXPECT_TRUE(derivable_version(engine));
  engine.security_options = {"rootless", "seccomp"};
  EXPECT_NE(derivable_version(engine).error().what.find("rootless"), std::string::npos);
  engine.security_options.clear();
  engine.product = "podman";
  EXPECT_NE(derivable_version(engine).error().what.find("podman"), std::string::npos);
  engine.product.clear();
  EXPECT_EQ(derivable_version(engine).error().kind, ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace firebreak
