// How a trace names places.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "reach/model.h"
#include "rules/packet.h"

namespace firebreak {

// "INPUT", "FORWARD br-a to br-b", "FORWARD br-a, port veth1 to veth2".
[[nodiscard]] std::string trace_place(Hook hook, const Packet& packet);

// The namespace's loopback interface; its first link if it has none.
[[nodiscard]] std::size_t trace_loopback(const Space& space);

// The interface that a machine's own packet leaves by: to itself, by "lo".
[[nodiscard]] std::string trace_link(const Space& space, const RouteOutcome& route);

// "10.81.2.2:5432", "[fd00::2]:5432"; of protocols without ports the address alone.
[[nodiscard]] std::string trace_socket(std::uint8_t protocol, const IpAddress& address, Port port);

// Whether something takes such a packet where it was delivered; nullopt: not known, or it has no
// ports.
[[nodiscard]] std::optional<bool> trace_listening(const Space& space, std::size_t link,
                                                  const Packet& packet);

}  // namespace firebreak
