// Every container gets an id. Containers of a host are sorted by their engine's id, so that one is
// found by its id or a prefix of it without an index; for names there is one.
#include <algorithm>
#include <functional>

#include "estate/builder.h"

namespace firebreak {
namespace {

constexpr std::string_view kContainerMode = "container:";
constexpr std::string_view kServiceMode = "service:";  // compose, before anything runs

}  // namespace

void EstateBuilder::index_hosts() {
  const std::vector<Host>& hosts = estate_.snapshot_->hosts;
  std::size_t count = 0;
  for (const Host& host : hosts) count += host.containers.size();
  estate_.containers_.reserve(count);
  estate_.hosts_.resize(hosts.size());
  for (std::size_t h = 0; h < hosts.size(); ++h) {
    Estate::HostIndex& index = estate_.hosts_[h];
    index.containers.reserve(hosts[h].containers.size());
    index.by_name.reserve(hosts[h].containers.size());
    for (const Container& container : hosts[h].containers) {
      const ContainerId id(estate_.containers_.size());
      estate_.containers_.push_back(
          {.container = &container, .host = HostId(h), .workload = {}, .namespace_owner = id});
      index.containers.push_back(id);
      index.by_name.emplace_back(std::hash<std::string_view>()(container.name), id);
    }
    std::ranges::sort(index.by_name);
  }
}

void EstateBuilder::find_namespace_owners() {
  std::vector<ContainerId> users;
  for (std::size_t c = 0; c < estate_.containers_.size(); ++c) {
    Estate::ContainerEntry& entry = estate_.containers_[c];
    const std::string_view mode = entry.container->isolation.network_mode;
    std::optional<ContainerId> owner;
    if (mode.starts_with(kContainerMode)) {
      owner = estate_.find_container(entry.host, mode.substr(kContainerMode.size()));
    } else if (mode.starts_with(kServiceMode)) {
      // "compose:PROJECT/SERVICE" is the id of a planned container.
      const std::string& own = entry.container->id.value;
      owner = estate_.find_container(entry.host, own.substr(0, own.rfind('/') + 1) +
                                                     std::string(mode.substr(kServiceMode.size())));
    }
    if (!owner || owner->index() == c) continue;
    entry.namespace_owner = *owner;
    users.push_back(ContainerId(c));
  }
  for (const ContainerId user : users) {
    // Chains are short; the bound ends a cycle, which no engine would start.
    ContainerId owner = user;
    for (int step = 0; step < 16; ++step) {
      owner = estate_.containers_[owner.index()].namespace_owner;
    }
    estate_.containers_[user.index()].namespace_owner = owner;
    std::vector<ContainerId>& sharers = estate_.namespace_sharers_[owner];
    if (sharers.empty()) sharers.push_back(owner);
    if (user != owner) sharers.push_back(user);
  }
}

std::vector<std::string_view> EstateBuilder::names_of(HostId id) const {
  std::vector<std::string_view> names{estate_[id].name};
  for (const HostAlias& alias : aliases_) {
    if (alias.kept == names.front()) names.push_back(alias.dropped);
  }
  return names;
}

}  // namespace firebreak
