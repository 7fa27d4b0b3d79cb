#include "collect/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "collect/container_answer.h"
#include "collect/gaps.h"
#include "collect/host_answers.h"
#include "collect/session.h"
#include "collect/swarm_answers.h"

namespace firebreak {

namespace {

// Asks in an order that makes the answers fit each other: containers first, then the networks,
// whose members show containers that started in between.
class Collection {
 public:
  Collection(const EngineEndpoint& endpoint, HttpClient& client, const FingerprintKeys& keys,
             const std::function<void(std::string_view)>& progress)
      : client_(client),
        keys_(keys),
        progress_(progress),
        gaps_(endpoint.name),
        session_(client, gaps_) {
    host_.name = endpoint.name;
    host_.endpoint = endpoint.url;
    host_.tls = endpoint.tls && endpoint.tls_files.verify;
  }

  CollectedHost run() {
    if (agree_on_version()) {
      ask_info();
      ask_containers();
      ask_networks();
      ask_volumes();
      ask_images();
      if (host_.swarm.manager) ask_swarm();
      connect_names();
    }
    return {std::move(host_), gaps_.take(), std::move(sandboxes_)};
  }

 private:
  bool agree_on_version();
  void ask_info();
  void ask_containers();
  void inspect(const ContainerReader& reader, const std::string& id, const Json& listed);
  void ask_networks();
  void ask_parents();
  void ask_late_containers(const std::set<std::string>& members);
  void ask_volumes();
  void ask_images();
  void ask_swarm();
  void connect_names();
  void resolve_links();

  [[nodiscard]] ContainerReader reader();
  const std::set<std::string>* image_variables(const Container& container);
  [[nodiscard]] bool podman() const { return host_.engine.product == "podman"; }
  void say(std::string_view text) const {
    if (progress_) progress_(host_.name + ": " + std::string(text));
  }
  void keep(FoundContainer found);

