// Commands that take a common network apart.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "checks/network_families.h"
#include "checks/support.h"
#include "estate/networks.h"

namespace firebreak {
namespace {

// What the engine accepts in a network's name.
std::string tame(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    out += plain ? c : '-';
  }
  return out.empty() || !((out[0] >= 'a' && out[0] <= 'z') || (out[0] >= 'A' && out[0] <= 'Z') ||
                          (out[0] >= '0' && out[0] <= '9'))
             ? "net" + out
             : out;
}

struct Home {
  std::string network;  // where an environment's members go
  bool exists = false;
};

class Separation {
 public:
  Separation(const Estate& estate, const NetworkSides& sides, NetworkId shared)
      : estate_(estate),
        sides_(sides),
        shared_(shared),
        network_(*estate[shared].network),
        owner_(estate[shared].owner),
        engine_(engine_command(estate, estate[shared].host)) {}

  [[nodiscard]] Remedy remedy() {
    gather();
    Remedy out;
    out.text = "Give each environment a network of its own and take its members off " +
               network_.name + ".";
    if (!engine_.empty()) {
      for (const auto& [environment, home] : homes_) {
        if (!home.exists) out.commands.push_back(create(home.network));
      }
      out.commands.insert(out.commands.end(), connects_.begin(), connects_.end());
      out.commands.insert(out.commands.end(), disconnects_.begin(), disconnects_.end());
    }
    say_what_else(out);
    return out;
  }

 private:
  void gather() {
    std::optional<WorkloadId> last_service;
    for (const Member& member : estate_[shared_].members) {
      const Workload& workload = estate_[member.workload];
      const auto sides = sides_of(workload);
      if (sides.empty()) {
        left_.insert(display_name(estate_, member.workload));
        continue;
      }
      if (sides.size() == 1 && sides.front() == owner_) continue;  // it is theirs
      if (workload.kind != Workload::Kind::kContainer) defined_.insert(member.workload);
      if (workload.kind == Workload::Kind::kSwarmService) {
        if (last_service != member.workload) move_service(workload);
        last_service = member.workload;
      } else if (estate_[member.container].state != RunState::kPlanned) {
        move(member, sides);
      }
    }
  }

  void move(const Member& member, std::span<const EnvironmentId> sides) {
    const Container& container = estate_[member.container];
    const std::string engine = engine_command(estate_, estate_.host_of(member.container));
    for (const EnvironmentId side : sides) {
      const std::string& home = home_of(side).network;
      const bool there = std::ranges::any_of(container.endpoints, [&](const Endpoint& endpoint) {
        return endpoint.network_name == home;
      });
      if (there) continue;
      std::vector<std::string> words = {"network", "connect"};
      for (const std::string& alias : aliases(member)) {
        words.emplace_back("--alias");
        words.push_back(alias);
      }
      words.push_back(home);
      words.push_back(container.name);
      connects_.push_back(command_line(engine, words));
    }
    disconnects_.push_back(
        command_line(engine, {"network", "disconnect", network_.name, container.name}));
  }

  void move_service(const Workload& workload) {
    std::vector<std::string> words = {"service", "update"};
    for (const EnvironmentId side : sides_of(workload)) {
      words.emplace_back("--network-add");
      words.push_back(home_of(side).network);
    }
    words.emplace_back("--network-rm");
    words.push_back(network_.name);
    words.push_back(service_name(estate_, workload));
    connects_.push_back(command_line(engine_command(estate_, workload.host), words));
  }

  // The names under which its neighbours know it, but for those that the engine gives anyway.
  [[nodiscard]] std::vector<std::string> aliases(const Member& member) const {
    const Container& container = estate_[member.container];
    if (!has_dns(network_) || member.endpoint >= container.endpoints.size()) return {};
    std::vector<std::string> out;
    for (const std::string& name : container.endpoints[member.endpoint].names) {
      const bool given = name == container.name || name == container.hostname ||
                         container.id.value.starts_with(name);
      if (!given) out.push_back(name);
    }
    return out;
  }

  const Home& home_of(EnvironmentId environment) {
    const auto [entry, fresh] = homes_.try_emplace(environment);
    if (fresh) entry->second = find_home(environment);
    return entry->second;
  }

