// Text that nobody promised a form for: nothing around a URL hides its password.
#include "secret/free_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "secret/testing.h"

namespace firebreak {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kUrl = "postgres://app:Pl4ntedPassw0rd77@db:5432/app";

TEST(APasswordInAUrl, IsHiddenWhateverStandsAround) {
  const std::vector<std::string> texts{
      kUrl,
      "see " + kUrl + ".",
      "http://a/b?u=" + kUrl,
      "http://a?b@c/" + kUrl,
      "http://a?b http://c?" + kUrl,
      "x://y://" + kUrl,
      "to/" + kUrl,
      "~" + kUrl,
      "a=b/" + kUrl,
      "see postgresql+psycopg2://app:Pl4ntedPassw0rd77@db/app",
      kUrl + "," + kUrl,
      "password=" + kUrl,
      "password=vault:" + kUrl,
      "password='vault:x " + kUrl + "'",
      "password=Pl4ntedPassw0rd77,http://a/b",
      "--token file:/x " + kUrl,
      "-----BEGIN CERTIFICATE-----\nMIIB\n" + kUrl,
      "-----BEGIN CERTIFICATE-----\\nMIIB\\n" + kUrl,
      "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" + kUrl,
      "-----BEGIN " + kUrl + "-----",
      "-----BEGIN" + kUrl,
      "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n" + kUrl,
      "-----BEGIN CERTIFICATE-----\nMIIB==\npassword=Pl4ntedPassw0rd77"};
  for (const std::string& text : texts) {
    EXPECT_THAT(redacted(text), Not(HasSubstr("Pl4nted"))) << text;
    EXPECT_THAT(scan_label("note", text, test_keys()).text, Not(HasSubstr("Pl4nted"))) << text;
  }
}

TEST(ACertificate, IsNoSecret) {
  const std::string body = "MIIDazCCAlOgAwIBAgIUdxrVwHFmmZrDnBjJBXL0tk7sG8cwDQYJKoZIhvcNAQEL";
  for (const std::string end : {"\n", "\\n", "\r\n", " "}) {
    const std::string text = "-----BEGIN CERTIFICATE-----" + end + body + end + body + "==" + end +
                             "-----END CERTIFICATE-----" + end;
    EXPECT_EQ(redacted(text), text);
  }
}

// Each of them once took a look at all the rest of the text for every repetition.
TEST(RepeatedBeginnings, AreWalkedOnce) {
  for (const std::string_view part :
       {"a=", "a://", "a://?", "password=x://", "-----BEGIN ://", "password='file: x://'"}) {
    std::string text;
    while (text.size() < (1U << 16U)) text += part;
    EXPECT_EQ(redacted(text), text);
  }
}

}  // namespace
}  // namespace firebreak
