// Turns configuration values into redacted Values: finds the secrets and the systems they name.
// Pure; the only place where a secret's plain text is looked at.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "secret/key.h"
#include "snapshot/snapshot.h"

namespace firebreak {

// A variable, label, option or argument: name and plain value. Recognises, by name and by form:
// URLs and connection strings (URI with userinfo and several hosts, JDBC, libpq keyword=value,
// ADO.NET/ODBC, Azure storage, Go DSN, SQLAlchemy, Sentry DSN), credentials of known providers,
// PEM keys, JWTs, docker auth, and high-entropy values. What is neither recognised as harmless nor
// as secret becomes opaque. Total over all byte strings; linear in the value's length.
[[nodiscard]] Value scan_value(std::string_view name, std::string_view value,
                               const FingerprintKeys& keys);

// Labels need their text for selectors, so here everything is kept that does not look secret by its
// name, form or entropy.
[[nodiscard]] Value scan_label(std::string_view name, std::string_view value,
                               const FingerprintKeys& keys);

struct PlainVariable {
  std::string_view name;
  std::string_view value;
};

// All of a container's variables at once: also joins split ones (DB_HOST, DB_PORT, DB_NAME,
// DB_USER, PGHOST, …) into one Target, which stands on the HOST variable. Keeps the given order.
[[nodiscard]] std::vector<EnvVar> scan_environment(std::span<const PlainVariable> variables,
                                                   const FingerprintKeys& keys);

// What a command line does, as far as moving data goes. `words` are argv; `sh -c TEXT` is looked
// into (quotes, pipes, &&, ;, redirects into a dump file). `env` gives PGHOST and the like.
[[nodiscard]] std::vector<CommandStep> scan_command(std::span<const std::string> words,
                                                    std::span<const PlainVariable> env,
                                                    const FingerprintKeys& keys);

// `text` with everything that looks like a secret replaced by "***": for error messages and
// free-text fields of foreign programs.
[[nodiscard]] std::string redacted(std::string_view text);

}  // namespace firebreak
