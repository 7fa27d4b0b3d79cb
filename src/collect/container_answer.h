// Container answers: /containers/{id}/json and the entries of /containers/json.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "collect/json.h"
#include "secret/key.h"
#include "snapshot/snapshot.h"

namespace firebreak {

// A legacy link: `alias` in this container's /etc/hosts is the container named `target`.
struct Link {
  std::string target;
  std::string alias;
};

struct FoundContainer {
  Container container;
  std::vector<Link> links;
  std::string sandbox;  // where the engine sees its network namespace; empty: told nothing
};

// The variables that an image brings along, as "NAME=VALUE"; null if it cannot be told.
using ImageVariables = std::function<const std::set<std::string>*(const Container&)>;

struct ContainerReader {
  bool podman = false;
  const FingerprintKeys& keys;
  ImageVariables image_variables;

  // An inspect answer, from API 1.40 to 1.52.
  [[nodiscard]] FoundContainer inspected(const Json& answer) const;
  // What the list alone says: names, image, labels, state, networks, mounts. For a container that
  // cannot be inspected.
  [[nodiscard]] FoundContainer listed(const Json& entry) const;
};

// The container's name without the leading slash.
[[nodiscard]] std::string listed_name(const Json& entry);

// Names that the engine makes itself and where name resolution does not work.
[[nodiscard]] bool is_predefined_network(std::string_view name, bool podman);

}  // namespace firebreak
