#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "estate/testing.h"

namespace firebreak {
namespace {

using ::testing::ElementsAre;

Snapshot with_secrets(std::string_view container, std::string_view key) {
  SnapshotBuilder b;
  Secret weak = secret("postgres");
  weak.weak = true;
  b.host("local").container(container).env("TOKEN", secret("Kx81mZ")).env("PASSWORD", weak);
  b.gap("volumes", "permission denied");
  Snapshot snapshot = b.build();
  snapshot.key_id = key;
  return snapshot;
}

const Secret& secret_of(const Snapshot& snapshot, std::size_t host, std::size_t variable) {
  return snapshot.hosts[host].containers[0].env[variable].value.secrets[0];
}

TEST(Merge, KeepsHostsApartByName) {
  const Snapshot merged =
      merge({with_secrets("a", "k"), with_secrets("b", "k"), with_secrets("c", "k")});
  ASSERT_EQ(merged.hosts.size(), 3U);
  EXPECT_EQ(merged.hosts[0].name, "local");
  EXPECT_EQ(merged.hosts[1].name, "local-2");
  EXPECT_EQ(merged.hosts[2].name, "local-3");
  EXPECT_EQ(merged.gaps[1].host, "local-2");
}

TEST(Merge, ComparesStrongSecretsUnderOneKeyAndGuessableOnesNever) {
  const Snapshot merged = merge({with_secrets("a", "k"), with_secrets("b", "k")});
  EXPECT_EQ(merged.key_id, "k");
  EXPECT_EQ(secret_of(merged, 0, 0).fingerprint, secret_of(merged, 1, 0).fingerprint);
  EXPECT_NE(secret_of(merged, 0, 1).fingerprint, secret_of(merged, 1, 1).fingerprint);
  EXPECT_EQ(merged.gaps.size(), 2U);
}

TEST(Merge, MakesSecretsUnderDifferentKeysIncomparableAndSaysSo) {
  const Snapshot merged = merge({with_secrets("a", "k"), with_secrets("b", "other")});
  EXPECT_NE(secret_of(merged, 0, 0).fingerprint, secret_of(merged, 1, 0).fingerprint);
  EXPECT_EQ(merged.key_id, "");
  ASSERT_EQ(merged.gaps.size(), 3U);
  EXPECT_THAT(merged.gaps.back().needed_by, ElementsAre("CRED001"));
}

TEST(Merge, SnapshotsThatDoNotNameTheirKeysAreNotTakenForTheSame) {
  const Snapshot merged = merge({with_secrets("a", ""), with_secrets("b", "")});
  EXPECT_NE(secret_of(merged, 0, 0).fingerprint, secret_of(merged, 1, 0).fingerprint);
  EXPECT_EQ(merged.gaps.size(), 3U);
}

TEST(Merge, DoesNotDependOnTheOrderGiven) {
  Snapshot early = with_secrets("a", "k");
  Snapshot late = with_secrets("b", "k");
  late.taken += std::chrono::hours(1);
  const Snapshot one = merge({early, late});
  const Snapshot two = merge({late, early});
  EXPECT_EQ(one.taken, early.taken);
  EXPECT_EQ(two.taken, early.taken);
  EXPECT_EQ(one.hosts[0].containers[0].name, two.hosts[0].containers[0].name);
}

TEST(Merge, OfNothingOrOneChangesNothing) {
  EXPECT_TRUE(merge({}).hosts.empty());
  const Snapshot one = merge({with_secrets("a", "k")});
  EXPECT_EQ(one.key_id, "k");
  EXPECT_EQ(secret_of(one, 0, 0).fingerprint, secret("Kx81mZ").fingerprint);
}

}  // namespace
}  // namespace firebreak
