#include "paths/end.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "paths/testing.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using namespace testing_paths;

class PathEnds : public testing::Test {
 protected:
  PathEnds() : estate_(build_estate(more().build(), policy())), ends_(estate_) {}

  static SnapshotBuilder more() {
    SnapshotBuilder b = shop();
    b.compose("shop", "web", 1).label("env", "prod").on("prod-net", "10.81.2.11");
    b.compose("shop", "web", 2).label("env", "prod").on("prod-net", "10.81.2.12");
    b.container("exporter").label("env", "prod").network_mode("host");
    b.edit_host([](Host& host) {
      NetLink link;
      link.name = "eth0";
      link.addresses = {{.address = address("192.0.2.7"), .prefix = 24}};
      host.kernel->host.links = {link};
    });
    return b;
  }

  PathEnd parse(std::string_view text, PathSide side = PathSide::kTo) {
    auto out = parse_path_end(estate_, ends_, text, side);
    EXPECT_TRUE(out) << (out ? "" : out.error().text());
    return out ? *out : PathEnd{};
  }

  std::string mistake(std::string_view text, PathSide side = PathSide::kTo) {
    const auto out = parse_path_end(estate_, ends_, text, side);
    if (out) return "none";
    EXPECT_EQ(out.error().kind, ErrorKind::kUsage);
    return out.error().text();
  }

  Estate estate_;
  FlowEnds ends_;
};

TEST_F(PathEnds, NameAnEnvironment) {
  const PathEnd out = parse("development");
  EXPECT_EQ(out.kind, PathEnd::Kind::kEnvironment);
  EXPECT_THAT(out.ends, UnorderedElementsAre(end(estate_, "api"), end(estate_, "ci")));
  EXPECT_EQ(out.workloads.size(), 2U);
}

TEST_F(PathEnds, NameAContainerAServiceAndOneOfItsReplicas) {
  EXPECT_THAT(parse("production/db").ends, ElementsAre(end(estate_, "db")));
  EXPECT_EQ(parse("production/web").ends.size(), 2U);
  EXPECT_EQ(parse("production/shop/web").ends.size(), 2U);
  EXPECT_THAT(parse("production/shop-web-2").ends, ElementsAre(end(estate_, "shop-web-2")));
  EXPECT_THAT(parse("proxy").ends, ElementsAre(end(estate_, "proxy")));
}

TEST_F(PathEnds, NameAHostsOwnNamespaceAndWhoStandsThere) {
  const PathEnd out = parse("@laptop");
  EXPECT_EQ(out.kind, PathEnd::Kind::kHost);
  EXPECT_THAT(out.ends, ElementsAre(end(estate_, "@laptop")));
  EXPECT_EQ(out.workloads.size(), 1U);
  EXPECT_THAT(parse("production/exporter").ends, ElementsAre(end(estate_, "@laptop")));
}

TEST_F(PathEnds, NameAddressesOfContainersAndHosts) {
  EXPECT_THAT(parse("10.81.2.2").ends, ElementsAre(end(estate_, "db")));
  EXPECT_THAT(parse("192.0.2.7").ends, ElementsAre(end(estate_, "@laptop")));
  EXPECT_TRUE(parse("172.18.9.9").ends.empty());  // in a subnet, and nobody's
  EXPECT_THAT(mistake("203.0.113.9"), HasSubstr("nothing in sight has 203.0.113.9"));
}

TEST_F(PathEnds, TakePortsBehindTo) {
  const PathEnd out = parse("production/db:5432/udp");
  EXPECT_EQ(out.port, Port{5432});
  EXPECT_EQ(out.protocol, 17);
  EXPECT_EQ(parse("10.81.2.2:80").port, Port{80});
  EXPECT_FALSE(parse("10.81.2.2:80").protocol);
  EXPECT_THAT(mistake("production/db:0"), HasSubstr("'0' is no port"));
  EXPECT_THAT(mistake("production/db:5432/tpc"), HasSubstr("'tpc' is no protocol"));
  EXPECT_THAT(mistake("production/db:80", PathSide::kFrom), HasSubstr("FROM takes no port"));
}

TEST_F(PathEnds, KeepIpv6AndPortsApart) {
  EXPECT_THAT(mistake("fd00::2"), HasSubstr("nothing in sight has fd00::2"));
  EXPECT_THAT(mistake("[fd00::2]:80"), HasSubstr("nothing in sight has fd00::2"));
}

TEST_F(PathEnds, SuggestWhatWasMeant) {
  EXPECT_THAT(mistake("prodction"), HasSubstr("did you mean 'production'?"));
  EXPECT_THAT(mistake("production/dbb"), HasSubstr("did you mean 'production/db'?"));
  EXPECT_THAT(mistake("api"), HasSubstr("did you mean 'development/api'?"));
  EXPECT_THAT(mistake("@latpop"), HasSubstr("did you mean '@laptop'?"));
}

TEST_F(PathEnds, MatchFlowsByEitherPort) {
  Flow one = flow(estate_, "api", "db", "10.81.1.1", 5433, FlowVia::kUserlandProxy);
  one.delivered = only("10.81.2.2");
  one.delivered_ports = port(5432);
  EXPECT_TRUE(ends_at(parse("production/db:5432"), one));
  EXPECT_TRUE(ends_at(parse("production/db:5433/tcp"), one));
  EXPECT_FALSE(ends_at(parse("production/db:5434"), one));
  EXPECT_FALSE(ends_at(parse("production/db:5432/udp"), one));
  EXPECT_TRUE(ends_at(parse("10.81.2.2"), one));
  EXPECT_TRUE(starts_at(parse("10.81.1.2", PathSide::kFrom), one));
  EXPECT_FALSE(starts_at(parse("10.81.1.3", PathSide::kFrom), one));
  EXPECT_TRUE(starts_at(parse(""), one));
}

}  // namespace
}  // namespace firebreak
