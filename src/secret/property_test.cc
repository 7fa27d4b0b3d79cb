// A corpus of secrets × the wrappings that configuration puts them in: whatever the wrapping, the
// plain secret is in no text that is kept, and its fingerprint is the same as alone.
#include <gmock/gmock.h>

#include <array>
#include <functional>

#include "secret/testing.h"

namespace firebreak {
namespace {

std::string base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = bits << 8U | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool padding = i + j > text.size();
      out += padding ? '=' : kAlphabet[(bits >> (18 - 6 * j)) & 63U];
    }
  }
  return out;
}

std::string percent(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
  return out;
}

std::string doubled(std::string text, char quote) {
  for (std::size_t at = 0; (at = text.find(quote, at)) != std::string::npos; at += 2)
    text.insert(at, 1, quote);
  return text;
}

std::string escaped(const std::string& text, std::string_view characters) {
  std::string out;
  for (const char c : text) {
    if (characters.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string shell_single(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Strong and weak, with every character that some wrapping gives a meaning to.
const std::vector<std::string> kCorpus{
    "x9Kq2Rv8mZp4Lw7T",
    "hunter2hunter3",
    "Tr0ub4dor&3",
    "p@ss/w0rd:x?y#z",
    "semi;colon=eq,comma",
    "quote'd\"both`",
    "back\\slash%41",
    "sp ace d",
    "correcthorsebatterystaple",
    "5UPER$ecret{}[]",
    "abcdefghijklmnop",
    "Zm9vYmFyYmF6cXV4",
    "deadbeefdeadbeefdeadbeefdeadbeef",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "geheim-1",
    "Ünïcödé-Pässwörd-9",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "a+b/c==",
    "~!@^&*()_+|<>",
    "12345678901234567890"};

struct Wrapping {
  const char* name;
  std::string variable;
  std::function<std::string(const std::string&)> wrap;
};

const std::vector<Wrapping>& wrappings() {
  static const std::vector<Wrapping> all{
      {"alone", "DB_PASSWORD", [](const auto& s) { return s; }},
      {"newline", "DB_PASSWORD", [](const auto& s) { return s + "\n"; }},
      {"quoted", "DB_PASSWORD", [](const auto& s) { return "\"" + s + "\""; }},
      {"base64", "DB_PASSWORD", [](const auto& s) { return base64(s); }},
      {"percent", "DB_PASSWORD", [](const auto& s) { return percent(s); }},
      {"url", "DATABASE_URL",
       [](const auto& s) { return "postgres://app:" + percent(s) + "@db:5432/shop"; }},
      {"url of unknown name", "FOO",
       [](const auto& s) { return "amqp://app:" + percent(s) + "@mq//vhost"; }},
      {"sqlalchemy", "SQLALCHEMY_DATABASE_URI",
       [](const auto& s) { return "postgresql+psycopg2://app:" + percent(s) + "@db/shop"; }},
      {"mongo", "MONGO_URL",
       [](const auto& s) {
         return "mongodb://app:" + percent(s) + "@m1:27017,m2:27017/shop?authSource=admin";
       }},
      {"redis", "REDIS_URL",
       [](const auto& s) { return "redis://:" + percent(s) + "@cache:6379/0"; }},
      {"http", "WEBHOOK",
       [](const auto& s) { return "https://bot:" + percent(s) + "@example.com/hook?x=1"; }},
      {"url query", "FOO",
       [](const auto& s) { return "postgres://db/shop?user=app&password=" + percent(s); }},
      {"jdbc", "SPRING_DATASOURCE_URL",
       [](const auto& s) {
         return "jdbc:postgresql://db:5432/shop?user=app&password=" + percent(s);
       }},
      {"jdbc sqlserver", "FOO",
       [](const auto& s) {
         return "jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password={" + doubled(s, '}') +
                "};encrypt=true";
       }},
      {"libpq", "FOO",
       [](const auto& s) {
         return "host=db dbname=shop user=app password='" + escaped(s, "'\\") + "'";
       }},
      {"ado", "ConnectionStrings__Default",
       [](const auto& s) {
         return "Server=db;Database=shop;User Id=sa;Password=\"" + doubled(s, '"') + "\";";
       }},
      {"odbc", "FOO",
       [](const auto& s) {
         return "Driver={X};Server=db;Database=shop;Uid=sa;Pwd={" + doubled(s, '}') + "};";
       }},
      {"json", "APP_CONFIG",
       [](const auto& s) {
         return R"({"db":{"host":"db","password":")" + escaped(s, "\"\\") + "\"}}";
       }},
      {"yaml", "APP_CONFIG",
       [](const auto& s) { return "db:\n  host: db\n  password: '" + s + "'\n"; }},
      {"dotenv", "ENV_FILE_CONTENT",
       [](const auto& s) { return "# settings\nDB_HOST=db\nexport DB_PASSWORD=\"" + s + "\"\n"; }},
      {"docker auth", "DOCKER_AUTH_CONFIG",
       [](const auto& s) {
         return R"({"auths":{"registry.example.com":{"auth":")" + base64("bot:" + s) + "\"}}}";
       }},
      {"basic", "HTTP_AUTHORIZATION", [](const auto& s) { return "Basic " + base64("bot:" + s); }},
      {"bearer", "UPSTREAM_AUTH", [](const auto& s) { return "Bearer " + s; }},
      {"neo4j", "NEO4J_AUTH", [](const auto& s) { return "neo4j/" + s; }},
      {"pgpass", "PGPASSFILE_CONTENT",
       [](const auto& s) { return "# x\ndb:5432:shop:app:" + escaped(s, ":\\") + "\n"; }},
  };
  return all;
}

// Everything a value keeps, in one text.
std::string kept(const Value& value) {
  std::string out = value.text + "\n";
  for (const Target& target : value.targets) {
    out += target.scheme + "\n" + target.host + "\n" + target.database + "\n" + target.user + "\n";
  }
  for (const Secret& secret : value.secrets) out += secret.provider + "\n" + secret.account + "\n";
  return out;
}

void expect_hidden(const std::string& text, const std::string& secret, const std::string& where) {
  for (const std::string& form :
       {secret, base64(secret), percent(secret), escaped(secret, "\"\\"), doubled(secret, '\'')}) {
    EXPECT_EQ(text.find(form), std::string::npos) << where << " keeps " << form << " in " << text;
  }
}

bool holds(const std::vector<Secret>& secrets, const Fingerprint& fingerprint) {
  return std::ranges::any_of(secrets,
                             [&](const Secret& s) { return s.fingerprint == fingerprint; });
}

TEST(PlantedSecrets, AreHiddenAndRecognisedInEveryWrapping) {
  for (const std::string& secret : kCorpus) {
    const Fingerprint alone = fingerprint_of(secret);
    for (const Wrapping& wrapping : wrappings()) {
      const std::string text = wrapping.wrap(secret);
      const std::string where = std::string(wrapping.name) + " of " + secret;
      const Value value = scanned(wrapping.variable, text);
      expect_hidden(kept(value), secret, where);
      EXPECT_TRUE(holds(value.secrets, alone)) << where << ": " << text;
      expect_hidden(kept(scan_label(wrapping.variable, text, test_keys())), secret,
                    where + " (label)");
    }
  }
}

TEST(PlantedSecrets, AreHiddenAndRecognisedInCommands) {
  const std::vector<std::function<std::string(const std::string&)>> commands{
      [](const auto& s) { return "PGPASSWORD=" + shell_single(s) + " pg_dump -h db shop"; },
      [](const auto& s) {
        return "export PGPASSWORD=" + shell_single(s) + "; pg_dump -h db shop | psql other";
      },
      [](const auto& s) { return "mysqldump -h db -uroot -p" + shell_single(s) + " shop"; },
      [](const auto& s) { return "mysqldump --password=" + shell_single(s) + " shop"; },
      [](const auto& s) { return "redis-cli -a " + shell_single(s) + " ping"; },
      [](const auto& s) { return "mongodump -u app -p " + shell_single(s) + " -d shop"; },
      [](const auto& s) { return "psql postgres://app:" + percent(s) + "@db/shop -c 'select 1'"; },
      [](const auto& s) {
        return "psql " + shell_single("host=db password='" + escaped(s, "'\\") + "'");
      },
      [](const auto& s) {
        return "docker exec -e PGPASSWORD=" + shell_single(s) + " db pg_dump shop";
      },
      [](const auto& s) {
        return "sh -c " + shell_single("PGPASSWORD=" + shell_single(s) + " pg_dump shop");
      },
      [](const auto& s) { return "server --db-password " + shell_single(s) + " --port 80"; },
      [](const auto& s) { return "server --db-password=" + shell_single(s); },
      [](const auto& s) { return "server --db postgres://app:" + percent(s) + "@db/shop"; },
  };
  for (const std::string& secret : kCorpus) {
    const Fingerprint alone = fingerprint_of(secret);
    for (const auto& command : commands) {
      const std::string text = command(secret);
      bool found = false;
      for (const CommandStep& step :
           scan_command(std::vector<std::string>{"sh", "-c", text}, {}, test_keys())) {
        expect_hidden(step.program + "\n" + kept({"", false, step.secrets, step.targets}), secret,
                      text);
        found = found || holds(step.secrets, alone);
      }
      EXPECT_TRUE(found) << text;
    }
  }
}

TEST(PlantedSecrets, AreHiddenByRedacted) {
  const std::vector<std::function<std::string(const std::string&)>> texts{
      [](const auto& s) {
        return "cannot open postgres://app:" + percent(s) + "@db:5432/shop: refused";
      },
      [](const auto& s) { return "bad option password=" + percent(s) + " in line 3"; },
      [](const auto& s) {
        return "config {\"password\": \"" + escaped(s, "\"\\") + "\"} is not valid";
      },
      [](const auto& s) { return "request failed: Authorization: Bearer " + base64(s); },
      [](const auto& s) { return "exec: --api-token " + percent(s) + ": not found"; },
      [](const auto& s) {
        return "GET https://example.com/x?access_token=" + percent(s) + "&page=2: 403";
      },
      [](const auto& s) {
        return "connect: host=db password='" + escaped(s, "'\\") + "' refused";
      }};
  for (const std::string& secret : kCorpus) {
    for (const auto& text : texts) expect_hidden(redacted(text(secret)), secret, text(secret));
  }
}

TEST(NearTwins, AreNoSecrets) {
  const std::vector<std::pair<std::string, std::string>> twins{
      {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
      {"GPG_KEY", "A035C8C19219BA821ECEA86B64E628F8D684696D"},
      {"PYTHON_SHA256", "c3d2e6a1f5b04798d2e6a1f5b04798c3d2e6a1f5b04798c3d2e6a1f5b0479812"},
      {"GIT_COMMIT", "9a872f49ef9f1ce7169f58586c4ce24bcf17a293"},
      {"IMAGE_DIGEST", "sha256:9a872f49ef9f1ce7169f58586c4ce24bcf17a2939a872f49ef9f1ce7169f5858"},
      {"IMAGE", "registry.example.com/shop/api:1.4.2-rc.1"},
      {"INSTANCE_ID", "6f1ed002-ab5e-4b62-9a1c-0b8e2f6f7a11"},
      {"NODE_VERSION", "20.11.1"},
      {"PG_VERSION", "15.5-1.pgdg120+1"},
      {"LANG", "en_US.UTF-8"},
      {"LC_ALL", "C.UTF-8"},
      {"TZ", "America/Argentina/Buenos_Aires"},
      {"JAVA_OPTS", "-Xmx512m -XX:+UseG1GC -Djava.security.egd=file:/dev/./urandom"},
      {"DB_PASSWORD_FILE", "/run/secrets/db_password"},
      {"TLS_KEY_PATH", "/etc/ssl/private/server.key"},
      {"TOKEN_TTL", "3600"},
      {"PASSWORD_MIN_LENGTH", "12"},
      {"SECRET_NAME", "prod/shop/db"},
      {"KEYCLOAK_REALM", "shop-internal-users"},
      {"KEYCLOAK_URL", "https://keycloak.example.com/auth"},
      {"MONKEY", "see-no-evil"},
      {"MYSQL_ALLOW_EMPTY_PASSWORD", "yes"},
      {"DB_PASSWORD", "${DB_PASSWORD}"},
      {"DB_PASSWORD", ""},
      {"VAULT_ADDR", "https://vault.example.com:8200"},
      {"AUTH_METHOD", "scram-sha-256"},
      {"POSTGRES_HOST_AUTH_METHOD", "trust"},
      {"PUBLIC_KEY", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"},
      {"CORS_ORIGINS", "https://shop.example.com,https://admin.example.com"},
      {"AWS_REGION", "eu-central-1"},
      {"S3_BUCKET", "shop-prod-media-eu-central-1"},
      {"FEATURES", "new-checkout,fast-search,beta-banner-2024"},
      {"CLASSPATH", "/app/lib/spring-boot-3.2.1.jar:/app/lib/postgresql-42.7.1.jar"},
      {"KUBERNETES_SERVICE_HOST", "10.96.0.1"},
      {"PWD", "/srv/app"},
      {"HOSTNAME", "4f1c2a9b8d7e"},
      {"MAVEN_SHA", "caa3cc9f7fbc6df9f5e9bb31c9df86b0e6d1b2e3ad6a3fae8b8d1a3b6ea1aeb1"},
      {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "true"},
      {"COMPOSER_HASH",
       "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/"
       "SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="},
      {"CLIENT_ID", "shop-frontend"},
      {"SERVER_NAME", "shop.example.com"},
      {"GITHUB_REPOSITORY", "example/infrastructure-live-production"},
      {"ZOO_SERVERS", "server.1=zoo1:2888:3888;2181 server.2=zoo2:2888:3888;2181"},
      {"MESSAGE", "Hello World, this is a sentence with 20 or more characters!"},
      {"CERT", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"}};
  for (const auto& [name, value] : twins) {
    EXPECT_THAT(scanned(name, value).secrets, testing::IsEmpty()) << name << "=" << value;
    EXPECT_THAT(scan_label(name, value, test_keys()).secrets, testing::IsEmpty())
        << name << "=" << value;
  }
}

TEST(Labels, KeepWhatLooksHarmless) {
  const std::vector<std::pair<std::string, std::string>> labels{
      {"com.docker.compose.project", "shop-prod"},
      {"com.docker.compose.config-hash",
       "9a872f49ef9f1ce7169f58586c4ce24bcf17a2939a872f49ef9f1ce7169f5858"},
      {"com.docker.compose.image",
       "sha256:9a872f49ef9f1ce7169f58586c4ce24bcf17a2939a872f49ef9f1ce7169f5858"},
      {"com.docker.compose.project.working_dir", "/home/deploy/shop"},
      {"com.docker.compose.project.config_files", "/home/deploy/shop/docker-compose.yml"},
      {"com.docker.compose.depends_on", "db:service_started:false,cache:service_started:false"},
      {"traefik.http.routers.api.rule", "Host(`api.example.com`) && PathPrefix(`/v1`)"},
      {"org.opencontainers.image.source", "https://github.com/example/shop"},
      {"org.opencontainers.image.created", "2024-01-01T00:00:00Z"},
      {"maintainer", "NGINX Docker Maintainers <docker-maint@nginx.com>"},
      {"env", "production"},
      {"description", "The shop's API, see README"}};
  for (const auto& [name, text] : labels) {
    const Value value = scan_label(name, text, test_keys());
    EXPECT_EQ(value.text, text);
    EXPECT_FALSE(value.opaque);
  }
}

}  // namespace
}  // namespace firebreak
