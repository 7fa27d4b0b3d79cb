#include "snapshot/secret.h"

#include <gmock/gmock.h>

namespace firebreak {
namespace {

TEST(Fingerprint, PrintsAndParses) {
  const auto fingerprint = Fingerprint::parse("00ff102030405060708090a0b0c0d0e0");
  ASSERT_TRUE(fingerprint);
  EXPECT_EQ(fingerprint->bytes[1], 0xFF);
  EXPECT_EQ(fingerprint->hex(), "00ff102030405060708090a0b0c0d0e0");
}

TEST(Fingerprint, RefusesWhatIsNotThirtyTwoLowerCaseDigits) {
  for (const char* bad :
       {"", "00", "00ff102030405060708090a0b0c0d0eg", "00FF102030405060708090A0B0C0D0E0",
        "00ff102030405060708090a0b0c0d0e000"}) {
    EXPECT_FALSE(Fingerprint::parse(bad)) << bad;
  }
}

TEST(SecretNames, AreReadBack) {
  for (const auto kind : {SecretKind::kPassword, SecretKind::kToken, SecretKind::kApiKey,
                          SecretKind::kPrivateKey, SecretKind::kAccessKeyId}) {
    EXPECT_EQ(parse_secret_kind(name_of(kind)), kind);
  }
  for (const std::size_t size : {0U, 7U, 8U, 15U, 16U, 31U, 32U, 63U, 64U, 1000U}) {
    EXPECT_EQ(parse_length_class(name_of(length_class(size))), length_class(size));
  }
  EXPECT_EQ(name_of(length_class(16)), "16-31");
  EXPECT_FALSE(parse_secret_kind("passwords"));
  EXPECT_FALSE(parse_length_class(""));
}

TEST(Schemes, HaveTheirPortsAndDatabases) {
  EXPECT_EQ(default_port("postgres"), Port{5432});
  EXPECT_EQ(default_port("postgresql"), Port{5432});
  EXPECT_EQ(default_port("amqp"), Port{5672});
  EXPECT_EQ(default_port("zookeeper"), Port{2181});
  EXPECT_EQ(default_port("mongodb+srv"), std::nullopt) << "the port stands in the SRV record";
  EXPECT_EQ(default_port("gopher"), std::nullopt);
  EXPECT_TRUE(is_database_scheme("mongodb+srv"));
  EXPECT_TRUE(is_database_scheme("redis"));
  EXPECT_FALSE(is_database_scheme("https"));
  EXPECT_FALSE(is_database_scheme(""));
}

}  // namespace
}  // namespace firebreak
