// Whose system a connection leads to: the question behind CRED005, DATA006 and DATA007.
#pragma once

#include <optional>
#include <string>

#include "estate/estate.h"

namespace firebreak {

struct SystemOwner {
  EnvironmentId environment;
  std::string at;   // "production/db", "prod-db:5432": for a hop
  std::string why;  // "answers to db on network shared-net", "its host name speaks of production"
};

// The environment of the container that answers; else the one that the host's name speaks of, else
// the one that the database's name speaks of. nullopt for a system of nobody or of several, for a
// shared service, and for what stands in the asking container itself.
[[nodiscard]] std::optional<SystemOwner> system_owner(const Estate& estate, const Target& target,
                                                      const Resolution& resolution);
// The same without words, for those who ask about every connection.
[[nodiscard]] std::optional<EnvironmentId> owning_environment(const Estate& estate,
                                                              const Target& target,
                                                              const Resolution& resolution);

// The same by names alone: what the host's name, else the database's name, speaks of.
[[nodiscard]] std::optional<SystemOwner> owner_by_name(const Estate& estate, const Target& target);

// "postgres://prod-db:5432/app", without user and password; "prod-db" for a bare host.
[[nodiscard]] std::string target_text(const Target& target);
// "prod-db:5432", with the scheme's default port where none was written.
[[nodiscard]] std::string host_and_port(const Target& target);

}  // namespace firebreak
