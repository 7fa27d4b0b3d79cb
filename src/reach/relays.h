// docker-proxy: a process of the host that takes connections to a published port and opens others,
// to the container.
#pragma once

#include <map>
#include <vector>

#include "reach/ends.h"
#include "reach/propagate.h"

namespace firebreak {

// What one proxy opens.
struct RelayLeg {
  UserlandProxy proxy;
  FlowEnd to;
  AddressRange delivered;
  Port delivered_port;
  bool open = true;  // false: it is not known whether its connection is made
  PacketSet taken;   // packets to the proxy's host address and port
};

class Relays {
 public:
  Relays(SetMachines& machines, const Ends& ends, std::vector<FlowGap>& gaps)
      : machines_(machines), ends_(ends), gaps_(gaps) {}

  // Those of a host that take connections of this family. Worked out once.
  [[nodiscard]] const std::vector<RelayLeg>& of(SpaceId host, Family taking);

 private:
  [[nodiscard]] PacketSet taken_by(SpaceId host, const UserlandProxy& proxy);
  [[nodiscard]] std::vector<RelayLeg> open_from(SpaceId host, Family towards);
  [[nodiscard]] PacketSet opened_by(SpaceId host, const UserlandProxy& proxy);

  SetMachines& machines_;
  const Ends& ends_;
  std::vector<FlowGap>& gaps_;
  std::map<std::pair<SpaceId, Family>, std::vector<RelayLeg>> legs_;
};

// The IANA number.
[[nodiscard]] std::uint8_t number_of(Protocol protocol);

}  // namespace firebreak