  [[nodiscard]] Home find_home(EnvironmentId environment) const {
    if (environment == owner_) return {network_.name, true};
    std::vector<std::string> candidates = owned_names(environment);
    const std::string name = tame(estate_[environment].name);
    candidates.push_back(name + "-network");
    candidates.push_back(tame(network_.name) + "-" + name);
    for (int i = 2; i < 100; ++i) candidates.push_back(name + "-network-" + std::to_string(i));
    for (const std::string& candidate : candidates) {
      if (candidate == network_.name) continue;
      const auto known = sides_.find(estate_[shared_].host, candidate);
      if (!known) return {candidate, false};
      if (is_free_for(*known, environment)) return {candidate, true};
    }
    return {name, false};
  }

  // Networks that the policy gives to it, as far as they are names and not patterns.
  [[nodiscard]] std::vector<std::string> owned_names(EnvironmentId environment) const {
    for (const EnvironmentRule& rule : estate_.policy().environments) {
      if (rule.name != estate_[environment].name) continue;
      std::vector<std::string> out = rule.networks;
      std::erase_if(out, [](const std::string& name) {
        return name.find_first_of("*?") != std::string::npos;
      });
      return out;
    }
    return {};
  }

  // Nobody else is on it, and its members are held to what the shared one's are.
  [[nodiscard]] bool is_free_for(NetworkId id, EnvironmentId environment) const {
    const EstateNetwork& candidate = estate_[id];
    if (candidate.owner && candidate.owner != environment) return false;
    if (candidate.network->driver != network_.driver) return false;
    return std::ranges::all_of(candidate.members, [&](const Member& member) {
      const auto sides = sides_of(estate_[member.workload]);
      return sides.size() == 1 && sides.front() == environment;
    });
  }

  [[nodiscard]] std::string create(const std::string& name) const {
    std::vector<std::string> words = {"network", "create"};
    if (network_.driver == "overlay") {
      words.insert(words.end(), {"--driver", "overlay", "--attachable", "--opt", "encrypted"});
    }
    if (network_.internal) words.emplace_back("--internal");
    words.push_back(name);
    return command_line(engine_, words);
  }

  void say_what_else(Remedy& out) const {
    if (network_.driver == "macvlan" || network_.driver == "ipvlan") {
      out.text += " The new ones are bridges; where addresses of the LAN are needed, make " +
                  network_.driver + " networks on a parent or VLAN for each environment instead.";
    }
    if (!defined_.empty()) {
      std::vector<std::string> names;
      names.reserve(defined_.size());
      for (const WorkloadId id : defined_) names.push_back(definition_of(estate_, id));
      out.text += " Make the same change under `networks:` of " + listed(names, 4) +
                  ", or the next deployment undoes it.";
    } else if (!engine_.empty()) {
      out.text += " Start them with `--network` of their own from now on.";
    }
    if (!left_.empty()) {
      const std::vector<std::string> names(left_.begin(), left_.end());
      out.text += " " + listed(names) + (names.size() == 1 ? " stays" : " stay") +
                  " behind: run one for each environment if both need it.";
    }
  }

  const Estate& estate_;
  const NetworkSides& sides_;
  NetworkId shared_;
  const Network& network_;
  std::optional<EnvironmentId> owner_;
  std::string engine_;
  std::map<EnvironmentId, Home> homes_;
  std::vector<std::string> connects_;
  std::vector<std::string> disconnects_;
  std::set<std::string> left_;
  std::set<WorkloadId> defined_;
};

}  // namespace

Remedy separate_members(const Estate& estate, const NetworkSides& sides, NetworkId shared) {
  return Separation(estate, sides, shared).remedy();
}

Remedy leave_network(const Estate& estate, WorkloadId id, NetworkId network) {
  const Workload& workload = estate[id];
  const std::string& name = estate[network].network->name;
  Remedy out;
  out.text = "Take " + definition_of(estate, id) + " off network " + name;
  out.text += workload.kind == Workload::Kind::kContainer
                  ? "."
                  : ", also under `networks:` where it is defined.";
  if (engine_command(estate, workload.host).empty()) return out;
  if (workload.kind == Workload::Kind::kSwarmService) {
    out.commands.push_back(
        command_line(engine_command(estate, workload.host),
                     {"service", "update", "--network-rm", name, service_name(estate, workload)}));
    return out;
  }
  for (const ContainerId container : workload.containers) {
    const bool attached =
        std::ranges::any_of(estate[container].endpoints, [&](const Endpoint& endpoint) {
          return estate.network_of(container, endpoint) == network;
        });
    if (!attached || estate[container].state == RunState::kPlanned) continue;
    out.commands.push_back(command_line(engine_command(estate, estate.host_of(container)),
                                        {"network", "disconnect", name, estate[container].name}));
  }
  return out;
}

}  // namespace firebreak
