#include "derive/version.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>

namespace firebreak {
namespace {

constexpr EngineVersion kFirstKnown{20, 10, 0};
constexpr std::uint16_t kLastMajor = 29;

std::unexpected<Error> no_version(std::string_view text) {
  return fail(ErrorKind::kUsage, "'" + std::string(text) + "' is not a version of Docker's engine",
              {}, "give one like 28.5.2 or 29");
}

// Reads up to three numbers between dots; what follows them must begin with '-', '+' or '~'.
Result<std::array<std::uint16_t, 3>> numbers_of(std::string_view text) {
  std::array<std::uint16_t, 3> parts{};
  parts.fill(std::numeric_limits<std::uint16_t>::max());
  std::string_view rest = text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), parts.at(i));
    if (error != std::errc{}) return no_version(text);
    rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
    if (!rest.starts_with('.') || i + 1 == parts.size()) break;
    rest.remove_prefix(1);
  }
  if (!rest.empty() && std::string_view("-+~").find(rest.front()) == std::string_view::npos) {
    return no_version(text);
  }
  return parts;
}

}  // namespace

Result<EngineVersion> parse_engine_version(std::string_view text) {
  const auto parts = TRY(numbers_of(text));
  const EngineVersion version{parts[0], parts[1], parts[2]};
  if (version < kFirstKnown || version.major > kLastMajor) {
    return fail(ErrorKind::kUnsupported,
                "the rules of Docker " + std::string(text) + " are not known", {},
                "take a snapshot as root, which reads the rules themselves");
  }
  return version;
}

Result<EngineVersion> derivable_version(const Engine& engine) {
  if (engine.product != "docker") {
    const std::string product = engine.product.empty() ? "an unknown engine" : engine.product;
    return fail(ErrorKind::kUnsupported, "rules of " + product + " cannot be derived", {},
                "take a snapshot as root, which reads the rules themselves");
  }
  if (std::ranges::find(engine.security_options, "rootless") != engine.security_options.end()) {
    return fail(ErrorKind::kUnsupported,
                "a rootless engine has its networks in a namespace of its own", {},
                "take a snapshot as the engine's user or as root");
  }
  return parse_engine_version(engine.version);
}

EngineFamily family_of(EngineVersion version) {
  if (version < EngineVersion{28, 0, 0}) return EngineFamily::kForward;
  if (version < EngineVersion{28, 0, 1}) return EngineFamily::kBridgeSet;
  if (version < EngineVersion{28, 2, 0}) return EngineFamily::kPortDrops;
  if (version < EngineVersion{29, 0, 0}) return EngineFamily::kDirectDrops;
  return EngineFamily::kNoIsolation;
}

}  // namespace firebreak
