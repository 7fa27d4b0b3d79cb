// What the name of a variable, label, key or option says about its value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firebreak {

enum class NameClass {
  kPlain,
  kMaybeSecret,  // "…_KEY": a secret if the value looks like one
  kSecret,       // PASSWORD, TOKEN, API_KEY, …
};

// The words of a name, lower case: split at everything that is not alphanumeric and at a capital
// after a small letter. "spring.datasource.userName" gives spring, datasource, user, name.
[[nodiscard]] std::vector<std::string> words_of(std::string_view name);

[[nodiscard]] NameClass class_of_name(std::string_view name);

// Whether a value of this name is a password rather than another kind of secret.
[[nodiscard]] bool names_password(std::string_view name);
// Whether the value names hosts: HOST, SERVERS, URL, BROKERS, ADDR, ENDPOINT, …
[[nodiscard]] bool names_host(std::string_view name);
// Such a host is the container's own name, or its clients': HOSTNAME, LISTEN_ADDR, ALLOWED_HOSTS.
[[nodiscard]] bool names_own_host(std::string_view name);
// Whether the value names an environment: APP_ENV, ENVIRONMENT, STAGE, SPRING_PROFILES_ACTIVE, …
[[nodiscard]] bool names_environment(std::string_view name);
// What images of databases call the one that they create: POSTGRES_DB.
[[nodiscard]] bool names_database(std::string_view name);
// The value is meant to be seen though it looks random: PUBLIC_KEY, CERTIFICATE, SHA256, DIGEST.
[[nodiscard]] bool names_public(std::string_view name);
// DB_PASSWORD_FILE, TLS_KEY_PATH, …: the value says where a secret stands.
[[nodiscard]] bool names_file(std::string_view name);

}  // namespace firebreak
