#include "secret/words.h"

#include <algorithm>
#include <array>

namespace firebreak {
namespace {

// Sorted. Words of common passwords and of image defaults, without digits (digits that stand for
// letters are undone before the look-up).
constexpr auto kGuessedWords = std::to_array<std::string_view>({
    "abc",        "access",       "acme",        "admin",       "administrator", "airflow",
    "api",        "app",          "apple",       "application", "april",         "artifactory",
    "asdf",       "august",       "autumn",      "azerty",      "backend",       "banana",
    "bar",        "baseball",     "batman",      "baz",         "berlin",        "blog",
    "change",     "changeit",     "changeme",    "character",   "characters",    "chars",
    "cheese",     "coffee",       "company",     "computer",    "consul",        "cookie",
    "data",       "database",     "dba",         "december",    "default",       "demo",
    "dev",        "develop",      "developer",   "development", "django",        "docker",
    "dockerpass", "dragon",       "drupal",      "dummy",       "elastic",       "empty",
    "encryption", "enough",       "example",     "february",    "fixme",         "flask",
    "foo",        "foobar",       "football",    "friday",      "from",          "frontend",
    "gitea",      "github",       "gitlab",      "god",         "grafana",       "guest",
    "harbor",     "hello",        "here",        "hunter",      "iloveyou",      "insecure",
    "internal",   "internet",     "january",     "jenkins",     "joomla",        "july",
    "june",       "jwt",          "key",         "keycloak",    "kibana",        "kube",
    "laravel",    "letmein",      "live",        "local",       "localdev",      "localhost",
    "login",      "london",       "long",        "love",        "magento",       "manager",
    "march",      "mariadb",      "master",      "mautic",      "metabase",      "min",
    "minio",      "minioadmin",   "monday",      "money",       "mongo",         "mongodb",
    "monkey",     "mssql",        "must",        "mykey",       "mypassword",    "mysecret",
    "mysql",      "nextcloud",    "nexus",       "nginx",       "node",          "none",
    "not",        "notsecure",    "notsosecret", "november",    "null",          "october",
    "operator",   "oracle",       "orange",      "owncloud",    "owner",         "paris",
    "pass",       "passwd",       "password",    "passwort",    "please",        "postgres",
    "postgresql", "princess",     "private",     "prod",        "production",    "prometheus",
    "public",     "pwd",          "qux",         "qwerty",      "qwertz",        "rabbit",
    "rabbitmq",   "rails",        "random",      "redis",       "replace",       "replaceme",
    "root",       "sample",       "secret",      "secrets",     "secure",        "securepassword",
    "september",  "server",       "service",     "session",     "shadow",        "shop",
    "signing",    "site",         "sonar",       "spring",      "sqlserver",     "stage",
    "staging",    "stg",          "store",       "string",      "strong",        "strongpassword",
    "summer",     "sunday",       "sunshine",    "super",       "superman",      "supersecret",
    "superset",   "symfony",      "sys",         "system",      "temp",          "temporary",
    "test",       "tester",       "testing",     "that",        "this",          "todo",
    "token",      "toor",         "top",         "topsecret",   "trustno",       "unsafe",
    "user",       "username",     "value",       "vault",       "very",          "web",
    "webapp",     "welcome",      "winter",      "with",        "wordpress",     "xyz",
    "your",       "yourpassword", "yours",       "zxcv",
});
static_assert(std::ranges::is_sorted(kGuessedWords));

constexpr std::size_t kLongest =
    std::ranges::max(kGuessedWords, {}, &std::string_view::size).size();

}  // namespace

std::size_t common_word_at(std::string_view text) {
  for (std::size_t size = std::min(kLongest, text.size()); size >= 3; --size) {
    if (std::ranges::binary_search(kGuessedWords, text.substr(0, size))) return size;
  }
  return 0;
}

}  // namespace firebreak