  HttpClient& client_;
  const FingerprintKeys& keys_;
  const std::function<void(std::string_view)>& progress_;
  GapList gaps_;
  Session session_;
  ApiVersion version_;
  Host host_;
  std::unordered_set<std::string> known_;  // ids of containers
  std::map<ContainerKey, std::string> sandboxes_;
  std::vector<std::pair<std::size_t, Link>> links_;  // by the container's place in host_
  std::unordered_map<std::string, std::optional<std::set<std::string>>> image_variables_;
};

bool Collection::agree_on_version() {
  std::optional<ApiVersion> agreed;
  session_.ask("/version", GapSubject::kHost, "the host", [&](const Json& answer) {
    read_version(answer, host_.engine);
    const auto version =
        negotiate(answer.required("ApiVersion").text(), answer["MinAPIVersion"].text());
    if (version) {
      agreed = *version;
    } else {
      gaps_.add(GapSubject::kHost, "the host", why_of(version.error()));
    }
  });
  if (!agreed) return false;
  version_ = *agreed;
  host_.engine.api_version = agreed->text();
  session_.speak(*agreed);
  return true;
}

void Collection::ask_info() {
  session_.ask("/info", GapSubject::kInfo, "info", [&](const Json& answer) {
    read_info(answer, host_.engine, host_.swarm);
    // From here to its end (1.50) the field says false whatever the kernel does.
    constexpr ApiVersion kBridgeNfUseless{1, 48};
    if (version_ >= kBridgeNfUseless) host_.engine.bridge_nf_iptables.reset();
    if (answer["Swarm"]["LocalNodeState"].text() == "locked")
      gaps_.add(GapSubject::kServices, "services", "the Swarm is locked");
  });
}

// The image's own variables, asked once for each image.
const std::set<std::string>* Collection::image_variables(const Container& container) {
  const std::string& id = container.image_id.value;
  if (!is_plain_id(id)) return nullptr;
  const auto [known, is_new] = image_variables_.try_emplace(id);
  if (is_new) {
    const std::string what = "image of container " + container.name;
    const auto answer = session_.ask(
        "/images/" + id + "/json", GapSubject::kImages, what,
        [&](const Json& json) { known->second = read_image_variables(json); }, true);
    if (answer == Session::Answer::kGone) {
      gaps_.add(GapSubject::kImageGone, what,
                "the engine no longer has it: variables that it brought along count as the "
                "container's own");
    }
  }
  return known->second ? &*known->second : nullptr;
}

ContainerReader Collection::reader() {
  return {podman(), keys_,
          [this](const Container& container) { return image_variables(container); }};
}

void Collection::keep(FoundContainer found) {
  const std::size_t place = host_.containers.size();
  for (Link& link : found.links) links_.emplace_back(place, std::move(link));
  if (!found.sandbox.empty()) sandboxes_[found.container.id] = std::move(found.sandbox);
  host_.containers.push_back(std::move(found.container));
}

void Collection::inspect(const ContainerReader& reader, const std::string& id, const Json& listed) {
  const std::string name = listed.present() ? listed_name(listed) : id.substr(0, 12);
  const auto answer = session_.ask(
      "/containers/" + id + "/json", GapSubject::kContainer, "inspect of container " + name,
      [&](const Json& json) { keep(reader.inspected(json)); }, true);
  // What the list says is still worth having.
  if (answer == Session::Answer::kNone && listed.present()) keep(reader.listed(listed));
}

void Collection::ask_containers() {
  session_.ask(
      "/containers/json?all=1", GapSubject::kContainers, "containers", [&](const Json& list) {
        std::size_t total = 0;
        list.each([&total](const Json&) { ++total; });
        say(fmt::format("{} {}, {} containers", host_.engine.product, host_.engine.version, total));
        const ContainerReader reader = this->reader();
        std::size_t done = 0;
        list.each([&](const Json& entry) {
          constexpr std::size_t kStep = 100;
          if (++done % kStep == 0) say(fmt::format("{} of {} containers", done, total));
          const std::string id = entry.required("Id").text();
          if (!is_plain_id(id)) {
            entry.complain("has an Id that is none");
          } else if (known_.insert(id).second) {
            inspect(reader, id, entry);
          }
        });
      });
}

// Podman's Docker-compatible answers leave out the interface that a macvlan network stands on; its
// own API, on the same socket, tells it.
void Collection::ask_parents() {
  Session own(client_, gaps_);
  own.speak({4, 0});
  for (Network& network : host_.networks) {
    const bool stands_on_one = network.driver == "macvlan" || network.driver == "ipvlan";
    if (!stands_on_one || !is_plain_id(network.name)) continue;
    own.ask("/libpod/networks/" + network.name + "/json", GapSubject::kNetworks,
            "interface of network " + network.name, [&](const Json& answer) {
              const std::string parent = answer.required("network_interface").text();
              if (!parent.empty()) network.options.emplace_back("parent", parent);
            });
  }
}

void Collection::ask_networks() {
  session_.ask("/networks", GapSubject::kNetworks, "networks", [&](const Json& list) {
    list.each(
        [&](const Json& entry) { host_.networks.push_back(read_network(entry, podman(), keys_)); });
  });
  if (podman()) ask_parents();
  std::set<std::string> members;
  for (const Network& network : host_.networks) {
    const std::string& id = network.id.value;
    const std::string what = "network " + network.name;
    if (!is_plain_id(id)) {
      gaps_.add(GapSubject::kNetworks, what, "its id cannot be asked for");
      continue;
    }
    session_.ask(
        "/networks/" + id, GapSubject::kNetworks, what,
        [&](const Json& json) {
          for (std::string& member : read_members(json)) members.insert(member);
        },
        true);
  }
  ask_late_containers(members);
}

void Collection::ask_late_containers(const std::set<std::string>& members) {
  const ContainerReader reader = this->reader();
  for (const std::string& id : members) {
    if (known_.insert(id).second) inspect(reader, id, Json());
  }
}

void Collection::ask_volumes() {
  session_.ask("/volumes", GapSubject::kVolumes, "volumes", [&](const Json& answer) {
    answer.expected("Volumes").each(
        [&](const Json& entry) { host_.volumes.push_back(read_volume(entry, keys_)); });
    // A volume driver that does not answer leaves its volumes out.
    if (!answer["Warnings"].texts().empty())
      gaps_.add(GapSubject::kVolumes, "volumes", "the engine could not list all of them");
  });
}

void Collection::ask_images() {
  session_.ask("/images/json", GapSubject::kImages, "images", [&](const Json& list) {
    list.each([&](const Json& entry) { host_.images.push_back(read_image(entry)); });
  });
}

void Collection::ask_swarm() {
  SwarmState& swarm = host_.swarm;
  session_.ask("/services", GapSubject::kServices, "services", [&](const Json& list) {
    list.each([&](const Json& entry) { swarm.services.push_back(read_service(entry, keys_)); });
  });
  // {"desired-state":["running"]}: the history of old tasks is long and says nothing.
  session_.ask("/tasks?filters=%7B%22desired-state%22%3A%5B%22running%22%5D%7D", GapSubject::kTasks,
               "tasks", [&](const Json& list) { count_tasks(list, swarm.services); });
  session_.ask("/nodes", GapSubject::kNodes, "nodes", [&](const Json& list) {
    list.each([&](const Json& entry) { swarm.nodes.push_back(read_node(entry, keys_)); });
  });
  session_.ask("/secrets", GapSubject::kSecretNames, "names of secrets",
               [&](const Json& list) { swarm.secrets = read_spec_names(list); });
  session_.ask("/configs", GapSubject::kSecretNames, "names of configs",
               [&](const Json& list) { swarm.configs = read_spec_names(list); });
  complete_tasks(swarm, host_.containers);
}

// Legacy links are lines in /etc/hosts: the alias and the address of the target.
void Collection::resolve_links() {
  for (const auto& [place, link] : links_) {
    const auto target = std::ranges::find(host_.containers, link.target, &Container::name);
    if (target == host_.containers.end()) continue;
    Container& container = host_.containers[place];
    for (const Endpoint& endpoint : target->endpoints) {
      const auto common =
          std::ranges::find(container.endpoints, endpoint.network, &Endpoint::network);
      if (common == container.endpoints.end() || !endpoint.ipv4) continue;
      container.extra_hosts.push_back({link.alias, endpoint.ipv4->text()});
      break;
    }
  }
}

// A container that never ran knows its networks by name only; a service its networks by id.
void Collection::connect_names() {
  std::unordered_map<std::string, NetworkKey> by_name;
  std::unordered_map<NetworkKey, std::string> by_id;
  for (const Network& network : host_.networks) {
    by_name.try_emplace(network.name, network.id);
    by_id.try_emplace(network.id, network.name);
  }
  for (Container& container : host_.containers) {
    for (Endpoint& endpoint : container.endpoints) {
      const auto found = by_name.find(endpoint.network_name);
      if (endpoint.network.empty() && found != by_name.end()) endpoint.network = found->second;
    }
  }
  for (Service& service : host_.swarm.services) {
    for (Endpoint& endpoint : service.spec.endpoints) {
      const auto found = by_id.find(endpoint.network);
      if (found != by_id.end()) endpoint.network_name = found->second;
    }
  }
  resolve_links();
}

}  // namespace

CollectedHost collect_engine(const EngineEndpoint& endpoint, HttpClient& client,
                             const FingerprintKeys& keys,
                             const std::function<void(std::string_view)>& progress) {
  return Collection(endpoint, client, keys, progress).run();
}

}  // namespace firebreak
