// Estates out of a seed, for benchmarks and tests.
#pragma once

#include <cstddef>
#include <cstdint>

#include "snapshot/snapshot.h"

namespace firebreak {

struct EstateShape {
  std::size_t hosts = 100;
  std::size_t containers = 10'000;  // over all hosts
  std::uint32_t seed = 1;
};

// Compose projects of six containers (two replicas of web, api, worker, db, cache) on networks of
// their own and behind one proxy network for each environment of a host. Most hosts carry one
// environment, one in ten carries two. About one project in fifty has something wrong with it: a
// network, a password or a database of another environment, a socket mount. A container takes about
// 2 kB as JSON. Same shape, same snapshot; in canonical order.
[[nodiscard]] Snapshot generate_estate(const EstateShape& shape);

}  // namespace firebreak
