// What docker-proxy's answers look like.
#pragma once

#include <optional>

#include "reach/model.h"

namespace firebreak {

// The address that a process takes for packets to `destination` if it binds none: the route's
// preferred one, else the outgoing interface's; for its machine's own addresses the address itself.
[[nodiscard]] std::optional<IpAddress> preferred_source(const Space& space,
                                                        const IpAddress& destination);

// The address that a proxy answers a client's datagrams from; nullopt: the one that they were sent
// to. Before Docker 28 a proxy that waits at every address lets routing choose, and a client that
// had sent to another address of the host does not know the answer for one (measured on 20.10 and
// 26.1; 28.5 answers from the right address).
[[nodiscard]] std::optional<IpAddress> answers_from(const NetModel& model, SpaceId host,
                                                    const UserlandProxy& proxy,
                                                    const IpAddress& client);

}  // namespace firebreak
