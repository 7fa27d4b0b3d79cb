#include "policy/policy.h"

#include <algorithm>

#include "base/check.h"

namespace firebreak {
namespace {

bool names(const std::string& side, std::string_view environment) {
  return side == "*" || side == environment;
}

bool names_pair(const Requirement& entry, const Side& a, const Side& b) {
  return (names(entry.first, a.environment) && names(entry.second, b.environment)) ||
         (names(entry.first, b.environment) && names(entry.second, a.environment));
}

// What holds when the policy has no `require`: see DESIGN.md, "Without a policy".
Required default_requirement(const Side& a, const Side& b, Dimension dimension) {
  if (a.tier == b.tier) return {};
  if (dimension == Dimension::kNetwork) return {.level = Level::kSeparate};
  if (dimension == Dimension::kCredentials) return {.level = Level::kSeparateValues};
  return {};
}

constexpr std::array kHostLevels = {Level::kSeparate, Level::kAny};
constexpr std::array kCredentialLevels = {Level::kSeparateSystems, Level::kSeparateValues,
                                          Level::kAny};
constexpr std::array kRegistryLevels = {Level::kSeparateRegistries, Level::kSeparateCredentials,
                                        Level::kSeparateNamespaces, Level::kAny};
constexpr std::array kDataLevels = {Level::kSynthetic, Level::kMasked, Level::kAny};

}  // namespace

std::string_view name_of(Tier tier) {
  switch (tier) {
    case Tier::kDevelopment: return "development";
    case Tier::kStaging: return "staging";
    case Tier::kProduction: return "production";
  }
  CHECK(false);
}

std::optional<Tier> parse_tier(std::string_view name) {
  for (const Tier tier : {Tier::kDevelopment, Tier::kStaging, Tier::kProduction}) {
    if (name == name_of(tier)) return tier;
  }
  return std::nullopt;
}

std::string_view name_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::kHost: return "host";
    case Dimension::kNetwork: return "network";
    case Dimension::kCredentials: return "credentials";
    case Dimension::kRegistry: return "registry";
    case Dimension::kData: return "data";
  }
  CHECK(false);
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::kAny: return "any";
    case Level::kSeparate: return "separate";
    case Level::kSeparateValues: return "separate-values";
    case Level::kSeparateSystems: return "separate-systems";
    case Level::kSeparateNamespaces: return "separate-namespaces";
    case Level::kSeparateCredentials: return "separate-credentials";
    case Level::kSeparateRegistries: return "separate-registries";
    case Level::kMasked: return "masked";
    case Level::kSynthetic: return "synthetic";
  }
  CHECK(false);
}

std::span<const Level> levels_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::kHost:
    case Dimension::kNetwork: return kHostLevels;
    case Dimension::kCredentials: return kCredentialLevels;
    case Dimension::kRegistry: return kRegistryLevels;
    case Dimension::kData: return kDataLevels;
  }
  CHECK(false);
}

Required required_level(const Policy& policy, const Side& a, const Side& b, Dimension dimension) {
  if (policy.require.empty()) return default_requirement(a, b, dimension);
  const auto last = std::find_if(policy.require.rbegin(), policy.require.rend(),
                                 [&](const Requirement& entry) { return names_pair(entry, a, b); });
  Required required{.stated = true};
  if (last == policy.require.rend()) return required;
  if (const auto level = last->levels.find(dimension); level != last->levels.end()) {
    required.level = level->second;
  }
  return required;
}

}  // namespace firebreak
