// Parts of a workload that engines, Swarm specs and compose files describe alike. Plain values come
// in; what comes out is redacted.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collect/json.h"
#include "secret/key.h"
#include "snapshot/snapshot.h"

namespace firebreak {

using PlainPair = std::pair<std::string, std::string>;

// The members of an object of texts (labels, options), as they are. Values may be numbers or
// booleans.
[[nodiscard]] std::vector<PlainPair> plain_pairs(const Json& object);
// Labels, redacted.
[[nodiscard]] std::vector<Label> redacted_labels(std::span<const PlainPair> labels,
                                                 const FingerprintKeys& keys);
// Options of a network or the like; a value that is not plainly harmless becomes empty or "***".
[[nodiscard]] std::vector<PlainPair> redacted_options(std::span<const PlainPair> options,
                                                      const FingerprintKeys& keys);

// Variables as "NAME=VALUE". Entries without "=" set nothing and are left out. `image`: the
// entries that the image brings along; may be null.
[[nodiscard]] std::vector<EnvVar> redacted_environment(std::span<const std::string> entries,
                                                       const std::set<std::string>* image,
                                                       const FingerprintKeys& keys);

// Everything about a workload that is a command: its own, its health check ("CMD", "CMD-SHELL"
// forms), and labels that schedulers run (ofelia, swarm-cronjob, deck-chores, backup tools).
struct PlainCommands {
  std::vector<std::string> argv;
  std::vector<std::string> health;
  std::span<const PlainPair> labels;
  std::span<const std::string> environment;
};
[[nodiscard]] std::vector<CommandStep> redacted_commands(const PlainCommands& commands,
                                                         const FingerprintKeys& keys);

// Without "CAP_", in upper case, sorted, each once.
[[nodiscard]] std::vector<std::string> capability_names(std::vector<std::string> given);
// Security options by name and mode; a seccomp profile that stands inline becomes "custom".
[[nodiscard]] std::vector<std::string> security_options(std::vector<std::string> given);

// "db:10.0.0.5", "db=10.0.0.5", "db6:fd00::5", "host.docker.internal:host-gateway".
[[nodiscard]] std::optional<ExtraHost> parse_extra_host(std::string_view text);
// "/srv:/data:ro,rslave", "pgdata:/data", "/anonymous".
[[nodiscard]] std::optional<Mount> parse_bind(std::string_view text);
// "80/tcp", or "80" (then TCP).
[[nodiscard]] std::optional<std::pair<Port, Protocol>> parse_port_key(std::string_view text);
// The address a port is published on. Unspecified ones and "" are every address.
[[nodiscard]] std::optional<IpAddress> listen_address(std::string_view text);

// Sorts, drops repetitions and empty texts.
void tidy(std::vector<std::string>& names);

}  // namespace firebreak
