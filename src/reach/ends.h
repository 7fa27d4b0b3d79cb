// Who stands behind an address, what listens there, and which environments that concerns.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "reach/model.h"

namespace firebreak {

// A network namespace with the addresses by which it is told from others in its space.
struct NamedEnd {
  FlowEnd end;
  std::vector<AddressRange> addresses;  // one address each; sorted
};

class Ends {
 public:
  explicit Ends(const NetModel& model);

  // All namespaces of the space that have addresses of the family. Loopback addresses count for a
  // host, whose processes may be of several environments; a container uses them by itself.
  [[nodiscard]] const std::vector<NamedEnd>& of(SpaceId space, Family family) const;
  // Whether a socket takes what comes to the address and port; nullopt: not known, or no ports.
  [[nodiscard]] std::optional<bool> listens(const FlowEnd& end, std::uint8_t protocol,
                                            const IpAddress& address, Port port) const;
  // Ports of the list at which listens() is the same, together.
  [[nodiscard]] std::vector<std::pair<std::optional<bool>, std::vector<PortRange>>> by_listening(
      const FlowEnd& end, std::uint8_t protocol, const IpAddress& address,
      const std::vector<PortRange>& ports) const;
  // Whether some workload of the one and some workload of the other are of different environments.
  [[nodiscard]] bool crosses(const FlowEnd& from, const FlowEnd& to) const;

 private:
  using Circle = std::optional<EnvironmentId>;
  [[nodiscard]] const NetNamespace* state_of(const FlowEnd& end) const;
  [[nodiscard]] std::vector<NamedEnd> list(const Space& space, Family family) const;
  void add_circle(const FlowEnd& end, ContainerId container);

  const NetModel& model_;
  std::map<FlowEnd, const NetNamespace*> states_;
  std::map<FlowEnd, std::vector<std::pair<Circle, WorkloadId>>> users_;
  std::map<std::pair<SpaceId, Family>, std::vector<NamedEnd>> lists_;
};

}  // namespace firebreak
