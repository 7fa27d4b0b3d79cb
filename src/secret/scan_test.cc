#include "secret/scan.h"

#include <gmock/gmock.h>

#include "secret/testing.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kSecret = "x9K!tq2Rv#8mZp4L";

TEST(ScanValue, ReadsADatabaseUrl) {
  const Value value =
      scanned("DATABASE_URL", "postgresql://shop:x9Kq2Rv8mZp4Lw@prod-db:5433/app?sslmode=require");
  EXPECT_EQ(value.text, "postgresql://shop:***@prod-db:5433/app?…");
  EXPECT_FALSE(value.opaque);
  EXPECT_THAT(value.targets, ElementsAre(Target{"postgres", "prod-db", Port{5433}, "app", "shop"}));
  ASSERT_THAT(value.secrets, SizeIs(1));
  EXPECT_EQ(value.secrets[0].fingerprint, fingerprint_of("x9Kq2Rv8mZp4Lw"));
  EXPECT_EQ(value.secrets[0].kind, SecretKind::kPassword);
  EXPECT_FALSE(value.secrets[0].weak);
}

TEST(ScanValue, ReadsAUrlWithoutSecrets) {
  const Value value = scanned("DATABASE_URL", "postgres://dev-db:5432/app");
  EXPECT_EQ(value.text, "postgres://dev-db:5432/app");
  EXPECT_THAT(value.secrets, IsEmpty());
  EXPECT_THAT(value.targets, ElementsAre(Target{"postgres", "dev-db", Port{5432}, "app", ""}));
}

TEST(ScanValue, TakesWhatIsMeantForBrowsersForNoSecret) {
  constexpr std::pair<const char*, const char*> kPublic[] = {
      {"NEXT_PUBLIC_API_KEY", "abc123def456ghi789"},
      {"VITE_MAPS_KEY", "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"},
      {"RECAPTCHA_SITE_KEY", "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI"},
      {"STRIPE_PK", "pk_test_TYooMQauvdEDq54NiTphI7jx"},
      {"SENTRY_DSN", "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/42"},
      {"KAFKA_CLUSTER_ID", "MkU3OEVBNTcwNTJENDM2Qk"},
      {"API_KEY", "xxx"},
      {"OPENAI_API_KEY", "dummy"},
      {"PRIMARY_KEY", "id"}};
  for (const auto& [name, value] : kPublic) {
    EXPECT_THAT(scanned(name, value).secrets, IsEmpty()) << name;
    EXPECT_EQ(scanned(name, value).text.find(value), std::string::npos) << name;
  }
  EXPECT_THAT(scanned("MAPS_KEY", "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY").secrets, SizeIs(1));
  EXPECT_THAT(scanned("DB_PASSWORD", "dummy").secrets, SizeIs(1));
  EXPECT_THAT(scanned("VITE_KEY",
                      "sk_"
                      "live_4eC39HqLyjWDarjtT1zdp7dc")
                  .secrets,
              SizeIs(1));
  EXPECT_THAT(
      scanned("GIT_URL", "https://0123456789abcdef0123456789abcdef@git.example.com/a.git").secrets,
      SizeIs(1));
}

TEST(ScanValue, ReadsAnAddressAsAHostAndNotAsAVersion) {
  EXPECT_THAT(scanned("DB_HOST", "10.0.0.5").targets,
              ElementsAre(Target{"", "10.0.0.5", std::nullopt, "", ""}));
  EXPECT_THAT(scanned("DB_HOST", "prod").targets,
              ElementsAre(Target{"", "prod", std::nullopt, "", ""}));
  EXPECT_THAT(scanned("CACHE_HOST", "true").targets, IsEmpty());
  EXPECT_THAT(scanned("APP_VERSION", "10.0.0.5").targets, IsEmpty());
  EXPECT_THAT(scanned("LISTEN_ADDR", "0.0.0.0").targets, IsEmpty());
}

TEST(ScanValue, ReadsSeveralHosts) {
  const Value value = scanned("MONGO_URL", "mongodb://m1:27017,m2:27018/shop?replicaSet=rs0");
  EXPECT_THAT(value.targets, ElementsAre(Target{"mongodb", "m1", Port{27017}, "shop", ""},
                                         Target{"mongodb", "m2", Port{27018}, "shop", ""}));
}

TEST(ScanValue, KeepsPasswordsUnderTheLastingKeyOnlyWhenTheyAreStrong) {
  const Value strong = scanned("DB_PASSWORD", kSecret);
  ASSERT_THAT(strong.secrets, SizeIs(1));
  EXPECT_TRUE(strong.opaque);
  EXPECT_EQ(strong.text, "");
  EXPECT_FALSE(strong.secrets[0].weak);
  EXPECT_EQ(strong.secrets[0].fingerprint, test_keys().lasting.fingerprint("secret", kSecret));
  const Value weak = scanned("DB_PASSWORD", "postgres");
  ASSERT_THAT(weak.secrets, SizeIs(1));
  EXPECT_TRUE(weak.secrets[0].weak);
  EXPECT_EQ(weak.secrets[0].fingerprint, test_keys().fleeting.fingerprint("secret", "postgres"));
}

TEST(ScanValue, KeepsHarmlessWords) {
  for (const char* text :
       {"production", "true", "debug", "5432", "30s", "en_US.UTF-8", "Europe/Berlin", "v1.2.3"}) {
    const Value value = scanned("SOMETHING", text);
    EXPECT_EQ(value.text, text);
    EXPECT_FALSE(value.opaque);
  }
}

TEST(ScanValue, KeepsWhatSaysWhereSomethingBelongs) {
  EXPECT_EQ(scanned("POSTGRES_DB", "shop_prod").text, "shop_prod");
  EXPECT_EQ(scanned("DJANGO_SETTINGS_MODULE", "shop.settings.production").text,
            "shop.settings.production");
  EXPECT_EQ(scanned("POSTGRES_DB", "x9Kq2Rv8mZp4Lw7TbN3cY6").text, "");
}

TEST(ScanEnvironment, JoinsSplitVariables) {
  const std::vector<PlainVariable> variables{{"DB_HOST", "prod-db"},
                                             {"DB_PORT", "5432"},
                                             {"DB_NAME", "shop"},
                                             {"DB_USER", "app"},
                                             {"DB_PASSWORD", kSecret}};
  const auto env = scan_environment(variables, test_keys());
  ASSERT_THAT(env, SizeIs(5));
  EXPECT_THAT(env[0].value.targets,
              ElementsAre(Target{"postgres", "prod-db", Port{5432}, "shop", "app"}));
  EXPECT_THAT(env[4].value.secrets, SizeIs(1));
}

TEST(Redacted, ReplacesWhatLooksSecret) {
  EXPECT_EQ(redacted("dial postgres://u:geheim123@db:5432/app: refused"),
            "dial postgres://u:***@db:5432/app: refused");
  EXPECT_EQ(redacted("password=geheim123, host=db"), "password=***, host=db");
  EXPECT_EQ(redacted("Authorization: Bearer abcdefgh"), "Authorization: Bearer ***");
  EXPECT_EQ(redacted("no such container: api"), "no such container: api");
}

}  // namespace
}  // namespace firebreak
