// Whose a network is.
#include <algorithm>
#include <optional>

#include "base/text.h"
#include "estate/builder.h"
#include "estate/networks.h"
#include "estate/words.h"

namespace firebreak {
namespace {

void add_sorted(std::vector<NetworkId>& list, NetworkId id) {
  if (list.empty() || list.back() != id) list.push_back(id);
}

// The environment of all members that have one.
std::optional<EnvironmentId> only_user(const Estate& estate, const EstateNetwork& network) {
  std::optional<EnvironmentId> user;
  for (const Member& member : network.members) {
    const Workload& workload = estate[member.workload];
    if (workload.shared || workload.candidates.size() > 1) return std::nullopt;
    if (!workload.environment) continue;
    if (user && *user != *workload.environment) return std::nullopt;
    user = workload.environment;
  }
  return user;
}

}  // namespace

std::optional<EnvironmentId> EstateBuilder::owner_by_policy(const Network& network) const {
  std::optional<EnvironmentId> owner;
  for (const EnvironmentRule& rule : estate_.policy_->environments) {
    const bool claimed = std::ranges::any_of(rule.networks, [&](const std::string& pattern) {
      return glob_match(pattern, network.name);
    });
    if (!claimed) continue;
    const std::optional<EnvironmentId> id = environment_id(rule.name);
    if (owner && owner != id) return std::nullopt;
    owner = id;
  }
  return owner;
}

std::optional<EnvironmentId> EstateBuilder::owner_by_name(const Network& network) const {
  if (is_builtin(network)) return std::nullopt;
  const EnvironmentSet said = environments_in(network.name, TextKind::kPart);
  if (said.count() != 1) return std::nullopt;
  for (const KnownEnvironment environment : kKnownEnvironments) {
    if (said.test(static_cast<std::size_t>(environment))) {
      return environment_id(name_of(environment));
    }
  }
  return std::nullopt;
}

std::optional<EnvironmentId> EstateBuilder::environment_id(std::string_view name) const {
  const auto at = std::ranges::find(estate_.environments_, name, &Environment::name);
  if (at == estate_.environments_.end()) return std::nullopt;
  return EnvironmentId(static_cast<std::size_t>(at - estate_.environments_.begin()));
}

void EstateBuilder::find_owners() {
  const bool inferred = estate_.inferred();
  for (std::size_t n = 0; n < estate_.networks_.size(); ++n) {
    EstateNetwork& network = estate_.networks_[n];
    network.owner = inferred ? owner_by_name(*network.network) : owner_by_policy(*network.network);
    std::optional<EnvironmentId> lister = network.owner;
    if (!lister && inferred && !is_builtin(*network.network)) lister = only_user(estate_, network);
    if (lister) add_sorted(estate_.environments_[lister->index()].networks, NetworkId(n));
  }
}

}  // namespace firebreak
