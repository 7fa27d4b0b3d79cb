// firebreak.yaml as a value. Every part remembers where it stands, so that findings can point at
// it.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip.h"
#include "base/timestamp.h"

namespace firebreak {

// A place in the policy file; line 0 when there is none (defaults, inferred policies).
struct Position {
  int line = 0;
  int column = 0;
};

enum class Tier : std::uint8_t { kDevelopment, kStaging, kProduction };  // ascending
[[nodiscard]] std::string_view name_of(Tier tier);
[[nodiscard]] std::optional<Tier> parse_tier(std::string_view name);

enum class Dimension : std::uint8_t { kHost, kNetwork, kCredentials, kRegistry, kData };
[[nodiscard]] std::string_view name_of(Dimension dimension);
inline constexpr std::array kDimensions = {Dimension::kHost, Dimension::kNetwork,
                                           Dimension::kCredentials, Dimension::kRegistry,
                                           Dimension::kData};

// How strongly a pair must be separated in a dimension. Only some levels exist in each dimension.
enum class Level : std::uint8_t {
  kAny,
  kSeparate,             // host, network
  kSeparateValues,       // credentials
  kSeparateSystems,      // credentials
  kSeparateNamespaces,   // registry
  kSeparateCredentials,  // registry
  kSeparateRegistries,   // registry
  kMasked,               // data
  kSynthetic,            // data
};
[[nodiscard]] std::string_view name_of(Level level);
// The levels that exist in a dimension, strongest first; the last one is kAny.
[[nodiscard]] std::span<const Level> levels_of(Dimension dimension);

struct HostSource {
  enum class Kind : std::uint8_t { kDocker, kSnapshot };

  Position at;
  std::string name;
  Kind kind = Kind::kDocker;
  std::string location;  // "unix://…", "tcp://…", "ssh://…", "context:NAME"; a file for a snapshot
  std::string tls_directory;  // ca.pem, cert.pem, key.pem; empty: none
};

// All of its parts must hold. Patterns are globs (`*`, `?`).
struct Selector {
  Position at;
  std::string text;  // as written, for reports: "label: env=production"
  std::string label_name;
  std::string label_value;  // glob; "*" when the policy names the label alone
  std::string compose;      // compose project, or Swarm stack
  std::string service;      // compose or Swarm service
  std::string name;         // container name
  std::string image;        // image reference
  std::string network;      // name of a network it is attached to
  std::string host;         // the host's name
};

struct EnvironmentRule {
  Position at;
  std::string name;
  Tier tier = Tier::kDevelopment;
  std::vector<std::string> networks;  // owned; names, globs allowed
  std::vector<Selector> match;
};

struct SharedRule {
  Position at;
  std::vector<Selector> match;
  std::vector<std::string> serves;  // environments
  std::string reason;
};

struct Requirement {
  Position at;
  std::string first;  // an environment, or "*"
  std::string second;
  std::map<Dimension, Level> levels;  // a dimension that is left out is kAny
};

struct System {
  Position at;
  std::string name;
  std::string environment;
  std::string kind;  // "vault", "postgres", …
  std::string url;   // no userinfo: that is an error
  std::string ask;   // "", "anonymous", …
};

struct Database {
  Position at;
  std::string name;
  std::string environment;
  std::string url;  // no password: that is an error
  std::string masks;
};

struct Waiver {
  Position at;
  std::string code;         // "NET002"; empty: any
  std::string fingerprint;  // 16 hex digits; empty: by the other fields
  std::string from;         // "staging/prometheus", glob
  std::string to;
  std::string ports;                      // "9090/tcp"
  std::vector<std::string> environments;  // both must be among the finding's
  std::string reason;
  std::string approved_by;
  Date expires;
};

struct Policy {
  std::string file;    // empty: none
  std::string digest;  // "sha256:…" of the file; empty when there is none
  std::vector<HostSource> hosts;
  std::vector<EnvironmentRule> environments;
  std::vector<SharedRule> shared;
  std::vector<Requirement> require;
  std::vector<std::vector<std::string>> zones;
  std::vector<System> systems;
  std::vector<Database> databases;
  std::vector<std::string> mask_sets;  // names; what they say is checked for form only
  std::vector<Waiver> waivers;
  std::optional<std::chrono::hours> audit_every;
};

// What the pair must reach in a dimension.
struct Required {
  Level level = Level::kAny;
  // The policy has `require` entries and the last one that names the pair accepts sharing here.
  // False when nothing was said: then sharing is residual risk, not accepted risk.
  bool stated = false;
};

// Of the last `require` entry that names the pair. Without entries: network and credentials of
// environments of different tiers must be separate (values); everything else is kAny, unstated.
struct Side {
  std::string_view environment;
  Tier tier = Tier::kDevelopment;
};
[[nodiscard]] Required required_level(const Policy& policy, const Side& a, const Side& b,
                                      Dimension dimension);

}  // namespace firebreak
