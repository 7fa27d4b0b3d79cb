// Versions of Docker's engine, as far as its packet filter rules differ between them.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "snapshot/snapshot.h"

namespace firebreak {

struct EngineVersion {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;
  std::uint16_t patch = 0;
  friend auto operator<=>(const EngineVersion&, const EngineVersion&) = default;
};

// How an engine builds its chains.
enum class EngineFamily : std::uint8_t {
  kForward,      // 20.10 to 27: all in FORWARD; nothing drops ports that are not published
  kBridgeSet,    // 28.0.0: bridges are known by an ipset of their subnets; a drop for each bridge
  kPortDrops,    // 28.0.1 to 28.1: DOCKER-FORWARD; raw drops for each published port
  kDirectDrops,  // 28.2 to 28.5: raw drops for each container
  kNoIsolation,  // 29 with iptables: networks are no longer isolated from one another
};

// "20.10.24+dfsg1", "28.5.2", "29.0.0-rc.1". What is left out is the newest: "29" is the last 29.
// Errors: kUsage for text that is no version; kUnsupported for one whose rules are not known
// (before 20.10, after 29).
[[nodiscard]] Result<EngineVersion> parse_engine_version(std::string_view text);

// The version of an engine whose rules can be derived. Error with the reason: Podman, rootless
// engines (their bridges stand in a namespace that is not the host's), versions not known.
[[nodiscard]] Result<EngineVersion> derivable_version(const Engine& engine);

[[nodiscard]] EngineFamily family_of(EngineVersion version);

}  // namespace firebreak
