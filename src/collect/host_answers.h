// Answers about the engine itself and what it keeps: /version, /info, /networks, /volumes, /images.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "collect/json.h"
#include "secret/key.h"
#include "snapshot/snapshot.h"

namespace firebreak {

// Product, version and kernel from /version.
void read_version(const Json& answer, Engine& engine);
// The rest of Engine, and what a node knows of its Swarm, from /info.
void read_info(const Json& answer, Engine& engine, SwarmState& swarm);

// An entry of /networks, which says all that /networks/{id} does but its members. Podman knows
// networks by name, and calls its default one "bridge" here and "podman" everywhere else.
[[nodiscard]] Network read_network(const Json& entry, bool podman, const FingerprintKeys& keys);
// Ids of the containers that /networks/{id} shows as attached on this host.
[[nodiscard]] std::vector<std::string> read_members(const Json& answer);

// What a volume with these driver options really is: "nfs 10.0.0.5:/data", "cifs //files/share",
// "bind /srv/data", "ext4 /dev/sdb"; empty for an ordinary one. No credentials.
[[nodiscard]] std::string device_behind(const Json& options);
[[nodiscard]] Volume read_volume(const Json& entry, const FingerprintKeys& keys);

[[nodiscard]] Image read_image(const Json& entry);
// The variables of an image's configuration, as "NAME=VALUE".
[[nodiscard]] std::set<std::string> read_image_variables(const Json& answer);

}  // namespace firebreak
